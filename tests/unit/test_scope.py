"""What a piece of work holds open is its own, and closed when it is cancelled."""

from __future__ import annotations

import threading
import time

import pytest

from redis_geo_plugin.core.redis.failures import FailureKind, classify
from redis_geo_plugin.core.redis.server import close_all, open_server
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.core.scope import Scope, current_scope
from redis_geo_plugin.core.watch import Cancelled
from tests.support.patience import PATIENCE


class Opened:
    def __init__(self):
        self.closed = threading.Event()

    def close(self):
        self.closed.set()


def test_a_thread_has_no_scope_but_that_which_it_entered():
    scope, inner = Scope(), Scope()
    assert current_scope() is None
    with scope.entered():
        assert current_scope() is scope
        with inner.entered():
            assert current_scope() is inner
        assert current_scope() is scope
    assert current_scope() is None


def test_what_was_opened_is_given_again_and_closed_at_the_end():
    scope = Scope()
    with scope.entered():
        opened = scope.get("a", Opened)
        assert scope.get("a", Opened) is opened
        assert scope.get("b", Opened) is not opened
        assert not opened.closed.is_set()
    assert opened.closed.is_set()


def test_cancelling_closes_and_nothing_more_is_opened():
    scope = Scope()
    opened = scope.get("a", Opened)
    scope.cancel()
    assert opened.closed.wait(PATIENCE)
    assert scope.cancelled
    with pytest.raises(Cancelled):
        scope.get("a", Opened)


def test_cancelling_waits_for_nobody_who_is_just_opening():
    scope, going_on = Scope(), threading.Event()
    scope.get("first", Opened)
    slow = threading.Thread(target=lambda: scope.get("slow", lambda: (going_on.wait(PATIENCE), Opened())[1]))
    slow.start()
    time.sleep(0.05)
    scope.cancel()
    assert slow.is_alive()
    going_on.set()
    slow.join(PATIENCE)


def test_servers_are_the_scopes_own():
    settings = ConnectionSettings(name="test")
    try:
        shared = open_server(settings)
        with Scope().entered():
            own = open_server(settings)
            assert own is not shared and open_server(settings) is own
        assert open_server(settings) is shared
    finally:
        close_all()


def test_a_call_that_waits_for_a_server_ends_with_its_scope(make_server):
    server = make_server()
    scope, outcome = Scope(), []

    def work():
        with scope.entered():
            client = open_server(server.settings()).bulk
            client.ping()
            server.stop()
            try:
                client.ping()
            except Exception as error:
                outcome.append(classify(error).kind)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.5)
    scope.cancel()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert outcome and outcome[0] in (FailureKind.LOST, FailureKind.CANCELLED)


def test_cancelled_is_a_kind_of_its_own():
    assert classify(Cancelled()).kind is FailureKind.CANCELLED
