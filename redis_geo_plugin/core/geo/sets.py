"""Finding the GEO sets of a database, and inspecting one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional

from ..keys import glob_escape
from ..readable import text
from ..redis.failures import FailureKind, classify
from ..redis.scanning import named
from ..redis.server import Server
from ..redis.types import Word
from ..watch import Watch
from . import attributes, cells, raw

SAMPLE = 24  # members looked at
BATCH = 200  # sorted sets looked at in one pipeline
SHOWN = 5  # members of a preview


@dataclass(frozen=True)
class GeoSet:
    """A sorted set that holds positions.

    ``preview`` holds a few members, ``lost`` how many members stand on the very edge, where no search of the
    server finds them.
    """

    key: bytes
    count: int
    preview: tuple[bytes, ...] = ()
    has_attributes: bool = False
    lost: int = 0

    def name(self, prefix: str = "") -> str:
        """The key for people, without the tenant's prefix: ``core.readable`` gives its bytes back."""
        return text(self.key[len(prefix.encode()) :])


def find(server: Server, watch: Optional[Watch] = None) -> Iterator[GeoSet]:
    """The GEO sets of the database as they are found, each once. Keys of other kinds and plain sorted sets
    are passed over."""
    watch = watch or Watch()
    pattern = _escaped(server.key("")) + b"*"
    seen: set[bytes] = set()
    batch: list[bytes] = []
    for key in server.scan(pattern, "zset", watch=watch):
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
    """Return the GEO sets among these keys."""
    if not keys:
        return []
    commands: list[tuple[Word, ...]] = []
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
        if not cells.looks_geographic(sample[1::2]):
            continue
        found.append(
            GeoSet(
                key,
                int(count),
                tuple(sorted(named(sample[0::2]))[:SHOWN]),
                companion == 1,
                lost if isinstance(lost, int) else 0,
            )
        )
    return found


@dataclass(frozen=True)
class Described:
    """The value of a key that the user named: ``kind`` is "geo", "zset", "none" or another type of Redis."""

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


def check(server: Server, key: bytes, missing_ok: bool = False) -> bool:
    """Whether there is no such key. Raises NotGeo where it holds no GEO set, or, unless ``missing_ok``, where
    it is none."""
    kind = describe(server, key).kind
    if kind == "none" and missing_ok:
        return True
    if kind != "geo":
        raise NotGeo(kind)
    return False


def member_position(server: Server, key: bytes, member: bytes) -> Optional[tuple[float, float]]:
    """Longitude and latitude of a member, the exact ones where they are kept beside; None for no such
    member, and for one whose score is no place."""
    score, beside = raw.run(
        server.interactive, [("ZSCORE", key, member), ("HGET", attributes.attributes_key(key), member)]
    )
    score = raw.good(score)
    if score is None:
        return None
    _, scores = raw.columns_of_scores([member, score])
    if not len(scores):  # a score that is no place
        return None
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
