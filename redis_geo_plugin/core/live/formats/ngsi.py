"""NGSI-LD and NGSI v2 entities (FIWARE Orion and others): normalised, concise or as key and value.

Source of truth: ETSI GS CIM 009 (https://cim.etsi.org/NGSI-LD/official/front-page.html) and
https://fiware.github.io/specifications/ngsiv2/stable/. Units by UN/CEFACT's codes (Recommendation 20): KMH,
MTS, KNT, HM.
"""

from __future__ import annotations

from typing import Optional

from ..places import read_pair
from ..spec import SPEED_FACTORS, Mapping
from ..values import number
from .base import Format, Record

UNITS = {"KMH": "km/h", "MTS": "m/s", "KNT": "kn", "HM": "mph"}
ATTRIBUTES = frozenset(
    {"Property", "GeoProperty", "Relationship", "Number", "geo:json", "geo:point", "Text", "DateTime"}
)
TIMES = ("observedAt", "dateObserved", "TimeInstant", "dateModified", "modifiedAt", "timestamp")


class Ngsi(Format):
    """Context entities."""

    NAME = "ngsi"
    PROGRAM = "NGSI-LD, NGSI v2 (FIWARE)"
    READS = "location, its observedAt (dateObserved, TimeInstant), heading or bearing, speed"
    UNITS = "speed: by its unitCode (KMH, MTS, KNT, HM)"
    SOURCE = "https://cim.etsi.org/NGSI-LD/official/front-page.html"
    MAPPING = Mapping(
        id="id", lon="lon", lat="lat", time="time", heading="heading", speed="speed_in_ms", speed_unit="m/s"
    )

    def _matches(self, record: Record) -> bool:
        if not isinstance(record.get("id"), str) or not isinstance(record.get("type"), str):
            return False
        location = record.get("location")
        if record["id"].startswith("urn:ngsi-ld:"):
            return location is not None
        return isinstance(location, dict) and location.get("type") in ATTRIBUTES and "value" in location

    def _record(self, data: Record) -> Optional[Record]:
        if "lon" in data and "lat" in data and "location" not in data:
            return data
        pair = read_pair(_value(data.get("location")))
        if pair is None:
            return None
        flat = {name: _value(value) for name, value in data.items() if name not in ("@context", "location")}
        latitude_first = pair.order == "latlon" or _kind(data.get("location")) == "geo:point"
        flat["lon"], flat["lat"] = (pair.second, pair.first) if latitude_first else (pair.first, pair.second)
        flat["time"] = next(filter(None, (_time(data, name) for name in TIMES)), None)
        flat["heading"] = _value(data.get("heading", data.get("bearing")))
        unit = UNITS.get(str(_part(data.get("speed"), "unitCode")))
        said = number(_value(data.get("speed")))
        if unit is not None and said is not None:
            flat.pop("speed", None)
            flat["speed_in_ms"] = said * SPEED_FACTORS[unit]
        return flat


def _part(attribute: object, name: str) -> object:
    found = attribute.get(name) if isinstance(attribute, dict) else None
    if found is None and isinstance(attribute, dict) and isinstance(attribute.get("metadata"), dict):
        found = _value(attribute["metadata"].get(name))
    return found


def _kind(attribute: object) -> object:
    return attribute.get("type") if isinstance(attribute, dict) else None


def _value(attribute: object) -> object:
    """Return what an attribute says.

    The normalised and the concise form have it as ``value``, a date of NGSI-LD inside ``@value``.
    """
    for _ in range(2):
        if isinstance(attribute, dict):
            attribute = next(
                (attribute[n] for n in ("value", "@value", "object") if n in attribute), attribute
            )
    return attribute


def _time(data: Record, name: str) -> object:
    return _part(data.get("location"), name) or _value(data.get(name))
