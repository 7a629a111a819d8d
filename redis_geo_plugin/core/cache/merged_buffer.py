"""The union of a run's results, which is cached under a hash of the hashes of these results."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import numpy as np
import shapely

from ..geometry import wkb
from ..geometry.arrays import Array
from .compute import pool, threads
from .run import CachedRun

_VERSION = b"dissolve 1"


def dissolved(run: CachedRun, results: Sequence[bytes]) -> bytes:
    """The union (WKB) of a run's results, read from the cache or computed on all cores and stored.

    Raises GEOSException.
    """
    digest = union_digest(results)
    value = run.store.read([digest])[0]
    if value is not None:
        run.report.add(value.cost_us / 1e6)
        return value.wkb
    started = time.thread_time()
    whole = wkb.write(np.array([_union(wkb.read(results))], dtype=object))[0] or b""
    run.write([(digest, whole, (time.thread_time() - started) * 1e6)])
    return whole


def union_digest(results: Sequence[bytes]) -> bytes:
    """Name the union of these results."""
    total = hashlib.sha256(_VERSION)
    for digest in sorted(hashlib.sha256(result).digest() for result in results):
        total.update(digest)
    return total.digest()


def _union(geometries: Array) -> shapely.Geometry:
    """Unite neighbours first, on all cores, and then what they made two by two: ``union_all`` would take each
    of these apart and begin anew."""
    if len(geometries) <= 4 * threads():
        return shapely.union_all(geometries)
    order = np.argsort(shapely.bounds(geometries)[:, 0], kind="stable")  # the empty ones are last
    united = list(pool().map(shapely.union_all, np.array_split(geometries[order], threads())))
    while len(united) > 1:
        odd = united[len(united) & ~1 :]
        united = [*pool().map(shapely.union, united[::2], united[1::2]), *odd]
    return united[0]
