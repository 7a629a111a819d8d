"""How many vehicles are in each cell of a grid or in each zone, how fast they are, and how long they have
been there.

A vehicle has been in a place from the report by which a look first found it there until its latest, as long
as each look since found it there and no report came more than the fleet's ``gap`` after the one before: how
far looks lie apart does not matter. So figures change only when somebody reports, and between two looks only
the places of those who moved are computed anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Callable, Optional

import numpy as np

from ..geometry.arrays import Array
from .cells import HEXAGONS, NOWHERE, SHAPES, Grid
from .fleet import NAN, Fixes, FleetColumns, unlike
from .json_text import escaped
from .spec import known_fields

CELLS, ZONES = "cells", "zones"
KINDS = (CELLS, ZONES)
MOST_CELLS = 100_000  # of a layer: more of them are no picture, and drawing them takes seconds
Project = Callable[[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True)
class DensitySpec:
    """What a density layer shows: ``of`` is the uid of its feed, ``kind`` one of ``KINDS``; cells have a
    shape and a size (see ``Grid``)."""

    of: str = ""
    kind: str = CELLS
    shape: str = HEXAGONS
    size: float = 1000.0

    def to_json(self) -> str:
        """Return the spec as it is kept in a project."""
        return json.dumps(asdict(self), sort_keys=True)

    def changed(self, **values: Any) -> DensitySpec:
        """Return the spec with other values."""
        return replace(self, **values)

    @property
    def grid(self) -> Grid:
        """The grid of the cells."""
        return Grid(self.shape, self.size)


def from_json(text: str) -> DensitySpec:
    """Read a spec; unknown names are ignored (a newer version wrote them). Raises ValueError for what is
    none."""
    try:
        spec = DensitySpec(**known_fields(DensitySpec, escaped(json.loads(text))))
    except (TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a density: {error}") from error
    if not spec.of or spec.kind not in KINDS or spec.shape not in SHAPES:
        raise ValueError(f"not a density: {spec}")
    return spec


@dataclass(frozen=True)
class Tallies:
    """Figures of places: ``keys`` (n int64, ascending) of cells or zones; of each the number of vehicles,
    their mean speed (m/s, of those whose speed is known), and the seconds that they have been there, all
    together; of zones how many entered and left. NaN where something is not known.

    ``vehicles`` is how many there are, those in no place included.
    """

    keys: Array
    count: Array
    speed: Array
    dwell: Array
    entered: Array
    left: Array
    vehicles: int = 0

    def __len__(self) -> int:
        return len(self.keys)

    def pick(self, places: Array) -> Tallies:
        """Select places by an array of positions or a mask."""
        count, speed, dwell, entered, left = (column[places] for column in self.columns)
        return Tallies(self.keys[places], count, speed, dwell, entered, left, self.vehicles)

    @property
    def columns(self) -> tuple[Array, ...]:
        """The figures, a column each."""
        return self.count, self.speed, self.dwell, self.entered, self.left


@dataclass(frozen=True)
class TallyChanges:
    """What became of figures: places that came, those whose figures changed, and the keys of those that are
    no more."""

    came: Tallies
    changed: Tallies
    gone: Array

    def __bool__(self) -> bool:
        return bool(len(self.came) or len(self.changed) or len(self.gone))


def difference(before: Optional[Tallies], now: Tallies) -> TallyChanges:
    """Return what has to be done to what shows ``before`` (None: nothing), so that it shows ``now``."""
    if before is None or not len(before):
        return TallyChanges(now, now.pick(np.zeros(0, np.int64)), np.zeros(0, np.int64))
    places = np.minimum(np.searchsorted(before.keys, now.keys), len(before) - 1)
    known = before.keys[places] == now.keys
    kept, was = now.pick(known), before.pick(places[known])
    others = np.zeros(len(kept), bool)
    for one, other in zip(was.columns, kept.columns):
        others |= unlike(one, other)
    gone = before.keys[~np.isin(before.keys, now.keys, assume_unique=True)]
    return TallyChanges(now.pick(~known), kept.pick(others), gone)


def projection(crs: str) -> Project:
    """Return what projects degrees to a CRS (a code or WKT). Raises pyproj's CRSError."""
    from ..geometry import projections

    if crs == projections.WGS84:
        return lambda lon, lat: (lon, lat)
    return projections.to_wgs84(crs).from_degrees


class CellCounter:
    """Counts vehicles by cells. Used by one thread at a time.

    ``project`` turns longitudes and latitudes into coordinates of the grid's CRS. After an exception a new
    one has to be made.
    """

    def __init__(self, grid: Grid, project: Project):
        self.grid, self._project = grid, project
        self._stays = Stays()
        self._keys = np.zeros(0, np.int64)
        self._entered = np.zeros(0)

    def now(self, fleet: FleetColumns) -> Tallies:
        """Return the figures of a fleet. Raises TooFine."""
        moved, anew = self._stays.look(fleet)
        self._keys = longer(self._keys, len(moved), NOWHERE)
        self._entered = longer(self._entered, len(moved), NAN)
        moving = np.flatnonzero(moved)
        found = self.cells(fleet.lon[moving], fleet.lat[moving])
        anew[moving] |= found != self._keys[moving]
        self._keys[moving] = found
        self._entered[anew] = fleet.time[anew]
        there = fleet.born > 0
        here = there & (self._keys != NOWHERE)
        dwell = (fleet.time - self._entered)[here]
        return tally(self._keys[here], fleet.speed[here], dwell, int(there.sum()))

    def at(self, fixes: Fixes) -> Tallies:
        """Return the figures of a moment that is past: how long vehicles had been there is not known."""
        return self.of(fixes.lon, fixes.lat, fixes.speed)

    def of(self, lon: Array, lat: Array, speed: Array) -> Tallies:
        """The same of positions in degrees and speeds in m/s (n each)."""
        keys = self.cells(lon, lat)
        here = keys != NOWHERE
        return tally(keys[here], speed[here], np.full(int(here.sum()), NAN), len(keys))

    def cells(self, lon: Array, lat: Array) -> Array:
        """Return the keys of the cells of positions in degrees. Raises TooFine."""
        return self.grid.cells(*self._project(lon, lat))


class Stays:
    """Who moved, and whose stay begins anew, from one look at a fleet to the next."""

    def __init__(self) -> None:
        self._born = np.zeros(0, np.int64)
        self._lon = self._lat = self._steady = np.zeros(0)

    def look(self, fleet: FleetColumns) -> tuple[Array, Array]:
        """Return by slot who moved or is new, and who is new or was silent for too long since the last look
        (booleans)."""
        size = len(fleet.born)
        there, other = fleet.born > 0, fleet.born != longer(self._born, size, 0)
        moved = longer(self._lon, size, NAN) != fleet.lon
        moved |= longer(self._lat, size, NAN) != fleet.lat
        anew = other | (longer(self._steady, size, NAN) != fleet.steady)
        self._born, self._lon, self._lat, self._steady = fleet.born, fleet.lon, fleet.lat, fleet.steady
        return there & (moved | other), there & anew


def longer(column: Array, size: int, value: float) -> Array:
    """Return a column lengthened to a size by a value."""
    missing = size - len(column)
    return column if missing <= 0 else np.concatenate([column, np.full(missing, value, column.dtype)])


def tally(keys: Array, speed: Array, dwell: Array, vehicles: int) -> Tallies:
    """Return the figures of places from those of vehicles (n each): a key, a speed and the seconds of a
    stay."""
    found, places = np.unique(keys, return_inverse=True)
    count, size = np.bincount(places, minlength=len(found)), len(found)
    nothing = np.full(size, NAN)
    return Tallies(
        found,
        count,
        means(places, speed, size),
        np.round(np.bincount(places, weights=dwell, minlength=size), 3),
        nothing,
        nothing,
        vehicles,
    )


def means(places: Array, values: Array, size: int) -> Array:
    """Return the mean of the values of each place (``size`` of them), NaN where none is known."""
    known = np.isfinite(values)
    total = np.bincount(places[known], weights=values[known], minlength=size)
    count = np.bincount(places[known], minlength=size)
    found = np.full(size, NAN)
    np.divide(total, count, out=found, where=count > 0)
    rounded: Array = np.round(found, 3)
    return rounded


class ZoneCounter:
    """Counts vehicles by polygons in EPSG:4326, which may overlap; their keys are their places in the list.

    A vehicle on the border of a polygon is inside, as for geofences. Used by one thread at a time.
    """

    def __init__(self, polygons: Sequence[tuple[str, bytes]]):
        import shapely

        self._shapely = shapely
        self._shapes = shapely.from_wkb([wkb for _, wkb in polygons])
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._stays = Stays()
        self._pairs = np.zeros(0, np.int64)  # slot * polygons + polygon of each stay, ascending
        self._entered = np.zeros(0)

    def now(self, fleet: FleetColumns, crossings: Array) -> Tallies:
        """Return the figures of a fleet; ``crossings`` (2, polygons) is how many entered and left so far."""
        size = max(len(self._shapes), 1)
        moved, anew = self._stays.look(fleet)
        there = fleet.born > 0
        slots = self._pairs // size
        kept = self._pairs[~moved[slots] & there[slots]]
        moving = np.flatnonzero(moved)
        vehicles, polygons = self._inside(fleet.lon[moving], fleet.lat[moving])
        pairs = np.sort(np.concatenate([kept, moving[vehicles] * size + polygons]))
        slots = pairs // size
        entered = fleet.time[slots]
        if len(self._pairs):
            places = np.minimum(np.searchsorted(self._pairs, pairs), len(self._pairs) - 1)
            stays = (self._pairs[places] == pairs) & ~anew[slots]
            entered[stays] = self._entered[places[stays]]
        self._pairs, self._entered = pairs, entered
        dwell = fleet.time[slots] - entered
        return self._tally(pairs % size, fleet.speed[slots], dwell, int(there.sum()), crossings)

    def at(self, fixes: Fixes) -> Tallies:
        """Return the figures of a moment that is past: stays and crossings are not known."""
        vehicles, polygons = self._inside(fixes.lon, fixes.lat)
        unknown, crossings = np.full(len(vehicles), NAN), np.full((2, len(self._shapes)), NAN)
        return self._tally(polygons, fixes.speed[vehicles], unknown, len(fixes), crossings)

    def _inside(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """Return the pairs of positions and polygons that meet, as places in both."""
        shapely = self._shapely
        points = shapely.points(lon, lat)
        vehicles, polygons = self._tree.query(points)
        met = shapely.intersects(self._shapes[polygons], points[vehicles])
        return vehicles[met], polygons[met]

    def _tally(self, polygons: Array, speed: Array, dwell: Array, vehicles: int, crossings: Array) -> Tallies:
        """All polygons have a row, also those without a vehicle."""
        size = len(self._shapes)
        spent = np.bincount(polygons, weights=dwell, minlength=size)
        return Tallies(
            np.arange(size),
            np.bincount(polygons, minlength=size),
            means(polygons, speed, size),
            np.round(spent, 3),
            crossings[0],
            crossings[1],
            vehicles,
        )
