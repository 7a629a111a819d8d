"""Counting a fleet by cells or zones, off the main thread: what a thread is given, and what it gives back."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional, Union

import numpy as np
from qgis.core import QgsGeometry

from ...core.live.cells import unpacked
from ...core.live.density import (
    MOST_CELLS,
    CellCounter,
    DensitySpec,
    Tallies,
    ZoneCounter,
    difference,
    projection,
)
from ..compat import NULL
from .density_writer import DensityRows
from .fields import or_null

if TYPE_CHECKING:
    from ...core.geometry.arrays import Array
    from ...core.live.feed import Feed
    from ...core.live.fences import Fences


POLYGON, MULTI_POLYGON = 3, 6


class TooMany(ValueError):
    """More cells are occupied than a layer shows."""


@dataclass
class Count:
    """One thing to be counted, again and again, by one thread at a time.

    ``crs`` is the text of the cells' CRS, ``gap`` is explained in ``core.live.density``.

    ``fences`` are the polygons of zones, None for cells.
    """

    core: Feed
    spec: DensitySpec
    crs: str
    gap: float
    fences: Optional[Fences] = None
    counter: Union[CellCounter, ZoneCounter, None] = None


@dataclass
class Outcome:
    """What a count gave: the figures and what has to be written for them, or the error.

    ``seconds`` is how long it took.
    """

    count: Count
    moment: Optional[float]
    tallies: Optional[Tallies] = None
    rows: DensityRows = field(default_factory=DensityRows)
    error: Optional[BaseException] = None
    seconds: float = 0.0


def run(count: Count, shown: Optional[Tallies], moment: Optional[float]) -> Outcome:
    """Count what is now, or what was at a moment (seconds since 1970 UTC); ``shown`` is on the layer already.

    May be called from any thread; raises nothing.
    """
    started, outcome = time.perf_counter(), Outcome(count, moment)
    try:
        outcome.tallies = _tallies(count, moment)
        outcome.rows = rows_of(count, shown, outcome.tallies)
    except Exception as error:
        count.counter, outcome.error = None, error
    outcome.seconds = time.perf_counter() - started
    return outcome


def _tallies(count: Count, moment: Optional[float]) -> Tallies:
    latest = count.core.positions.latest
    past = count.core.fixes_at(moment, reader=count.spec.kind) if moment is not None else None
    if count.fences is not None:
        zones = count.counter if isinstance(count.counter, ZoneCounter) else None
        zones = count.counter = zones or ZoneCounter(count.fences.polygons)
        now = zones.now(latest.columns(), count.fences.crossings.copy())  # also rewound: stays go on
        return now if past is None else zones.at(past)
    cells = count.counter if isinstance(count.counter, CellCounter) else None
    cells = count.counter = cells or CellCounter(count.spec.grid, projection(count.crs))
    found = cells.now(latest.columns())  # also rewound: stays go on
    found = found if past is None else cells.at(past)
    if len(found) > MOST_CELLS:
        raise TooMany(f"{len(found)} cells")
    return found


def rows_of(count: Count, shown: Optional[Tallies], now: Tallies) -> DensityRows:
    """What has to be written into a layer that shows ``shown``, so that it shows ``now``."""
    changes = difference(shown, now)
    came = changes.came
    names, places = _zones(count.fences, came) if count.fences is not None else cells_of(count.spec, came)
    wide = count.fences is not None
    rows = [[name, *values] for name, values in zip(names, values_of(came, wide))]
    changed = [dict(enumerate(values, 1)) for values in values_of(changes.changed, wide)]
    return DensityRows(
        list(zip(came.keys.tolist(), rows, places)),
        list(zip(changes.changed.keys.tolist(), changed)),
        changes.gone.tolist(),
    )


def values_of(found: Tallies, with_crossings: bool) -> list[tuple[object, ...]]:
    """The figures of each place as attributes; of zones also how many entered and left."""
    columns = [found.count.tolist(), or_null(found.speed), or_null(found.dwell)]
    if with_crossings:
        columns += [_whole(found.entered), _whole(found.left)]
    return list(zip(*columns))


def _whole(column: Array) -> list[object]:
    return [NULL if value != value else int(value) for value in column.tolist()]


def cells_of(spec: DensitySpec, found: Tallies) -> tuple[list[str], list[QgsGeometry]]:
    """The names and polygons of cells."""
    rows, columns = (part.tolist() for part in unpacked(found.keys))
    names = [f"{column}:{row}" for column, row in zip(columns, rows)]
    return names, polygons_of(spec.grid.corners(found.keys))


def _zones(fences: Fences, found: Tallies) -> tuple[list[str], list[QgsGeometry]]:
    names, places = [], []
    for key in found.keys.tolist():
        name, wkb = fences.polygons[key]
        place = QgsGeometry()
        place.fromWkb(wkb)
        place.convertToMultiType()
        names.append(name)
        places.append(place)
    return names, places


def polygons_of(corners: Array) -> list[QgsGeometry]:
    """Rings (n, points, 2), closed, as polygons. May be called from any thread."""
    count, points = len(corners), corners.shape[1]
    if not count:
        return []
    kind = np.dtype(
        [("order", "u1"), ("type", "<u4"), ("rings", "<u4"), ("points", "<u4"), ("xy", "<f8", (points, 2))]
    )
    rows = np.empty(count, kind)
    rows["order"], rows["type"], rows["rings"], rows["points"], rows["xy"] = 1, POLYGON, 1, points, corners
    head = np.array([(1, MULTI_POLYGON, count)], np.dtype([("o", "u1"), ("t", "<u4"), ("n", "<u4")]))
    together = QgsGeometry()
    together.fromWkb(head.tobytes() + rows.tobytes())
    return list(together.asGeometryCollection())
