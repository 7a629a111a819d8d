"""A Valkey or Redis cluster of real processes, made from the test without any tool of the server's."""

from __future__ import annotations

import os
import time

import redis

from redis_geo_plugin.core.redis.settings import ConnectionSettings, Deployment
from tests.support.patience import PATIENCE

from .servers import RealServer

SLOTS = 16384


class RealCluster:
    """``nodes`` primaries that share the slots evenly, all at one address. Extra words go on each node's command
    line. ``flavour`` is that of RealServer; "redis8" gives a Redis cluster as they are run today, which with
    ``REDIS_GEO_CLUSTER=redis8`` all are that name none."""

    def __init__(
        self,
        nodes: int = 3,
        *words: str,
        persistent: bool = False,
        host: str = "127.0.0.1",
        flavour: str = os.environ.get("REDIS_GEO_CLUSTER", "valkey"),
    ):
        options = (
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "2000",
            "--cluster-require-full-coverage",
            "no",
        )
        self._words, self._persistent, self.flavour = (*options, *words), persistent, flavour
        self.nodes: list[RealServer] = []
        try:
            for _ in range(nodes):
                self.nodes.append(RealServer(flavour, *options, *words, persistent=persistent, host=host))
            self._join()
        except BaseException:
            self.close()  # nobody else knows of those that have started
            raise

    def _join(self) -> None:
        first = self.nodes[0]
        for number, node in enumerate(self.nodes):
            with node.client() as client:
                low = SLOTS * number // len(self.nodes)
                high = SLOTS * (number + 1) // len(self.nodes) - 1
                client.execute_command("CLUSTER ADDSLOTSRANGE", low, high)
                client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
                if number:
                    client.execute_command("CLUSTER MEET", first.host, first.port, first.bus)
        deadline = time.monotonic() + PATIENCE
        while not all(self._agrees(node) for node in self.nodes):
            assert time.monotonic() < deadline, "the cluster's nodes did not find each other"
            time.sleep(0.05)

    def _agrees(self, node: RealServer) -> bool:
        with node.client() as client:
            info = client.execute_command("CLUSTER INFO")
            info = (
                info
                if isinstance(info, dict)
                else dict(line.split(":") for line in info.decode().split("\r\n") if line)
            )
            state, known, slots = (
                info["cluster_state"],
                info["cluster_known_nodes"],
                info["cluster_slots_assigned"],
            )
        return state == "ok" and int(known) == len(self.nodes) and int(slots) == SLOTS

    def join(self, slot: int = -1) -> RealServer:
        """Start one more node, which serves no slot yet, or this one: a node that loses its last slot becomes a replica
        of the node that has it then."""
        words = [word for word in self._words if word]
        node = RealServer(self.flavour, *words, persistent=self._persistent, host=self.nodes[0].host)
        self.nodes.append(node)
        first = self.nodes[0]
        with node.client() as client:
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", len(self.nodes))
            client.execute_command("CLUSTER MEET", first.host, first.port, first.bus)
        deadline = time.monotonic() + PATIENCE
        while not all(self._agrees(each) for each in self.nodes):
            assert time.monotonic() < deadline, "the new node was not found"
            time.sleep(0.05)
        if slot >= 0:
            self.move_slot(slot, node)
        return node

    def begin_move(self, slot: int, target: RealServer) -> RealServer:
        """Set a slot on its way to another node; its keys stay where they are. Returns the node that has it."""
        source = next(node for node in self.nodes if slot in _slots_of(node))
        if source is not target:
            with target.client() as there, source.client() as here:
                there.execute_command("CLUSTER SETSLOT", slot, "IMPORTING", _id_of(source))
                here.execute_command("CLUSTER SETSLOT", slot, "MIGRATING", _id_of(target))
        return source

    def move_slot(self, slot: int, target: RealServer) -> None:
        """Move a slot and its keys to another node, as the servers' own tools do: not all at once."""
        target_id = _id_of(target)
        source = self.begin_move(slot, target)
        if source is target:
            return
        with source.client() as here:
            while keys := here.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
                here.execute_command("MIGRATE", target.host, target.port, "", 0, 2000, "KEYS", *keys)
            for node in (target, source, *(n for n in self.nodes if n not in (target, source))):
                with node.client() as client:
                    client.execute_command("CLUSTER SETSLOT", slot, "NODE", target_id)

    def client(self, **options) -> redis.cluster.RedisCluster:
        return redis.cluster.RedisCluster(host=self.nodes[0].host, port=self.nodes[0].port, **options)

    def node_of(self, key: str) -> RealServer:
        """The node on which a key lies."""
        with self.client() as client:
            port = client.get_node_from_key(key).port
        return next(node for node in self.nodes if node.port == port)

    def flush(self) -> None:
        for node in self.nodes:
            with node.client() as client:
                client.flushall()

    def settings(self, **more) -> ConnectionSettings:
        others = tuple((node.host, node.port) for node in self.nodes[1:])
        first = self.nodes[0]
        return ConnectionSettings(
            name="test", host=first.host, port=first.port, deployment=Deployment.CLUSTER, nodes=others, **more
        )

    @property
    def url(self) -> str:
        hosts = ",".join(f"{node.host}:{node.port}" for node in self.nodes)
        return f"redis+cluster://{hosts}/0"

    def close(self) -> None:
        for node in self.nodes:
            node.close()


def _id_of(node: RealServer) -> str:
    with node.client() as client:
        return client.execute_command("CLUSTER MYID").decode()


def _slots_of(node: RealServer) -> set[int]:
    own = _id_of(node)
    with node.client() as client:
        rows = client.execute_command("CLUSTER SLOTS")
    ranges = (
        [(first, last) for (first, last), told in rows.items() if told["primary"][2] == own]
        if isinstance(rows, dict)
        else [(row[0], row[1]) for row in rows if row[2][2].decode() == own]
    )
    return {slot for first, last in ranges for slot in range(first, last + 1)}
