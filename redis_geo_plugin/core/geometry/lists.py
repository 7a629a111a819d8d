"""The coordinates of well-known binary in its one form (``normal``) as nested lists, and as the texts of
others made of these: GeoJSON (RFC 7946) and well-known text (OGC 06-103r4). Numbers are written in their
shortest exact form."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..json_types import JsonObject, Value
from .build import Dimensions
from .normal import kind_and_dimensions
from .walk import COLLECTION, LINE, MULTILINE, MULTIPOINT, MULTIPOLYGON, NOT_FINITE, POINT, POLYGON, Unsound

NAMES = {
    POINT: "Point",
    LINE: "LineString",
    POLYGON: "Polygon",
    MULTIPOINT: "MultiPoint",
    MULTILINE: "MultiLineString",
    MULTIPOLYGON: "MultiPolygon",
    COLLECTION: "GeometryCollection",
}
_COUNT = struct.Struct("<I")


class Unfolded(NamedTuple):
    """A geometry as lists within lists, as GeoJSON nests them; of a collection its parts, each Unfolded. An
    empty point is an empty list."""

    kind: int
    dimensions: Dimensions
    content: list[Value]


def unfolded(wkb: bytes) -> Unfolded:
    """The lists of a geometry in the one form, which was walked before."""
    return _read(wkb, 0)[0]


def _read(wkb: bytes, at: int) -> tuple[Unfolded, int]:
    kind, dimensions = kind_and_dimensions(wkb[at : at + 5])
    at += 5
    if kind == POINT:
        (position,), at = _positions(wkb, at, 1, dimensions)
        empty = all(map(math.isnan, position[:2]))
        return Unfolded(kind, dimensions, [] if empty else position), at
    count, at = _COUNT.unpack_from(wkb, at)[0], at + 4
    if kind == LINE:
        places, at = _positions(wkb, at, count, dimensions)
        return Unfolded(kind, dimensions, places), at
    content: list[Value] = []
    for _ in range(count):
        if kind == POLYGON:
            inner = _COUNT.unpack_from(wkb, at)[0]
            ring, at = _positions(wkb, at + 4, inner, dimensions)
            content.append(ring)
        else:
            part, at = _read(wkb, at)
            content.append(part if kind == COLLECTION else part.content)
    return Unfolded(kind, dimensions, content), at


def _positions(wkb: bytes, at: int, count: int, dimensions: Dimensions) -> tuple[list[list[float]], int]:
    numbers = dimensions.numbers
    end = at + 8 * numbers * count
    found: list[list[float]] = np.frombuffer(wkb[at:end], "<f8").reshape(count, numbers).tolist()
    return found, end


def known(shape: Unfolded, whole: bool = False) -> Unfolded:
    """The geometry without a Z or M that is a number nowhere in it, as layers have it for what never had one.

    Args:
        shape: a geometry.
        whole: leave out an M beside a Z too that is not a number everywhere, for texts whose positions say by
            their length alone what they hold.
    """
    dimensions = shape.dimensions
    positions = list(_each(shape)) if dimensions.numbers > 2 else []
    if not positions:
        return shape
    is_number = ~np.isnan(np.array(positions))
    z = dimensions.z and bool(is_number[:, 2].any())
    m = dimensions.m and bool(is_number[:, -1].any())
    if whole and z and m:
        m = bool(is_number[:, -1].all())
    if Dimensions(z, m) == dimensions:
        return shape
    return _of_places(shape, Dimensions(z, m), [0, 1, *[2] * z, *[-1] * m])


def _each(content: Value) -> Iterator[list[float]]:
    """The positions in lists, and in the parts of a collection."""
    if isinstance(content, Unfolded):
        content = content.content
    if content and isinstance(content[0], float):
        yield content
        return
    for one in content:
        yield from _each(one)


def _of_places(shape: Unfolded, dimensions: Dimensions, places: list[int]) -> Unfolded:
    """The geometry with these numbers of each position only."""

    def only(content: Value) -> Value:
        if isinstance(content, Unfolded):
            return _of_places(content, dimensions, places)
        if content and isinstance(content[0], float):
            return [content[place] for place in places]
        return [only(one) for one in content]

    return Unfolded(shape.kind, dimensions, only(shape.content))


def geojson(shape: Unfolded) -> JsonObject:
    """A geometry of GeoJSON. M is the last number of a position, of which only its feature can tell.

    Raises Unsound where a number before the last of a position is none.
    """
    if shape.kind == COLLECTION:
        return {"type": NAMES[COLLECTION], "geometries": [geojson(part) for part in shape.content]}
    content = shape.content
    if shape.dimensions.numbers > 2:
        content = _without_nan(content)
    return {"type": NAMES[shape.kind], "coordinates": content}


def _without_nan(content: list[Value]) -> list[Value]:
    """Positions without the numbers at their end that are none."""
    if not content or isinstance(content[0], list):
        return [_without_nan(one) for one in content]
    kept = list(content)
    while len(kept) > 2 and math.isnan(kept[-1]):
        kept.pop()
    if not all(map(math.isfinite, kept)):
        raise Unsound(NOT_FINITE)
    return kept


def wkt(shape: Unfolded) -> str:
    """Well-known text, with Z, M or ZM behind the kind. Raises Unsound where a number is none."""
    tag = ("Z" if shape.dimensions.z else "") + ("M" if shape.dimensions.m else "")
    head = NAMES[shape.kind].upper() + (f" {tag} " if tag else "")
    if not shape.content:
        return f"{head.strip()} EMPTY"
    if shape.kind == COLLECTION:
        return f"{head}({','.join(map(wkt, shape.content))})"
    if shape.kind == POINT:
        return f"{head}({_words(shape.content)})"
    return head + _brackets(shape.content)


def _brackets(content: list[Value]) -> str:
    if not content:
        return "EMPTY"
    if not isinstance(content[0], list):
        return f"({_words(content)})"  # a point of several
    if content[0] and isinstance(content[0][0], float):
        return f"({','.join(map(_words, content))})"
    return f"({','.join(map(_brackets, content))})"


def _words(position: list[float]) -> str:
    if not position:
        return "EMPTY"
    if not all(map(math.isfinite, position)):
        raise Unsound(NOT_FINITE)
    return " ".join([_shortest(number) for number in position])


def _shortest(number: float) -> str:
    text = repr(number)
    return text[:-2] if text.endswith(".0") else text
