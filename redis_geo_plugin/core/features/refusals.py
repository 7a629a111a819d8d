"""Why a value is no feature, and what is kept of those that were refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from ..geometry import build, normal, walk

REMEMBERED = 1000  # refusals kept with their key
SHOWN = 200  # bytes of a refused value that are kept


class WhyRefused(str, Enum):
    """The reason for which a value is not shown, or a feature not written."""

    UNREADABLE = "unreadable"  # in no format of features
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"  # compressed, and cut off or broken
    NO_GEOMETRY = "no_geometry"  # a record in which nothing is a geometry
    SEVERAL = "several_geometries"  # a record with several, of which none is known to be the one
    NO_CRS = "no_crs"  # neither the value nor the user names the CRS
    UNKNOWN_CRS = "unknown_crs"
    OUT_OF_RANGE = "out_of_range"  # degrees beyond the globe
    NOT_FINITE = "not_finite"
    CUT_SHORT = "cut_short"
    BAD_RING = "bad_ring"
    EMPTY_PART = "empty_part"
    TOO_DEEP = "too_deep"
    CURVE = "curve"
    BAD_GEOMETRY = "bad_geometry"
    ANOTHER_TYPE = "another_type"  # the key holds another type of value
    DUPLICATE = "duplicate"
    NO_KEY = "no_key"
    EXISTS = "exists"
    CHANGED = "changed"  # another client has changed it since it was read
    GONE = "gone"  # and this one has deleted it
    NOT_WRITTEN = "not_written"  # a format that cannot hold this
    ONLY_READ = "only_read"  # a format that is never written
    ENTRY = "entry"  # of a stream, where nothing is ever changed
    DERIVED = "derived"  # a part of what is stored, or made of it
    SHARED = "shared"  # an attribute that several features have together
    ALIKE = "alike"  # one of several with the same id under one key


_OF_WORDS = {
    walk.CUT_SHORT: WhyRefused.CUT_SHORT,
    walk.TOO_LONG: WhyRefused.BAD_GEOMETRY,
    walk.NOT_FINITE: WhyRefused.NOT_FINITE,
    walk.BAD_RING: WhyRefused.BAD_RING,
    walk.EMPTY_PART: WhyRefused.EMPTY_PART,
    walk.TOO_DEEP: WhyRefused.TOO_DEEP,
    walk.TOO_MANY: WhyRefused.CUT_SHORT,
    build.NO_NUMBER: WhyRefused.BAD_GEOMETRY,
    normal.CURVE: WhyRefused.CURVE,
}


class Refused(ValueError):
    """A value, or one feature within it, that is not shown. ``reason`` says why."""

    def __init__(self, reason: WhyRefused):
        super().__init__(reason.value)
        self.reason = reason

    @classmethod
    def of(cls, error: ValueError) -> Refused:
        """The refusal for what the walk of a geometry said."""
        return cls(_OF_WORDS.get(str(error), WhyRefused.BAD_GEOMETRY))


@dataclass(frozen=True)
class FeatureRefusal:
    """One that was refused: the ``key`` it stood under, the ``part`` of it (a field, an entry, a feature),
    why, and the beginning of its value."""

    key: bytes
    part: str
    reason: WhyRefused
    raw: bytes = b""


@dataclass
class Refusals:
    """All that were refused, counted by reason, and by key and reason; the first of them one by one."""

    reasons: Counter[WhyRefused] = field(default_factory=Counter)
    each: Counter[tuple[bytes, WhyRefused]] = field(default_factory=Counter)
    listed: list[FeatureRefusal] = field(default_factory=list)

    def add(self, key: bytes, reason: WhyRefused, part: str = "", raw: object = b"") -> None:
        """Count one, and keep it while there are few."""
        self.reasons[reason] += 1
        self.each[key, reason] += 1
        if len(self.listed) < REMEMBERED:
            self.listed.append(FeatureRefusal(key, part, reason, _head(raw)))

    @property
    def total(self) -> int:
        """How many were refused."""
        return sum(self.reasons.values())


def _head(raw: object) -> bytes:
    if isinstance(raw, bytes):
        return raw[:SHOWN]
    return str(raw)[:SHOWN].encode("utf-8", "backslashreplace") if isinstance(raw, str) else b""
