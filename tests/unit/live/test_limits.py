"""What a value must keep to, to be believed."""

from __future__ import annotations

import math

import pytest

from redis_geo_plugin.core.live.limits import EARLIEST, LATEST, is_moment, is_null_island, is_place


@pytest.mark.parametrize("place", [(0, 0), (180, 90), (-180, -90), (2.35, 48.85)])
def test_degrees(place):
    assert is_place(*place)


@pytest.mark.parametrize("place", [(180.0001, 0), (0, -90.0001), (math.nan, 0), (0, math.nan), (math.inf, 0)])
def test_no_degrees(place):
    assert not is_place(*place)


def test_only_the_very_origin_is_a_receiver_without_a_fix():
    assert is_null_island(0.0, -0.0)
    assert not is_null_island(1e-9, 0.0)


@pytest.mark.parametrize(
    ("seconds", "believed"),
    [
        (0, False),
        (EARLIEST, True),
        (EARLIEST - 1, False),
        (1.8e9, True),
        (1.8e12, False),
        (LATEST, True),
        (math.nan, False),
    ],
)
def test_moments(seconds, believed):
    assert is_moment(seconds) is believed
