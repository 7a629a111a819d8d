"""GeoFire (Firebase): ``{"g": "u09tvw0f3x", "l": [48.85, 2.35]}``, latitude first.

Source of truth: https://github.com/firebase/geofire-js (a location is [latitude, longitude], ``g`` its
geohash).
"""

from __future__ import annotations

from ..places import is_geohash
from ..spec import Mapping
from .base import Format, Record


class GeoFire(Format):
    """Places of a Firebase application. The other fields of a record are recognised by their values."""

    NAME = "geofire"
    PROGRAM = "GeoFire (Firebase)"
    READS = "l (latitude, longitude) beside g, its geohash"
    UNITS = "no speeds"
    SOURCE = "https://github.com/firebase/geofire-js"
    MAPPING = Mapping(pair="l", pair_order="latlon")

    def _matches(self, record: Record) -> bool:
        place = record.get("l")
        return is_geohash(record.get("g")) and isinstance(place, list) and len(place) == 2
