"""Names of coordinate reference systems as values write them: one text for each CRS, and none where nobody knows it."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.features import crs_names
from redis_geo_plugin.core.features.crs_names import DEGREES, UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:4326",
        " epsg:4326 ",
        "OGC:CRS84",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://www.opengis.net/def/crs/EPSG/0/4326",
    ],
)
def test_degrees_have_one_name(name):
    assert crs_names.of_name(name) == DEGREES


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("urn:ogc:def:crs:EPSG::2154", "EPSG:2154"),
        ("urn:x-ogc:def:crs:EPSG:6.9:27700", "EPSG:27700"),
        ("http://www.opengis.net/def/crs/EPSG/0/25832", "EPSG:25832"),
        ("ESRI:102001", "ESRI:102001"),
        ("ignf:lamb93", "IGNF:LAMB93"),
    ],
)
def test_other_names_are_written_in_one_way(name, wanted):
    assert crs_names.of_name(name) == wanted


@pytest.mark.parametrize(
    "name", ["", "Lambert", "EPSG", "EPSG:", "EPSG:2154 and more", None, 2154, ["EPSG:2154"]]
)
def test_what_names_no_crs_is_unknown(name):
    assert crs_names.of_name(name) == UNKNOWN


def test_numbers_of_postgis_and_of_esri():
    assert [crs_names.of_srid(one) for one in (0, 2154, 102100, 900913, 102001)] == [
        "", "EPSG:2154", "EPSG:3857", "EPSG:3857", "ESRI:102001",
    ]  # fmt: skip
    assert crs_names.of_esri({"wkid": 102100, "latestWkid": 3857}) == "EPSG:3857"
    assert crs_names.of_esri({"wkid": 27700}) == "EPSG:27700"
    assert crs_names.of_esri({"wkt": "PROJCS[...]"}) == "PROJCS[...]"
    for none in (None, {}, {"wkid": -1}, {"wkid": True}, {"wkid": "4326"}, {"wkt": "x" * 6000}, 4326):
        assert crs_names.of_esri(none) == ""


def test_whether_a_crs_is_known_and_has_degrees():
    assert crs_names.in_degrees(DEGREES) is True and crs_names.in_degrees("EPSG:2154") is False
    for unknown in ("", UNKNOWN, "EPSG:1", "ESRI:1", "PROJCS["):
        assert crs_names.in_degrees(unknown) is None and not crs_names.is_known(unknown)
    assert crs_names.is_known("EPSG:27700")
