"""Whatever walks over the keys of a server ends with the next reply once it is cancelled, also where no key matches,
and goes on however long those take who are given what it finds."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.features import reading
from redis_geo_plugin.core.geo import export, sets
from redis_geo_plugin.core.live.reader import reading as reader_of
from redis_geo_plugin.core.redis import scanning
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Cancelled, Watch

WALKS = {
    "a scan": lambda s, watch: list(s.scan("none:*", watch=watch)),
    "features": lambda s, watch: reading.find_keys(s, "none:*", watch),
    "sets of places": lambda s, watch: list(sets.find(s, watch)),
    "the plugin's keys": lambda s, watch: list(Maintenance(s).names(b"calculs:buffers:", watch)),
    "results": lambda s, watch: namespaces.count(s, "default", watch=watch),
    "names of results": lambda s, watch: namespaces.entries_by_name(s, watch),
}


@pytest.fixture
def filled(one_server):
    with one_server.client() as client:
        for first in range(0, 20_000, 1000):
            with client.pipeline(transaction=False) as pipeline:
                for number in range(first, first + 1000):
                    pipeline.set(f"other:{number}", 1)
                pipeline.execute()
    opened = Server(one_server.settings())
    yield opened
    opened.close()


@pytest.mark.parametrize("walk", WALKS)
def test_a_walk_that_finds_nothing_is_cancelled(filled, walk):
    asked = count()
    with pytest.raises(Cancelled):
        WALKS[walk](filled, Watch(lambda: next(asked) >= 3))
    assert next(asked) == 4
    asked = count()
    WALKS[walk](filled, Watch(lambda: next(asked) < 0))
    assert next(asked) >= 20  # once a reply


def keys_of_a_reader(server):
    with reader_of(server.settings) as reader:
        yield from reader.scan(b"other:*")


TAKEN = {
    "keys": lambda s: s.scan("other:*"),
    "keys for a feed": keys_of_a_reader,
    "members": lambda s: export.members(s, b"places"),
    "attributes": lambda s: export.attribute_blocks(s, b"places"),
}


@pytest.mark.parametrize("walk", TAKEN)
def test_a_walk_goes_on_however_long_its_finds_are_worked_on(filled, monkeypatch, walk):
    now = [1000.0]
    monkeypatch.setattr(scanning, "time", SimpleNamespace(monotonic=lambda: now[0]))
    filled.bulk.zadd("places", {f"m{number}": 3_600_000_000_000_000 + number for number in range(9_000)})
    filled.bulk.hset("places:attributs", mapping={f"m{number}": "{}" for number in range(9_000)})
    found = 0
    for _ in TAKEN[walk](filled):
        found += 1
        now[0] += scanning.LONGEST
    assert found >= 4
