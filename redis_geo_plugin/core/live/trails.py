"""The way each vehicle came: compact, bounded, and ordered by report time."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from struct import Struct
from typing import Optional

from .records import Fix

WIDTH = 5  # time, lon, lat, speed, heading; NaN where there is none
TOTAL_POINTS = 1_500_000  # 60 MB, however many vehicles there are
FEWEST = 8  # points a vehicle keeps even then
NAN = float("nan")
_POINT = Struct(f"{WIDTH}d")  # as an array holds it: the quickest way into one
Point = tuple[float, float, float, float, float]


class Trails:
    """Fixes of the last ``minutes``, at most ``points`` a vehicle. Written by the feed's thread, read by others."""

    def __init__(self, minutes: float, points: int):
        self._seconds = minutes * 60.0
        self._points = max(points, 2)
        self._ways: dict[str, array[float]] = {}
        self._lock = threading.Lock()
        self.changed: set[str] = set()

    def keep(self, minutes: float, points: int) -> None:
        """Keep so much from now on."""
        with self._lock:
            self._seconds, self._points = minutes * 60.0, max(points, 2)
            self.changed.update(self._ways)

    def add(self, fix: Fix) -> None:
        """Take up a fix; one that is older than the newest goes to its place in time."""
        self.add_all([fix])

    def add_all(self, fixes: list[Fix]) -> None:
        """Take up many."""
        ways, changed, pack = self._ways, self.changed, _POINT.pack
        with self._lock:
            limit = min(self._points, max(TOTAL_POINTS // (len(ways) + 1), FEWEST)) * WIDTH
            slack = limit + min(limit, 16 * WIDTH)
            for fix in fixes:
                ident, time, speed, heading = fix.id, fix.time, fix.speed, fix.heading
                way = ways.get(ident)
                if way is None:
                    way = ways[ident] = array("d")
                point = pack(
                    time, fix.lon, fix.lat, NAN if speed is None else speed, NAN if heading is None else heading
                )
                if not way or time > way[-WIDTH]:
                    way.frombytes(point)
                else:
                    self._insert(way, array("d", point))
                if len(way) > slack:
                    del way[: len(way) - limit]
            changed.update([fix.id for fix in fixes])

    @staticmethod
    def _insert(way: array[float], point: array[float]) -> None:
        times = way[::WIDTH]
        index = bisect_right(times, point[0])
        if index and times[index - 1] == point[0]:
            way[(index - 1) * WIDTH : index * WIDTH] = point
        else:
            way[index * WIDTH : index * WIDTH] = point

    def forget(self, ident: str) -> None:
        with self._lock:
            self._ways.pop(ident, None)
            self.changed.add(ident)

    def clear(self) -> None:
        with self._lock:
            self.changed.update(self._ways)
            self._ways.clear()

    def ids(self) -> list[str]:
        with self._lock:
            return list(self._ways)

    def take_changed(self) -> set[str]:
        """The ids whose trail changed since the last call."""
        with self._lock:
            changed, self.changed = self.changed, set()
            return changed

    def way(self, ident: str, now: Optional[float] = None) -> list[Point]:
        """The points of one vehicle within the last minutes before ``now`` (default: before its newest)."""
        with self._lock:
            way = self._ways.get(ident)
            flat = way.tolist() if way else []
        if not flat:
            return []
        since = (flat[-WIDTH] if now is None else now) - self._seconds
        points = list(zip(*(flat[i::WIDTH] for i in range(WIDTH))))
        return [p for p in points if p[0] >= since]

    def at(self, ident: str, moment: float) -> Optional[Point]:
        """Where a vehicle was: its last point at or before ``moment``, None where that is not known."""
        with self._lock:
            way = self._ways.get(ident)
            if not way or way[0] > moment:
                return None
            index = bisect_right(way[::WIDTH], moment) - 1
            return tuple(way[index * WIDTH : (index + 1) * WIDTH])  # type: ignore[return-value]

    def span(self) -> Optional[tuple[float, float]]:
        """The earliest and the latest time held."""
        with self._lock:
            ways = [w for w in self._ways.values() if w]
            return (min(w[0] for w in ways), max(w[-WIDTH] for w in ways)) if ways else None


def parts(points: list[Point], gap: float) -> list[list[tuple[float, float, float]]]:
    """Lines of (lon, lat, time): cut where more than ``gap`` seconds have no fix, and at the 180 degree meridian, where
    both sides get the point of crossing. A part has at least two points."""
    result: list[list[tuple[float, float, float]]] = []
    current: list[tuple[float, float, float]] = []
    for point in points:
        time, lon, lat = point[0], point[1], point[2]
        if current:
            before_lon, before_lat, before_time = current[-1]
            if time - before_time > gap:
                result.append(current)
                current = []
            elif abs(lon - before_lon) > 180.0:
                edge = 180.0 if before_lon > 0 else -180.0
                share = (edge - before_lon) / ((lon + 2 * edge) - before_lon)
                cross_lat = before_lat + share * (lat - before_lat)
                cross_time = before_time + share * (time - before_time)
                current.append((edge, cross_lat, cross_time))
                result.append(current)
                current = [(-edge, cross_lat, cross_time)]
        current.append((lon, lat, time))
    result.append(current)
    return [part for part in result if len(part) > 1]
