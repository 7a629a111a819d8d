"""Geometries of the world map that comes with QGIS, read without QGIS: GeoPackage is SQLite with a header before WKB."""

from __future__ import annotations

import sqlite3
import struct
from pathlib import Path

PLACES = (
    "/usr/share/qgis/resources/data/world_map.gpkg",
    "/usr/local/share/qgis/resources/data/world_map.gpkg",
)
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # bytes, by the kind in the flags (GeoPackage 1.3, 2.1.3)


def world_map() -> Path:
    found = next((Path(place) for place in PLACES if Path(place).is_file()), None)
    assert found, "QGIS's world map is missing: run make setup"
    return found


def countries(where: str = "1 = 1") -> dict[str, bytes]:
    """Name -> WKB of the countries, those that meet a condition of SQL."""
    with sqlite3.connect(f"file:{world_map()}?mode=ro", uri=True) as database:
        rows = database.execute(
            f"SELECT \"NAME\" || ' ' || fid, geom FROM countries WHERE {where} ORDER BY fid"
        ).fetchall()
    return {name: wkb(blob) for name, blob in rows}


def country(name: str) -> bytes:
    (found,) = countries(f"\"NAME\" = '{name}'").values()
    return found


def wkb(blob: bytes) -> bytes:
    """The WKB in a blob of a GeoPackage. The map of QGIS 3.40 also has two countries as SpatiaLite writes them; GDAL reads both."""
    if blob[:2] == b"\x00\x01":
        return _spatialite_to_wkb(blob)
    assert blob[:2] == b"GP"
    return blob[8 + _ENVELOPES[(blob[3] >> 1) & 7] :]


def _spatialite_to_wkb(blob: bytes) -> bytes:
    """SpatiaLite's BLOB of a multi-polygon: 38 bytes of SRID and bounds, 7C, WKB in which each polygon begins with 69 where
    the byte order would be, FE (https://www.gaia-gis.it/gaia-sins/BLOB-Geometry.html)."""
    assert blob[38] == 0x7C and blob[-1] == 0xFE and struct.unpack_from("<I", blob, 39) == (6,)
    found = bytearray(b"\x01" + blob[39:-1])
    place = 9  # after the byte order, the type and the number of polygons
    for _ in range(struct.unpack_from("<I", found, 5)[0]):
        assert found[place] == 0x69
        found[place] = 1
        (rings,) = struct.unpack_from("<I", found, place + 5)
        place += 9
        for _ in range(rings):
            place += 4 + 16 * struct.unpack_from("<I", found, place)[0]
    assert place == len(found)
    return bytes(found)
