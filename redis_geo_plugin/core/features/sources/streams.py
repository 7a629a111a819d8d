"""Streams: a feature, a record or a change of a row in each entry, the latest of each id or all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...json_types import JsonObject
from ...live.records import text_of
from ...redis import sized
from ...redis.scanning import Entries
from ...redis.server import Server
from ...watch import Watch
from ..values import fields_record, object_in
from .base import LIMITS, FeatureSource, HowRead, Stored, too_large

STEP = 500  # entries of one XRANGE


class StreamFeatures(FeatureSource):
    """The entries in the order in which they were added."""

    TYPE = "stream"
    COMMANDS = ("XRANGE", "XLEN", "MEMORY")

    def read(
        self, server: Server, keys: Sequence[bytes], how: HowRead, watch: Watch
    ) -> Iterator[list[Stored]]:
        """The entries, some at a time."""
        fit = sized.fitting(sized.asker(server), keys, self.TYPE, LIMITS)
        yield too_large(fit.skipped)
        for key in fit.keys:
            after, walk = "-", Entries(LIMITS.entries)
            while True:
                watch.check()
                entries = server.bulk.xrange(key, after, "+", STEP)
                walk.count(len(entries))
                yield [_stored(key, ident, fields) for ident, fields in entries if fields]
                if len(entries) < STEP:
                    break
                walk.reach(entries[-1][0])
                after = "(" + text_of(entries[-1][0])


def _stored(key: bytes, ident: bytes, fields: dict[bytes, bytes]) -> Stored:
    names, values = list(fields), list(fields.values())
    record, is_texts = fields_record(names, values)
    return Stored(key, _row_of(names, record) or text_of(ident), record, is_texts)


def _row_of(names: list[bytes], record: JsonObject) -> str:
    """The primary key of the row that an entry of change data capture tells of; empty for other entries."""
    if "after" not in record and "payload" not in record:
        return ""
    row = object_in(record.get("key")) or next(filter(None, map(object_in, map(text_of, names))), None)
    inner = row.get("payload", row) if row is not None else None
    return ":".join(str(value) for value in inner.values()) if isinstance(inner, dict) else ""
