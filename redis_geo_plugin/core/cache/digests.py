"""Hashes of geometries: equal shapes have equal hashes, whatever their start vertex or the sign of their
zeros."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Optional, Union

import numpy as np
import shapely

from ..geometry import wkb
from ..geometry.arrays import Array
from ..operations.base import Operation

# Normalising is dearer than hashing, so the hash of the raw bytes leads straight to the normalised hash of a
# geometry that this process has seen. 100,000 entries take about 20 MB.
REMEMBERED = 100_000
_memory: OrderedDict[bytes, bytes] = OrderedDict()
_memory_lock = threading.Lock()


def geometry_digests(wkbs: Sequence[bytes]) -> list[bytes]:
    """The SHA-256 of each normalised geometry, Z included. Input: WKB without M; unreadable WKB is hashed as
    it is."""
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


def raw_digests(wkbs: Sequence[bytes]) -> list[bytes]:
    """The SHA-256 of each WKB value as it is: order of vertices included."""
    once = {
        id(value): hashlib.sha256(value).digest() for value in {id(value): value for value in wkbs}.values()
    }
    return [once[id(value)] for value in wkbs]


def normalised(wkbs: Sequence[bytes]) -> list[bytes]:
    """Little-endian WKB in a canonical order of rings and parts, without negative zeros in X and Y."""
    geometries = shapely.normalize(_positive_zeros(wkb.read(wkbs)))
    normal = wkb.write(geometries)
    return [value if value is not None else raw for value, raw in zip(normal, wkbs)]


def _in_order(wkbs: Sequence[bytes]) -> list[bytes]:
    """The same in the order that they have."""
    written = wkb.write(_positive_zeros(wkb.read(wkbs)))
    return [value if value is not None else raw for value, raw in zip(written, wkbs)]


def _positive_zeros(geometries: Array) -> Array:
    coordinates = shapely.get_coordinates(geometries)
    if not np.any(np.signbit(coordinates) & (coordinates == 0.0)):
        return geometries
    result, solid = geometries.copy(), shapely.has_z(geometries)
    for chosen, with_z in ((~solid, False), (solid, True)):
        values = shapely.get_coordinates(result[chosen], include_z=with_z)
        values[:, :2] += 0.0  # not Z: a key must not depend on the geometries beside it
        result[chosen] = shapely.set_coordinates(result[chosen], values)
    return result


def item_digests(
    operation: Operation, columns: Sequence[Sequence[bytes]], numbers: Optional[Sequence[float]]
) -> list[bytes]:
    """The SHA-256 that names each result: over operation, version, parameters, number and geometries,
    normalised where the order of their vertices makes no difference to the result.

    ``columns`` holds ``arity`` lists of n WKB values; ``numbers`` n floats or None.
    """
    start = hashlib.sha256(operation.fingerprint())
    hashed = [_column_digests(operation, column) for column in columns]
    digests = []
    for i, parts in enumerate(zip(*hashed)):
        item = start.copy()
        if numbers is not None:
            item.update(struct.pack(">d", numbers[i] + 0.0))
        for part in parts:
            item.update(part)
        digests.append(item.digest())
    return digests


def _column_digests(operation: Operation, wkbs: Sequence[bytes]) -> list[bytes]:
    """Of vertices at the same place a result has the Z of one, by their order."""
    if operation.keeps_order:
        return raw_digests(wkbs)
    solid = [operation.keeps_z and wkb.is_solid(value) for value in wkbs]
    plain = iter(geometry_digests([value for value, one in zip(wkbs, solid) if not one]))
    ordered = iter(raw_digests(_in_order([value for value, one in zip(wkbs, solid) if one])))
    return [next(ordered if one else plain) for one in solid]


def key(operation: Union[Operation, type[Operation]], namespace: str, digest: bytes) -> str:
    """``calculs:buffers:<namespace>:<sha256>``."""
    return f"{operation.family}:{namespace}:{digest.hex()}"
