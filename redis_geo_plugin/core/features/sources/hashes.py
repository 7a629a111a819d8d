"""Hashes: a record with a geometry among its fields, or a feature in each field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...live.records import text_of
from ...redis import sized
from ...redis.scanning import Cursor
from ...redis.server import Server
from ...watch import Watch
from .. import formats, telling
from ..refusals import Refused, WhyRefused
from ..values import decoded, fields_record
from .base import LIMITS, FeatureSource, HowRead, Stored, too_large

MANY = 500  # fields from which on a hash is no record
STEP = 500  # fields of one HSCAN, fewer where they are large


class HashFeatures(FeatureSource):
    """A hash is a record where one of its fields is a geometry; where several are, and none has a usual
    name, each field is a feature, whose id is its name."""

    TYPE = "hash"
    COMMANDS = ("HGETALL", "HLEN", "HSCAN", "MEMORY")

    def read(
        self, server: Server, keys: Sequence[bytes], how: HowRead, watch: Watch
    ) -> Iterator[list[Stored]]:
        """Small hashes many at a time, large ones field by field."""
        ask = sized.asker(server)
        counts = sized.ask_all(ask, [("HLEN", key) for key in keys])
        small = [key for key, count in zip(keys, counts) if not (isinstance(count, int) and count > MANY)]
        large = [(key, count) for key, count in zip(keys, counts) if isinstance(count, int) and count > MANY]
        fit = sized.fitting(ask, small, self.TYPE, LIMITS)
        yield too_large(fit.skipped)
        for piece in sized.pieces(fit.keys, fit.sizes, LIMITS):
            watch.check()
            found: list[Stored] = []
            for key, reply in zip(piece, ask([("HGETALL", key) for key in piece])):
                names, values = _columns(reply)
                if names:
                    found += _of_hash(key, names, values, how)
            yield found
        for key, count in large:
            step = _step(ask, key, count)
            if step:
                yield from _fields(server, key, step, watch)
            else:
                yield [Stored(key, "", Refused(WhyRefused.TOO_LARGE))]


def _step(ask: sized.Ask, key: bytes, count: int) -> int:
    """How many fields of a large hash are asked for at once, by what they hold on average; 0 where a single
    one holds too much."""
    exact = ("SAMPLES", 0) if count <= sized.EXACT else ()
    (size,) = ask([("MEMORY", "USAGE", key, *exact)])
    if not isinstance(size, int):  # not to be asked
        return STEP
    if size // count > LIMITS.value_bytes:
        return 0
    return max(1, min(STEP, LIMITS.batch_bytes * count // max(size, 1)))


def _columns(reply: object) -> tuple[list[bytes], list[bytes]]:
    if isinstance(reply, dict):
        return list(reply), list(reply.values())
    if isinstance(reply, list):
        return reply[::2], reply[1::2]
    return [], []


def _of_hash(key: bytes, names: list[bytes], values: list[bytes], how: HowRead) -> list[Stored]:
    if not how.has_field and len(names) > 1 and _holds_features(names, values):
        return [Stored(key, text_of(name), value) for name, value in zip(names, values)]
    record, is_texts = fields_record(names, values)
    return [Stored(key, "", record, is_texts)]


def _holds_features(names: list[bytes], values: list[bytes]) -> bool:
    """Whether each field is a feature by itself: nearly all are told, none is called as geometries are."""
    if any(text_of(name).lower() in telling.LIKELY for name in names):
        return False
    sample = values[:20]
    return sum(map(_is_told, sample)) > 0.8 * len(sample)


def _is_told(raw: bytes) -> bool:
    try:
        told = formats.told(decoded(raw))
    except Refused:
        return False
    return told is not None and not told.IS_WEAK


def _fields(server: Server, key: bytes, step: int, watch: Watch) -> Iterator[list[Stored]]:
    """The fields of a large hash, some at a time; one may come twice, and counts once."""
    cursor, seen = Cursor(0, step), set[int]()
    while not cursor.done:
        watch.check()
        following, block = server.bulk.hscan(key, cursor.value, count=step)
        cursor.move(following)
        fresh = [name for name in block if hash(name) not in seen]
        seen.update(map(hash, fresh))
        yield [Stored(key, text_of(name), block[name]) for name in fresh]
