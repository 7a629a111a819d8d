"""The trail of each vehicle: compact, bounded, and ordered by report time."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Sequence
from typing import Any, Optional, Union

import numpy as np

from ..geometry.arrays import Array
from .fleet import NAN, Fixes
from .records import Fix

WIDTH = 5  # time, lon, lat, speed, heading; NaN where there is none
TOTAL_POINTS = 1_500_000  # 60 MB, however many vehicles there are
FEWEST = 8  # points a vehicle keeps even then
FIRST_CAPACITY = 16  # vehicles
LOCKED = (
    1_000  # vehicles that are looked up while the lock is held: the window and the feed's thread want it too
)
NEVER = -float("inf")
Point = tuple[float, float, float, float, float]


class Trails:
    """Fixes of the last ``minutes``, at most ``points`` a vehicle.

    Written by the feed's thread, read by others.

    Each vehicle has a ring of points in one array of all: (vehicles, points, ``WIDTH``) float64.
    """

    def __init__(self, minutes: float, points: int):
        self._seconds = minutes * 60.0
        self._points = max(points, 2)
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._idents: list[str] = []
        self._forgotten: set[str] = set()
        self._lock = threading.Lock()
        self._rings = np.empty((0, 2, WIDTH))
        self._count = self._next = np.zeros(0, np.int64)  # points in each ring, and where the next goes
        self._newest = np.zeros(0)  # time of the newest point
        self._touched = np.zeros(0, bool)  # since ``take_changed``
        self._lay_out(FIRST_CAPACITY)

    def keep(self, minutes: float, points: int) -> None:
        """Change how much is kept."""
        with self._lock:
            self._seconds, self._points = minutes * 60.0, max(points, 2)
            self._lay_out(len(self._count))
            self._touched[list(self._slots.values())] = True

    def add(self, fix: Fix) -> None:
        """Add a fix; one that is older than the newest is inserted in order of time."""
        self.add_all([fix])

    def add_all(self, fixes: Union[list[Fix], Fixes]) -> None:
        """Add many fixes."""
        if not isinstance(fixes, Fixes):
            self._add_each(fixes)
            return
        points = np.array([fixes.time, fixes.lon, fixes.lat, fixes.speed, fixes.heading]).T
        with self._lock:
            slots = self._find(fixes.idents)
            late = points[:, 0] <= self._newest[slots]
            if late.any():
                for slot, point in zip(slots[late].tolist(), points[late]):
                    self._insert(slot, point)
                slots, points = slots[~late], points[~late]
            length, last = self._rings.shape[1], self._next[slots]
            self._rings[slots, last] = points
            self._next[slots] = (last + 1) % length
            self._count[slots] = np.minimum(self._count[slots] + 1, length)
            self._newest[slots] = points[:, 0]
            self._touched[slots] = True

    def _add_each(self, fixes: list[Fix]) -> None:
        """One after the other: several may be of one vehicle."""
        with self._lock:
            for fix, slot in zip(fixes, self._find([fix.id for fix in fixes]).tolist()):
                point = (fix.time, fix.lon, fix.lat, _or_nan(fix.speed), _or_nan(fix.heading))
                if fix.time <= self._newest[slot]:
                    self._insert(slot, np.array(point))
                    continue
                length, last = self._rings.shape[1], int(self._next[slot])
                self._rings[slot, last] = point
                self._next[slot] = (last + 1) % length
                self._count[slot] = min(int(self._count[slot]) + 1, length)
                self._newest[slot], self._touched[slot] = fix.time, True

    def forget(self, ident: str) -> None:
        """Remove a vehicle; its trail counts as changed."""
        with self._lock:
            slot = self._slots.pop(ident, None)
            self._forgotten.add(ident)
            if slot is not None:
                self._empty(slot)
                self._free.append(slot)

    def drop_after(self, ident: str, moment: float) -> None:
        """Forget the points of a vehicle that are newer than a moment (seconds since 1970 UTC)."""
        with self._lock:
            slot = self._slots.get(ident)
            if slot is None or self._newest[slot] <= moment:
                return
            points = self._ordered(slot)
            points = points[points[:, 0] <= moment]
            self._rings[slot, : len(points)] = points
            self._count[slot], self._next[slot] = len(points), len(points) % self._rings.shape[1]
            self._newest[slot] = points[-1, 0] if len(points) else NEVER
            self._touched[slot] = True

    def ids(self) -> list[str]:
        """Return the vehicles that have a trail."""
        with self._lock:
            return list(self._slots)

    def take_changed(self) -> set[str]:
        """The ids whose trail changed since the last call."""
        with self._lock:
            changed, self._forgotten = self._forgotten, set()
            changed.update(self._idents[slot] for slot in np.flatnonzero(self._touched).tolist())
            self._touched[:] = False
            return changed

    def way(self, ident: str, now: Optional[float] = None) -> list[Point]:
        """The points of one vehicle within the last minutes before ``now`` (default: before its newest)."""
        with self._lock:
            slot = self._slots.get(ident)
            if slot is None:
                return []
            points = self._ordered(slot)
        since = (points[-1, 0] if now is None else now) - self._seconds
        return as_tuples(points[points[:, 0] >= since])

    def at(self, ident: str, moment: float) -> Optional[Point]:
        """Where a vehicle was: its last point at or before ``moment``, None where that is not known."""
        with self._lock:
            slot = self._slots.get(ident)
            if slot is None:
                return None
            points = self._ordered(slot)
        index = int(np.searchsorted(points[:, 0], moment, "right")) - 1
        return as_tuples(points[index : index + 1])[0] if index >= 0 else None

    def all_at(self, idents: Sequence[str], moment: float) -> Array:
        """Where vehicles were: of each its last point at or before ``moment``.

        Returns (n, ``WIDTH``) float64, NaN where that is not known.
        """
        found = np.full((len(idents), WIDTH), NAN)
        for start in range(0, len(idents), LOCKED):
            some = idents[start : start + LOCKED]
            with self._lock:
                slots = np.array([self._slots.get(ident, -1) for ident in some], np.int64)
                places = np.flatnonzero(slots >= 0)
                points, known = self._last_before(slots[places], moment)
            found[start + places[known]] = points[known]
        return found

    def span(self) -> Optional[tuple[float, float]]:
        """The earliest and the latest time held."""
        with self._lock:
            used = np.flatnonzero(self._count)
            if not len(used):
                return None
            first = (self._next[used] - self._count[used]) % self._rings.shape[1]
            return float(self._rings[used, first, 0].min()), float(self._newest[used].max())

    # --- the rings, with the lock held ----------------------------------------------------------------------

    def _find(self, idents: Sequence[str]) -> Array:
        """The slot of each vehicle (int64 array), those of new ones included."""
        slots: list[Any] = list(map(self._slots.get, idents))
        if None in slots:
            slots = [self._settle(ident) if slot is None else slot for slot, ident in zip(slots, idents)]
            if len(self._idents) > len(self._count):
                self._lay_out(max(len(self._idents), 2 * len(self._count)))
        return np.array(slots, np.int64)

    def _settle(self, ident: str) -> int:
        """The slot of a new vehicle, or the one that it got a moment ago."""
        if ident in self._slots:
            return self._slots[ident]
        if self._free:
            slot = self._free.pop()
            self._idents[slot] = ident
        else:
            slot = len(self._idents)
            self._idents.append(ident)
        self._slots[ident] = slot
        return slot

    def _empty(self, slot: int) -> None:
        self._count[slot] = self._next[slot] = 0
        self._newest[slot], self._touched[slot] = NEVER, False

    def _ordered(self, slot: int) -> Array:
        """The points of a vehicle, oldest first: (n, ``WIDTH``), copied."""
        count = int(self._count[slot])
        places = (int(self._next[slot]) - count + np.arange(count)) % self._rings.shape[1]
        points: Array = self._rings[slot, places]
        return points

    def _last_before(self, slots: Array, moment: float) -> tuple[Array, Array]:
        """The last point of each slot at or before a moment, and whether there is one."""
        length, each = self._rings.shape[1], np.arange(len(slots))
        ages = (self._next[slots][:, None] - 1 - np.arange(length)) % length  # places, the newest first
        times = self._rings[slots[:, None], ages, 0]
        held = np.arange(length) < self._count[slots][:, None]
        fitting = held & (times <= moment)
        newest = fitting.argmax(axis=1)
        return self._rings[slots, ages[each, newest]], fitting.any(axis=1)

    def _insert(self, slot: int, point: Array) -> None:
        """A point that is not the newest: it replaces one of the same time."""
        points = self._ordered(slot)
        index = int(np.searchsorted(points[:, 0], point[0], "right"))
        if index and points[index - 1, 0] == point[0]:
            points[index - 1] = point
        else:
            points = np.insert(points, index, point, axis=0)
        length = self._rings.shape[1]
        points = points[-length:]
        self._rings[slot, : len(points)] = points
        self._count[slot], self._next[slot] = len(points), len(points) % length
        self._newest[slot], self._touched[slot] = points[-1, 0], True

    def _lay_out(self, capacity: int) -> None:
        """Room for so many vehicles; of their points as many are kept as there is room for."""
        before, length = len(self._count), min(self._points, max(TOTAL_POINTS // capacity, FEWEST))
        kept = min(length, self._rings.shape[1])
        order = (self._next[:, None] - kept + np.arange(kept)) % self._rings.shape[1]
        rings = np.empty((capacity, length, WIDTH))
        rings[:before, :kept] = self._rings[np.arange(before)[:, None], order]
        more = capacity - before
        self._rings = rings
        self._count = np.concatenate([np.minimum(self._count, kept), np.zeros(more, np.int64)])
        self._next = np.full(capacity, kept % length, np.int64)
        self._newest = np.concatenate([self._newest, np.full(more, NEVER)])
        self._touched = np.concatenate([self._touched, np.zeros(more, bool)])


class History:
    """All the points of each vehicle, however many: what a source itself has kept."""

    def __init__(self) -> None:
        self._ways: dict[str, array[float]] = {}

    def add_all(self, fixes: Union[list[Fix], Fixes]) -> None:
        """Add many fixes, in any order."""
        for fix in fixes.each() if isinstance(fixes, Fixes) else fixes:
            point = (fix.time, fix.lon, fix.lat, _or_nan(fix.speed), _or_nan(fix.heading))
            self._ways.setdefault(fix.id, array("d")).extend(point)

    def drop_after(self, ident: str, moment: float) -> None:
        """Forget the points of a vehicle that are newer than a moment (seconds since 1970 UTC)."""
        points = np.array(self._ways.get(ident, array("d"))).reshape(-1, WIDTH)
        self._ways[ident] = array("d", points[points[:, 0] <= moment].ravel())

    def ids(self) -> list[str]:
        """Return the vehicles that have points."""
        return list(self._ways)

    def way(self, ident: str) -> list[Point]:
        """The points of one vehicle by time; of those of the same time the last that came."""
        return as_tuples(self.points(ident))

    def points(self, ident: str) -> Array:
        """The same as an array (n, ``WIDTH``)."""
        points = np.array(self._ways.get(ident, array("d"))).reshape(-1, WIDTH)
        points = points[np.argsort(points[:, 0], kind="stable")]
        last: Array = points[np.append(points[1:, 0] != points[:-1, 0], True)[: len(points)]]
        return last


def _or_nan(value: Optional[float]) -> float:
    return NAN if value is None else value


def as_tuples(points: Array) -> list[Point]:
    """Return an array of points (n, ``WIDTH``) as tuples."""
    return list(map(tuple, points.tolist()))


def parts(points: list[Point], gap: float) -> list[list[tuple[float, float, float]]]:
    """Lines of (lon, lat, time): cut where more than ``gap`` seconds have no fix, and at the 180 degree
    meridian, where both sides get the point of crossing.

    A part has at least two points.
    """
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
