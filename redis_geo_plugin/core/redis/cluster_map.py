"""Which node of a cluster holds a key, and a plain client for each node.

redis-py's cluster client fails a whole pipeline when one node is away, and drops connections that other
threads are using when it learns the cluster's layout anew. The cache reads and writes by the thousand from
several threads and can do without some of the answers, so it goes to each node by itself.
"""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable

from .redispy import exceptions, key_slot
from .types import Reply

if TYPE_CHECKING:
    from .doors import TimedClient

RELEARN_AFTER = 1.0  # seconds between two questions for the layout
NOWHERE = "none"  # the node of a slot that nobody serves

Address = tuple[str, int]


class ClusterMap:
    """Learns the layout at the first question, and anew after ``doubt``. Raises redis-py's errors when no
    node answers."""

    def __init__(self, seeds: Iterable[Address], make_client: Callable[[Address], TimedClient]):
        self._seeds = list(seeds)
        self._make_client = make_client
        self._lock = threading.Lock()
        self._clients: dict[str, TimedClient] = {}
        self._starts: list[int] = []
        self._ranges: list[tuple[int, str]] = []  # (last slot, node), by first slot
        self._addresses: dict[str, Address] = {}
        self._doubted = True
        self._learned_at = -RELEARN_AFTER

    def node_of(self, key: bytes) -> str:
        """The name (host:port) of the primary that holds this key."""
        self._learn()
        slot = key_slot(key)
        place = bisect.bisect_right(self._starts, slot) - 1
        if place < 0 or slot > self._ranges[place][0]:
            return NOWHERE
        return self._ranges[place][1]

    def client(self, node: str) -> TimedClient:
        """The client of a node. Raises ClusterDownError where nobody serves the slot."""
        if node == NOWHERE:
            raise exceptions.ClusterDownError("Hash slot not served")
        with self._lock:
            if node not in self._clients:
                self._clients[node] = self._make_client(self._addresses.get(node) or address_of(node))
            return self._clients[node]

    def nodes(self) -> list[str]:
        """The names (host:port) of the primaries that serve slots."""
        self._learn()
        return sorted(self._addresses)

    def any_node(self) -> str:
        """The name of a primary, NOWHERE while no node serves a slot."""
        return next(iter(self.nodes()), NOWHERE)

    def layout(self) -> tuple[tuple[int, tuple[int, str]], ...]:
        """Who serves which slots, as it was learned last: equal while nothing has moved."""
        return tuple(zip(self._starts, self._ranges))

    def doubt(self) -> None:
        """A node did not answer or sent us elsewhere: ask for the layout again, soon."""
        self._doubted = True

    def take_clients(self) -> list[TimedClient]:
        """Remove and return all clients; the caller closes them."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
            return clients

    def _learn(self) -> None:
        if not self._due():
            return
        with self._lock:  # whoever else needs it waits here for the answer
            if self._due():
                self._learned_at = time.monotonic()
                self._ask_any()

    def _due(self) -> bool:
        return self._doubted and (not self._ranges or time.monotonic() - self._learned_at > RELEARN_AFTER)

    def _ask_any(self) -> None:
        failure: Exception | None = None
        for address in dict.fromkeys([*self._addresses.values(), *self._seeds]):
            client = self._make_client(address)
            try:
                self._take(_ranges(client.execute_command("CLUSTER SLOTS"), address))
                self._doubted = not self._ranges  # before the first node has slots there is no layout yet
                return
            except (exceptions.RedisError, OSError) as error:
                failure = error
            finally:
                client.close()
        if not self._ranges and failure is not None:
            raise failure

    def _take(self, ranges: list[tuple[int, int, Address]]) -> None:
        ranges.sort()
        self._addresses = {_name(address): address for _, _, address in ranges}
        self._ranges = [(last, _name(address)) for _, last, address in ranges]
        self._starts = [first for first, _, _ in ranges]


def address_of(node: str) -> Address:
    """The address of a node's name (host:port)."""
    host, _, port = node.rpartition(":")
    return host, int(port)


def _name(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


def _ranges(reply: Reply, asked: Address) -> list[tuple[int, int, Address]]:
    """(first slot, last slot, primary) of a CLUSTER SLOTS reply, parsed by redis-py or as it came.

    Raises InvalidResponse for what is no such list.
    """
    try:
        if isinstance(reply, dict):
            rows = [(first, last, values["primary"]) for (first, last), values in reply.items()]
        else:
            rows = [(row[0], row[1], row[2]) for row in reply]
        return [
            (int(first), int(last), (_host(node[0]) or asked[0], int(node[1]))) for first, last, node in rows
        ]
    except (TypeError, ValueError, LookupError) as error:
        raise exceptions.InvalidResponse("CLUSTER SLOTS: no list of slots") from error


def _host(value: object) -> str:
    """The host of a node, "" for one that the server does not know."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return "" if text == "?" else text
