"""Closing a Server ends every call that waits on it, whatever the server does: single, cluster, borrowed, taken."""

from __future__ import annotations

import threading
import time

import pytest

from redis_geo_plugin.core.live.connection import Wire
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.redis.borrowed import borrowed
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server, open_server
from redis_geo_plugin.core.redis.settings import Deployment
from redis_geo_plugin.core.scope import Scope
from tests.support.misbehaving import BEHAVIOURS, Misbehaving

HANGING = [
    "accepts and says nothing",
    "answers PING and nothing else",
    "drips a byte now and then",
    "drips the bytes of a string",
    "drips the values of a list",
]
AT_ONCE = 0.9  # seconds: quitting takes at most one


def borrow(server):
    with borrowed(server.bulk) as connection:
        connection.ask([("GET", "a")])


WAITERS = {
    "bulk": lambda server: server.bulk.get("a"),
    "cache": lambda server: server.cache.get("a"),
    "pipeline": lambda server: server.bulk.pipeline().get("a").execute(),
    "blocking": lambda server: server.blocking(30.0).blpop("a", 30),
    "many": lambda server: server.mget([b"a", b"b"]),
    "scan": lambda server: list(server.scan("*")),
    "borrowed": borrow,
    "wire": lambda server: Wire(server.blocking(30.0)).ask("GET", "a"),
}


def waiting(work):
    """A thread that runs ``work``; what it raised is put in the list."""
    raised = []

    def run():
        try:
            work()
            raised.append(None)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, raised


def closed_while_all_wait(server):
    waiters = {name: waiting(lambda wait=wait: wait(server)) for name, wait in WAITERS.items()}
    time.sleep(0.5)
    began = time.monotonic()
    server.close()
    for thread, _ in waiters.values():
        thread.join(max(0.0, began + AT_ONCE - time.monotonic()))
    left = {name for name, (thread, _) in waiters.items() if thread.is_alive()}
    assert left == set() and time.monotonic() - began < AT_ONCE + 0.5
    return {name: raised[0] for name, (_, raised) in waiters.items()}


@pytest.mark.timed
@pytest.mark.parametrize("sentence", HANGING)
@pytest.mark.parametrize("deployment", [Deployment.SINGLE, Deployment.CLUSTER, Deployment.SENTINEL])
def test_closing_ends_all_that_wait(sentence, deployment):
    with Misbehaving(BEHAVIOURS[sentence]) as odd:
        errors = closed_while_all_wait(Server(odd.settings(deployment=deployment, service="main")))
    assert all(isinstance(error, exceptions.RedisError) for error in errors.values()), errors


@pytest.mark.timed
def test_closing_ends_all_that_wait_for_a_server_that_is_stopped(make_server):
    real = make_server("redis")
    server = Server(real.settings())
    server.bulk.ping()
    real.stop()
    errors = closed_while_all_wait(server)
    real.resume()
    assert all(isinstance(error, exceptions.RedisError) for error in errors.values()), errors
    assert server.bulk.ping()  # and works again


@pytest.mark.timed
@pytest.mark.parametrize("sentence", HANGING)
def test_cancelled_work_ends_and_asks_no_more(sentence):
    scope = Scope()
    with Misbehaving(BEHAVIOURS[sentence]) as odd:

        def work():
            with scope.entered():
                try:
                    open_server(odd.settings()).bulk.get("a")
                finally:
                    find_positions(odd.settings())  # whoever goes on all the same gets no further

        thread, raised = waiting(work)
        time.sleep(0.5)
        scope.cancel()
        thread.join(AT_ONCE)
        assert not thread.is_alive() and raised[0] is not None
