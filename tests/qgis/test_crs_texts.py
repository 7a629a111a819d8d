"""A CRS as text: what keys hold and what pyproj is given mean the same."""

from __future__ import annotations

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem

from redis_geo_plugin.bridge import crs
from redis_geo_plugin.core.geometry import projections

CUSTOM = "+proj=laea +lat_0=12 +lon_0=34 +x_0=7 +y_0=9 +datum=WGS84 +units=m +no_defs"


def custom():
    return QgsCoordinateReferenceSystem.fromProj(CUSTOM)


def of_the_user():
    assert QgsApplication.createDatabase()  # where QGIS keeps the CRSs of the user
    number = QgsApplication.coordinateReferenceSystemRegistry().addUserCrs(custom(), "mine")
    found = QgsCoordinateReferenceSystem(f"USER:{number}")
    assert found.authid().startswith("USER:")
    return found


def on_two_lines():
    """As some of PROJ's descriptions are: with a line break in the words on where the CRS is used."""
    another = QgsCoordinateReferenceSystem.fromProj(CUSTOM.replace("lat_0=12", "lat_0=13"))
    wkt = another.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED)
    found = QgsCoordinateReferenceSystem.fromWkt(wkt.replace('PROJCRS["unknown"', 'PROJCRS["one\ntwo"'))
    assert "\n" in found.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED)
    return found


SYSTEMS = {
    "EPSG": lambda: QgsCoordinateReferenceSystem("EPSG:2154"),
    "EPSG in degrees": lambda: QgsCoordinateReferenceSystem("EPSG:4326"),
    "another datum": lambda: QgsCoordinateReferenceSystem("EPSG:4807"),
    "ESRI": lambda: QgsCoordinateReferenceSystem("ESRI:54009"),
    "IGNF": lambda: QgsCoordinateReferenceSystem("IGNF:LAMB93"),
    "CRS84": lambda: QgsCoordinateReferenceSystem("OGC:CRS84"),
    "CRS27": lambda: QgsCoordinateReferenceSystem("OGC:CRS27"),
    "custom": custom,
    "on two lines": on_two_lines,
    "user": of_the_user,
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_both_texts_mean_the_same_places(qgis_app, name):
    system = SYSTEMS[name]()
    assert system.isValid()
    lon, lat = np.array([2.5, 3.5]), np.array([45.0, 46.0])
    key, text = crs.key_text(system), crs.pyproj_text(system)
    np.testing.assert_allclose(
        projections.to_wgs84(key).from_degrees(lon, lat),
        projections.to_wgs84(text).from_degrees(lon, lat),
        atol=1e-6,
    )
    for again in (key, text):
        restored = crs.from_text(again)
        if name != "CRS84":
            assert restored == system or restored.toProj() == system.toProj()


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_text_holds_a_number_of_the_profile(qgis_app, name):
    system = SYSTEMS[name]()
    assert "USER:" not in crs.key_text(system) and "USER:" not in crs.pyproj_text(system)


def test_without_a_crs(qgis_app):
    none = QgsCoordinateReferenceSystem()
    assert crs.key_text(none) == "" and crs.pyproj_text(none) == "EPSG:4326"


def test_crs84_is_named_in_keys_and_means_degrees(qgis_app):
    system = QgsCoordinateReferenceSystem("OGC:CRS84")
    assert (crs.key_text(system), crs.pyproj_text(system)) == ("OGC:CRS84", "EPSG:4326")


def test_what_is_no_crs_gives_none(qgis_app):
    assert not any(crs.from_text(text).isValid() for text in ("", "EPSG:0", "PROJCRS[", "elsewhere"))


def test_all_callers_take_the_same_texts(qgis_app):
    from redis_geo_plugin.bridge.cache import run

    assert run.crs_name is crs.key_text
    assert QgsApplication.instance() is not None
