"""The union of a run's results, itself cached: named by the hashes of what it unites."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

import numpy as np
import shapely

from .. import wkb
from . import codec
from .compute import pool, threads
from .digests import key
from .engine import CachedRun

_VERSION = b"dissolve 1"


def dissolved(run: CachedRun, results: Sequence[bytes]) -> bytes:
    """The union (WKB) of a run's results, read from the cache or computed on all cores and stored.

    Raises GEOSException.
    """
    digest = _digest(results)
    server = run.server
    cached = run.link.read([server.key(key(run.operation, run.namespace, digest))])[0] if server else None
    value = codec.decode(digest, cached)
    if value is not None:
        run.report.spared_s += value.cost_us / 1e6
        return value.wkb
    started = time.thread_time()
    whole = wkb.write(np.array([_union(wkb.read(results))], dtype=object))[0] or b""
    run.store([(digest, whole, (time.thread_time() - started) * 1e6)])
    return whole


def _digest(results: Sequence[bytes]) -> bytes:
    total = hashlib.sha256(_VERSION)
    for digest in sorted(hashlib.sha256(result).digest() for result in results):
        total.update(digest)
    return total.digest()


def _union(geometries: np.ndarray) -> shapely.Geometry:
    """Neighbours first (in the order of a spatial index), so that the threads have little left to merge."""
    if len(geometries) > 4 * threads():
        order = np.argsort([shapely.get_x(point) for point in shapely.centroid(geometries)], kind="stable")
        groups = np.array_split(geometries[order], threads())
        geometries = np.array(list(pool().map(shapely.union_all, groups)), dtype=object)
    return shapely.union_all(geometries)
