"""A channel, or one per vehicle (``transport:location:*``), heard on a connection of its own while the
feed runs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Optional, cast

from ...redis.doors import TimedClient
from ...redis.redispy import exceptions
from ...redis.server import close_client
from ...redis.types import RedisClient, Reply
from ...watch import Watch
from ..connection import Wire
from ..decoding import LARGEST, value_row
from ..key_patterns import KeyPattern, readable_name
from ..proposals import Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec
from .base import Batch, Source, Tr

LISTEN = 1.0  # seconds that a proposal listens for examples
WAITING = 100_000  # messages kept while the feed is busy or paused
WAITING_BYTES = 64_000_000  # and the bytes of all of them
_WORDS = {b"message": 2, b"pmessage": 3}  # of a push, behind its kind
PING_AFTER = 2.0


class PubSub(Source):
    """What is published on channels while the feed runs."""

    KIND = "pubsub"
    TYPE = "channel"
    COMMANDS: tuple[str, ...] = ("SUBSCRIBE", "PSUBSCRIBE", "PING", "HELLO")
    ends = False

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "channel": tr(
                "A channel is heard only while the feed runs; there is nothing to read at its start."
            ),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        spec = FeedSpec(name=readable_name(family.pattern), kind=cls.KIND, pattern=family.pattern)
        source = cls(spec)
        source.open(reader)
        try:
            deadline = time.monotonic() + LISTEN
            while time.monotonic() < deadline and len(source._heard) < 20:
                source._listen(0.1)
            rows = source._rows()
        finally:
            source.close()
        proposal = judge(spec, rows, False, len(rows), with_id="*" not in family.pattern)
        if proposal is not None:
            proposal.reasons.append(("channel", {}))
        return proposal

    @property
    def id_in_record(self) -> bool:
        """Whether the id is one of the fields of a record."""
        return "*" not in self.spec.pattern

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        self._pattern = KeyPattern(self.spec.pattern, reader.server.settings.key_prefix)
        self._heard: deque[tuple[bytes, bytes]] = deque()
        self._weight = 0  # bytes of what was heard
        self._wire, self._node = self._connected(reader)
        self._wire.ask("HELLO", "3")
        if "*" in self.spec.pattern:
            self._wire.send("PSUBSCRIBE", self._pattern.glob)
        else:
            self._wire.send("SUBSCRIBE", self._pattern.literal)
        self._pinged = time.monotonic()

    def _connected(self, reader: Reader) -> tuple[Wire, str]:
        """A connection, on a cluster to any node that answers: each passes on what is published at another.
        And the node's name."""
        if reader.cluster is None:
            self._client: Optional[RedisClient] = reader.server.blocking(0.0)
            return Wire(cast(TimedClient, self._client), self._on_push), ""
        self._client = None  # those of nodes belong to the server
        nodes = reader.cluster.nodes
        for node in nodes:
            try:
                return Wire(reader.server.cluster_map.client(node), self._on_push), node
            except (exceptions.ConnectionError, exceptions.TimeoutError):
                if node == nodes[-1]:
                    raise
        raise exceptions.ClusterDownError("no node serves a slot")

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield everything there is."""
        yield [], []

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Yield what is new, where the server does not tell of changes."""
        self._listen(0.0)
        if reader.cluster is not None and self._node not in reader.cluster.nodes:
            raise exceptions.ConnectionError(f"{self._node} has left the cluster")
        if time.monotonic() - self._pinged > PING_AFTER:
            self._pinged = time.monotonic()
            self._wire.ask("PING")
        yield self._rows(), []

    def close(self) -> None:
        """Close the connections of the source."""
        wire: Any = getattr(self, "_wire", None)
        if wire is not None:
            wire.close()
            if self._client is not None:
                close_client(self._client)

    def _listen(self, seconds: float) -> None:
        self._wire.wait(seconds)

    def _rows(self) -> list[Row]:
        rows = []
        while self._heard:
            channel, message = self._heard.popleft()
            rows.append(
                value_row("" if self.id_in_record else self._pattern.ident(channel) or "", channel, message)
            )
        self._weight = 0
        return rows

    def _on_push(self, message: list[Reply]) -> None:
        kind, *words = message or [None]
        if len(words) != _WORDS.get(kind if isinstance(kind, bytes) else b"") or not all(
            isinstance(word, bytes) for word in words
        ):
            return
        channel, text = words[-2:]
        self._heard.append((channel, text[: LARGEST + 1]))  # a longer one is refused as too large
        self._weight += len(self._heard[-1][1])
        while self._weight > WAITING_BYTES or len(self._heard) > WAITING:
            self._weight -= len(self._heard.popleft()[1])
