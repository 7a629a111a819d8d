"""A server that closes the connection at a command is told from one whose connection broke."""

from __future__ import annotations

import gc
import time

import pytest

from redis_geo_plugin.core.redis import closings
from redis_geo_plugin.core.redis.closings import DISPENSABLE, TWICE, ClosedAt, Closings, Trial, persist
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.settings import ConnectionSettings

LOST = exceptions.ConnectionError("the server closed the connection")


def test_what_was_lost_twice_is_sent_no_more_and_has_the_answer_of_a_server_that_does_not_know_it():
    known, trial = Closings(), Trial()
    for _ in range(TWICE):
        assert known.among([b"INFO", b"GET"]) == {}
        assert isinstance(known.lost(trial, [b"INFO"], LOST), ClosedAt)
    [(name, refusal)] = known.among([b"GET", b"INFO"]).items()
    assert name == b"INFO" and isinstance(refusal, exceptions.ResponseError)
    assert "unknown command 'INFO'" in str(refusal)
    assert known.lost(trial, [b"INFO"], LOST) is None, "a call does not go on for ever"


def test_what_several_calls_lose_once_each_is_a_server_that_was_restarted():
    known = Closings()
    for _ in range(5):
        assert known.lost(Trial(), [b"MEMORY|USAGE"], LOST)
    assert known.among([b"MEMORY|USAGE"]) == {}


def test_it_is_tried_again_after_some_time(monkeypatch):
    known, trial = Closings(), Trial()
    for _ in range(TWICE):
        known.lost(trial, [b"SCAN"], LOST)
    assert known.among([b"SCAN"])
    later = time.monotonic() + closings.TRUSTED + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert known.among([b"SCAN"]) == {}


def test_of_several_commands_each_new_one_is_then_sent_alone():
    known, trial = Closings(), Trial()
    names = [b"GET", b"TYPE", b"PTTL", b"MEMORY|USAGE", b"TYPE", b"PTTL", b"GET"]
    assert trial.steps(names) == [len(names)]
    assert known.lost(trial, names, LOST)
    assert trial.steps(names) == [1, 1, 1, 1, 3] and trial.steps([b"GET", b"GET"]) == [2]
    assert known.lost(trial, [b"TYPE", b"PTTL", b"GET"], LOST) is None, "all of these were answered before"
    assert known.among(names) == {}


def test_a_transaction_is_not_taken_apart():
    assert Closings().lost(Trial(), [b"MULTI", b"EVALSHA", b"EXEC"], LOST) is None


@pytest.mark.parametrize("name", [b"GET", b"SET", b"XADD", b"GEOSEARCH", b"PING", b""])
def test_a_command_that_nobody_can_do_without_is_never_taken_for_refused(name):
    known, trial = Closings(), Trial()
    assert not any(known.lost(trial, [name], LOST) for _ in range(5)) and known.among([name]) == {}


@pytest.mark.parametrize(
    "error", [exceptions.TimeoutError("slow"), exceptions.ConnectionError("max number of clients reached")]
)
def test_slowness_and_a_full_server_are_no_refusal(error):
    assert Closings().lost(Trial(), [b"INFO"], error) is None


def test_none_of_them_changes_a_value_by_its_name():
    assert not DISPENSABLE & {b"SET", b"DEL", b"UNLINK", b"EXPIRE", b"RENAME", b"XACK"}


def test_an_attempt_is_made_again_and_other_failures_are_raised():
    left = [ClosedAt("lost"), ClosedAt("lost"), ValueError("mine")]

    def attempt():
        raise left.pop(0)

    with pytest.raises(ValueError, match="mine"):
        persist(attempt)
    assert left == []


def test_all_who_reach_a_server_in_the_same_way_share_what_is_known():
    here, there = ConnectionSettings(port=1), ConnectionSettings(port=2)
    shared = closings.of(here)
    assert closings.of(ConnectionSettings(port=1)) is shared and closings.of(there) is not shared
    del shared
    gc.collect()
    assert here not in closings._known
