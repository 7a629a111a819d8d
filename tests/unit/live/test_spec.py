"""The description of a feed as it is kept in a project: what others wrote into it is refused, or is a feed."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.records import Decoder, Row
from redis_geo_plugin.core.live.spec import FeedSpec, Fencing, Mapping, from_json
from tests.support.examples import examples

ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=6)
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = [f.name for f in fields(FeedSpec)]
INNER = {"mapping": [f.name for f in fields(Mapping)], "fencing": [f.name for f in fields(Fencing)]}


@st.composite
def damaged(draw):
    """A feed in which some values are another's."""
    data = asdict(FeedSpec(name="n", mapping=Mapping(lon="x", lat="y")))
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(["", "mapping", "fencing"]))
        target = data.get(where, data) if where else data
        if isinstance(target, dict):
            target[draw(st.sampled_from(INNER.get(where, NAMES)))] = draw(ANY)
    return json.dumps(data)


@settings(max_examples=examples(200))
@given(damaged())
def test_what_is_no_feed_is_refused_and_what_is_one_can_be_read(text):
    try:
        spec = from_json(text)
    except ValueError:
        return
    assert from_json(spec.to_json()) == spec
    spec.to_json().encode()
    Feed(spec, None).status()
    Decoder(spec.mapping).fix(Row("a", b"k", {"x": 1.0, "y": 2.0}), 1.8e9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("uid", ["a"]),
        ("uid", 5),
        ("interval", "1"),
        ("interval", 0),
        ("interval", float("nan")),
        ("trail_points", 5.5),
        ("trail_points", 10**9),
        ("interval", 10**400),
        ("mapping", {"scale": -(10**400)}),
        ("keep_gone", "yes"),
        ("mapping", []),
        ("mapping", {"lon": None}),
        ("fencing", {"watched": 1}),
    ],
)
def test_a_value_of_the_wrong_type_is_named(name, value):
    with pytest.raises(ValueError, match="not a feed"):
        from_json(json.dumps({**asdict(FeedSpec()), name: value}))


@pytest.mark.parametrize("text", ["", "[]", "1", '"x"', "{" * 100_000, "null"])
def test_what_is_no_object_is_no_feed(text):
    with pytest.raises(ValueError):
        from_json(text)


def test_whole_numbers_and_newer_names_are_understood():
    spec = from_json('{"interval": 2, "max_speed": 100, "later": [1], "mapping": {"lon": "x", "newer": {}}}')
    assert (spec.interval, type(spec.interval), spec.mapping.lon) == (2.0, float, "x")
