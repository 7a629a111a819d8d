"""A walk with SCAN ends, whatever the server says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.redis.calls import UnexpectedReply
from redis_geo_plugin.core.redis.scanning import FEWEST, REPEATS, Cursor


@given(st.lists(st.integers(1, 2**64 - 1), unique=True, max_size=FEWEST - 1))
def test_a_walk_of_any_cursors_that_ends_is_walked_to_its_end(values):
    cursor = Cursor(total=10)
    for value in values:
        cursor.move(b"%d" % value)
        assert cursor.value == value and not cursor.done
    cursor.move(b"0")
    assert cursor.done


def test_a_cursor_may_come_twice_while_a_table_shrinks_but_not_for_ever():
    cursor = Cursor()
    for _ in range(REPEATS):
        cursor.move(17)
    with pytest.raises(UnexpectedReply, match="does not end"):
        cursor.move(17)


def test_new_cursors_without_an_end_are_counted_against_the_keys_there_are():
    cursor = Cursor(total=100_000, count=1000)
    with pytest.raises(UnexpectedReply, match="does not end"):
        for value in itertools.count(1):
            cursor.move(value)
    assert FEWEST < cursor.value < 20_000
