"""Where land is, in cells of a degree: what lies there, what lies at sea, and the edges of the table."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.recognition.land import is_land


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(2.35, 48.85), (-74.0, 40.7), (139.7, 35.7), (151.2, -33.9), (-70.7, -33.4), (18.4, -33.9), (-157.85, 21.3), (178.4, -18.1)],
)  # fmt: skip
def test_cities_are_on_land(lon, lat):
    assert is_land(lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat"), [(-30.0, 45.0), (-140.0, 0.0), (80.0, -30.0), (0.5, 0.5), (3.5, 56.5), (-179.5, 10.5)]
)
def test_oceans_are_none(lon, lat):
    assert not is_land(lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (0.0, -60.5),
        (0.0, 84.0),
        (-40.0, 90.0),
        (180.0, 0.0),
        (-181.0, 48.0),
        (362.35, 48.85),
        (48.85, 2000.0),
    ],
)
def test_beyond_its_edges_is_no_land(lon, lat):
    assert not is_land(lon, lat)


def test_a_cell_is_land_where_any_of_it_is():
    for lon, lat in ((2.0, 48.0), (2.999, 48.999), (-179.999, 68.5), (179.999, 68.5)):
        assert is_land(lon, lat)
