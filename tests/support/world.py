"""Geometries of the world map that comes with QGIS, read without QGIS: GeoPackage is SQLite with a header before WKB."""

from __future__ import annotations

import sqlite3
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
    assert blob[:2] == b"GP"
    return blob[8 + _ENVELOPES[(blob[3] >> 1) & 7] :]
