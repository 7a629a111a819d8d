"""Odd values in records of known formats: none raises, and no feed ends of one."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live import formats
from redis_geo_plugin.core.live.recognition import unfold
from redis_geo_plugin.core.live.records import Fix, Refusal
from redis_geo_plugin.core.live.spec import Mapping
from tests.support.examples import examples
from tests.support.known_records import RECORDS, decode


@pytest.mark.parametrize("name", RECORDS)
def test_unfolding_twice_is_unfolding_once_and_changes_nothing_given(name):
    record = copy.deepcopy(RECORDS[name][0])
    one = formats.get(name)
    flat = one.record(record)
    assert record == RECORDS[name][0]
    assert one.record(copy.deepcopy(flat)) == flat


@settings(max_examples=examples(80), deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9), lambda inner: (
    st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
        ["now", "aircraft", "entity", "header", "states", "data", "bikes", "last_updated", "Siri", "ServiceDelivery", "type",
         "features", "FeatureCollection", "position", "vehicle", "hex", "lat", "lon", "id", "MessageType", "Message", "MetaData"]
    ), inner, max_size=6)), max_leaves=15))  # fmt: skip
def test_no_value_makes_unfolding_raise(value):
    for ident, record in unfold(value):
        assert ident is None or isinstance(ident, str)
        assert isinstance(record, dict)


NAMES_OF_ALL = sorted(
    {name for record, _ in RECORDS.values() for name in record} | {"ts", "value", "values", "u", "v", "bn", "bt", "bu", "n", "t"}
    | {"change", "kind", "table", "columnnames", "columnvalues", "database", "data", "type", "action", "schema", "columns"}
)  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "lat", "lon", "$GPRMC,", "MSG,", ">", "2026"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES_OF_ALL), inner, max_size=5),
    max_leaves=15,
)  # fmt: skip


def said_of(value):
    """What formats and sources make of a value; none of it raises."""
    from redis_geo_plugin.core.live.decoding import record_of

    yield record_of(value), (dict, type(None))
    for one in formats.FORMATS:
        yield one.fleet(value), (list, type(None))
        if isinstance(value, dict):
            yield one.matches(value), bool
            yield one.record(value), (dict, type(None))
            yield one.several(value), list
            unfold_one = formats.record_of(one.NAME)
            yield (None if unfold_one is None else unfold_one(value)), (dict, type(None))


@settings(max_examples=examples(40), deadline=None)
@given(
    ODD | st.lists(st.dictionaries(st.sampled_from(NAMES_OF_ALL), ODD, max_size=4), min_size=1, max_size=3)
)
def test_no_format_raises_whatever_a_value_holds(value):
    for said, kind in said_of(value):
        assert isinstance(said, kind)


@settings(max_examples=8, deadline=None)
@pytest.mark.parametrize("name", RECORDS)
@given(data=st.data())
def test_a_record_of_which_a_part_is_odd_raises_nothing(name, data):
    record = copy.deepcopy(RECORDS[name][0])
    inside = record
    while True:
        where = data.draw(st.sampled_from(sorted(inside) if isinstance(inside, dict) else range(len(inside))))
        if not (isinstance(inside[where], (dict, list)) and inside[where] and data.draw(st.booleans())):
            break
        inside = inside[where]
    inside[where] = data.draw(ODD)
    for said, kind in said_of(record):
        assert isinstance(said, kind)
    assert isinstance(decode(record, Mapping(lon="lon", lat="lat", format=name)), (Fix, Refusal))


@pytest.mark.parametrize(
    "value",
    [
        [{"u": [1.2, 3.4], "v": [0.1]}],
        [{"u": "lat", "v": 48.85}, {"u": "lon", "v": 2.35}, {"u": {}, "v": 1}, {"bu": [], "v": 1}],
        {"a": [{"ts": 1, "value": 1}, {"t": 2}]},
        {"a": [{"ts": 1, "value": 1}], "b": [{"ts": [], "value": 1}, {}]},
        [{"ts": 1, "values": {"lat": 1}}, {"ts": 1, "values": []}],
    ],
)
def test_an_odd_value_is_none_of_a_format_and_no_feed_ends_of_it(value):
    for said, kind in said_of(value):
        assert isinstance(said, kind)
    for one in formats.FORMATS:
        assert not isinstance(value, dict) or not one.matches(value)


class StumblingFormat(formats.Format):
    """A format that stumbles over every value."""

    def _matches(self, record):
        raise KeyError(record)

    def _record(self, data):
        raise TypeError(data)

    def _fleet(self, value):
        raise RecursionError(value)


def test_a_format_that_stumbles_over_a_value_says_nothing_of_it():
    one = StumblingFormat()
    assert (one.matches({}), one.record({}), one.fleet([])) == (False, None, None)
    assert not one.fits([{}])
