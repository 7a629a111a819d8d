"""Grids of hexagons or squares in the plane of a CRS: in which cell a point lies, and what the cells look
like.

Both grids are anchored at the origin of the CRS, so that two grids of one size are one grid. A hexagon stands
on a corner; ``size`` is the distance between opposite sides, and so from the middle of a cell to that of the
next. A cell has a row and a column, packed into one int64, its key.

Every point lies in exactly one cell, decided without rounding against the very corners that are drawn: on an
edge it belongs to the cell of the higher row, within a row to that of the higher column.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..geometry.arrays import Array

HEXAGONS, SQUARES = "hexagons", "squares"
SHAPES = (HEXAGONS, SQUARES)
NOWHERE = int(np.iinfo(np.int64).min)  # the key of a point without finite coordinates
BITS = 31
FARTHEST = 1 << (BITS - 2)  # rows and columns from the origin
OFF_THE_EARTH = 1e9  # in units of a CRS: a projection that runs to infinity there, as at the far pole
_MASK = (1 << BITS) - 1
# What rounding can make of an orientation at most (Shewchuk 1997, ccwerrboundA).
_EPSILON = 2.0**-53
_BOUND = (3.0 + 16.0 * _EPSILON) * _EPSILON


class TooFine(ValueError):
    """The size of the cells is too small for coordinates so far from the origin of the CRS."""


@dataclass(frozen=True)
class Grid:
    """Cells of one shape (of ``SHAPES``) and size, in units of a CRS."""

    shape: str
    size: float

    def cells(self, x: Array, y: Array) -> Array:
        """Return the key of the cell of each point (n int64), ``NOWHERE`` where a coordinate is not finite,
        or beyond any place on the earth.

        Raises TooFine.
        """
        keys = np.full(len(x), NOWHERE, np.int64)
        finite = (np.abs(x) < OFF_THE_EARTH) & (np.abs(y) < OFF_THE_EARTH)
        x, y = x[finite], y[finite]
        if len(x) and max(np.abs(x).max(), np.abs(y).max()) >= FARTHEST / 4 * self.size:
            raise TooFine(f"cells of {self.size:g} are too small here")
        rows, columns = self._hexagons(x, y) if self.shape == HEXAGONS else self._squares(x, y)
        keys[finite] = packed(rows, columns)
        return keys

    def corners(self, keys: Array) -> Array:
        """Return the corners of cells, counterclockwise, the first again at the end: (n, 7 or 5, 2)."""
        rows, columns = unpacked(keys)
        if self.shape == HEXAGONS:
            middle = 2 * columns + rows  # in halves of the size
            across = np.stack([middle + step for step in (0, 1, 1, 0, -1, -1, 0)], axis=1)
            up = np.stack([3 * rows + step for step in (-2, -1, 1, 2, 1, -1, -2)], axis=1)
            return np.stack([across * (self.size / 2.0), up * self._rise], axis=2)
        across = np.stack([columns + step for step in (0, 1, 1, 0, 0)], axis=1)
        up = np.stack([rows + step for step in (0, 0, 1, 1, 0)], axis=1)
        return np.stack([across * self.size, up * self.size], axis=2)

    @property
    def _rise(self) -> float:
        """A hexagon is four of these high: its corners stand at whole multiples of it."""
        return self.size / (2.0 * math.sqrt(3.0))

    def _squares(self, x: Array, y: Array) -> tuple[Array, Array]:
        return _steps(y, self.size), _steps(x, self.size)

    def _hexagons(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Rows and columns. Of three strips of the height ``_rise`` two hold upright sides only, and in the
        third a slanted side runs through each half of a cell."""
        across, up = _steps(x, self.size / 2.0), _steps(y, self._rise)
        rows = (up + 1) // 3
        slanted = np.flatnonzero(up % 3 == 1)
        if len(slanted):
            a, b, row = across[slanted], up[slanted], rows[slanted]
            falls = (a - row) % 2 == 0  # from the top of this row's cell down to its side
            first = np.stack([a * (self.size / 2.0), np.where(falls, b + 1, b) * self._rise])
            second = np.stack([(a + 1) * (self.size / 2.0), np.where(falls, b, b + 1) * self._rise])
            rows[slanted] += _is_left(first, second, np.stack([x[slanted], y[slanted]]))
        return rows, (across - rows + 1) // 2


def packed(rows: Array, columns: Array) -> Array:
    """Return rows and columns (int64) as keys."""
    keys: Array = (rows << BITS) + (columns + (1 << (BITS - 1)))
    return keys


def unpacked(keys: Array) -> tuple[Array, Array]:
    """Return the rows and columns of keys."""
    return keys >> BITS, (keys & _MASK) - (1 << (BITS - 1))


def _steps(values: Array, step: float) -> Array:
    """Return the largest whole number n of each with n * step <= value, n * step being what is drawn."""
    steps = np.floor(values / step)
    steps -= steps * step > values
    steps += (steps + 1.0) * step <= values
    whole: Array = steps.astype(np.int64)
    return whole


def _is_left(first: Array, second: Array, points: Array) -> Array:
    """Return whether points lie left of the lines from ``first`` to ``second``, or on them (n booleans).

    All are (2, n). What rounding could decide is decided by fractions.
    """
    one = (second[0] - first[0]) * (points[1] - first[1])
    other = (second[1] - first[1]) * (points[0] - first[0])
    left: Array = one >= other
    unsure = np.flatnonzero(np.abs(one - other) <= _BOUND * (np.abs(one) + np.abs(other)))
    if len(unsure):
        each, places = np.unique(
            np.concatenate([first, second, points])[:, unsure], axis=1, return_inverse=True
        )
        exact = np.array([_is_exactly_left(*column) for column in each.T.tolist()], bool)
        left[unsure] = exact[places.ravel()]
    return left


def _is_exactly_left(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> bool:
    fax, fay, fbx, fby, fx, fy = map(Fraction, (ax, ay, bx, by, x, y))
    return (fbx - fax) * (fy - fay) >= (fby - fay) * (fx - fax)
