"""What is too large is skipped with its key and size told, and the rest is read, on each flavour and on a cluster."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.redis import sized
from redis_geo_plugin.core.redis.server import Server

SMALL = sized.SizeLimits(value_bytes=5_000, entries=100, batch_bytes=20_000)


@pytest.fixture
def ours(place):
    made = Server(place.settings())
    yield made
    made.close()


def test_a_huge_string_among_many_is_skipped_with_its_size(place, ours):
    with place.client() as client:
        for number in range(2500):
            client.set(f"v:{number}", b"x" * (number % 50))
        client.set("v:7", b"p" * 9_000)
        client.delete("v:8")
        client.rpush("v:8", "another type")
    keys = [b"v:%d" % number for number in range(2500)] + [b"v:none"]
    values, skipped = sized.read_strings(sized.asker(ours), keys, SMALL)
    assert skipped == [sized.Oversize(b"v:7", 9_000)]
    assert values[7] is None and values[8] is None and values[-1] is None
    assert values[0] is None  # an empty string says as little as none
    assert values[1:7] == [b"x" * number for number in range(1, 7)] and values[2449] == b"x" * 49


def test_a_hash_with_a_picture_or_with_too_many_fields_is_skipped(place, ours):
    with place.client() as client:
        client.hset("h:1", mapping={"lat": 48, "lon": 2})
        client.hset(
            "h:2", mapping={"lat": 48, "lon": 2, **{f"n{n}": "x" for n in range(7)}, "picture": b"p" * 50_000}
        )
        client.hset("h:3", mapping={f"f{number}": 1 for number in range(101)})
    fit = sized.fitting(sized.asker(ours), [b"h:1", b"h:2", b"h:3", b"h:4"], "hash", SMALL)
    assert fit.keys == [b"h:1"] and fit.missing == [b"h:4"]
    picture, many = sorted(fit.skipped, key=lambda one: one.key)
    assert picture.key == b"h:2" and 50_000 < picture.size < 80_000 and not picture.is_entries
    assert many == sized.Oversize(b"h:3", 101, True)


def test_a_huge_field_among_small_ones_is_not_read(place, ours):
    with place.client() as client:
        client.hset("h:1", mapping={"run": "small", "items": b"x" * 5_000, "none": ""})
        client.set("h:2", "another type")
    fields = [(b"h:1", b"items"), (b"h:1", b"run"), (b"h:1", b"none"), (b"h:2", b"run"), (b"h:3", b"run")]
    assert sized.read_fields(sized.asker(ours), fields, 1_000) == [None, b"small", None, None, None]
    assert sized.read_fields(sized.asker(ours), fields[:1], 5_000) == [b"x" * 5_000]


@pytest.mark.parametrize(
    ("kind", "fill"),
    [
        ("zset", lambda client, key, count: client.zadd(key, {f"m{n}": n for n in range(count)})),
        ("set", lambda client, key, count: client.sadd(key, *range(count))),
        ("list", lambda client, key, count: client.rpush(key, *range(count))),
        ("stream", lambda client, key, count: [client.xadd(key, {"a": n}) for n in range(count)]),
        ("hash", lambda client, key, count: client.hset(key, mapping={f"f{n}": n for n in range(count)})),
    ],
)
def test_entries_are_counted_by_type(place, ours, kind, fill):
    with place.client() as client:
        fill(client, "few", 5)
        fill(client, "many", 101)
        client.set("other", "x")
    fit = sized.fitting(sized.asker(ours), [b"few", b"many", b"other", b"gone"], kind, SMALL)
    assert fit.keys == [b"few"] and fit.sizes[0] > 0 and fit.missing == [b"other", b"gone"]
    assert fit.skipped == [sized.Oversize(b"many", 101, True)]


@pytest.mark.parametrize(("members", "fits"), [((200_000, 10), True), ((200_000, 400), False)])
def test_one_large_entry_among_many_small_ones_is_no_large_key(place, ours, members, fits):
    """Servers look at the members of lowest scores: one of them that is large counts for thousands."""
    first, others = members
    with place.client() as client:
        client.zadd("fleet", {"m" * first: 0, **{f"{n}".zfill(others): n for n in range(1, 20_000)}})
        assert client.memory_usage("fleet") > 100_000_000
    fit = sized.fitting(sized.asker(ours), [b"fleet", b"gone"], "zset", sized.SizeLimits(7_500_000, 10**9))
    assert fit.missing == [b"gone"] and (fit.keys == [b"fleet"]) == fits != bool(fit.skipped)
    sizes = fit.sizes if fits else [one.size for one in fit.skipped]
    assert all(sum(members) < size < 30_000_000 for size in sizes)


def test_without_the_right_to_ask_for_memory_the_entries_alone_decide(one_server):
    with one_server.client() as client:
        client.hset("h:1", mapping={"lat": 48})
        client.execute_command("ACL SETUSER modest on >secret ~* +@all -memory")
    server = Server(one_server.settings(username="modest", password="secret"))
    try:
        fit = sized.fitting(sized.asker(server), [b"h:1"], "hash", SMALL)
    finally:
        server.close()
        with one_server.client() as client:
            client.execute_command("ACL DELUSER modest")
    assert fit.keys == [b"h:1"] and fit.skipped == []


def test_batches_stay_below_the_bytes_allowed():
    keys = [b"k%d" % number for number in range(10)]
    sizes = [4_000, 4_000, 4_000, 4_000, 4_000, 1, 30_000, 1, 1, 1]
    assert [len(batch) for batch in sized.pieces(keys, sizes, SMALL)] == [5, 1, 1, 3]
