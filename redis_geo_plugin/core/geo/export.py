"""Exporting a whole GEO set in blocks, without blocking the server. Every member that stays in the set is
returned once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

from ..geometry.arrays import Array
from ..json_types import JsonObject
from ..redis.scanning import Cursor
from ..redis.server import Server
from ..watch import Watch
from . import attributes, cells, raw
from .hits import Hits

BLOCK = 2000  # members asked for at once


def members(server: Server, key: bytes, watch: Optional[Watch] = None) -> Iterator[Hits]:
    """The set in blocks of hits: members, positions (exact ones where they are kept), attributes. Distances
    are NaN.

    The order is that of the server's own table. Raises Cancelled, and what redis-py raises.
    """
    watch = watch or Watch()
    total, there = raw.run(server.bulk, [("ZCARD", key), ("EXISTS", attributes.attributes_key(key))])
    total = max(1, int(raw.good(total)))
    with_attributes, _ = attributes.exists(there)
    seen: set[bytes] = set()
    cursor = Cursor(total, BLOCK, in_turn=True)  # who takes the blocks may write for hours
    while not cursor.done:
        watch.check()
        following, (found, scores) = raw.scan(server.bulk, key, cursor.value, BLOCK)
        cursor.move(following)
        fresh = [i for i, m in enumerate(found) if m not in seen]
        seen.update(found)
        if fresh:
            yield _hits(server, key, [found[i] for i in fresh], scores[fresh], with_attributes, watch)
        watch.reach(min(0.99, len(seen) / total))


def attribute_blocks(server: Server, key: bytes, watch: Optional[Watch] = None) -> Iterator[list[JsonObject]]:
    """All stored attributes in blocks, to learn the names and kinds of the fields before the first member is
    written."""
    watch = watch or Watch()
    cursor = Cursor(count=BLOCK, in_turn=True)
    beside = attributes.attributes_key(key)
    if attributes.is_heavy(server, beside):  # a block of HSCAN would bring all of it, however large
        for hits in members(server, key, watch):
            yield [found for found in hits.attributes if found is not None]
        return
    while not cursor.done:
        watch.check()
        following, block = server.bulk.hscan(beside, cursor.value, count=BLOCK)
        cursor.move(following)
        parsed = [attributes.parse(value) for value in block.values()]
        yield [p for p in parsed if p is not None]


def _hits(
    server: Server,
    key: bytes,
    found: list[bytes],
    scores: Array,
    with_attributes: bool,
    watch: Watch,
) -> Hits:
    lon, lat = cells.decode(scores)
    hits = Hits.unmeasured(found, lon, lat)
    if with_attributes:
        hits.attributes, notes = attributes.read_attributes(server, key, found, watch)
        hits.notes = frozenset(notes)
        hits.lon, hits.lat, hits.exact = attributes.exact_positions(hits.attributes, scores, lon, lat)
    return hits
