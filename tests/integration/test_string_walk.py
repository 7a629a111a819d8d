"""Strings read batch by batch with the server kept at work: each once and whole, on each flavour and on a cluster, also
where the connection is lost on the way or the server closes it at a command."""

from __future__ import annotations

from itertools import islice

import pytest

from redis_geo_plugin.core.redis import sized
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import from_url
from redis_geo_plugin.core.redis.string_walk import BATCHES, StringWalk
from tests.support.poor_proxy import PoorProxy

LIMITS = sized.SizeLimits(value_bytes=5_000, batch_bytes=20_000)
MANY = 3500


@pytest.fixture
def ours(place):
    made = Server(place.settings())
    yield made
    made.close()


@pytest.fixture
def opened(one_server):
    made = Server(one_server.settings())
    yield made
    made.close()


def fill(client) -> dict[bytes, bytes]:
    """Strings of many lengths, some with line ends in them; others are empty, too large, or of another type."""
    values = {b"v:%05d" % n: (b"\r\n$3\r\n" * (n + 1))[: n % 97 + 1] for n in range(MANY)}
    for start in range(0, MANY, 500):
        pipeline = client.pipeline(transaction=False)
        for key, value in islice(values.items(), start, start + 500):
            pipeline.set(key, value)
        pipeline.execute()
    client.set("v:00007", b"p" * 9_000)
    client.set("v:00009", b"q" * 5_000)
    client.set("v:00008", b"")
    client.delete("v:01500")
    client.rpush("v:01500", "another type")
    client.delete("v:03499")
    values[b"v:00009"] = b"q" * 5_000
    for key in (b"v:00007", b"v:00008", b"v:01500", b"v:03499"):
        del values[key]
    return values


KEYS = [b"v:%05d" % n for n in range(MANY)]


def taken(walk, then=lambda number: None) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    numbers = iter(range(10_000))

    def take(keys, values):
        assert found.keys().isdisjoint(keys) and len(keys) == len(values) <= sized.TOGETHER
        assert len(keys) == 1 or sum(len(value or b"") for value in values) <= LIMITS.batch_bytes
        found.update((key, value) for key, value in zip(keys, values) if value is not None)
        then(next(numbers))

    walk.run(take)
    return found


def test_each_is_handed_over_once_and_in_order(place, ours):
    with place.client() as client:
        values = fill(client)
    walk = StringWalk(ours, KEYS, LIMITS)
    found = taken(walk)
    assert found == values and list(found) == list(values)
    assert walk.missing == [b"v:00008", b"v:01500", b"v:03499"]
    assert walk.skipped == [sized.Oversize(b"v:00007", 9_000)]


def test_nothing_is_read_of_no_keys(place, ours):
    walk = StringWalk(ours, [], LIMITS)
    assert taken(walk) == {} and walk.missing == walk.skipped == []


def test_what_was_asked_when_the_connection_is_lost_is_asked_again(one_server, opened):
    with one_server.client() as client:
        values = fill(client)
        lost = []

        def cut(number: int) -> None:
            if number in (0, 2, BATCHES, BATCHES + 2):  # at each of which it was answered anew
                lost.append(client.client_kill_filter(_type="normal", skipme=True))

        walk = StringWalk(opened, KEYS, sized.SizeLimits(value_bytes=5_000, batch_bytes=6_000))
        assert taken(walk, cut) == values
        assert len(lost) == 4 and all(lost)


def test_what_changes_meanwhile_is_none_or_as_it_is_then(one_server, opened):
    with one_server.client() as client:
        values = fill(client)
        walk = StringWalk(opened, KEYS, LIMITS)

        def change(number: int) -> None:
            client.delete("v:03400")
            client.delete("v:03401")
            client.rpush("v:03401", "another type")

        found = taken(walk, change)
    assert {key: one for key, one in values.items() if key not in (b"v:03400", b"v:03401")} == found


@pytest.mark.parametrize("way", ["unknown", "closes"])
def test_a_server_without_a_command_is_read_all_the_same(one_server, way):
    with one_server.client() as client:
        values = fill(client)
    del values[b"v:00009"]
    with one_server.client() as client:
        client.delete("v:00007", "v:00009")
    proxy = PoorProxy(("127.0.0.1", one_server.port), {"STRLEN"}, way)
    server = Server(from_url(f"redis://127.0.0.1:{proxy.port}"))
    try:
        found = taken_any_size(StringWalk(server, KEYS, LIMITS))
        found.pop(b"v:00008")  # without its size it is known to be empty when it is read
        assert found == values
    finally:
        server.close()
        proxy.close()


def taken_any_size(walk) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    walk.run(lambda keys, values: found.update((k, v) for k, v in zip(keys, values) if v is not None))
    return found
