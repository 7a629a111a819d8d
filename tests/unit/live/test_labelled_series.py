"""What TS.INFO says of a series, whoever says it, and how a filter of foreign labels is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.labelled import words_of
from redis_geo_plugin.core.live.sources.labelled_series import _labels, _typed


@pytest.mark.parametrize(
    "reply",
    [None, 5, b"labels", [], [b"labels"], [b"a", 1, b"labels"], [b"labels", None], [b"labels", [b"a", [b"a"], [1, 2], None]]],
)  # fmt: skip
def test_what_is_no_list_of_labels_has_none(reply):
    assert _labels(reply) == []


def test_labels_are_read_past_what_is_none():
    assert _labels([b"total", 3, b"labels", [[b"axis", b"lat"], [b"x"], [b"id", b"7"]]]) == [
        ("axis", "lat"),
        ("id", "7"),
    ]


@given(st.text(st.characters(blacklist_characters="(),="), min_size=1), st.text())
def test_a_condition_of_foreign_labels_comes_back_as_it_was_typed(name, value):
    condition = f"{name}=({value},lat)"
    assert words_of(_typed(condition)) == [condition]


def test_a_plain_condition_stays_as_it_is():
    assert _typed("coord=(lat,lon)") == "coord=(lat,lon)"
    assert _typed("coord=(driver's speed,lat)") != "coord=(driver's speed,lat)"
