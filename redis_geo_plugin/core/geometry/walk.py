"""Checking geometries of other programs before a library parses them.

GEOS and QGIS trust the counts in well-known binary (WKB) and follow collections within collections as deep as
they go: nine bytes can ask for a billion points, and 1.8 MB of nested collections overflow the stack. So
bytes that come from a server are walked first, without recursion into what they hold: byte order, kind,
dimensions (ISO and EWKB), counts that fit the bytes that are left, depth, rings, finite coordinates, nothing
behind the end. The formats are those of OGC 06-103r4, clause 8, and of PostGIS's EWKB.

Well-known text (WKT) and GeoJSON are looked at for their depth only: their parsers bound everything else by
the text's length.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Optional, Union

import numpy as np

from ..json_types import JsonObject
from .arrays import Array

POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(1, 8)
Kinds = frozenset[int]
ALL: Kinds = frozenset(range(1, 8))
POINTS: Kinds = frozenset((POINT, MULTIPOINT))
LINES: Kinds = frozenset((LINE, MULTILINE))
AREAS: Kinds = frozenset((POLYGON, MULTIPOLYGON))

DEEPEST = 16  # collections within each other
_DEEPEST_CLOSED = 3  # of what GEOS writes; QGIS ends where it goes through the places of deeper ones
_TEXT_DEEPEST = DEEPEST + 3  # a polygon of a multi-polygon has three brackets of its own
_COORDINATES_DEEPEST = 4  # [[[[x, y] ... of a multi-polygon in GeoJSON

_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_UINT = {0: struct.Struct(">I"), 1: struct.Struct("<I")}
_PAIR = {0: struct.Struct(">dd"), 1: struct.Struct("<dd")}
_DOUBLES = {0: np.dtype(">f8"), 1: np.dtype("<f8")}
_PARTS = {MULTIPOINT: frozenset((POINT,)), MULTILINE: frozenset((LINE,)), MULTIPOLYGON: frozenset((POLYGON,)),
          COLLECTION: ALL}  # fmt: skip
_LEAST_PART = 9  # bytes of the smallest geometry: an empty line, polygon or collection
_LEAST_RING = 4  # vertices, and bytes of an empty one

_NO_BRACKETS = bytes(set(range(256)) - set(b"()"))

# Little-endian, two dimensions, one ring: what nearly all cached values are.
_ONE_RING = b"\x01\x03\x00\x00\x00\x01\x00\x00\x00"

CUT_SHORT = "a geometry that ends too early"
TOO_LONG = "bytes behind the end of a geometry"
NO_ORDER = "no byte order"
UNKNOWN_KIND = "an unknown kind of geometry"
WRONG_KIND = "another kind of geometry than there must be"
WRONG_PART = "a part of another kind or dimension"
TOO_DEEP = "geometries nested too deep"
TOO_MANY = "more points or parts than there are bytes"
NOT_FINITE = "a coordinate that is not a finite number"
BAD_RING = "a ring that is open or too short"
EMPTY_PART = "an empty part of a geometry"


# Numbers that have to be finite: little-endian doubles, or an array of any order.
Span = Union[bytes, "Array"]


class Unsound(ValueError):
    """Bytes or text that no library may parse; the message says why."""


class _Head(NamedTuple):
    """What begins a geometry: byte order (0 big-endian), kind, coordinates per vertex, where its content
    begins."""

    order: int
    kind: int
    dimensions: int
    at: int


def check(raw: bytes, kinds: Kinds = ALL, *, closed: bool = False) -> None:
    """Raise Unsound for bytes that are not one sound WKB geometry.

    Args:
        raw: WKB, ISO or EWKB, any byte order and dimensions.
        kinds: the kinds that are right; an empty geometry of any kind always is, as GEOS writes nothing in
        many ways.
        closed: whether rings have to be closed, lines to have two points and parts not to be empty, as in
            what GEOS writes: QGIS ends where it writes a polygon without a ring as GeoJSON, or goes through
            parts that are empty or deep. Without it, lines and rings of any length pass, which parsers mend
            or refuse by themselves.
    """
    spans: list[Span] = []
    _walk(raw, kinds, closed, spans)
    if not _finite(spans):
        raise Unsound(NOT_FINITE)


def problem(raw: bytes, kinds: Kinds = ALL, *, closed: bool = False) -> str:
    """Return what is wrong with these bytes, as ``check`` says it; empty where nothing is."""
    try:
        check(raw, kinds, closed=closed)
    except Unsound as error:
        return str(error)
    return ""


def are_sound(values: Sequence[Optional[bytes]], kinds: Union[Kinds, Sequence[Kinds]] = ALL) -> list[bool]:
    """Whether each of n values is what GEOS might have written: sound WKB with closed rings, of one of these
    kinds (the same for all, or one set for each). None is not. Takes about a microsecond for a small polygon.
    """
    each = [kinds] * len(values) if isinstance(kinds, frozenset) else kinds
    spans: list[Span] = []
    ends: list[int] = []
    sound = []
    for raw, right in zip(values, each):
        sound.append(raw is not None and _is_sound(raw, right, spans))
        ends.append(len(spans))
    if not _finite(spans):  # of which one, is asked only when there is one
        start = 0
        for i, end in enumerate(ends):
            sound[i] = sound[i] and _finite(spans[start:end])
            start = end
    return sound


def _is_sound(raw: bytes, kinds: Kinds, spans: list[Span]) -> bool:
    """``_walk`` of one value, with a short way for the commonest."""
    if POLYGON in kinds and raw.startswith(_ONE_RING):
        count = len(raw) - 13 >> 4
        if count < _LEAST_RING or int.from_bytes(raw[9:13], "little") != count or len(raw) & 15 != 13:
            return False
        spans.append(raw[13:])
        return raw[13:29] == raw[-16:]
    try:
        _walk(raw, kinds, True, spans)
    except Unsound:
        return False
    return True


def _walk(raw: bytes, kinds: Kinds, closed: bool, spans: list[Span]) -> None:
    """Walk one geometry from end to end; ``spans`` takes its coordinates, numbers that have to be finite."""
    head = _head(raw, 0)
    if head.kind not in kinds and not _is_empty(raw, head):
        raise Unsound(WRONG_KIND)
    at = head.at
    open_parts: list[list[Any]] = []  # [how many are still to come, their kinds, dimensions]
    while True:
        if head.kind <= POLYGON:
            at = _simple(raw, head, closed, spans)
        else:
            at = _begin_parts(raw, head, spans, open_parts, _DEEPEST_CLOSED if closed else DEEPEST)
        while open_parts and open_parts[-1][0] == 0:
            open_parts.pop()
        if not open_parts:
            break
        part = open_parts[-1]
        part[0] -= 1
        head = _head(raw, at)
        if head.kind not in part[1] or head.dimensions != part[2]:
            raise Unsound(WRONG_PART)
        if closed and head.kind != POINT and not _count(raw, head):
            raise Unsound(EMPTY_PART)
    if at != len(raw):
        raise Unsound(TOO_LONG)


def _is_empty(raw: bytes, head: _Head) -> bool:
    """Whether a geometry holds nothing, as most results of nothing in common do, of whatever kind."""
    if head.kind != POINT:
        return _count(raw, head) == 0
    return head.at + 16 <= len(raw) and all(map(math.isnan, _PAIR[head.order].unpack_from(raw, head.at)))


def _begin_parts(
    raw: bytes, head: _Head, spans: list[Span], open_parts: list[list[Any]], deepest: int
) -> int:
    """Begin with a geometry of several parts; returns where the first of them, or what follows, stands."""
    count, at = _count(raw, head), head.at + 4
    least = 5 + 8 * head.dimensions if head.kind == MULTIPOINT else _LEAST_PART
    if count * least > len(raw) - at:
        raise Unsound(TOO_MANY)
    if head.kind == MULTIPOINT and count and _are_alike(raw, head, count, spans):
        return at + count * least
    if count:
        if len(open_parts) >= deepest:
            raise Unsound(TOO_DEEP)
        open_parts.append([count, _PARTS[head.kind], head.dimensions])
    return at


def _are_alike(raw: bytes, head: _Head, count: int, spans: list[Span]) -> bool:
    """Whether all points of a multi-point begin with the same bytes; these are then done with at once."""
    first = _head(raw, head.at + 4)
    size = 5 + 8 * head.dimensions
    if first.kind != POINT or first.dimensions != head.dimensions or first.at != head.at + 9:
        return False
    rows = np.frombuffer(raw, np.uint8, count * size, head.at + 4).reshape(count, size)
    if not (rows[:, :5] == rows[0, :5]).all():
        return False
    numbers = np.ascontiguousarray(rows[:, 5:]).view(_DOUBLES[first.order])[:, :2]
    spans.append(numbers[~np.isnan(numbers).all(axis=1)])  # an empty point is one of two NaN
    return True


def _simple(raw: bytes, head: _Head, closed: bool, spans: list[Span]) -> int:
    """Walk a point, a line or a polygon; returns where it ends."""
    if head.kind == POINT:
        return _point(raw, head)
    if head.kind == LINE:
        count = _count(raw, head)
        if closed and count == 1:
            raise Unsound(BAD_RING)
        return _vertices(raw, head, head.at, count, spans)
    rings, at = _count(raw, head), head.at + 4
    if rings * _LEAST_RING > len(raw) - at:
        raise Unsound(TOO_MANY)
    for _ in range(rings):
        count = _uint(raw, at, head.order)
        end = _vertices(raw, head, at, count, spans)
        if closed and not _is_closed(raw, at + 4, end - 8 * head.dimensions, count):
            raise Unsound(BAD_RING)
        at = end
    return at


def _is_closed(raw: bytes, first: int, last: int, count: int) -> bool:
    return count >= _LEAST_RING and raw[first : first + 16] == raw[last : last + 16]


def _point(raw: bytes, head: _Head) -> int:
    end = head.at + 8 * head.dimensions
    if end > len(raw):
        raise Unsound(CUT_SHORT)
    x, y = _PAIR[head.order].unpack_from(raw, head.at)
    if not (math.isfinite(x) and math.isfinite(y)) and not (math.isnan(x) and math.isnan(y)):
        raise Unsound(NOT_FINITE)
    return end


def _vertices(raw: bytes, head: _Head, at: int, count: int, spans: list[Span]) -> int:
    """The vertices whose count stands at ``at``; returns where they end."""
    start = at + 4
    end = start + count * 8 * head.dimensions
    if end > len(raw):
        raise Unsound(TOO_MANY)
    if head.order == 1 and head.dimensions == 2:
        spans.append(raw[start:end])
    elif count:
        numbers = np.frombuffer(raw, _DOUBLES[head.order], count * head.dimensions, start)
        spans.append(numbers.reshape(count, head.dimensions)[:, :2])
    return end


def _count(raw: bytes, head: _Head) -> int:
    return _uint(raw, head.at, head.order)


def _uint(raw: bytes, at: int, order: int) -> int:
    if at + 4 > len(raw):
        raise Unsound(CUT_SHORT)
    return int(_UINT[order].unpack_from(raw, at)[0])


def _head(raw: bytes, at: int) -> _Head:
    """The head of the geometry that begins at ``at``."""
    if at + 5 > len(raw):
        raise Unsound(CUT_SHORT)
    order = raw[at]
    if order not in _UINT:
        raise Unsound(NO_ORDER)
    kind, dimensions, more = _kind(_UINT[order].unpack_from(raw, at + 1)[0])
    return _Head(order, kind, dimensions, at + 5 + more)


@lru_cache(1000)
def _kind(code: int) -> tuple[int, int, int]:
    """Kind, coordinates per vertex and length of the SRID of a WKB type code, by EWKB's flags or ISO's
    thousands."""
    thousands, kind = divmod(code & ~(_Z | _M | _SRID), 1000)
    if kind not in ALL or thousands > 3:
        raise Unsound(UNKNOWN_KIND)
    z, m = bool(code & _Z) or thousands in (1, 3), bool(code & _M) or thousands in (2, 3)
    return kind, 2 + z + m, 4 if code & _SRID else 0


def _finite(spans: list[Span]) -> bool:
    plain = np.frombuffer(b"".join(span for span in spans if isinstance(span, bytes)), "<f8")
    arrays = (span for span in spans if not isinstance(span, bytes))
    return bool(np.isfinite(plain).all()) and all(bool(np.isfinite(span).all()) for span in arrays)


def kind_of(raw: Optional[bytes]) -> int:
    """The kind that WKB begins with, from its head alone; 0 for no WKB."""
    if raw is None:
        return 0
    try:
        return _head(raw, 0).kind
    except Unsound:
        return 0


def like(kind: int) -> Kinds:
    """The kinds of the same dimension; all for a collection, and for 0."""
    return next((kinds for kinds in (POINTS, LINES, AREAS) if kind in kinds), ALL)


def check_text(text: Union[str, bytes]) -> None:
    """Raise Unsound for WKT whose brackets are nested deeper than a geometry's."""
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    signs = np.frombuffer(raw.translate(None, _NO_BRACKETS), np.uint8)  # few of a text's bytes
    depth = np.cumsum((signs == ord("(")).astype(np.int32) - (signs == ord(")")))
    if depth.max(initial=0) > _TEXT_DEEPEST:
        raise Unsound(TOO_DEEP)


def check_json(value: object) -> None:
    """Raise Unsound for a GeoJSON geometry or feature (as ``json.loads`` gives it) that is nested deeper than
    one can be."""
    level = [value]
    for _ in range(DEEPEST + 3):  # features, their geometries, and collections
        level = [inner for outer in level for inner in _json_parts(outer)]
        if not level:
            return
    raise Unsound(TOO_DEEP)


def _json_parts(value: object) -> list[JsonObject]:
    """The geometries directly within a GeoJSON object."""
    if not isinstance(value, dict):
        return []
    if _array_depth(value.get("coordinates")) > _COORDINATES_DEEPEST:
        raise Unsound(TOO_DEEP)
    parts = [value.get("geometry")]
    for name in ("geometries", "features"):
        inner = value.get(name)
        parts += inner if isinstance(inner, list) else ()
    return [part for part in parts if isinstance(part, dict)]


def _array_depth(value: Any) -> int:
    """How deep lists are nested, looked at no deeper than is too deep."""
    level, depth = [value], 0
    while depth <= _COORDINATES_DEEPEST:
        level = [inner for inner in level if isinstance(inner, list)]
        if not level:
            return depth
        level = [one for inner in level for one in inner]
        depth += 1
    return depth
