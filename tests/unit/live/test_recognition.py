"""Roles are recognised by the values over a whole sample: the order of fields, noise, gaps and direction change nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support import layouts
from tests.support.observed import NOW
from tests.unit.live.test_layouts import OF_SOURCES, decoded, recognised, rows_of

NOISE = st.dictionaries(
    st.sampled_from(["colour", "battery", "odometer", "remarks", "firmware", "sat", "hdop", "rssi", "tags", "load"]),
    st.integers(0, 10**6) | st.text(st.characters(codec="ascii"), max_size=8) | st.booleans() | st.none() | st.just([1, 2, 3]),
    max_size=4,
)  # fmt: skip
COMING_AGAIN = {
    "rows_of_change_capture",
    "rows_with_their_old_values",
    "things_stack",
    "meshtastic",
    "cloud_events",
    "tile38_events",
}
RECOGNISED = [name for name in layouts.names() if name not in OF_SOURCES]


def scrambled(data, order: random.Random):
    """The same object with its fields in another order, at all levels."""
    if isinstance(data, dict):
        names = list(data)
        order.shuffle(names)
        return {name: scrambled(data[name], order) for name in names}
    return data


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("name", RECOGNISED)
@given(seed=st.integers(0, 2**32), noise=NOISE, kept=st.floats(0.5, 1.0), reverse=st.booleans())
def test_order_noise_gaps_and_direction_change_nothing(name, seed, noise, kept, reverse):
    layout, order = layouts.layout(name, NOW), random.Random(seed)
    rows, texts, with_id = rows_of(layout)
    plain = recognised(layout, rows, with_id)
    changed = [
        Row(row.id, row.key, scrambled({**row.data, **noise} if len(row.data) > 1 else row.data, order))
        for row in (rows[::-1] if reverse else rows)
        if order.random() < kept or row is rows[3 % len(rows)]
    ]
    found = recognised(layout, changed, with_id)
    assert found.mapping == plain.mapping
    assert found.format == plain.format
    fixes, _ = decoded(changed, found.mapping, texts)
    before, _ = decoded(rows, plain.mapping, texts)
    for ident, fix in fixes.items():
        # a vehicle that comes again and again is where its newest report says, which may have been left out here
        if layout.name not in COMING_AGAIN:
            assert (fix.lon, fix.lat, fix.time, fix.speed) == (
                before[ident].lon, before[ident].lat, before[ident].time, before[ident].speed)  # fmt: skip


def test_what_is_given_is_kept():
    given = Mapping(lon="a", lat="b", speed_unit="km/h", crs="EPSG:2154")
    records = [{"a": 652381.1, "b": 6862047.2, "speed": 3, "ts": NOW} for _ in range(3)]
    found = recognise(records, given=given, now=NOW).mapping
    assert (found.lon, found.lat, found.crs, found.time, found.speed_unit) == (
        "a",
        "b",
        "EPSG:2154",
        "ts",
        "km/h",
    )
    assert found.asks == ()


def test_what_the_user_confirmed_is_not_asked_again():
    records = [{"location": "2.35,48.85", "speed": 3, "ts": NOW} for _ in range(3)]
    first = recognise(records, now=NOW).mapping
    assert first.asks == ("order", "speed_unit")
    said = first.answered("speed_unit", pair_order="lonlat")
    assert recognise(records, given=said, now=NOW).mapping == said
    assert recognise(records, given=first, now=NOW).mapping.asks == first.asks
    assert first.answered(lon="location.0", lat="location.1").asks == ("speed_unit",)
