"""A walk with SCAN ends, whatever the server says."""

from __future__ import annotations

import itertools
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.redis import scanning
from redis_geo_plugin.core.redis.calls import UnexpectedReply
from redis_geo_plugin.core.redis.scanning import (
    FEWEST,
    LONGEST,
    LONGEST_NAME,
    REPEATS,
    Cursor,
    Entries,
    named,
)
from tests.support.source_tree import SOURCES, name_of, text_of


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


def test_a_walk_that_takes_too_long_ends_but_for_one_with_breaks(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(scanning, "time", SimpleNamespace(monotonic=lambda: now[0]))
    at_once, with_breaks = Cursor(), Cursor(in_turn=True)
    now[0] += LONGEST
    at_once.move(1)
    with_breaks.move(1)
    now[0] += 3600.0
    with pytest.raises(UnexpectedReply, match="does not end"):
        at_once.move(2)
    with_breaks.move(2)
    assert with_breaks.value == 2 and not with_breaks.done


def test_a_break_does_not_count_but_the_time_of_the_calls_does(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(scanning, "time", SimpleNamespace(monotonic=lambda: now[0]))
    cursor = Cursor()
    for value in range(1, 10):
        with cursor.resting():
            now[0] += LONGEST
        now[0] += LONGEST / 10
        cursor.move(value)
    now[0] += LONGEST / 5
    with pytest.raises(UnexpectedReply, match="does not end"):
        cursor.move(10)


def test_a_walk_with_breaks_has_the_other_limits():
    cursor = Cursor(total=10, in_turn=True)
    with pytest.raises(UnexpectedReply, match="does not end"):
        for value in itertools.count(1):
            cursor.move(value)
    again = Cursor(in_turn=True)
    with pytest.raises(UnexpectedReply, match=f"cursor 17 {REPEATS + 1} times"):
        for _ in range(REPEATS + 1):
            again.move(17)


def test_a_walk_through_a_stream_or_a_list_ends_with_what_there_can_be():
    walk = Entries(10)
    walk.count(10)
    with pytest.raises(UnexpectedReply, match="do not end"):
        walk.count(1)


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), min_size=2, max_size=20))
def test_a_walk_through_a_stream_goes_on_as_long_as_its_ids_grow(places):
    walk, ids = Entries(0), [b"%d-%d" % place for place in places]
    grow = sorted(set(places)) == places
    try:
        for ident in ids:
            walk.reach(ident)
    except UnexpectedReply:
        assert not grow
    else:
        assert grow


@given(st.lists(st.integers(0, 3 * LONGEST_NAME), max_size=20))
def test_what_nobody_can_read_or_type_is_not_listed(lengths):
    keys = [bytes([0xFF]) * length for length in lengths]
    assert named(keys) == [key for key in keys if len(key) <= LONGEST_NAME]
    assert named([b"k" * LONGEST_NAME, b"k" * (LONGEST_NAME + 1), b"k" * 5_000_000]) == [b"k" * LONGEST_NAME]


def test_who_walks_over_keys_lists_only_names_that_can_be_read():
    """Of one key's members and fields each has its own limits."""
    walking = {name_of(path) for path in SOURCES if re.search("scanning import .*Cursor", text_of(path))}
    naming = {name_of(path) for path in SOURCES if "named(" in text_of(path)}
    of_one_key = {
        "core/geo/export.py",
        "core/geo/names.py",
        "core/features/publishing.py",
        "core/features/sources/hashes.py",
    }
    assert walking - naming == {f"redis_geo_plugin/{name}" for name in of_one_key}
