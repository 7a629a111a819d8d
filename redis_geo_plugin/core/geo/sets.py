"""Which keys of a database are GEO sets, and a look into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ..failures import FailureKind, classify
from ..keys import glob_escape
from ..server import Server
from . import attributes, cells, raw
from .hits import Watch

SAMPLE = 24  # members looked at
BATCH = 200  # sorted sets looked at in one pipeline
SHOWN = 5  # members of a preview
# Scores below this decode to the sea ice south of 79.7 S and west of 168.7 W. Counts, ranks and times in seconds or
# milliseconds all lie there; places do not.
NO_PLACE = float(1 << 42)


@dataclass(frozen=True)
class GeoSet:
    """A sorted set that holds positions.

    ``preview`` holds a few members, ``lost`` how many members stand on the very edge, where no search of the server finds them.
    """

    key: bytes
    count: int
    preview: tuple[bytes, ...] = ()
    has_attributes: bool = False
    lost: int = 0

    def name(self, prefix: str = "") -> str:
        """The key for people, without the tenant's prefix."""
        return self.key.decode("utf-8", "backslashreplace")[len(prefix) :]


def looks_geographic(scores: np.ndarray) -> bool:
    """Whether scores (float64, shape (n,)) are positions: integers on the 52-bit grid, not all in its lowest corner (see NO_PLACE)."""
    if not len(scores):
        return False
    whole = (scores >= 0) & (scores < 4.0 * cells.SCORES) & (scores == np.floor(scores))
    if not whole.all():
        return False
    return bool((scores >= NO_PLACE).any())


def find(server: Server, watch: Optional[Watch] = None) -> Iterator[GeoSet]:
    """The GEO sets of the database as they are found, each once. Keys of other kinds and plain sorted sets are passed over."""
    watch = watch or Watch()
    pattern = _escaped(server.key("")) + b"*"
    seen: set[bytes] = set()
    batch: list[bytes] = []
    for key in server.scan(pattern, "zset"):
        watch.check()
        if key in seen:
            continue
        seen.add(key)
        batch.append(key)
        if len(batch) >= BATCH:
            yield from inspect(server, batch)
            batch = []
    yield from inspect(server, batch)


def inspect(server: Server, keys: Sequence[bytes]) -> list[GeoSet]:
    """Those of these keys that are GEO sets."""
    if not keys:
        return []
    commands: list[tuple[Any, ...]] = []
    for key in keys:
        commands += [
            ("ZRANDMEMBER", key, SAMPLE, "WITHSCORES"),
            ("ZCARD", key),
            ("ZCOUNT", key, cells.SCORES, "+inf"),
            ("EXISTS", attributes.attributes_key(key)),
        ]
    replies = raw.run(server.bulk, commands)
    found = []
    for index, key in enumerate(keys):
        sample, count, lost, companion = replies[4 * index : 4 * index + 4]
        if any(isinstance(r, Exception) for r in (sample, count)) or not sample:
            continue
        scores = np.array(list(sample[1::2])).astype(np.float64)
        if not looks_geographic(scores):
            continue
        found.append(
            GeoSet(
                key,
                int(count),
                tuple(sorted(sample[0::2])[:SHOWN]),
                companion == 1,
                lost if isinstance(lost, int) else 0,
            )
        )
    return found


@dataclass(frozen=True)
class Described:
    """What stands under a key that the user named: ``kind`` is "geo", "zset", "none" or another type of Redis."""

    kind: str
    geo: Optional[GeoSet] = None


class NotGeo(Exception):
    """The key is none, or holds something that is no GEO set; ``kind`` as ``describe`` has it."""

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def describe(server: Server, key: bytes) -> Described:
    """Look at one key. Raises what redis-py raises, a missing right included."""
    kind = raw.good(raw.run(server.bulk, [("TYPE", key)])[0])
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    if kind != "zset":
        return Described(kind)
    found = inspect(server, [key])
    return Described("geo", found[0]) if found else Described("zset")


def member_position(server: Server, key: bytes, member: bytes) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a member, the exact ones where they are kept beside; None for no such member."""
    score, beside = raw.run(
        server.interactive, [("ZSCORE", key, member), ("HGET", attributes.attributes_key(key), member)]
    )
    score = raw.good(score)
    if score is None:
        return None
    scores = np.array([float(score)]).astype(np.uint64)
    lon, lat = cells.decode(scores)
    if isinstance(beside, Exception):
        if classify(beside).kind not in (FailureKind.NO_RIGHTS, FailureKind.WRONG_TYPE):
            raise beside
        beside = None
    parsed = [attributes.parse(beside) if beside is not None else None]
    lon, lat, _ = attributes.exact_positions(parsed, scores, lon, lat)
    return float(lon[0]), float(lat[0])


def _escaped(prefix: bytes) -> bytes:
    return glob_escape(prefix.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
