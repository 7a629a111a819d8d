"""Values of others and lifetimes: what is damaged is a miss, what is not ours stays, what expires is computed anew."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.cache import codec, namespaces
from redis_geo_plugin.core.cache.digests import item_digests, key
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.starred_runs import FLAVOURS, NAMESPACE, OPERATION, finish, stars, wait_until


def keys_of(server, wkbs, distance=1.0):
    digests = item_digests(OPERATION, [wkbs], [distance] * len(wkbs))
    return digests, [key(OPERATION, NAMESPACE, digest).encode() for digest in digests]


# -- what stands under a key is not what it should be -----------------------------------------------------------------
def damage(kind, value, other):
    middle = codec.HEADER_SIZE + (len(value) - codec.HEADER_SIZE) // 2
    return {
        "empty": b"",
        "short": value[:20],
        "truncated": value[:-1],
        "longer": value + b"\0",
        "flipped in the geometry": value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :],
        "flipped in the cost": value[:46] + bytes([value[46] ^ 1]) + value[47:],
        "flipped in the run": value[:38] + bytes([value[38] ^ 1]) + value[39:],
        "older format": value[:2] + b"\0" + value[3:],
        "plain WKB": value[codec.HEADER_SIZE :],
        "a pickle": b"\x80\x04\x95\x1a\0\0\0\0\0\0\0\x8c\x08builtins\x94\x8c\x04eval\x94\x93\x94.",
        "another key's": other,
    }[kind]


KINDS = ["empty", "short", "truncated", "longer", "flipped in the geometry", "flipped in the cost",
         "flipped in the run", "older format", "plain WKB", "a pickle", "another key's"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_or_foreign_value_is_a_miss_and_overwritten(server, kind):
    shapes = stars(10)
    finish(server.settings(), shapes)
    _, names = keys_of(server, shapes)
    with server.client() as client:
        client.set(names[3], damage(kind, client.get(names[3]), client.get(names[4])))
    report = finish(server.settings(), shapes)
    assert (report.hits, report.misses, report.damaged, report.stored) == (9, 1, 1, 1)
    assert finish(server.settings(), shapes).hits == 10


def test_every_single_bit_of_a_value_counts(one_server):
    """Whichever bit is flipped, the value no longer checks out."""
    shapes = stars(1, 5)
    finish(one_server.settings(), shapes)
    (digest,), (name,) = keys_of(one_server, shapes)
    with one_server.client() as client:
        value = client.get(name)
    assert codec.decode(digest, value) is not None
    for bit in range(len(value) * 8):
        flipped = bytearray(value)
        flipped[bit // 8] ^= 1 << (bit % 8)
        assert codec.decode(digest, bytes(flipped)) is None, f"bit {bit}"


def test_another_type_under_a_key_is_a_miss_and_overwritten(server):
    shapes = stars(10)
    _, names = keys_of(server, shapes)
    with server.client() as client:
        client.rpush(names[0], "a")
        client.hset(names[1], "a", "b")
        client.zadd(names[2], {"a": 1})
        client.xadd(names[3], {"a": "b"})
    report = finish(server.settings(), shapes)
    assert report.misses == 10 and report.stored == 10 and report.failure is None
    assert finish(server.settings(), shapes).hits == 10


def test_another_type_under_a_claim_or_the_statistics_is_no_obstacle(server):
    shapes = stars(4)
    digests, _ = keys_of(server, shapes)
    with server.client() as client:
        client.set(f"calculs:statistiques:buffers:{NAMESPACE}", "a string")
        client.rpush(f"calculs:verrous:{digests[0].hex()}", "a")
        client.pexpire(f"calculs:verrous:{digests[0].hex()}", 1500)
    report = finish(server.settings(), shapes)
    assert report.misses == 4 and report.stored == 4


# -- times ------------------------------------------------------------------------------------------------------------
def test_expired_between_two_runs(server):
    shapes = stars(10)
    finish(server.settings(), shapes, ttl=1)
    with server.client() as client:
        wait_until(lambda: not list(client.scan_iter(f"calculs:buffers:{NAMESPACE}:*")))
    assert finish(server.settings(), shapes).misses == 10


def test_the_time_to_live_is_set_with_the_value_and_only_shortened(server):
    shapes = stars(200)
    with server.client() as watcher, watcher.monitor() as monitor:
        finish(server.settings(), shapes, ttl=10_000)
        with server.client() as client:
            client.echo("that was all")
        commands = []
        for seen in monitor.listen():
            if seen["command"].startswith("ECHO"):
                break
            commands.append(seen["command"].upper())
    sets = [c for c in commands if c.startswith("SET CALCULS:BUFFERS:")]
    assert len(sets) == 200 and all(" EX " in c for c in sets)
    assert not any(c.startswith("EXPIRE CALCULS:BUFFERS") for c in commands)
    with server.client() as client:
        left = [client.ttl(name) for name in keys_of(server, shapes)[1]]
    assert min(left) >= 9_400 and max(left) <= 10_000
    assert len(set(left)) > 50


def test_kept_for_ever_when_asked(server):
    shapes = stars(5)
    finish(server.settings(), shapes, ttl=0)
    with server.client() as client:
        assert {client.ttl(name) for name in keys_of(server, shapes)[1]} == {-1}


def test_nothing_outside_the_prefixes_is_touched(server):
    with server.client() as client:
        client.mset({f"other:{i}": i for i in range(100)})
        client.geoadd("locations", (2.0, 48.0, "Paris"))
    finish(server.settings(), stars(100))
    server_ = open_server(server.settings())
    assert [n.entries for n in namespaces.survey(server_)] == [100]
    assert namespaces.purge(server_, "").ours == 100
    with server.client() as client:
        left = {k.decode() for k in client.scan_iter()}
        assert left == {f"other:{i}" for i in range(100)} | {
            "locations",
            f"calculs:statistiques:buffers:{NAMESPACE}",
        }
        assert client.ttl(f"calculs:statistiques:buffers:{NAMESPACE}") > 0


# -- many keys --------------------------------------------------------------------------------------------------------
FILL = """
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('SET', 'other:' .. i, 'x') end
"""


@FLAVOURS
def test_a_million_other_keys(make_server, flavour):
    real = make_server(flavour)
    with real.client() as client:
        fill = client.register_script(FILL)
        for first in range(1, 1_000_001, 100_000):
            fill(args=[first, first + 99_999])
        assert client.dbsize() == 1_000_000
    shapes = stars(300)
    assert finish(real.settings(), shapes).misses == 300
    assert finish(real.settings(), shapes).hits == 300
    server = open_server(real.settings())
    (found,) = namespaces.survey(server)
    assert (found.name, found.operation, found.entries) == (NAMESPACE, "buffer", 300)
    assert (found.hits, found.misses) == (300, 300)
    assert namespaces.count(server, NAMESPACE).ours == 300
    assert namespaces.purge(server, NAMESPACE).ours == 300
    with real.client() as client:
        assert client.dbsize() == 1_000_001  # and the statistics


def test_looking_through_a_million_keys_can_be_cancelled(one_server):
    with one_server.client() as client:
        client.register_script(FILL)(args=[1, 100_000])
    finish(one_server.settings(), stars(50))
    asked = []

    def cancelled():
        asked.append(True)
        return True

    for call in (namespaces.survey, lambda s, c: namespaces.count(s, "", "", c)):
        with pytest.raises(Cancelled):
            call(open_server(one_server.settings()), Watch(cancelled))
    assert asked
