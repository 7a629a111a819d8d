"""A Valkey Cluster of real processes, made from the test without any tool of the server's."""

from __future__ import annotations

import time

import redis

from redis_geo_plugin.core.settings import ConnectionSettings, Deployment

from .servers import RealServer

SLOTS = 16384


class RealCluster:
    """``nodes`` primaries that share the slots evenly, all at one address. Extra words go on each node's command line."""

    def __init__(self, nodes: int = 3, *words: str, persistent: bool = False, host: str = "127.0.0.1"):
        options = (
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "2000",
            "--cluster-require-full-coverage",
            "no",
        )
        self.nodes: list[RealServer] = []
        try:
            for _ in range(nodes):
                self.nodes.append(RealServer("valkey", *options, *words, persistent=persistent, host=host))
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
        deadline = time.monotonic() + 20
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
            state, known, slots = info["cluster_state"], info["cluster_known_nodes"], info["cluster_slots_assigned"]
        return state == "ok" and int(known) == len(self.nodes) and int(slots) == SLOTS

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
