"""A stream: a field per attribute, or JSON in one field. Its history is read at the start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ...readable import text
from ...redis.calls import UnexpectedReply
from ...redis.types import Reply
from ...watch import Watch
from ..decoding import fields_record
from ..key_patterns import readable_name
from ..proposals import Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec
from .base import Batch, Source, Tr

HISTORY = 20_000  # entries read at the start
STEP = 1_000
SAMPLE = 60
LAST = 2**64 - 1  # of the two numbers of a stream's id


class StreamSource(Source):
    """Entries of one stream; each is a report of one vehicle."""

    KIND = "stream"
    TYPE = "stream"
    COMMANDS: tuple[str, ...] = ("XREVRANGE", "XRANGE", "XREAD", "XLEN")
    texts = True
    ends = False

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "stream": tr("A stream: its history is read too."),
        }

    @property
    def id_in_record(self) -> bool:
        """Whether the id is one of the fields of a record."""
        return True

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        key = family.keys[0]
        entries = reader.ask("XREVRANGE", key, "+", "-", "COUNT", SAMPLE) or []
        rows = [entry_row(key, entry) for entry in reversed(entries)]
        name = text(key[len(reader.server.key("")) :])
        spec = FeedSpec(name=readable_name(name), kind=cls.KIND, pattern=name)
        proposal = judge(spec, rows, True, int(reader.ask("XLEN", key)), with_id=True)
        if proposal is not None:
            proposal.reasons.append(("stream", {}))
            if not proposal.spec.mapping.id:
                proposal.confidence = round(proposal.confidence * 0.5, 2)
        return proposal

    def __init__(self, spec: FeedSpec):
        super().__init__(spec)
        self._last: bytes = b"0-0"

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        self._key = reader.server.key(self.spec.pattern)

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield the newest HISTORY entries that were not read before, oldest first."""
        newest = reader.ask("XREVRANGE", self._key, "+", "-", "COUNT", 1)
        if newest and order(newest[0][0]) < order(self._last):
            self._last = b"0-0"  # another stream by this name
        pieces, start, end = [], after(self._last), b"+"
        for _ in range(HISTORY // STEP):
            entries = reader.ask("XREVRANGE", self._key, end, start, "COUNT", STEP) or []
            if watch.cancelled():
                return  # the newest alone would pass for all that there is
            if not entries:
                break
            pieces.append(entries)
            end = before(entries[-1][0])
            if len(entries) < STEP or not end:
                break
        for entries in reversed(pieces):
            yield self._batch(entries[::-1])
        yield [], []

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Yield what is new, where the server does not tell of changes."""
        while True:
            reply = reader.ask("XREAD", "COUNT", STEP, "STREAMS", self._key, self._last)
            entries = reply[0][1] if reply else []
            if entries and order(entries[-1][0]) <= order(self._last):
                raise UnexpectedReply("XREAD: what was read before")
            yield self._batch(entries)
            if len(entries) < STEP:
                return

    def _batch(self, entries: list[Reply]) -> Batch:
        if entries:
            self._last = entries[-1][0]
        return [entry_row(self._key, entry) for entry in entries], []


def entry_row(key: bytes, entry: list[Reply]) -> Row:
    """Return the row of a stream entry. An entry without a time of its own has the time of its id."""
    ident, flat = entry
    row = Row("", key, fields_record(flat or []))
    row.time = int(ident.split(b"-")[0]) / 1000.0
    return row


def order(ident: bytes) -> tuple[int, int]:
    """Return the two numbers that order stream ids."""
    head, _, tail = ident.partition(b"-")
    return int(head), int(tail)


def after(ident: bytes) -> bytes:
    """Return the stream id just above another. XRANGE has exclusive ends only since Redis 6.2."""
    head, tail = order(ident)
    return b"%d-%d" % ((head, tail + 1) if tail < LAST else (head + 1, 0))


def before(ident: bytes) -> bytes:
    """Return the stream id just below another; empty below the first."""
    head, tail = order(ident)
    if tail:
        return b"%d-%d" % (head, tail - 1)
    return b"%d-%d" % (head - 1, LAST) if head else b""
