"""What is told of one value changes nothing of another: attributes keep their names, and each text is judged alone."""

from __future__ import annotations

import pytest
import shapely

from redis_geo_plugin.core.features.formats import FORMATS
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.features.reader import FeatureReader
from redis_geo_plugin.core.features.refusals import WhyRefused

PARIS = [(2.35127, 48.85704), (2.36, 48.86), (2.4, 48.9)]
POINT = {"type": "Point", "coordinates": [1, 2]}
SIX, FIVE = encoded(PARIS, 6), encoded(PARIS, 5)


def read(*values, **how):
    reader = FeatureReader(**how)
    for number, value in enumerate(values):
        reader.add(b"k", str(number), value)
    found = [*reader.take(), *reader.finish()]
    return found, reader.refusals


@pytest.mark.parametrize("text", ["hello", FIVE, "\x7f", 7, None], ids=str)
@pytest.mark.parametrize("name", [one.NAME for one in FORMATS if one.NAME != "wkb"])  # Debezium's name
def test_attributes_may_have_the_names_of_formats(name, text):
    """Also beside a line of six decimals, which others are then read with."""
    values = [
        {"type": "Feature", "geometry": POINT, "properties": {name: text}},
        {"geometry": POINT, name: text},
        {"encoded_polyline": SIX, "n": 1},
    ]
    found, refusals = read(*values, crs="EPSG:4326")
    assert [one.attributes for one in found] == [{name: text}, {name: text}, {"n": 1}] and not refusals.total
    shapes = [shapely.from_wkb(one.wkb) for one in found]
    assert [one.wkt for one in shapes[:2]] == ["POINT (1 2)"] * 2
    assert shapes[2].distance(shapely.LineString(PARIS)) < 1e-5


def test_lines_beside_one_of_six_decimals_are_mended_and_keep_what_is_beside_them():
    near = [(0.2, 1.0), (0.3, 1.1), (0.4, 1.2)]  # on the globe with five as well
    values = [
        {"encoded_polyline": encoded(near, 6), "polyline5": "mine"},
        {"encoded_polyline": SIX, "polyline5": "mine"},
    ]
    found, refusals = read(*values)
    assert not refusals.total and [one.attributes for one in found] == [{"polyline5": "mine"}] * 2
    for one, right in zip(found, (near, PARIS)):
        assert shapely.from_wkb(one.wkb).equals_exact(shapely.LineString(right), 1e-6)


@pytest.mark.parametrize(
    "before", [{"geometry": POINT}, {"encoded_polyline": SIX}, "POINT(1 2)", FIVE], ids=str
)
@pytest.mark.parametrize("text", [FIVE, SIX], ids=["five", "six"])
def test_a_weak_text_alone_counts_as_none_whatever_was_read_before(before, text):
    found, refusals = read(before, *["POINT(1 2)"] * 4, text, crs="EPSG:4326")
    assert refusals.reasons[WhyRefused.UNREADABLE] == (2 if before == FIVE else 1)
    assert len(found) == (4 if before == FIVE else 5)
