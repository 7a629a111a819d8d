"""What other programs keep on a server, read as features: lines, areas and documents with their right values, and
nothing of what is none."""

from __future__ import annotations

import time

import pytest
import shapely

from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.redis.server import Server
from tests.support import layouts
from tests.support.layout import place as place_of

WGS = "EPSG:4326"
# Layout -> how many features of which kinds, names of some attributes, and whether the CRS has to be asked.
RIGHT = {
    "area_per_key": ({"Polygon": 20}, ["name"], False),
    "areas_in_one_value": ({"Polygon": 20}, ["name"], False),
    "areas_as_text_with_an_index": ({"Polygon": 20}, ["name"], True),
    "points_lines_and_areas_without_ids": ({"Point": 10, "LineString": 10, "MultiPoint": 10}, [], False),
    "areas_as_wkb_and_wkt": ({"Polygon": 30}, [], True),
    "routes_by_their_ends": ({"LineString": 10}, ["distance", "duration"], False),
    "feature_collection_of_points": ({"Point": 30}, ["name", "bikes"], False),
    "large_feature_collection": ({"Point": 4000}, ["bikes"], False),
    "feature_per_key": ({"Point": 20}, ["speed", "timestamp"], False),
    "hash_with_wkt_point": ({"Point": 10}, ["name"], True),
    "json_with_wkt_point": ({"Point": 10}, ["name", "timestamp"], True),
    "debezium_postgis": ({"Point": 20}, ["id"], False),
    "ngsi_ld": ({"Point": 10}, ["speed", "heading"], False),
}
# Whose values are geometries in passing: read too, and no business of these tests.
ALSO = {"moment_of_an_observation", "tile38_events", "digitraffic_ships"}


def features_of(server, source: str, crs: str):
    opened = Server(server.settings())
    try:
        return read_features(opened, ReadRequest(source, crs=crs))
    finally:
        opened.close()


@pytest.fixture
def place(one_server, request):
    """The server of a layout: one with the query engine or documents where it needs them."""
    layout = layouts.layout(request.param, time.time())
    server = request.getfixturevalue("stack_server") if layout.needs else one_server
    with server.client() as client:
        layout.write(client)
    return server, layout


@pytest.mark.parametrize("place", RIGHT, indirect=True)
def test_features_are_read_right(place):
    server, layout = place
    kinds, names, asks = RIGHT[layout.name]
    found = features_of(server, layout.pattern, WGS)
    shapes = [shapely.from_wkb(one.wkb) for one in found.features]
    got: dict[str, int] = {}
    for shape in shapes:
        got[shape.geom_type] = got.get(shape.geom_type, 0) + 1
    assert got == kinds and found.crs == WGS and not found.refusals.total
    assert set(names) <= {one.name for one in found.schema.fields()}
    assert len({(one.key, one.id) for one in found.features}) == len(shapes)
    for ident, right in layout.right.items():
        assert any(shape.geom_type == "Point" and (shape.x, shape.y) == right for shape in shapes), ident
    asked = features_of(server, layout.pattern, "").refusals.total
    assert (asked > 0) is asks


def corners(i):
    """The area of the layouts that begins where a vehicle would be."""
    x, y = place_of(i)
    return [(x, y), (x + 0.01, y), (x + 0.01, y + 0.01), (x, y)]


ROUTE = [(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)]  # of the polyline in Google's own example
AREAS = [shapely.Polygon(corners(i)) for i in range(20)]
SHAPES = {
    "area_per_key": AREAS,
    "areas_in_one_value": AREAS,
    "areas_as_text_with_an_index": AREAS,
    "areas_as_wkb_and_wkt": AREAS[:10] * 3,
    "points_lines_and_areas_without_ids": [
        kind(corners(i)[:count])
        for kind, first, count in (
            (shapely.Point, 0, 1),
            (shapely.LineString, 1, 2),
            (shapely.MultiPoint, 2, 2),
        )
        for i in range(first, 30, 3)
    ],
    "routes_by_their_ends": [shapely.LineString(ROUTE)] * 10,
}


@pytest.mark.parametrize("place", SHAPES, indirect=True)
def test_lines_and_areas_have_their_corners(place):
    server, layout = place
    found = features_of(server, layout.pattern, WGS).features
    got = sorted(shapely.from_wkb(one.wkb).wkt for one in found)
    assert got == sorted(shape.wkt for shape in SHAPES[layout.name])


@pytest.mark.parametrize(
    "place, index",
    [
        ("json_document_with_geo_index", "idx:v"),
        ("hash_with_geo_index", "idx:s"),
        ("areas_as_text_with_an_index", "idx:z"),
    ],
    indirect=["place"],
)
def test_an_index_says_what_its_documents_hold_and_nothing_is_asked(place, index):
    server, layout = place
    found = features_of(server, index, "")
    shapes = [shapely.from_wkb(one.wkb) for one in found.features]
    assert len(shapes) == 20 and found.crs == WGS and not found.refusals.total
    right = layout.right.get("3")
    assert shapes[0].geom_type == "Point" if right else shapes[0] in SHAPES[layout.name]
    assert right is None or right in {(shape.x, shape.y) for shape in shapes}


OTHERS = [name for name in layouts.names() if name not in {*RIGHT, *ALSO}]


@pytest.mark.parametrize("place", OTHERS, indirect=True)
def test_what_is_no_feature_is_none(place):
    server, layout = place
    if layout.pattern:
        assert features_of(server, layout.pattern, WGS).features == []
