"""Which of the keys that changed are read first, where there is not the time to read each change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live import tracking
from redis_geo_plugin.core.live.tracking import ChangeWatch, TrackedChanges
from redis_geo_plugin.core.redis.server import Server
from tests.support.misbehaving import Misbehaving


@pytest.fixture
def changes():
    found = TrackedChanges()
    found.note([b"a", b"b", b"c", b"d"])
    return found


def test_keys_are_read_in_the_order_in_which_they_changed(changes):
    changes.note([b"e"])
    assert (changes.take(2), changes.take(10), len(changes)) == ([b"a", b"b"], [b"c", b"d", b"e"], 0)


def test_what_has_changed_once_more_is_new_and_comes_first(changes):
    changes.note([b"d", b"b"])
    changes.note([b"b"])
    assert changes.take(3) == [b"d", b"b", b"a"]
    changes.note([b"d"])
    assert changes.take(10) == [b"c", b"d"]


def test_what_has_waited_too_long_comes_before_all_others(changes, monkeypatch):
    changes.note([b"d"])
    monkeypatch.setattr(tracking, "OVERDUE", -60.0)
    assert changes.take(2) == [b"a", b"b"]
    assert changes.take(2) == [b"c", b"d"]


def test_before_everything_is_read_nothing_waits(changes):
    changes.note([b"a"])
    changes.forget()
    assert (len(changes), changes.take(5)) == (0, [])


@given(st.lists(st.lists(st.sampled_from([b"a", b"b", b"c", b"d"])) | st.integers(1, 3)))
def test_each_key_that_changed_is_handed_out_once(steps):
    changes, waiting = TrackedChanges(), set()
    for step in steps:
        if isinstance(step, list):
            changes.note(step)
            waiting.update(step)
        else:
            taken = changes.take(step)
            assert len(taken) == len(set(taken)) == min(step, len(waiting))
            assert waiting.issuperset(taken)
            waiting.difference_update(taken)
    assert len(changes) == len(waiting)
    assert set(changes.take(10)) == waiting


def test_a_connection_lost_while_tracking_is_asked_for_is_made_anew_with_resp3():
    heard = []

    def serve(session):
        mine = []
        heard.append(mine)
        while True:
            words = session.command()
            mine.append(words[0] if words[0] != b"CLIENT" else words[1])
            if words[1:2] == [b"TRACKING"] and len(heard) == 1:
                return  # as when the server is restarted
            session.send(b"%1\r\n+proto\r\n:3\r\n" if words[0] == b"HELLO" else b"+OK\r\n")

    with Misbehaving(serve) as server:
        opened = Server(server.settings())
        try:
            ChangeWatch(opened, [b"vehicule:"]).close()
        finally:
            opened.close()
    assert [names[-2:] for names in heard] == [[b"HELLO", b"TRACKING"]] * 2
