"""The GEO set ``locations`` with the tutorial's three places, as any Redis client would make it, and their attributes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from redis_geo_plugin.core import keys

DATA = Path(__file__).resolve().parent.parent / "data" / "locations.csv"


def fill(server: Any, _url: str) -> None:
    """GEOADD NX, so that a place that was moved in the demo stays where it is."""
    with DATA.open(encoding="utf-8", newline="") as file:
        places = list(csv.DictReader(line for line in file if not line.startswith("#")))
    name = server.key(keys.LOCATIONS)
    attributes = server.key(keys.LOCATIONS + keys.GEO_ATTRIBUTES_SUFFIX)
    for place in places:
        longitude, latitude = float(place["longitude"]), float(place["latitude"])
        server.bulk.geoadd(name, (longitude, latitude, place["member"]), nx=True)
        record = {"longitude": longitude, "latitude": latitude, "kind": place["kind"]}
        server.bulk.hsetnx(attributes, place["member"], json.dumps(record))
