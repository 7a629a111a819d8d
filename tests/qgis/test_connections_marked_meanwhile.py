"""A saved connection that is not the active one is edited: whatever works with it follows, and is locked at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.redis.server import Server


@pytest.fixture
def other(one_server):
    """A connection that is saved beside the active one, and what still works with its settings of that time."""
    settings = replace(one_server.settings(), name="other")
    connections.save(SavedConnection(settings))
    server = Server(connections.resolve("other"))
    server.bulk.set("before", 1)
    yield settings, server
    server.close()
    production.mark("other", False)
    production.mark("again", False)


def is_refused(server):
    with pytest.raises(StoreError):
        server.bulk.set("after", 1)
    with pytest.raises(StoreError), server.bulk.pipeline() as pipe:
        pipe.set("after", 1)
    return not server.bulk.exists("after")


@pytest.mark.parametrize("name", ["other", "again"], ids=["marked", "marked and renamed"])
def test_what_already_works_with_it_is_locked_at_once(other, name):
    settings, server = other
    connections.rename("other", SavedConnection(replace(settings, name=name, production=True)))
    assert is_refused(server) and is_refused(Server(connections.resolve(name)))


@pytest.mark.parametrize(
    "change", [{"port": 1}, {"database": 3}, {"production": False}, {"name": "again"}, None]
)
def test_what_was_allowed_is_allowed_no_more_once_it_is_another(other, change):
    settings, _ = other
    prod = replace(settings, production=True)
    connections.save(SavedConnection(prod))
    production.allow("other", True)
    connections.save(SavedConnection(prod))
    assert not production.is_locked(prod), "nothing has changed"
    if change is None:
        connections.remove("other")
    else:
        connections.rename("other", SavedConnection(replace(prod, **change)))
    assert production.is_locked(prod)


def test_a_feed_of_another_connection_follows_it(live, one_server, monkeypatch, other):
    settings, _ = other
    followed = []
    monkeypatch.setattr(live.manager, "sources", lambda: [(Spec, Source(followed))])
    connections.save(SavedConnection(replace(settings, database=2)))
    live.context.connections.saved.emit()
    assert [found.database for found in followed] == [2]


class Spec:
    name, uid, connection = "fleet", "u", "other"


class Source:
    """A source of the manager that notes where it is to read."""

    def __init__(self, followed):
        self.core, self.reconnect = self, followed.append
