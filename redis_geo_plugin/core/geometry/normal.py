"""Well-known binary of other programs in one form: little-endian ISO WKB without an SRID, rings closed.

What is not sound is refused before, by the walk of ``walk.check``. Extended WKB is PostGIS's:
https://postgis.net/docs/using_postgis_dbmanagement.html#EWKB_EWKT
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np

from . import walk
from .arrays import Array
from .build import Dimensions, Mended
from .walk import LINE, POINT, POLYGON, Unsound

CURVE = "a curve"
_CURVES = frozenset(range(8, 15))  # circular strings to abstract surfaces, OGC 06-103r4 table 7
_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_ONE = b"\x01\x00\x00\x00"
_ONE_RING = b"\x01\x03\x00\x00\x00" + _ONE
_WITH_SRID = b"\x01\x03\x00\x00\x20"
_RING = 13
_FOLD = 128  # numbers
LOWEST, HIGHEST = (-180.0, -90.0), (180.0, 90.0)  # degrees
# Where the coordinates of a flat point, line or polygon of one ring begin.
_BODY = {b"\x01\x01\x00\x00\x00": 5, b"\x01\x02\x00\x00\x00": 9, b"\x01\x03\x00\x00\x00": _RING}


class Normal(NamedTuple):
    """A geometry in the one form: ``wkb``, and its ``srid`` (0: none said)."""

    wkb: bytes
    srid: int


class _Header(NamedTuple):
    """What begins a geometry in anyone's WKB."""

    order: str  # of struct: < or >
    kind: int
    dimensions: Dimensions
    srid: int
    at: int


def normal(raw: bytes, mended: Mended) -> Normal:
    """Bring WKB or EWKB into the one form.

    Args:
        raw: bytes of anyone.
        mended: counts the rings that had to be closed.

    Raises:
        Unsound: bytes that are not one sound geometry, curves among them; the message says why.
    """
    quick = _one_ring(raw)
    if quick is not None:
        return quick
    if is_curve(raw):
        raise Unsound(CURVE)
    walk.check(raw)
    return Normal(*_rewritten(raw, mended, [], []))


class Alike(NamedTuple):
    """Many polygons in the one form: their ``wkbs``, their ``srid`` (0: none said), and whether every
    coordinate is known to be degrees on the globe, which else is yet to be looked at."""

    wkbs: list[bytes]
    srid: int
    in_degrees: bool


def same_rings(raws: Sequence[bytes]) -> Optional[Alike]:
    """Many polygons of one closed ring, which all begin alike, in the one form; None where one of them is
    anything else. Whether their coordinates are numbers is not looked at where it is not known: ``extents``
    tells."""
    head = raws[0][:13]
    if head[:5] == _WITH_SRID and head[9:13] == _ONE and not head[8] >> 7:
        start, srid = 13, int.from_bytes(head[5:9], "little")
    elif head[:9] == _ONE_RING:
        start, srid = 9, 0
    else:
        return None
    in_degrees = False
    if len(set(map(len, raws))) == 1:
        table = _table(raws, start)
        if table is None:
            return None
        numbers = table[:, start + 4 :].copy().view("<f8")
        in_degrees = _lie_between(numbers, LOWEST, HIGHEST)
    elif not _begin_alike(raws, raws[0][:start]):
        return None
    return Alike(list(raws) if start == 9 else [_ONE_RING + raw[13:] for raw in raws], srid, in_degrees)


def _begin_alike(raws: Sequence[bytes], head: bytes) -> bool:
    """Whether all begin with this, and go on with one closed ring and nothing else."""
    start = len(head)
    first, least = start + 4, start + 4 + 64
    for raw in raws:
        size = len(raw)
        if size < least or size != first + 16 * int.from_bytes(raw[start:first], "little"):
            return False
        if raw[first : first + 16] != raw[-16:] or raw[:start] != head:
            return False
    return True


def _table(raws: Sequence[bytes], start: int) -> Optional[Array]:
    """The bytes of many of one length as rows, where all ``_begin_alike``; in a third of the time."""
    size, first = len(raws[0]), start + 4
    if size < first + 64 or size != first + 16 * int.from_bytes(raws[0][start:first], "little"):
        return None
    table = np.frombuffer(b"".join(raws), np.uint8).reshape(-1, size)
    are_alike = (table[:, :first] == table[0, :first]).all()
    are_closed = (table[:, first : first + 16] == table[:, -16:]).all()
    return table if are_alike and are_closed else None


def extents(wkbs: Sequence[bytes]) -> Array:
    """xmin, ymin, xmax, ymax of n sound geometries in the one form as an array of shape (n, 4): NaN where one
    is empty, or has a coordinate that is no number."""
    found = np.full((len(wkbs), 4), np.nan)
    pieces, places = [], []
    for place, wkb in enumerate(wkbs):
        start = _BODY.get(wkb[:5])
        if start is not None and len(wkb) > start and (start != _RING or wkb[5:9] == _ONE):
            pieces.append(wkb[start:])
            places.append(place)
        else:
            spans: list[walk.Span] = []
            points: list[bytes] = []
            _rewritten(wkb, Mended(), spans, points)
            found[place] = _bounds(spans, points)
    if places:
        sizes = np.fromiter(map(len, pieces), np.int64, len(pieces)) // 16
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        pairs = np.frombuffer(b"".join(pieces), "<f8").reshape(-1, 2)
        found[places, :2] = np.minimum.reduceat(pairs, starts)
        found[places, 2:] = np.maximum.reduceat(pairs, starts)
    return found


def are_within(wkbs: Sequence[bytes], low: tuple[float, float], high: tuple[float, float]) -> bool:
    """Whether all of n sound geometries in the one form are flat points, lines or polygons of one ring whose
    every coordinate lies between; in a tenth of the time of ``extents``, which tells of which it is not so.
    """
    pieces = []
    for wkb in wkbs:
        start = _BODY.get(wkb[:5])
        if start is None or len(wkb) <= start or (start == _RING and wkb[5:9] != _ONE):
            return False
        pieces.append(wkb[start:])
    numbers = np.frombuffer(b"".join(pieces), "<f8")
    if not len(numbers):
        return False
    # numpy goes through columns that lie beside each other many times as fast as through each alone
    folded = len(numbers) - len(numbers) % _FOLD
    return all(
        _lie_between(part, low, high)
        for part in (numbers[:folded].reshape(-1, _FOLD), numbers[folded:].reshape(-1, 2))
        if len(part)
    )


def _lie_between(rows: Array, low: tuple[float, float], high: tuple[float, float]) -> bool:
    """Whether every x and every y in rows of pairs lies between; a number that is none does not, since the
    least and the greatest of some with one is none."""
    least, most = rows.min(axis=0), rows.max(axis=0)
    return all(bool(least[at::2].min() >= low[at] and most[at::2].max() <= high[at]) for at in (0, 1))


def _one_ring(raw: bytes) -> Optional[Normal]:
    """The commonest at once: a polygon of one ring, which is closed; None for anything else, and where a
    coordinate is not finite."""
    srid = 0
    if raw[:5] == _WITH_SRID and raw[9:13] == _ONE:
        srid = int.from_bytes(raw[5:9], "little")
        raw = _ONE_RING + raw[13:]
    if raw[:9] != _ONE_RING or (len(raw) - 13) >> 4 != int.from_bytes(raw[9:13], "little"):
        return None
    if len(raw) & 15 != 13 or len(raw) < 77 or raw[13:29] != raw[-16:] or srid >> 31:
        return None
    return Normal(raw, srid) if np.isfinite(np.frombuffer(raw, "<f8", -1, 13)).all() else None


def is_curve(raw: bytes) -> bool:
    """Whether bytes begin as a circular string, a compound curve, or another geometry made of arcs."""
    if len(raw) < 5 or raw[0] not in (0, 1):
        return False
    code = int.from_bytes(raw[1:5], "little" if raw[0] else "big") & ~(_Z | _M | _SRID)
    return code // 1000 <= 3 and code % 1000 in _CURVES


def kind_and_dimensions(wkb: bytes) -> tuple[int, Dimensions]:
    """The kind (1 to 7) and the dimensions of WKB in the one form."""
    code = int.from_bytes(wkb[1:5], "little")
    thousands, kind = divmod(code, 1000)
    return kind, Dimensions(thousands in (1, 3), thousands in (2, 3))


def extended(wkb: bytes, srid: bytes = b"") -> bytes:
    """Geometry in the one form as PostGIS's, with four bytes of an SRID or none."""
    done: list[bytes] = []
    _extend(wkb, 0, srid, done)
    return b"".join(done)


def _extend(wkb: bytes, at: int, srid: bytes, done: list[bytes]) -> int:
    """Write the geometry that begins at a place; return where it ends."""
    kind, dimensions = kind_and_dimensions(wkb[at : at + 5])
    code = kind | _Z * dimensions.z | _M * dimensions.m | _SRID * bool(srid)
    done.append(struct.pack("<BI", 1, code) + srid)
    at, size = at + 5, 8 * dimensions.numbers
    if kind == POINT:
        done.append(wkb[at : at + size])
        return at + size
    count = int.from_bytes(wkb[at : at + 4], "little")
    end = at + 4
    if kind == LINE:
        end += count * size
    elif kind == POLYGON:
        for _ in range(count):
            end += 4 + size * int.from_bytes(wkb[end : end + 4], "little")
    done.append(wkb[at:end])
    if kind > POLYGON:
        for _ in range(count):
            end = _extend(wkb, end, b"", done)
    return end


def _header(raw: bytes, at: int) -> _Header:
    order = "<" if raw[at] else ">"
    code = struct.unpack_from(order + "I", raw, at + 1)[0]
    thousands, kind = divmod(code & ~(_Z | _M | _SRID), 1000)
    dimensions = Dimensions(bool(code & _Z) or thousands in (1, 3), bool(code & _M) or thousands in (2, 3))
    srid = struct.unpack_from(order + "i", raw, at + 5)[0] if code & _SRID else 0
    return _Header(order, kind, dimensions, srid, at + 5 + 4 * bool(code & _SRID))


def _rewritten(raw: bytes, mended: Mended, spans: list[walk.Span], points: list[bytes]) -> tuple[bytes, int]:
    """The geometry in the one form, and its SRID. ``spans`` and ``points`` take the coordinates."""
    done: list[bytes] = []
    waiting = [1]  # parts that are still to come, one number a level
    at, srid = 0, 0
    while waiting:
        waiting[-1] -= 1
        head = _header(raw, at)
        srid = srid or head.srid
        done.append(head.dimensions.head(head.kind))
        at = head.at
        if head.kind == POINT:
            end = at + 8 * head.dimensions.numbers
            points.append(_doubles(raw, at, end, head))
            done.append(points[-1])
            points[-1] = points[-1][:16]
            at = end
        elif head.kind == LINE:
            at = _sequence(raw, at, head, done, spans)
        elif head.kind == POLYGON:
            if len(waiting) > 1 and not _count(raw, at, head):
                raise Unsound(walk.EMPTY_PART)  # QGIS ends where it writes one as GeoJSON
            at = _polygon(raw, at, head, mended, done, spans)
        else:
            count = _count(raw, at, head)
            done.append(struct.pack("<I", count))
            at += 4
            waiting.append(count)
        while waiting and not waiting[-1]:
            waiting.pop()
    return b"".join(done), max(srid, 0)


def _polygon(
    raw: bytes, at: int, head: _Header, mended: Mended, done: list[bytes], spans: list[walk.Span]
) -> int:
    rings = _count(raw, at, head)
    done.append(struct.pack("<I", rings))
    at += 4
    size = 8 * head.dimensions.numbers
    for _ in range(rings):
        at = _sequence(raw, at, head, done, spans)
        packed = done[-1]
        count = len(packed) // size
        if packed[:16] != packed[-size:][:16]:
            done[-1] = packed + packed[:size]
            count += 1
            done[-2] = struct.pack("<I", count)
            mended.rings += 1
        if count < 4:
            raise Unsound(walk.BAD_RING)
    return at


def _sequence(raw: bytes, at: int, head: _Header, done: list[bytes], spans: list[walk.Span]) -> int:
    """The vertices of a line or ring; returns where they end."""
    count = _count(raw, at, head)
    if count == 1:
        raise Unsound(walk.BAD_RING if head.kind == POLYGON else walk.CUT_SHORT)
    end = at + 4 + count * 8 * head.dimensions.numbers
    packed = _doubles(raw, at + 4, end, head)
    done += (struct.pack("<I", count), packed)
    if head.dimensions.numbers == 2:
        spans.append(packed)
    elif count:
        spans.append(np.frombuffer(packed, "<f8").reshape(count, -1)[:, :2])
    return end


def _count(raw: bytes, at: int, head: _Header) -> int:
    return int(struct.unpack_from(head.order + "I", raw, at)[0])


def _doubles(raw: bytes, start: int, end: int, head: _Header) -> bytes:
    piece = raw[start:end]
    return piece if head.order == "<" else np.frombuffer(piece, ">f8").astype("<f8").tobytes()


def _bounds(spans: list[walk.Span], points: list[bytes]) -> list[float]:
    """xmin, ymin, xmax, ymax; NaN for nothing."""
    flat = b"".join([*points, *[span for span in spans if isinstance(span, bytes)]])
    pieces = [np.frombuffer(flat, "<f8").reshape(-1, 2)]
    pieces += [span for span in spans if not isinstance(span, bytes)]
    all_of_them = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    if points:
        all_of_them = all_of_them[~np.isnan(all_of_them).all(axis=1)]  # an empty point is one of two NaN
    if not len(all_of_them):
        return [float("nan")] * 4
    return [*all_of_them.min(axis=0).tolist(), *all_of_them.max(axis=0).tolist()]
