"""Which sorted sets are GEO sets: one rule for Search, the Browser and Live, told from the scores alone."""

from __future__ import annotations

import ast
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.geo import cells
from redis_geo_plugin.core.geo.cells import looks_geographic

NOW = 1795876800.0  # 2026-11-28
CORE = Path(cells.__file__).parents[1]
some = random.Random(7)


def ids(count):
    return [some.randrange(1, 5000) for _ in range(count)]


NUMBERS = {
    "seconds": [NOW - n * 60 for n in range(30)],
    "milliseconds": [int(NOW * 1000) - n * 777 for n in range(30)],
    "microseconds of a rate limiter": [int((NOW - n * 0.731) * 1e6) + n for n in range(30)],
    "one microsecond": [int((NOW - 60) * 1e6) + 17],
    "old microseconds, a second apart": [int((NOW - 90 * 86400 + n) * 1e6) for n in range(30)],
    "whole seconds as microseconds": [int(NOW - 9e6 - 7 * n * n) * 10**6 for n in range(30)],
    "nanoseconds": [int(NOW * 1e9) + n for n in range(30)],
    "small numbers": list(range(30)),
    "bytes of files": [n**7 for n in range(2, 32)],
    "round numbers": [n * 1_000_000_000_000 for n in range(5, 35)],
    "points and seconds": [(1000 + n * 77) * 2**32 + int(NOW) - n * 3600 for n in range(30)],
    "many points and seconds": [p * 2**32 + int(NOW) - 5000 + p for p in ids(10)]
    + [900_000 * 2**32 + int(NOW)],
    "points and seconds left": [p * 2**32 + 2**32 - 1 - int(NOW) + p for p in ids(10)],
    "points before decimals of seconds": [p * 10**10 + int(NOW) - p for p in range(100, 130)],
    "points before decimals of milliseconds": [p * 10**13 + int(NOW * 1000) - p for p in range(100, 130)],
    "BullMQ's delayed jobs": [int((NOW + n) * 1000) * 0x1000 + n for n in range(30)],
    "BullMQ's prioritized jobs": [p * 0x100000000 + n for n, p in enumerate(ids(30), 1)],
    "fractions": [1.5e15 + 0.5],
    "a negative one": [-1.0, 1.79e15],
    "infinite": [float("inf")],
    "no number": [float("nan")],
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_other_kinds_are_no_positions(name):
    assert not looks_geographic(NUMBERS[name], NOW)
    assert not looks_geographic(NUMBERS[name][::-1], NOW)
    assert not looks_geographic([repr(float(score)).encode() for score in NUMBERS[name]], NOW)


def scores(*places):
    return cells.encode(*(np.array(axis, float) for axis in zip(*places))).astype(float)


PLACES = {
    "New York": [(-73.97, 40.78), (-73.98, 40.76), (-74.04, 40.69)],
    "one in Paris": [(2.35, 48.85)],
    "one in the far south-west": [(2.35, 48.85), (-179.9, -84.9)],
    "half of them there": [(-60.0, -50.0), (-179.9, -84.9)],
    "longitude 180": [(180.0, 12.3456)],
    "longitude 180 and others": [(180.0, -17.5), (179.3, -16.5)],
    "the northern edge": [(12.5, cells.LAT_LIMIT)],
    "the north-eastern corner": [(180.0, cells.LAT_LIMIT)],
    "the origin": [(0.0, 0.0)],
    "on the equator": [(-90.0, 0.0), (0.0, 0.0), (45.0, 0.0), (90.0, 0.0)],
    "whole degrees": [(x, y) for x in range(-5, 25) for y in (47.0, 48.0)],
    "a depot where all stand": [(4.83, 45.76)] * 30,
}


@pytest.mark.parametrize("name", PLACES)
def test_positions_are_recognised(name):
    found = scores(*PLACES[name])
    assert looks_geographic(found, NOW)
    assert looks_geographic([repr(float(score)).encode() for score in found], NOW)


def test_no_scores_are_no_positions():
    assert not looks_geographic([])


@settings(max_examples=400, deadline=None)
@given(
    st.tuples(st.floats(-160, 160), st.floats(-70, 70)),
    st.sampled_from([1e-5, 0.001, 0.05, 1.0, 10.0]),
    st.integers(1, 40),
    st.integers(0, 10_000),
)
def test_a_fleet_anywhere_is_recognised(centre, extent, count, seed):
    rng = np.random.default_rng(seed)
    lon = centre[0] + rng.uniform(-extent, extent, count)
    lat = centre[1] + rng.uniform(-extent, extent, count)
    now = (
        4e3  # a fleet may stand where the microseconds of this very day decode to: those of 1970 are no place
    )
    assert looks_geographic(cells.encode(lon, lat).astype(float), now)


def test_nobody_else_judges_scores():
    """Search (core.geo.sets) and Live (sources.geoset) both call the rule, and no second one stands in the source."""
    callers, twins = [], []
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and "looks_geographic" in ast.unparse(node.func):
                callers.append(path.stem)
            if isinstance(node, ast.FunctionDef) and node.name in ("looks_geographic", "is_geo"):
                twins.append(path.stem)
    assert {"sets", "geoset"} <= set(callers)
    assert twins == ["cells"]
