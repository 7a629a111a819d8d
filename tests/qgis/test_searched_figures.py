"""The circles that were searched: made for a map, and only there."""

from __future__ import annotations

import pytest

from redis_geo_plugin.bridge.geo.kinds.kind import Place, Request
from redis_geo_plugin.bridge.geo.kinds.radius import KIND, MOST_FIGURES, circles

CENTERS = [(float(i % 90), float(i % 45)) for i in range(MOST_FIGURES + 1)]


@pytest.mark.parametrize(
    ("drawn", "metres", "count"),
    [(True, 1000.0, MOST_FIGURES), (False, 1000.0, 0), (True, 0.0, 0)],
)
def test_circles_are_made_where_they_are_drawn(drawn, metres, count):
    places = tuple(Place(identity=i) for i in range(len(CENTERS)))

    made = circles(Request(KIND, "key", places, metres, drawn=drawn), CENTERS)
    assert [figure.identity for figure in made] == list(range(count))
    assert all(figure.wkb and figure.metres == metres for figure in made)
