"""The districts of the harbour, each a GeoJSON Feature under a key of its own: ``district:upper-bay``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapely

DATA = Path(__file__).resolve().parent.parent / "data" / "districts.csv"
KEYS = "district"


def districts() -> Iterator[tuple[str, dict[str, Any]]]:
    """The id of each with its feature."""
    with DATA.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader((line for line in file if not line.startswith("#")), delimiter=";"):
            geometry = json.loads(shapely.to_geojson(shapely.from_wkt(row["wkt"])))
            properties = {"name": row["name"], "vessels": 0, "state": "quiet"}
            yield row["id"], {"type": "Feature", "geometry": geometry, "properties": properties}


def fill(server: Any, _url: str) -> None:
    """Only those that are not there: one that was moved in the demo stays where it is."""
    for ident, feature in districts():
        server.bulk.setnx(server.key(f"{KEYS}:{ident}"), json.dumps(feature))
