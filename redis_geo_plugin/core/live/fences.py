"""Geofences: which vehicles entered, left or crossed a polygon between two fixes, judged by the line between
them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..optional import require_shapely
from .records import Fix

ENTER, LEAVE, CROSS = "enter", "leave", "cross"
STREAM = "flux:geofences"
STREAM_LENGTH = 10_000


@dataclass(frozen=True)
class Event:
    """``kind`` of what ``vehicle`` did with ``fence``; ``time`` and position are of the fix after it."""

    kind: str
    fence: str
    vehicle: str
    time: float
    lon: float
    lat: float
    feed: str = ""

    def command(self, key: bytes) -> list[Any]:
        """What writes it to the stream ``key``."""
        return ["XADD", key, "MAXLEN", "~", STREAM_LENGTH, "*", *self.fields()]

    def fields(self) -> list[bytes]:
        """Names and values of a stream entry, flat."""
        values = {
            "event": self.kind,
            "fence": self.fence,
            "id": self.vehicle,
            "time": f"{self.time:.3f}",
            "longitude": json.dumps(self.lon),
            "latitude": json.dumps(self.lat),
            "feed": self.feed,
        }
        return [word.encode("utf-8", "backslashreplace") for pair in values.items() for word in pair]


class Fences:
    """Polygons in EPSG:4326 by name. Made once; used by one thread.

    ``crossings`` (2, n) counts how many entered and left each of them so far; who crossed one did both.
    """

    def __init__(self, polygons: list[tuple[str, bytes]], feed: str = ""):
        """``polygons``: (name, WKB).

        Raises shapely's error for what is no WKB, and StoreError without Shapely 2.
        """
        require_shapely()
        import shapely

        self._shapely = shapely
        self._feed = feed
        self.polygons = polygons
        self.crossings = np.zeros((2, len(polygons)), np.int64)
        self.names = [name for name, _ in polygons]
        self._shapes = [shapely.from_wkb(wkb) for _, wkb in polygons]
        self._tree = shapely.STRtree(self._shapes)

    def events(self, moves: list[tuple[Fix, Fix]]) -> list[Event]:
        """What happened on the ways between the fixes of each pair."""
        shapely = self._shapely
        moved = [(a, b) for a, b in moves if a.lon != b.lon or a.lat != b.lat]
        if not moved or not self._shapes:
            return []
        ways = [way(a, b) for a, b in moved]
        found: list[Event] = []
        indices = self._tree.query(ways, predicate="intersects")
        if not indices.size:
            return []
        shapes = [self._shapes[fence] for fence in indices[1]]
        ends = [moved[position] for position in indices[0]]
        # points as geometries: in one process with another GEOS (QGIS's), the shortcuts by coordinates can
        # crash
        was = shapely.intersects(shapes, shapely.points([(a.lon, a.lat) for a, _ in ends]))
        now = shapely.intersects(shapes, shapely.points([(b.lon, b.lat) for _, b in ends]))
        for fence, (_, after), was_in, is_in in zip(indices[1].tolist(), ends, was.tolist(), now.tolist()):
            kind = _kind(was_in, is_in)
            if kind:
                self.crossings[:, fence] += (kind != LEAVE, kind != ENTER)
                found.append(
                    Event(kind, self.names[fence], after.id, after.time, after.lon, after.lat, self._feed)
                )
        return found


def _kind(was_in: bool, is_in: bool) -> str:
    if was_in and is_in:
        return ""
    if is_in:
        return ENTER
    return LEAVE if was_in else CROSS


def way(before: Fix, after: Fix) -> object:
    """The line between two fixes; over the 180 degree meridian in two parts."""
    import shapely

    a, b = (before.lon, before.lat), (after.lon, after.lat)
    if abs(a[0] - b[0]) <= 180.0:
        return shapely.linestrings([a, b])
    edge = 180.0 if a[0] > 0 else -180.0
    share = (edge - a[0]) / ((b[0] + 2 * edge) - a[0])
    lat = a[1] + share * (b[1] - a[1])
    return shapely.multilinestrings(shapely.linestrings([[a, (edge, lat)], [(-edge, lat), b]]))
