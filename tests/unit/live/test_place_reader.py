"""Positions that are not two fields of degrees: pairs in each order, texts with hemispheres, scaled integers, cells, and CRS."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.place_reader import PlaceReader, is_on_earth, projection
from redis_geo_plugin.core.live.spec import Mapping

PARIS = (2.35, 48.85)


def read(data, **mapping):
    return PlaceReader(Mapping(**mapping)).read(data)


@pytest.mark.parametrize(
    ("data", "mapping"),
    [
        ({"lon": 2.35, "lat": 48.85}, {"lon": "lon", "lat": "lat"}),
        ({"x": "2.35 E", "y": "48.85 N"}, {"lon": "x", "lat": "y"}),
        ({"p": [2.35, 48.85]}, {"pair": "p", "pair_order": "lonlat"}),
        ({"p": [48.85, 2.35]}, {"pair": "p", "pair_order": "latlon"}),
        ({"p": "48.85,2.35"}, {"pair": "p", "pair_order": "latlon"}),
        ({"p": "POINT(2.35 48.85)"}, {"pair": "p", "pair_order": "latlon"}),
        ({"p": {"type": "Point", "coordinates": [2.35, 48.85]}}, {"pair": "p"}),
        ({"a": {"lon": 23500000, "lat": 488500000}}, {"lon": "a.lon", "lat": "a.lat", "scale": 1e-7}),
    ],
)
def test_a_place_is_read_from_each_form(data, mapping):
    assert read(data, **mapping) == pytest.approx(PARIS)


def test_a_scale_of_a_power_of_ten_is_exact():
    assert read({"x": 23499999, "y": 488500001}, lon="x", lat="y", scale=1e-7) == (2.3499999, 48.8500001)


def test_a_cell_is_a_derived_place():
    reader = PlaceReader(Mapping(pair="cell", pair_order="geohash"))
    assert reader.is_derived and reader.read({"cell": "u09tvw0"}) == pytest.approx(PARIS, abs=0.01)
    assert reader.read({"cell": "?"}) is None and not PlaceReader(Mapping(pair="cell")).is_derived


def test_coordinates_of_another_crs_become_degrees():
    lambert = {"x": 652_400.0, "y": 6_861_700.0}
    assert read(lambert, lon="x", lat="y", crs="EPSG:2154") == pytest.approx(PARIS, abs=0.01)
    assert read({"p": "SRID=2154;POINT(652400 6861700)"}, pair="p") == pytest.approx(PARIS, abs=0.01)
    assert read(lambert, lon="x", lat="y", crs="EPSG:1") is None
    assert is_on_earth("EPSG:2154", 652_400.0, 6_861_700.0) and not is_on_earth("EPSG:1", 0.0, 0.0)
    assert projection("no crs") is None


@pytest.mark.parametrize(
    "data",
    [{}, {"lon": 2.35}, {"lon": "x", "lat": "y"}, {"lon": None, "lat": 48.0}, "text", None, [2.35, 48.85]],
)
def test_a_record_without_a_place_has_none(data):
    assert read(data, lon="lon", lat="lat") is None
    assert read(data, pair="pair") is None


def test_of_many_crs_in_one_feed_only_so_many_are_tried():
    reader = PlaceReader(Mapping(pair="p"))
    for number in range(32601, 32601 + 30):
        reader.read({"p": f"SRID={number};POINT(500000 5000000)"})
    assert (
        len(reader._projections) == 30 and sum(one is not None for one in reader._projections.values()) == 20
    )
