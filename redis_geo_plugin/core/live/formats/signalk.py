"""Signal K: vessels as a whole (``{"navigation": {"position": {"value": …}}}``), as deltas (``{"context",
"updates": [{"timestamp", "values": [{"path", "value"}]}]}``), or flat.

Source of truth: https://signalk.org/specification/1.7.0/doc/vesselsBranch.html (SI units throughout:
speeds in m/s, courses and headings in radians from north, timestamps in UTC).
"""

from __future__ import annotations

import math
from typing import Optional

from ..spec import Mapping
from ..values import number
from .base import Format, Record, dicts, has, inner

ANGLES = {"headingTrue": "heading", "courseOverGroundTrue": "course"}  # radians -> degrees
FLAT = ("speedOverGround", *ANGLES)
NAVIGATION = "navigation."


class SignalK(Format):
    """Boats."""

    NAME = "signalk"
    PROGRAM = "Signal K"
    READS = (
        "navigation: position, headingTrue (else courseOverGroundTrue), speedOverGround; whole, deltas, flat"
    )
    UNITS = "speedOverGround: m/s; headings and courses: radians"
    SOURCE = "https://signalk.org/specification/1.7.0/doc/vesselsBranch.html"
    MAPPING = Mapping(
        id="context",
        lon="longitude",
        lat="latitude",
        time="timestamp",
        heading="heading",
        course="course",
        speed="speed",
        speed_unit="m/s",
    )

    def _matches(self, record: Record) -> bool:
        if has(record, "context", "updates") and any("values" in one for one in dicts(record["updates"])):
            return True
        if has(inner(record, "navigation", "position", "value"), "latitude", "longitude"):
            return True
        if has(_of_paths(record), "latitude", "longitude"):
            return True
        return has(record, "latitude", "longitude") and any(name in record for name in ANGLES)

    def _record(self, data: Record) -> Optional[Record]:
        if not self._matches(data):
            return data
        flat = _of_paths(data) or (
            _of_delta(data) if "updates" in data else _of_whole(data) if "navigation" in data else dict(data)
        )
        if flat is None:
            return None
        for name, ours in ANGLES.items():
            angle = number(flat.pop(name, None))
            flat[ours] = None if angle is None else math.degrees(angle) % 360.0
        if "speedOverGround" in flat:
            flat["speed"] = flat.pop("speedOverGround")
        return flat


def _of_paths(data: Record) -> Record:
    """Return a record whose fields are named by their paths (``navigation.position.latitude``), without the
    paths; empty for another."""
    if not any(isinstance(name, str) and name.startswith(NAVIGATION) for name in data):
        return {}
    flat: Record = {}
    for name, value in data.items():
        short = name[len(NAVIGATION) :] if isinstance(name, str) and name.startswith(NAVIGATION) else name
        if short == "position" and isinstance(value, dict):
            flat.update(value)
        else:
            flat[short.replace("position.", "") if isinstance(short, str) else short] = value
    if "datetime" in flat:
        flat.setdefault("timestamp", flat["datetime"])
    return flat


def _of_whole(data: Record) -> Optional[Record]:
    navigation = inner(data, "navigation")
    flat = {name: value for name, value in data.items() if name != "navigation"}
    flat.update(inner(navigation, "position", "value"))
    flat["timestamp"] = inner(navigation, "position").get("timestamp")
    for name in FLAT:
        flat[name] = inner(navigation, name).get("value")
    flat.setdefault("context", data.get("uuid") or data.get("mmsi"))
    return flat


def _of_delta(data: Record) -> Optional[Record]:
    """The newest values of each path; None where none of them is the position."""
    flat: Record = {"context": data["context"]}
    for update in dicts(data["updates"]):
        for one in dicts(update.get("values")):
            path, value = one.get("path"), one.get("value")
            if path == "navigation.position" and isinstance(value, dict):
                flat.update(value)
                flat["timestamp"] = update.get("timestamp")
            elif isinstance(path, str) and path.startswith(NAVIGATION) and not isinstance(value, dict):
                flat[path[len(NAVIGATION) :]] = value
    return flat if has(flat, "latitude", "longitude") else None
