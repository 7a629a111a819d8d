"""What lies beside fleets on a server and shows none: areas, lines, cells, tiles (see layouts.py)."""

from __future__ import annotations

import gzip
import json
import struct
from typing import Any

from tests.support.layout import Layout, place, register, set_command

GEOJSON = "RFC 7946"
AREAS = 20


def _ring(i: int) -> list[list[float]]:
    x, y = place(i)
    return [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y]]


def _area(i: int) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": [_ring(i)]}
    return {"type": "Feature", "id": i, "geometry": geometry, "properties": {"name": f"zone {i}"}}


@register
def area_per_key(now: float) -> Layout:
    commands = [set_command(f"geofence:{i}", _area(i)) for i in range(AREAS)]
    return Layout("area_per_key", GEOJSON, commands, "geofence:*")


@register
def areas_in_one_value(now: float) -> Layout:
    value = {"type": "FeatureCollection", "features": [_area(i) for i in range(AREAS)]}
    return Layout("areas_in_one_value", GEOJSON, [set_command("cache:districts", value)], "cache:districts")


@register
def areas_as_text_with_an_index(now: float) -> Layout:
    create = [
        "FT.CREATE",
        "idx:z",
        "ON",
        "HASH",
        "PREFIX",
        "1",
        "zone:",
        "SCHEMA",
        "name",
        "TEXT",
        "geom",
        "GEOSHAPE",
        "SPHERICAL",
    ]
    commands: list[tuple[Any, ...]] = [tuple(create)]
    for i in range(AREAS):
        ring = ",".join(f"{x} {y}" for x, y in _ring(i))
        commands.append(("HSET", f"zone:{i}", "name", f"z{i}", "geom", f"POLYGON(({ring}))"))
    return Layout("areas_as_text_with_an_index", "Redis query engine", commands, "zone:*", needs="search")


@register
def points_lines_and_areas_without_ids(now: float) -> Layout:
    kinds = [
        lambda i: {"type": "Point", "coordinates": list(place(i))},
        lambda i: {"type": "LineString", "coordinates": _ring(i)[:2]},
        lambda i: {"type": "MultiPoint", "coordinates": _ring(i)[:2]},
    ]
    features = [{"type": "Feature", "geometry": kinds[i % 3](i), "properties": {}} for i in range(30)]
    value = {"type": "FeatureCollection", "features": features}
    return Layout(
        "points_lines_and_areas_without_ids", GEOJSON, [set_command("osm:extract", value)], "osm:extract"
    )


@register
def areas_as_wkb_and_wkt(now: float) -> Layout:
    commands: list[tuple[Any, ...]] = []
    for i in range(10):
        ring = _ring(i)
        points = struct.pack(
            f"<I{2 * len(ring)}d", len(ring), *(number for point in ring for number in point)
        )
        wkb = struct.pack("<BII", 1, 3, 1) + points
        ewkb = struct.pack("<BIII", 1, 0x20000003, 4326, 1) + points
        text = ",".join(f"{x} {y}" for x, y in ring)
        commands += [
            ("SET", f"parcel:wkb:{i}", wkb),
            ("SET", f"parcel:hex:{i}", ewkb.hex().upper()),
            ("SET", f"parcel:wkt:{i}", f"POLYGON(({text}))"),
        ]
    return Layout("areas_as_wkb_and_wkt", "OGC Simple Features, PostGIS", commands, "parcel:*")


@register
def members_per_cell(now: float) -> Layout:
    cells = ("881fb46625fffff", "881fb46627fffff", "881fb4662dfffff")
    commands = [
        ("SADD", f"drivers:available:{cell}", *(f"d{cell[-8:]}{i}" for i in range(5))) for cell in cells
    ]
    return Layout("members_per_cell", "https://h3geo.org", commands, "drivers:available:*")


@register
def vector_tiles(now: float) -> Layout:
    tile = gzip.compress(b"\x1a\x05roads" * 50, mtime=0)
    commands = [("SET", f"tile:vector:roads:12:{2070 + i}:1409", tile) for i in range(60)]
    return Layout("vector_tiles", "Mapbox Vector Tile", commands, "tile:*")


@register
def routes_by_their_ends(now: float) -> Layout:
    value = {"polyline": "_p~iF~ps|U_ulLnnqC_mqNvxq`@", "distance": 1200.1, "duration": 300.2}
    commands = [("SET", f"rt:48.8{i},2.3-48.9,2.4", json.dumps(value), "EX", 3600) for i in range(10)]
    return Layout("routes_by_their_ends", "encoded polyline", commands, "rt:*")
