"""How many vehicles were in each cell of a grid, how fast, and for how long, within a span of what a source
has kept.

A vehicle is where it last reported until it reports again, or until it was silent for longer than ``gap``
seconds: of such a silence nothing is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from ..geometry.arrays import Array
from ..watch import Watch
from .cells import NOWHERE
from .density import CellCounter, Tallies, means
from .fleet import NAN
from .trails import History

AT_ONCE = 500  # vehicles
Stays = tuple[Array, Array, Array, Array]  # of each stay the cell, the speed, the seconds, the vehicle


def of_span(history: History, counter: CellCounter, gap: float, watch: Watch) -> Tallies:
    """Return the figures of all that a history holds: vehicles that were there at all, the mean speed of
    their reports, and their seconds there. Raises TooFine, and Cancelled once ``watch`` says so."""
    found = [_stays(points, counter, gap) for points in _parts(history, watch)]
    keys, speed, spent, vehicle = _joined(found)
    here = keys != NOWHERE
    keys, speed, spent, seen = keys[here], speed[here], spent[here], len(np.unique(vehicle))
    cells, places = np.unique(keys, return_inverse=True)
    vehicles = len(history.ids()) + 1
    each = np.unique(places.ravel() * vehicles + vehicle[here].astype(np.int64)) // vehicles
    size = len(cells)
    return Tallies(
        cells,
        np.bincount(each, minlength=size),
        means(places, speed, size),
        np.round(np.bincount(places, weights=spent, minlength=size), 3),
        np.full(size, NAN),
        np.full(size, NAN),
        seen,
    )


def of_moment(history: History, counter: CellCounter, moment: float, watch: Watch) -> Tallies:
    """Return the figures of a moment (seconds since 1970 UTC): of each vehicle the last report of the history
    until then. How long it had been there is not told."""
    last = []
    for some in _parts(history, watch):
        until = some[some[:, 1] <= moment]
        last.append(until[np.append(until[1:, 0] != until[:-1, 0], True)[: len(until)]])
    points = np.concatenate(last) if last else np.zeros((0, 6))
    return counter.of(points[:, 2], points[:, 3], points[:, 4])


def _parts(history: History, watch: Watch) -> Iterator[Array]:
    """Points of some vehicles after the other: (n, 6) with the number of the vehicle first, by time."""
    idents, number = iter(history.ids()), 0
    total = max(len(history.ids()), 1)
    while some := list(islice(idents, AT_ONCE)):
        watch.check()
        ways = [history.points(ident) for ident in some]
        who = np.repeat(np.arange(number, number + len(some)), [len(way) for way in ways])
        yield np.column_stack([who, np.concatenate(ways)])
        number += len(some)
        watch.reach(number / total)


def _stays(points: Array, counter: CellCounter, gap: float) -> Stays:
    keys = counter.cells(points[:, 2], points[:, 3])
    spent = np.zeros(len(points))
    until = points[1:, 1] - points[:-1, 1]
    counts = (points[1:, 0] == points[:-1, 0]) & (until <= gap)
    spent[:-1][counts] = until[counts]
    return keys, points[:, 4], spent, points[:, 0]


def _joined(found: list[Stays]) -> Stays:
    if not found:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0)
    keys, speed, spent, vehicle = (np.concatenate(column) for column in zip(*found))
    return keys, speed, spent, vehicle
