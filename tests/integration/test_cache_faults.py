"""What can go wrong while the cache is used, with real servers of both flavours: never a wrong shape, never a hang."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import codec, namespaces
from redis_geo_plugin.core.cache.claims import CLAIM_MS
from redis_geo_plugin.core.cache.digests import item_digests, key
from redis_geo_plugin.core.cache.run import Chunk
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.operations.buffer import Buffer
from redis_geo_plugin.core.redis.failures import FailureKind
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.runs import cached_run
from tests.support.world import countries

ROOT = Path(__file__).resolve().parents[2]
OPERATION = Buffer(segments=8, crs="EPSG:3857")
NAMESPACE = "faults"
FLAVOURS = pytest.mark.parametrize("flavour", ["redis", "valkey"])


def stars(count, corners=60):
    """WKB of that many polygons, all different."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rings = []
    for i in range(count):
        radii = 5 + (np.arange(corners) % 2) * (3 + i / count)
        rings.append(np.column_stack((10 * i + radii * np.cos(angles), radii * np.sin(angles))))
    return wkb.write(shapely.polygons(np.array(rings)))


def expected(wkbs, distance=1.0, operation=OPERATION):
    return operation.planar(wkb.read(wkbs), np.full(len(wkbs), distance))


def start(settings, wkbs, distance=1.0, chunk=50, **options):
    """(run, iterator of its chunks)."""
    server = open_server(settings) if settings is not None else None
    run = cached_run(server, OPERATION, NAMESPACE, cache_all=True, **options)
    parts = [wkbs[i : i + chunk] for i in range(0, len(wkbs), chunk)]
    return run, run.run(Chunk((part,), [distance] * len(part)) for part in parts)


def finish(settings, wkbs, distance=1.0, **options):
    """Run to the end, check every shape, and return the report."""
    run, chunks = start(settings, wkbs, distance, **options)
    assert_right([r for finished in chunks for r in finished.results], wkbs, distance)
    return run.report


def assert_right(results, wkbs, distance=1.0):
    assert len(results) == len(wkbs)
    ours, right = wkb.read(results), expected(wkbs, distance)
    apart = shapely.area(shapely.symmetric_difference(ours, right)) / shapely.area(right)
    assert apart.max() < 1e-6


def keys_of(server, wkbs, distance=1.0):
    digests = item_digests(OPERATION, [wkbs], [distance] * len(wkbs))
    return digests, [key(OPERATION, NAMESPACE, digest).encode() for digest in digests]


# -- the server goes away -------------------------------------------------------------------------------------------


@FLAVOURS
def test_killed_in_the_middle_of_a_run(make_server, flavour):
    real = make_server(flavour)
    shapes = stars(400)
    run, chunks = start(real.settings(), shapes)
    results = list(next(chunks).results)
    real.kill()
    for finished in chunks:
        results.extend(finished.results)
    assert_right(results, shapes)
    assert run.report.misses == 400 and run.report.stored < 400
    assert run.report.failure.kind in (FailureKind.LOST, FailureKind.REFUSED)


@FLAVOURS
def test_killed_and_restarted_it_is_used_again(make_server, flavour):
    real = make_server(flavour)
    shapes = stars(40)
    finish(real.settings(), shapes)
    real.restart()
    again = finish(real.settings(), shapes)  # the old connections are broken: that costs a retry, not the run
    assert again.failure is None and again.stored == 40
    assert finish(real.settings(), shapes).hits == 40


@FLAVOURS
def test_stopped_for_five_seconds(make_server, flavour):
    """A server that pauses is waited for: nothing fails and everything is stored."""
    real = make_server(flavour)
    shapes = stars(200)
    run, chunks = start(real.settings(), shapes)
    results = list(next(chunks).results)
    real.stop()
    timer = threading.Timer(5.0, real.resume)
    timer.start()
    for finished in chunks:
        results.extend(finished.results)
    timer.join()
    assert_right(results, shapes)
    assert run.report.failure is None
    assert run.report.stored == 200
    assert finish(real.settings(), shapes).hits == 200


def test_stopped_for_good_the_run_ends_in_bounded_time(make_server):
    real = make_server()
    shapes = stars(400)
    run, chunks = start(real.settings(), shapes)
    results = list(next(chunks).results)
    real.stop()
    ended = []

    def rest():
        for finished in chunks:
            results.extend(finished.results)
        ended.append(True)

    thread = threading.Thread(target=rest, daemon=True)
    thread.start()
    thread.join(40)
    real.resume()
    assert ended
    assert_right(results, shapes)
    assert run.report.failure.kind is FailureKind.TOO_SLOW


def test_no_server_at_all():
    report = finish(None, stars(20))
    assert (report.hits, report.misses, report.stored) == (0, 20, 0)


# -- the server refuses ---------------------------------------------------------------------------------------------


@FLAVOURS
def test_out_of_memory(make_server, flavour):
    real = make_server(flavour, "--maxmemory-policy", "noeviction")
    shapes = stars(200)
    first = finish(real.settings(), shapes[:50])
    with real.client() as client:
        client.config_set("maxmemory", "1mb")
    report = finish(real.settings(), shapes)
    assert report.failure.kind is FailureKind.OUT_OF_MEMORY
    assert (first.stored, report.hits, report.misses, report.stored) == (50, 50, 150, 0)
    with real.client() as client:
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
        client.config_set("maxmemory", "0")
    assert finish(real.settings(), shapes).stored == 150


@FLAVOURS
def test_a_read_only_replica(make_server, flavour):
    primary = make_server(flavour, "--repl-diskless-sync-delay", "0")
    shapes = stars(60)
    finish(primary.settings(), shapes[:40])
    replica = make_server(flavour, "--replicaof", "127.0.0.1", str(primary.port))
    with replica.client() as client:
        wait_until(lambda: client.dbsize() >= 40)
    report = finish(replica.settings(), shapes)
    assert (report.hits, report.misses, report.stored) == (40, 20, 0)
    assert report.failure.kind is FailureKind.READ_ONLY


@FLAVOURS
@pytest.mark.parametrize("rights, hits, kind", [
    (("+@connection", "+@read", "~*"), 30, FailureKind.NO_RIGHTS),
    (("+@connection", "+@all", "~something:*"), 0, FailureKind.NO_RIGHTS),
    (("+@connection",), 0, FailureKind.NO_RIGHTS),
])  # fmt: skip
def test_a_user_without_rights(make_server, flavour, rights, hits, kind):
    real = make_server(flavour)
    shapes = stars(30)
    finish(real.settings(), shapes)
    with real.client() as client:
        client.execute_command("ACL", "SETUSER", "guest", "on", "nopass", *rights)
    settings = real.settings(username="guest", password="any")
    report = finish(settings, shapes + stars(5, 30))
    assert report.hits == hits and report.stored == 0
    assert report.failure.kind is kind


def test_a_wrong_password(make_server):
    real = make_server("redis", "--requirepass", "secret")
    report = finish(real.settings(password="wrong"), stars(5))
    assert report.failure.kind is FailureKind.WRONG_PASSWORD and report.stored == 0


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


# -- several at once --------------------------------------------------------------------------------------------------


def child(real, gate, distance=0.2, die_after=0):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.support.cached_run",
            str(real.port),
            gate,
            str(distance),
            str(die_after),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


@FLAVOURS
def test_two_processes_ask_for_the_same_countries_at_once(make_server, flavour):
    """Each of the 240 buffers is computed once in total."""
    real = make_server(flavour)
    both = [child(real, "gate") for _ in range(2)]
    with real.client() as client:
        client.set("gate", "open")
    told = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert all(process.returncode == 0 for process in both)
    total = len(countries())
    assert sum(t["computed"] for t in told) == total
    assert sum(t["stored"] for t in told) == total
    assert all(t["hits"] + t["misses"] == total and t["failed"] == 0 for t in told)
    assert all(t["hits"] + t["waited"] + t["computed"] == total for t in told)
    assert told[0]["digest"] == told[1]["digest"]
    with real.client() as client:
        assert not list(client.scan_iter("calculs:verrous:*"))


def test_the_one_that_computes_is_killed(make_server):
    """kill -9 of the owner: its claims run out, and the other computes what was left."""
    real = make_server()
    first = child(real, "gate", 0.5, die_after=20)
    with real.client() as client:
        client.set("gate", "open")
        wait_until(lambda: len(list(client.scan_iter("calculs:buffers:*"))) >= 5, 60)
        assert list(client.scan_iter("calculs:verrous:*"))
        second = child(real, "gate", 0.5)
        told = json.loads(second.communicate(timeout=CLAIM_MS / 1000 + 60)[0])
        assert first.wait(10) == -9
    total = len(countries())
    assert told["hits"] + told["waited"] + told["computed"] == total
    assert told["computed"] > 0 and told["failed"] == 0 and told["failure"] is None


def test_two_runs_that_fail_on_the_same_item_do_not_wait_for_each_other(one_server):
    """What cannot be computed leaves no claim behind."""
    bad = wkb.write(shapely.linestrings([[[0, 0], [np.inf, 1]]]))
    run, chunks = start(one_server.settings(), [*stars(3), *bad])
    (finished,) = chunks
    assert list(finished.errors) == [3] and run.report.failed == 1
    with one_server.client() as client:
        assert not list(client.scan_iter("calculs:verrous:*"))


def test_claims_of_a_run_are_gone_when_it_is_abandoned(one_server):
    """Whoever stops listening ends the run: nothing more is computed, nothing stays claimed."""
    shapes = stars(2000)
    run, chunks = start(one_server.settings(), shapes, chunk=100)
    next(chunks)
    chunks.close()
    assert run.report.computed < 2000
    with one_server.client() as client:
        assert not list(client.scan_iter("calculs:verrous:*"))
        assert sum(1 for _ in client.scan_iter("calculs:buffers:*")) == run.report.stored


def test_cancelled_what_is_ready_is_stored(one_server):
    shapes = stars(3000, 100)
    stop = threading.Event()
    watch = Watch(stop.is_set, lambda share: stop.set())
    run, chunks = start(one_server.settings(), shapes, chunk=3000, watch=watch, expected=3000)
    with pytest.raises(Cancelled):
        list(chunks)
    assert 0 < run.report.computed < 3000
    with one_server.client() as client:
        assert (
            sum(1 for _ in client.scan_iter("calculs:buffers:*")) == run.report.stored == run.report.computed
        )
        assert not list(client.scan_iter("calculs:verrous:*"))


def test_many_are_read_and_written_in_few_messages(server):
    """One pipelined read, one pipelined write: the server's own count of what it was sent."""
    shapes = stars(1000, 5)
    with server.client() as client:

        def asked(call):
            before = client.info("stats")
            call()
            after = client.info("stats")
            return [
                after[name] - before[name] for name in ("total_commands_processed", "total_reads_processed")
            ]

        commands, messages = asked(lambda: finish(server.settings(), shapes, chunk=1000))
        assert commands > 2000 and messages < commands / 10  # a claim and a value each
        commands, messages = asked(lambda: finish(server.settings(), shapes, chunk=1000))
        assert messages < 100


# -- a cluster ----------------------------------------------------------------------------------------------------------


def test_on_a_cluster(make_cluster):
    cluster = make_cluster()
    shapes = stars(200)
    assert finish(cluster.settings(), shapes).stored == 200
    assert finish(cluster.settings(), shapes).hits == 200
    assert all(node_size(node) > 20 for node in cluster.nodes)
    server = open_server(cluster.settings())
    (found,) = namespaces.survey(server)
    assert (found.entries, found.hits, found.misses) == (200, 200, 200)
    assert found.bytes > 200 * 1000
    assert namespaces.purge(server, NAMESPACE).ours == 200
    assert finish(cluster.settings(), shapes).misses == 200


def node_size(node):
    with node.client() as client:
        return client.dbsize()


def wait_until(predicate, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not predicate():
        assert time.monotonic() < deadline
        time.sleep(0.01)
