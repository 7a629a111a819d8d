"""A channel, or one per vehicle (``transport:location:*``): heard while the feed runs, on a connection of its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from typing import Any, Callable, Optional

from ...server import close_client
from ..proposals import Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec
from ..wire import Wire, open_wires
from .base import Batch, KeyPattern, Source, json_row

LISTEN = 1.0  # seconds that a proposal listens for examples
WAITING = 100_000  # messages kept while the feed is busy or paused
PING_AFTER = 2.0


class PubSub(Source):
    KIND = "pubsub"
    TYPE = "channel"
    ends = False

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        from ..discovery import readable_name

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
        return "*" not in self.spec.pattern

    def open(self, reader: Reader) -> None:
        self._pattern = KeyPattern(self.spec.pattern, reader.server.settings.key_prefix)
        self._heard: deque[tuple[bytes, bytes]] = deque(maxlen=WAITING)
        self._client = reader.server.blocking(0.0)
        self._wire: Wire = open_wires(self._client, self._on_push)[0]
        self._wire.ask("HELLO", "3")
        if "*" in self.spec.pattern:
            self._wire.send(_pack("PSUBSCRIBE", self._pattern.glob))
        else:
            self._wire.send(_pack("SUBSCRIBE", self._pattern.literal))
        self._pinged = time.monotonic()

    def read_all(self, reader: Reader, alive: Callable[[], bool]) -> Iterator[Batch]:
        yield [], []

    def poll(self, reader: Reader) -> Iterator[Batch]:
        self._listen(0.0)
        if time.monotonic() - self._pinged > PING_AFTER:
            self._pinged = time.monotonic()
            self._wire.ask("PING")
        yield self._rows(), []

    def close(self) -> None:
        wire: Any = getattr(self, "_wire", None)
        if wire is not None:
            wire.close()
            close_client(self._client)

    def _listen(self, seconds: float) -> None:
        self._wire.wait(seconds)

    def _rows(self) -> list[Row]:
        rows = []
        while self._heard:
            channel, message = self._heard.popleft()
            rows.append(json_row(self._pattern.ident(channel) or "", channel, message))
        return rows

    def _on_push(self, message: list[Any]) -> None:
        if message[0] == b"message":
            self._heard.append((message[1], message[2]))
        elif message[0] == b"pmessage":
            self._heard.append((message[2], message[3]))


def _pack(*words: Any) -> bytes:
    from ..wire import pack

    return pack([words])
