"""What can go wrong while the cache is used, with real servers of both flavours: never a wrong shape, never a hang."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.cache import namespaces
from redis_geo_plugin.core.cache.claims import CLAIM_MS
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.redis.failures import FailureKind
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.patience import PATIENCE
from tests.support.starred_runs import FLAVOURS, NAMESPACE, assert_right, finish, stars, start, wait_until
from tests.support.world import countries

ROOT = Path(__file__).resolve().parents[2]


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
    thread.join(PATIENCE)
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
        wait_until(lambda: len(list(client.scan_iter("calculs:buffers:*"))) >= 5)
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
