"""Values changed in the key that holds them: by which commands, and what keeps its lifetime."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.features.containers import ROOT, container_of
from redis_geo_plugin.core.features.refusals import Refused
from redis_geo_plugin.core.features.sources import Stored
from redis_geo_plugin.core.features.splicing import GONE, Leaf

KEY = b"zone:1"


def asker(*replies):
    """Answers questions in turn, and notes them."""
    left, asked = list(replies), []

    def ask(commands):
        asked.extend(commands)
        return [left.pop(0) for _ in commands]

    ask.asked = asked
    return ask


def stored(value, part=""):
    return Stored(KEY, part, value)


def test_a_string_keeps_its_lifetime_and_what_was_not_changed():
    one = container_of("string", asker(), KEY)
    one.change(stored(b'{ "a": 1,  "b": [1, 2] }'), {"a": Leaf(2)})
    assert one.commands() == [("SET", KEY, b'{ "a": 2,  "b": [1, 2] }', "KEEPTTL")]
    one = container_of("string", asker(), KEY)
    one.change(stored(b"POINT (1 2)"), {ROOT: Leaf("POINT (3 4)")})
    assert one.commands() == [("SET", KEY, b"POINT (3 4)", "KEEPTTL")]
    one = container_of("string", asker(), KEY)
    one.delete(stored(b"x"))
    assert one.commands() == [("UNLINK", KEY)]


def test_a_document_is_set_at_its_root():
    one = container_of("ReJSON-RL", asker(), KEY)
    one.change(stored(b'{"a":1}'), {"a": Leaf("x")})
    assert one.commands() == [("JSON.SET", KEY, "$", b'{"a":"x"}')]


def test_entries_of_a_list_go_together_so_that_the_places_of_others_hold():
    one = container_of("list", asker(), KEY)
    one.delete(stored(b"{}", "3"))
    one.change(stored(b'{"a":1}', "7"), {"a": Leaf(2)})
    one.delete(stored(b"{}", "0"))
    changed, first, second, removed = one.commands()
    assert changed == ("LSET", KEY, 7, b'{"a":2}')
    assert [first[:3], second[:3]] == [("LSET", KEY, 3), ("LSET", KEY, 0)]
    assert removed == ("LREM", KEY, 2, first[3]) and first[3] == second[3]
    other = container_of("list", asker(), KEY)
    other.delete(stored(b"{}", "0"))
    assert other.commands()[0][3] != first[3], "a word that nobody else writes"


def test_a_field_with_a_lifetime_of_its_own_keeps_it():
    ask = asker([2_000_000_000_000, -1])
    one = container_of("hash", ask, KEY)
    one.change(stored(b'{"a":1}', "one"), {"a": Leaf(2)})
    one.change(stored(b'{"a":1}', "two"), {"a": Leaf(3)})
    assert one.commands() == [
        ("HSET", KEY, b"one", b'{"a":2}', b"two", b'{"a":3}'),
        ("HPEXPIREAT", KEY, 2_000_000_000_000, "FIELDS", 1, b"one"),
    ]
    assert ask.asked == [("HPEXPIRETIME", KEY, "FIELDS", 2, b"one", b"two")]


def test_a_server_without_lifetimes_of_fields_needs_none():
    one = container_of("hash", asker(ValueError("unknown command")), KEY)
    one.change(stored(b"POINT (1 2)", "one"), {ROOT: Leaf("POINT (3 4)")})
    assert one.commands() == [("HSET", KEY, b"one", b"POINT (3 4)")]


def test_fields_of_a_record_change_are_added_and_go():
    fields = {b"name": b"a", b"lat": b"48.0", b"note": b"x"}
    one = container_of("hash", asker(fields, [-1, -1]), KEY)
    one.change(stored(None), {"name": Leaf("b"), "new": Leaf("c"), "note": GONE})
    assert one.commands() == [("HSET", KEY, b"name", b"b", b"new", b"c"), ("HDEL", KEY, b"note")]


def test_a_reply_as_a_list_is_read_as_pairs_and_an_error_is_raised():
    one = container_of("hash", asker([b"name", b"a"], [-1]), KEY)
    one.change(stored(None), {"name": Leaf("b")})
    assert one.commands() == [("HSET", KEY, b"name", b"b")]
    with pytest.raises(ConnectionError):
        container_of("hash", asker(ConnectionError()), KEY).change(stored(None), {"name": Leaf("b")})


def test_a_record_that_goes_takes_its_key_and_a_value_its_field():
    one = container_of("hash", asker(), KEY)
    one.delete(stored(b"{}", "one"))
    assert one.commands() == [("HDEL", KEY, b"one")]
    one.delete(stored(None))
    assert one.commands() == [("UNLINK", KEY)]


def test_what_cannot_be_written_is_refused():
    one = container_of("hash", asker({b"n": b"1"}), KEY)
    with pytest.raises(Refused):
        one.change(stored(None), {"n": Leaf(3)})  # a number has no one text
    with pytest.raises(Refused):
        container_of("hash", asker({}), KEY).change(stored(None), {"inner": {"a": Leaf("x")}})
    with pytest.raises(Refused):
        container_of("hash", asker(), KEY).change(stored(b"{}", "caf\udce9\udcff\ufffd"), {"a": Leaf(1)})
