"""A whole GEO set, read in blocks without holding up the server: every member that is there throughout comes once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

import numpy as np

from ..server import Server
from . import attributes, cells, raw
from .hits import Hits, Watch

BLOCK = 2000  # members asked for at once


def members(server: Server, key: bytes, watch: Optional[Watch] = None) -> Iterator[Hits]:
    """The set in blocks of hits: members, positions (exact ones where they are kept), attributes. Distances are NaN.

    The order is that of the server's own table. Raises Cancelled, and what redis-py raises.
    """
    watch = watch or Watch()
    total, there = raw.run(server.bulk, [("ZCARD", key), ("EXISTS", attributes.attributes_key(key))])
    total = max(1, int(raw.good(total)))
    with_attributes, _ = attributes.exists(there)
    seen: set[bytes] = set()
    cursor: Any = 0
    while True:
        watch.check()
        cursor, flat = _scan(server, key, cursor)
        found, scores = raw.columns_of_scores(flat)
        fresh = [i for i, m in enumerate(found) if m not in seen]
        seen.update(found)
        if fresh:
            yield _hits(server, key, [found[i] for i in fresh], scores[fresh], with_attributes, watch)
        watch.progress(min(99.0, 100.0 * len(seen) / total))
        if cursor == 0:
            return


def _scan(server: Server, key: bytes, cursor: int) -> tuple[int, list[bytes]]:
    """One ZSCAN; redis-py turns its reply into pairs with float scores, which are put back into a flat list."""
    following, pairs = server.bulk.zscan(key, cursor, count=BLOCK, score_cast_func=bytes)
    return int(following), [word for pair in pairs for word in pair]


def attribute_blocks(server: Server, key: bytes, watch: Optional[Watch] = None) -> Iterator[list[dict]]:
    """All stored attributes in blocks, to learn the names and kinds of the fields before the first member is written."""
    watch = watch or Watch()
    cursor: Any = 0
    beside = attributes.attributes_key(key)
    while True:
        watch.check()
        cursor, block = server.bulk.hscan(beside, cursor, count=BLOCK)
        parsed = [attributes.parse(value) for value in block.values()]
        yield [p for p in parsed if p is not None]
        if int(cursor) == 0:
            return


def _hits(
    server: Server, key: bytes, found: list[bytes], scores: np.ndarray, with_attributes: bool, watch: Watch
) -> Hits:
    lon, lat = cells.decode(scores)
    hits = Hits.unmeasured(found, lon, lat)
    if with_attributes:
        hits.attributes, _ = attributes.read(server, key, found, watch)
        hits.lon, hits.lat, hits.exact = attributes.exact_positions(hits.attributes, scores, lon, lat)
    return hits
