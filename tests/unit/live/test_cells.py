"""Cells of a grid: every point lies in exactly one, that whose drawn corners hold it, told without rounding."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.cells import (
    HEXAGONS,
    NOWHERE,
    SHAPES,
    SQUARES,
    Grid,
    TooFine,
    packed,
    unpacked,
)

SIZES = (1.0, 0.1, 1 / 3, 1000.0, 777.7, 1e-3, 0.7071067811865476)


def holds(corners, x, y):
    """Whether a convex ring holds a point, its border included: by fractions, side by side."""
    point = Fraction(x), Fraction(y)
    ring = [(Fraction(a), Fraction(b)) for a, b in corners]
    return all(
        (c - a) * (point[1] - b) - (d - b) * (point[0] - a) >= 0 for (a, b), (c, d) in zip(ring, ring[1:])
    )


def naive(grid, x, y, near):
    """The cell of a point among all around one of them: of those that hold it the highest."""
    row, column = (int(part[0]) for part in unpacked(np.array([near])))
    rows, columns = np.meshgrid(np.arange(row - 2, row + 3), np.arange(column - 3, column + 4))
    keys = packed(rows.ravel().astype(np.int64), columns.ravel().astype(np.int64))
    found = [key for key, ring in zip(keys.tolist(), grid.corners(keys).tolist()) if holds(ring, x, y)]
    assert found, f"{x!r}, {y!r} lies in no cell around"
    return max(found)


def points_of(grid, row, column, on):
    """A corner, the middle of a side, the middle of the cell, and neighbours of these by one bit."""
    ring = grid.corners(packed(np.array([row]), np.array([column])))[0]
    place = on % (len(ring) - 1)
    (ax, ay), (bx, by) = ring[place], ring[place + 1]
    kind = on // 8 % 5
    x, y = ((ax, ay), ((ax + bx) / 2, (ay + by) / 2), tuple(ring[:-1].mean(axis=0)))[min(kind, 2)]
    if kind == 3:
        x = np.nextafter(ax, ax + (1 if on % 2 else -1))
    elif kind == 4:
        x, y = (ax + bx) / 2, np.nextafter((ay + by) / 2, by + (1 if on % 2 else -1))
    return float(x), float(y)


@settings(max_examples=200, deadline=None)
@given(
    shape=st.sampled_from(SHAPES),
    size=st.one_of(st.sampled_from(SIZES), st.floats(1e-4, 1e4)),
    row=st.integers(-3000, 3000),
    column=st.integers(-3000, 3000),
    on=st.integers(0, 400),
)
def test_points_on_corners_and_sides_are_in_the_cell_that_holds_them(shape, size, row, column, on):
    grid = Grid(shape, size)
    x, y = points_of(grid, row, column, on)
    (key,) = grid.cells(np.array([x]), np.array([y])).tolist()
    assert key == naive(grid, x, y, key)


@settings(max_examples=200, deadline=None)
@given(
    shape=st.sampled_from(SHAPES),
    size=st.sampled_from(SIZES),
    x=st.floats(-1e5, 1e5),
    y=st.floats(-1e5, 1e5),
)
def test_any_point_is_in_the_cell_that_holds_it(shape, size, x, y):
    grid = Grid(shape, size)
    (key,) = grid.cells(np.array([x]), np.array([y])).tolist()
    assert key == naive(grid, x, y, key)


@pytest.mark.parametrize("shape", SHAPES)
def test_many_at_once_are_as_one_by_one(shape):
    chance, grid = np.random.default_rng(7), Grid(shape, 0.3)
    x, y = chance.uniform(-180, 180, 3000), chance.uniform(-90, 90, 3000)
    x[:500], y[:500] = np.round(x[:500], 1), np.round(y[:500], 1)
    together = grid.cells(x, y)
    assert together.tolist() == [int(grid.cells(x[i : i + 1], y[i : i + 1])[0]) for i in range(len(x))]


@pytest.mark.parametrize("shape", SHAPES)
def test_cells_are_watertight_and_of_one_size(shape):
    grid, around = Grid(shape, 5.0), np.arange(-3, 4)
    rows, columns = (part.ravel() for part in np.meshgrid(around, around))
    rings = grid.corners(packed(rows, columns))
    area = 25.0 if shape == SQUARES else 25.0 * 3**0.5 / 2
    x, y = rings[:, :, 0], rings[:, :, 1]
    areas = ((x[:, :-1] * y[:, 1:]) - (x[:, 1:] * y[:, :-1])).sum(axis=1) / 2
    assert areas == pytest.approx(np.full(len(rings), area))  # positive: counterclockwise
    sides = {}
    for ring in rings.tolist():
        for one, other in zip(ring, ring[1:]):
            sides.setdefault(frozenset((tuple(one), tuple(other))), []).append(1)
    shared = sum(len(found) == 2 for found in sides.values())
    assert max(map(len, sides.values())) == 2
    assert shared == (84 if shape == SQUARES else 120), "neighbours share their very corners"


@pytest.mark.parametrize("shape", SHAPES)
def test_neighbours_are_as_far_apart_as_the_size_says(shape):
    grid = Grid(shape, 7.0)
    rings = grid.corners(packed(np.array([4, 4, 5]), np.array([2, 3, 2])))
    middles = rings[:, :-1].mean(axis=1)
    assert np.hypot(*(middles[1] - middles[0])) == pytest.approx(7.0)
    assert np.hypot(*(middles[2] - middles[0])) == pytest.approx(7.0)


def test_keys_hold_rows_and_columns_of_either_sign():
    rows, columns = np.array([-5, 0, 7, -(2**28), 2**28]), np.array([3, -1, 0, 2**28, -(2**28)])
    back = unpacked(packed(rows, columns))
    assert (back[0].tolist(), back[1].tolist()) == (rows.tolist(), columns.tolist())
    assert packed(rows, columns).min() > NOWHERE


@pytest.mark.parametrize("shape", SHAPES)
def test_what_has_no_place_is_nowhere(shape):
    x, y = np.array([np.nan, 1.0, np.inf, 2.0, 4e23]), np.array([1.0, np.nan, 0.0, -np.inf, 0.0])
    assert Grid(shape, 1.0).cells(x, y).tolist() == [NOWHERE] * 5
    assert Grid(shape, 1.0).cells(np.zeros(0), np.zeros(0)).tolist() == []


@pytest.mark.parametrize("shape", SHAPES)
def test_cells_too_small_for_the_coordinates_are_refused(shape):
    with pytest.raises(TooFine):
        Grid(shape, 1e-3).cells(np.array([2e7]), np.array([0.0]))


def test_hexagons_stand_on_a_corner():
    ring = Grid(HEXAGONS, 2.0).corners(packed(np.array([0]), np.array([0])))[0]
    assert ring[0].tolist() == [0.0, pytest.approx(-2 / 3**0.5)]
    assert ring[:, 0].min() == -1.0 and ring[:, 0].max() == 1.0
    assert ring[0].tolist() == ring[-1].tolist()
