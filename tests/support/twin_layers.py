"""Layers of each kind for cached algorithms beside their native twins."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.twins import CHECKS, layer

BOW_TIE = "Polygon((0 0,10 10,10 0,0 10,0 0))"
LAYERS = {
    "polygons": ("Polygon", ["Polygon((0 0,4 0,4 4,0 4,0 0))", "Polygon((4 0,8 0,8 4,4 4,4 0))",
                             "Polygon((20 0,24 0,24 4,22 1,20 4,20 0),(20.5 0.5,21 0.5,21 1,20.5 0.5))"]),
    "multi-polygons": ("MultiPolygon", ["MultiPolygon(((0 0,4 0,4 4,0 4,0 0)),((10 0,14 0,14 4,10 4,10 0)))",
                                        "MultiPolygon(((3 0,8 0,8 4,3 4,3 0)))"]),
    "NULL": ("Polygon", ["Polygon((0 0,4 0,4 4,0 4,0 0))", None]),
    "no features": ("Polygon", []),
    "Z": ("PolygonZ", ["PolygonZ((0 0 1,4 0 2,4 4 3,0 4 4,0 0 1))", "PolygonZ((2 2 5,6 2 6,6 6 7,2 6 8,2 2 5))"]),
    "ZM": ("PolygonZM", ["PolygonZM((0 0 1 5,4 0 2 6,4 4 3 7,0 4 4 8,0 0 1 5))"]),
    "M": ("LineStringM", ["LineStringM(0 0 1,1 0.1 2,2 0 3)", "LineStringM(2 0 5,8 3 6,9 4 6)"]),
    "lines": ("LineString", ["LineString(0 0,1 0.1,2 0,3 0.2,4 0)", "LineString(4 0,8 3,9 9)", "LineString(20 20,20 21,21 21,20 20)"]),
    "multi-lines": ("MultiLineString", ["MultiLineString((0 0,1 0.1,2 0),(2 0,4 0))", "MultiLineString((4 0,8 3))"]),
    "lines with Z": ("LineStringZ", ["LineStringZ(0 0 1,1 0.1 2,2 0 3,3 0.2 4,4 0 5)", "LineStringZ(4 0 5,8 3 6,9 4 6)"]),
    "straight lines": ("LineString", ["LineString(0 0,4 4,8 8)", "LineString(1 1,5 5)"]),
    "points": ("Point", ["Point(1 1)", "Point(2 2)", "Point(21 0.2)", None]),
    "multi-points": ("MultiPoint", ["MultiPoint((1 1),(3 1),(2 3))", "MultiPoint((5 5))"]),
    "points with Z": ("PointZ", ["PointZ(1 1 1)", "PointZ(2 2 2)"]),
    "curves": ("CurvePolygon", ["CurvePolygon(CircularString(0 0,2 2,4 0,2 -2,0 0))"]),
    "collections": ("GeometryCollection", ["GeometryCollection(Polygon((0 0,4 0,4 4,0 4,0 0)),Point(10 10))",
                                           "GeometryCollection(LineString(1 1,9 9),Polygon((2 2,6 2,6 6,2 6,2 2)))"]),
    "bow tie": ("Polygon", ["Polygon((0 0,4 0,4 4,0 4,0 0))", BOW_TIE, "Polygon((20 0,24 0,24 4,20 0))"]),
}  # fmt: skip
CHECK = {
    "stop": CHECKS.GeometryAbortOnInvalid,
    "skip": CHECKS.GeometrySkipInvalid,
    "keep": CHECKS.GeometryNoCheck,
}


def made(name):
    return layer(*LAYERS[name])


# -- any geometries ----------------------------------------------------------------------------------------------------
NUMBERS = st.integers(0, 8)
VERTICES = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=2, max_size=7)


@st.composite
def lines(draw):
    """Lines with Z, each between at least two places."""
    found = []
    for vertices in draw(st.lists(VERTICES, min_size=1, max_size=4)):
        if len({(x, y) for x, y, _z in vertices}) > 1:
            found.append("LineStringZ(" + ",".join(f"{x} {y} {z}" for x, y, z in vertices) + ")")
    return found or ["LineStringZ(0 0 1,1 1 2)"]
