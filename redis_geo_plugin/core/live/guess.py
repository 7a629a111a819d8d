"""Guess what the fields of a producer's records mean, from their names and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Optional

from .spec import Mapping
from .values import Times, is_missing, number

LATITUDES = ("geo_latitude", "latitude", "lat", "y", "gps_lat", "gpslatitude", "lat_dd", "base_lat")
LONGITUDES = (
    "geo_longitude",
    "longitude",
    "lon",
    "lng",
    "long",
    "x",
    "gps_lon",
    "gps_lng",
    "gpslongitude",
    "lon_dd",
    "base_lon",
)
PAIRS = ("coordinates", "location", "position", "pos", "coords", "coord", "geo", "point", "latlng", "lonlat", "loc")
TIMES = (
    *(
        "timestamp",
        "ts",
        "tst",
        "time",
        "datetime",
        "date_time",
        "basedatetime",
        "last_update",
        "last_updated",
        "updatedat",
    ),
    *(
        "updated_at",
        "updated",
        "recorded_at",
        "recordedat",
        "fixtime",
        "last_seen",
        "lastseen",
        "devicetime",
        "event_time",
    ),
    *("gps_time", "date", "t"),
)
HEADINGS = ("heading", "hdg", "bearing", "bear", "course", "cog", "track", "azimuth", "direction", "angle", "dir")
SPEEDS = {
    **dict.fromkeys(("speed_ms", "speed_mps", "velocity", "vel", "speed"), "m/s"),
    **dict.fromkeys(("speed_kmh", "speed_kph", "kmh", "kph", "speedkmh", "speed_km_h"), "km/h"),
    **dict.fromkeys(("sog", "speed_kn", "speed_kt", "knots", "speed_knots", "groundspeed", "ground_speed", "gs"), "kn"),
    **dict.fromkeys(("speed_mph", "mph"), "mph"),
}
IDS = (
    *("id", "vehicle_id", "vehicleid", "vehicule_id", "driver_id", "driverid", "device_id", "deviceid", "uniqueid"),
    *("icaoid", "icao", "hex_ident", "mmsi", "imei", "plate", "vehicle", "vehicule", "name", "uuid", "member"),
)
# Traccar writes "speed" in knots; its records are known by these names.
TRACCAR = frozenset({"fixtime", "uniqueid"})
ENOUGH = 0.6  # of the records must hold a field for it to count


def mapping(samples: Iterable[dict[str, Any]], with_id: bool = False) -> Mapping:
    """The likeliest meaning of the fields of these records. ``with_id`` looks for an id among them as well.

    A mapping without a position (``has_position`` false) when there is none to be found.
    """
    records = [s for s in samples if isinstance(s, dict)][:200]
    if not records:
        return Mapping()
    position = _position(records)
    time = _first(records, TIMES, lambda v: Times().read(v) is not None)
    heading = _first(records, HEADINGS, _number_or_missing)
    speed = _first(records, tuple(SPEEDS), _number_or_missing)
    ident = _first(records, IDS, lambda v: isinstance(v, (str, int)) and not isinstance(v, bool)) if with_id else ""
    return Mapping(
        id=ident, time=time, heading=heading, speed=speed, speed_unit=_speed_unit(records, speed), **position
    )


def _number_or_missing(value: Any) -> bool:
    """Buses at rest may all say that they have no bearing just now."""
    return number(value) is not None or is_missing(value)


def _position(records: list[dict[str, Any]]) -> dict[str, str]:
    lat = _first(records, LATITUDES, lambda v: number(v) is not None)
    lon = _first(records, LONGITUDES, lambda v: number(v) is not None)
    if lat and lon and lat.rpartition(".")[0] == lon.rpartition(".")[0]:
        return {"lon": lon, "lat": lat}
    pair = _first(records, PAIRS, lambda v: split_pair(v) is not None)
    if not pair:
        return {"lon": lon, "lat": lat} if lat and lon else {}
    return {"pair": pair, "pair_order": _order(records, pair)}


def _order(records: list[dict[str, Any]], path: str) -> str:
    """A list is [lon, lat] as in GeoJSON, a text "lat,lon" as people write it, unless the values say otherwise."""
    pairs = [(value, split_pair(value)) for value in (lookup(r, path) for r in records)]
    known = [(value, pair) for value, pair in pairs if pair is not None]
    if any(abs(pair[1]) > 90.0 for _, pair in known):
        return "latlon"
    if any(abs(pair[0]) > 90.0 for _, pair in known):
        return "lonlat"
    name = path.rpartition(".")[2].lower()
    if name == "latlng":
        return "latlon"
    return "latlon" if name != "lonlat" and known and isinstance(known[0][0], str) else "lonlat"


def split_pair(value: Any) -> Optional[tuple[float, float]]:
    """``[a, b]`` or ``"a,b"`` (also ``"a b"``, ``"POINT(a b)"``) as two numbers in the order given."""
    if isinstance(value, str):
        if len(value) > 80:
            return None
        text = value.strip()
        if text[:5].upper() == "POINT":
            text = text[5:].strip(" zZmM()")
        value = text.strip("[]() ").replace(";", ",").replace(",", " ").split()
    if not isinstance(value, (list, tuple)) or not 2 <= len(value) <= 4:
        return None
    first, second = number(value[0]), number(value[1])
    return None if first is None or second is None else (first, second)


def lookup(record: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none. A name that itself holds a dot is found first."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for part in path.split("."):
        if isinstance(record, dict):
            record = record.get(part)
        elif isinstance(record, list) and part.isdigit() and int(part) < len(record):
            record = record[int(part)]
        else:
            return None
    return record


def paths(record: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(path, lower-case last name, value) of the fields of a record, then of those one and two levels down."""
    below: list[tuple[str, dict[str, Any]]] = [("", record)]
    for _depth in range(3):
        above, below = below, []
        for prefix, level in above:
            for name, value in list(level.items())[:100]:
                if not isinstance(name, str):
                    continue
                yield prefix + name, name.lower(), value
                if isinstance(value, dict):
                    below.append((prefix + name + ".", value))


def _first(records: list[dict[str, Any]], names: tuple[str, ...], fits: Any) -> str:
    """The path of the best of these names that fits in enough of the records; nearer the top wins, then the order."""
    counts: Counter[tuple[int, int, str]] = Counter()
    for record in records:
        for path, name, value in paths(record):
            if name in names and fits(value):
                counts[(path.count("."), names.index(name), path)] += 1
    limit = _limit(records, counts)
    good = [key for key, count in counts.items() if count >= limit]
    return min(good)[2] if good else ""


def _limit(records: list[dict[str, Any]], counts: Counter[tuple[int, int, str]]) -> float:
    """Records may lack a value (a flight without position): then the field that most of them have will do."""
    limit = ENOUGH * len(records)
    return limit if any(c >= limit for c in counts.values()) else max(counts.values(), default=0)


def _speed_unit(records: list[dict[str, Any]], path: str) -> str:
    if not path:
        return "m/s"
    names = {name.lower() for name in records[0] if isinstance(name, str)}
    if path.rpartition(".")[2].lower() == "speed" and (names & TRACCAR or {"cog", "mmsi"} & names):
        return "kn"
    return SPEEDS[path.rpartition(".")[2].lower()]
