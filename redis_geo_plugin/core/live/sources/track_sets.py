"""A sorted set by time whose members are records.

There is one set per vehicle, which is its track and whose last member is its position, or one set for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...redis.types import Reply
from ..decoding import value_row
from ..key_patterns import readable_name
from ..limits import is_moment
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec
from ..values import Times
from .base import Tr
from .list_keys import FIRST_READ, ListKeys

MOST = 1000  # members of one set for the whole fleet, read at once


class TrackSets(ListKeys):
    """Scores are moments. A record without a time of its own has that of its score."""

    KIND = "track_sets"
    TYPE = "zset"
    COMMANDS: tuple[str, ...] = ("ZREVRANGE", "SCAN")

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "track_set": tr("Sorted sets by time: the last member is the position, the others its track."),
        }

    @property
    def id_in_record(self) -> bool:
        """Whether the id is one of the fields of a record."""
        return "*" not in self.spec.pattern

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed; None if the scores are not moments, as those of GEO sets and rankings."""
        spec = FeedSpec(name=readable_name(family.pattern), kind=cls.KIND, pattern=family.pattern)
        source = cls(spec)
        source.open(reader)
        some = family.keys[:SAMPLE_KEYS]
        entries = [one for found in source._entries(reader, some[:5]) for one in found[:SAMPLE_KEYS]]
        if not entries or any(_moment(score) is None for _, score in entries):
            return None
        rows = [row for batch, _ in source.read(reader, some) for row in batch]
        proposal = judge(spec, rows, False, family.count, with_id=source.id_in_record)
        if proposal is not None:
            proposal.reasons.append(("track_set", {}))
        return proposal

    def _entries(self, reader: Reader, keys: list[bytes]) -> list[Reply]:
        """Return (member, score) pairs of each key, the newest first."""
        last = (FIRST_READ if "*" in self.spec.pattern else MOST) - 1
        replies = reader.ask_many([("ZREVRANGE", key, 0, last, "WITHSCORES") for key in keys])
        return [list(zip(flat[::2], flat[1::2])) if isinstance(flat, list) else [] for flat in replies]

    def _row(self, name: str, key: bytes, entry: Reply) -> Row:
        member, score = entry
        row = value_row(name, key, member)
        row.time = _moment(score)
        return row


def _moment(score: bytes) -> Optional[float]:
    """Return the seconds since 1970 of a score, in whatever unit; None if it is not a moment."""
    seconds = Times("").read(float(score))
    return seconds if seconds is not None and is_moment(seconds) else None


__all__: Sequence[str] = ["TrackSets"]
