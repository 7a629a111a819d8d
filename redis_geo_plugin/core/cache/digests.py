"""From geometries to hashes: the same shape gives the same hash, whatever its start vertex or the sign of its zeros."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Optional

import numpy as np
import shapely

from .. import wkb
from ..operations.base import Operation

# Normalising is dearer than hashing, so the hash of the raw bytes leads straight to the normalised hash of a geometry
# that this process has seen. 100,000 entries take about 20 MB.
REMEMBERED = 100_000
_memory: OrderedDict[bytes, bytes] = OrderedDict()
_memory_lock = threading.Lock()


def geometry_digests(wkbs: Sequence[bytes]) -> list[bytes]:
    """The SHA-256 of each normalised geometry. Input: WKB without Z and M; unreadable WKB is hashed as it is."""
    once = {id(value): value for value in wkbs}
    if len(once) < len(wkbs):  # a large geometry that many items share is hashed once
        by_identity = dict(zip(once, geometry_digests(list(once.values()))))
        return [by_identity[id(value)] for value in wkbs]
    raw = [hashlib.sha256(value).digest() for value in wkbs]
    with _memory_lock:
        known = [_memory.get(digest) for digest in raw]
    unknown = [i for i, digest in enumerate(known) if digest is None]
    if unknown:
        normal = normalised([wkbs[i] for i in unknown])
        fresh = [hashlib.sha256(value).digest() for value in normal]
        with _memory_lock:
            for i, digest in zip(unknown, fresh):
                known[i] = _memory[raw[i]] = digest
            while len(_memory) > REMEMBERED:
                _memory.popitem(last=False)
    return [digest for digest in known if digest is not None]


def normalised(wkbs: Sequence[bytes]) -> list[bytes]:
    """Little-endian two-dimensional WKB in a canonical order of rings and parts, without negative zeros."""
    geometries = shapely.normalize(_positive_zeros(wkb.read(wkbs)))
    normal = wkb.write(geometries)
    return [value if value is not None else raw for value, raw in zip(normal, wkbs)]


def _positive_zeros(geometries: np.ndarray) -> np.ndarray:
    coordinates = shapely.get_coordinates(geometries)
    if np.any(np.signbit(coordinates) & (coordinates == 0.0)):
        geometries = shapely.set_coordinates(geometries.copy(), coordinates + 0.0)
    return geometries


def item_digests(
    operation: Operation, columns: Sequence[Sequence[bytes]], numbers: Optional[Sequence[float]]
) -> list[bytes]:
    """The SHA-256 that names each result: over operation, version, parameters, number and normalised geometries.

    ``columns`` holds ``arity`` lists of n WKB values; ``numbers`` n floats or None.
    """
    start = hashlib.sha256(operation.fingerprint())
    hashed = [geometry_digests(column) for column in columns]
    digests = []
    for i, parts in enumerate(zip(*hashed)):
        item = start.copy()
        if numbers is not None:
            item.update(struct.pack(">d", numbers[i] + 0.0))
        for part in parts:
            item.update(part)
        digests.append(item.digest())
    return digests


def key(operation: Operation, namespace: str, digest: bytes) -> str:
    """``calculs:buffers:<namespace>:<sha256>``."""
    return f"{operation.family}:{namespace}:{digest.hex()}"
