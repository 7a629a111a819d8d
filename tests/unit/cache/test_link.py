"""The way to the server never raises, rests after a failure, and tells the first one."""

from __future__ import annotations

import socket

import pytest

from redis_geo_plugin.core.cache import link as module
from redis_geo_plugin.core.cache.link import Link
from redis_geo_plugin.core.redis.failures import Failure, FailureKind
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import ConnectionSettings


@pytest.fixture
def nowhere():
    """A server that does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = Server(ConnectionSettings(name="nowhere", port=taken.getsockname()[1]))
        yield server
        server.close()


def ask_all(link):
    return [
        link.read([b"a", b"b"]),
        link.write([(b"a", b"v", 0)]),
        link.claim([b"a"], b"token", 1000),
        link.renew([b"a"], 1000),
        link.lifetimes([b"a"]),
        link.pipeline(b"a", lambda pipe: pipe.incr(b"a")),
        link.unlink([b"a"]),
    ]


NOTHING = [[None, None], 0, [None], [False], [None], [], None]


def test_without_a_server_everything_is_a_miss():
    why = Failure(FailureKind.NO_CONNECTION)
    link = Link(None, why)
    assert not link.up and ask_all(link)[0] == [None, None] and link.failure is why


def test_a_server_that_is_away_is_a_miss_and_told_once(nowhere):
    link = Link(nowhere)
    assert ask_all(link) == NOTHING
    assert link.failure is not None and link.failure.kind is FailureKind.REFUSED


def test_after_a_failure_the_server_is_left_alone_for_a_while(nowhere, monkeypatch):
    link = Link(nowhere)
    link.read([b"a"])
    monkeypatch.setattr(Server, "mget", lambda *_: pytest.fail("asked while it rests"))
    assert not link.up and link.read([b"a"]) == [None]


def test_after_the_rest_it_is_asked_for_a_sign_of_life_first(nowhere, monkeypatch):
    monkeypatch.setattr(module, "REST", 0.0)
    link = Link(nowhere)
    link.read([b"a"])
    assert not link.up


def test_a_production_server_is_read_and_never_written(monkeypatch):
    server = Server(ConnectionSettings(name="live", production=True))
    monkeypatch.setattr(Server, "mget", lambda self, keys, client=None: [b"v" for _ in keys])
    link = Link(server)
    assert link.read([b"a"]) == [b"v"]
    assert link.write([(b"a", b"v", 0)]) == 0 and link.claim([b"a"], b"t", 1) == [None]
    assert link.failure is not None and link.failure.kind is FailureKind.PRODUCTION
