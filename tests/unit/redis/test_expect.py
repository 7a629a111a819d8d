"""Replies are held against the command that asked for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ResponseError

from redis_geo_plugin.core.redis import expect, gate
from redis_geo_plugin.core.redis.calls import UnexpectedReply
from redis_geo_plugin.core.redis.expect import Expected, command_name
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.reply_checks import CHECKS

REPLIES = st.recursive(
    st.one_of(st.none(), st.binary(max_size=5), st.integers()), lambda inner: st.lists(inner, max_size=4)
)
GOOD = [
    ("GET", 2, [b"x", None]),
    ("MGET", 3, [[b"x", None]]),
    ("STRLEN", 2, [0, 7]),
    ("TTL", 2, [-1, -2, 30]),
    ("TYPE", 2, [b"string"]),
    ("HGETALL", 2, [[], [b"a", b"1"]]),
    ("HMGET", 4, [[b"x", None]]),
    ("SCAN", 2, [[b"0", []], [b"18446744073709551615", [b"k"]]]),
    ("HSCAN", 3, [[b"0", [b"f", b"v"]]]),
    ("XRANGE", 4, [[], [[b"1-0", [b"a", b"1"]]], [[b"18446744073709551615-0", []]]]),
    ("XREAD", 4, [None, [[b"s", [[b"1-0", [b"a", b"1"]]]]]]),
    ("XREADGROUP", 8, [None, [[b"s", [[b"1-0", [b"a", b"1"]], [b"1-0", None]]]]]),
    ("XCLAIM", 6, [[], [None, [b"1-0", [b"a", b"1"]], [b"1-0", None]], [b"1-0"]]),
    ("TIME", 1, [[b"1700000000", b"0"], [1700000000, 999999], [0, 0]]),
    ("SMISMEMBER", 4, [[0, 1]]),
    ("GEOPOS", 4, [[None, [b"2.5", b"48"]]]),
    ("JSON.MGET", 4, [[b"{}", None]]),
    ("ZSCAN", 3, [[b"0", [b"a", b"1.5", b"b", b"-inf"]]]),
    ("ZRANGE key 0 -1 WITHSCORES", 5, [[], [b"a", b"1.5", b"b", b"inf"]]),
    ("XAUTOCLAIM", 6, [[b"0-0", []], [b"1-0", [[b"1-0", [b"a", b"1"]]], [b"2-0"]]]),
    ("ZMSCORE", 4, [[b"1.5", None]]),
    ("GEOSEARCH", 9, [[], [b"m"], [[b"m", 5]]]),
    ("CLUSTER SLOTS", 1, [[], [[0, 16383, [b"h", 6379, b"id"], [None, 6380]]]]),
    ("MEMORY USAGE", 2, [None, 100]),
    ("TS.GET", 2, [[], [1700000000000, b"48.85"]]),
    ("TS.RANGE", 6, [[], [[1, b"48.85"], [2, b"-1e3"]]]),
    ("TS.MGET", 4, [[], [[b"k", [[b"vehicle", b"7"], [b"line", None]], [1, b"2"]], [b"l", [], []]]]),
    ("TS.INFO", 2, [[b"labels", [[b"vehicle", b"7"]]]]),
]
BAD = [
    ("GET", 2, [7, [b"x"], {}]),
    ("MGET", 3, [[b"x"], [b"x", b"y", b"z"], b"x", [b"x", 1], None]),
    ("STRLEN", 2, [b"7", -1, None, True, []]),
    ("HGETALL", 2, [[b"a"], [b"a", 1], b"a", None]),
    ("SCAN", 2, [[b"0"], [0, []], [b"x", []], [b"0", [1]], [b"0", None], [b"-1", []], b"0"]),
    ("XRANGE", 4, [[[b"now", []]], [[b"1-0", [b"a"]]], [[b"1-0"]], [b"1-0"], None, [[b"1-0", b"x"]],
                   [None], [[b"1-0", None]], [[b"18446744073709551616-0", []]]]),
    ("XREAD", 4, [[[b"s", [None]]], [[b"s", [[b"1-0", None]]]], [[5, []]], [b"s"], 5]),
    ("TIME", 1, [[b"1"], [b"x", b"0"], [-1, 0], [1, -1], [10**12, 0], [1.5, 0], [True, 0], [None, 0], [1], [b"9" * 13, b"0"], [b"9" * 40, b"0"], [b"-1", b"0"]]),
    ("SMISMEMBER", 4, [1, [1], [1, None], [1, b"1"]]),
    ("GEOPOS", 4, [[None], [None, [b"2.5"]], [None, [b"2.5", b"north"]], [None, [b"nan", b"1"]], [None, b"2.5"], [None, [None, None]]]),
    ("JSON.MGET", 4, [None, [b"{}"], [b"{}", 5]]),
    ("ZSCAN", 3, [[b"0", [b"a"]], [b"0", [b"a", b"nan"]], [b"0", [b"a", b"x"]]]),
    ("ZRANGE key 0 -1 WITHSCORES", 5, [[b"a"], [b"a", b"x"], [b"a", b"nan"], [b"a", None], [[b"a", b"1"]], b"a", None]),
    ("ZSCORE", 3, [b"north", 5, b"nan"]),
    ("ZMSCORE", 4, [[b"1"], [b"1", b"x"]]),
    ("GEOSEARCH", 9, [b"m", [[5, b"m"]], [[]], None]),
    ("TS.GET", 2, [None, b"1", [1], [b"1", b"2"], [1, b"2", 3], [1, 2]]),
    ("TS.RANGE", 6, [None, b"", [[]], [[1]], [b"1", b"2"], [1, b"2"]]),
    ("TS.MGET", 4, [None, {}, [[]], [[b"k", [], [], []]], [[b"k", None, []]], [[1, [], []]], [[b"k", [], [1]]]]),
    ("TS.INFO", 2, [b"labels", None]),
    ("CLUSTER SLOTS", 1, [b"?", [[0]], [[0, 99999, [b"h", 1]]], [[5, 1, [b"h", 1]]], [[0, 1, b"h"]], [[0, 1, [b"h", -1]]]]),
]  # fmt: skip


def answered(name, words, reply):
    expected = Expected()
    expected.sent(command_name(name.split()), words)
    expected.answered(reply)


@pytest.mark.parametrize(("name", "words", "reply"), [(n, w, reply) for n, w, some in GOOD for reply in some])
def test_what_servers_answer_passes(name, words, reply):
    answered(name, words, reply)
    answered(name, words, ResponseError("no"))


@pytest.mark.parametrize(("name", "words", "reply"), [(n, w, reply) for n, w, some in BAD for reply in some])
def test_another_type_is_told_with_the_command(name, words, reply):
    with pytest.raises(UnexpectedReply, match=name.split()[0]) as caught:
        answered(name, words, reply)
    assert isinstance(caught.value, StoreError)
    assert classify(caught.value).kind is FailureKind.UNEXPECTED_REPLY


@given(st.sampled_from(sorted(CHECKS)), st.integers(1, 5), REPLIES)
def test_any_reply_to_any_command_passes_or_is_unexpected(name, words, reply):
    expected = Expected()
    expected.sent(name, words)
    try:
        expected.answered(reply)
    except UnexpectedReply:
        pass
    assert expected.next_is == b""


def test_a_reply_to_the_question_before_is_noticed():
    expected = Expected()
    expected.sent(b"STRLEN", 2)
    expected.sent(b"GET", 2)
    with pytest.raises(UnexpectedReply):
        expected.answered(b"left over")


def test_a_transaction_is_held_against_its_commands():
    def run(*replies):
        expected = Expected()
        for name in (b"MULTI", b"ZCARD", b"GET", b"EXEC"):
            expected.sent(name, 2)
        for reply in replies:
            expected.answered(reply)

    run(b"OK", b"QUEUED", b"QUEUED", [5, b"x"])
    run(b"OK", b"QUEUED", b"QUEUED", [5, ResponseError("WRONGTYPE")])
    run(b"OK", b"QUEUED", b"QUEUED", None)  # a watched key changed
    run(b"OK", ResponseError("no"), b"QUEUED", ResponseError("EXECABORT"))
    for wrong in (([b"x", 5],), ([5],), (b"OK",)):
        with pytest.raises(UnexpectedReply):
            run(b"OK", b"QUEUED", b"QUEUED", *wrong)
    with pytest.raises(UnexpectedReply):
        run(b"OK", 5)


def test_what_comes_on_a_channel_is_not_held_against_anything():
    expected = Expected()
    expected.sent(b"SUBSCRIBE", 2)
    for reply in ([b"subscribe", b"a", 1], [b"message", b"a", b"x"]):
        expected.answered(reply)


def test_helpers_give_the_value_or_say_what_came():
    assert expect.integer(5) == 5 and expect.number(b"1.5") == 1.5
    assert expect.list_of(bytes, [b"x"], 1) == [b"x"]
    refused = ResponseError("no")
    for call in (
        lambda: expect.integer(b"5"), lambda: expect.integer(True), lambda: expect.number(b"nan"), lambda: expect.number([]),
        lambda: expect.list_of(bytes, [b"x"], 2), lambda: expect.list_of(bytes, [5]),
    ):  # fmt: skip
        with pytest.raises(UnexpectedReply):
            call()
    with pytest.raises(ResponseError, match="no"):
        expect.integer(refused)


def test_most_reading_commands_are_known():
    known = {name.decode() for name in CHECKS}
    assert len(known & gate.READING) > 60
