"""The cache, a live feed, a search and jobs on every kind of deployment; the documented roles as they are documented."""

from __future__ import annotations

import itertools
import os
import threading
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.redis.settings import from_url
from redis_geo_plugin.worker.options import Exit
from tests.support import work
from tests.support.jobs import send, squares, wait_finished
from tests.support.patience import PATIENCE
from tests.support.positions import Watched, position, wait_for
from tests.support.sentinels import RealSentinels
from tests.support.servers import free_port
from tests.support.whole_work import PASSWORD, everything_works, nodes_of

LOST_NODE = {FailureKind.CLUSTER_DOWN, FailureKind.REFUSED, FailureKind.LOST, FailureKind.TOO_SLOW}


def jobs_work(settings, url, make_worker):
    make_worker(url)
    queue = JobQueue(open_server(settings))
    batch = send(queue, squares(5))
    assert wait_finished(queue, batch, 60).done == 5


def test_unix_socket(make_server, make_worker):
    path = f"/tmp/rg-deploy-{os.getpid()}.sock"
    server = make_server("redis", "--unixsocket", path)
    settings = server.settings(unix_socket=path)
    with server.client() as admin:
        everything_works(settings, admin)
    jobs_work(settings, f"unix://{path}", make_worker)


def test_database_number(make_server, make_worker):
    server = make_server("valkey")
    with server.client(db=5) as admin:
        everything_works(server.settings(database=5), admin)
    jobs_work(server.settings(database=5), f"redis://127.0.0.1:{server.port}/5", make_worker)
    with server.client() as other:
        assert other.dbsize() == 0


def test_two_tenants_on_one_server(make_server, make_worker):
    server = make_server("valkey")
    with server.client() as admin:
        for team in ("equipe1:", "equipe2:"):
            everything_works(server.settings(key_prefix=team), admin, team)
        assert [key for key in admin.scan_iter() if not key.startswith(b"equipe")] == []
        before = sorted(admin.scan_iter("equipe2:*"))
        url = f"redis://127.0.0.1:{server.port}/0?prefix=equipe1:"
        assert from_url(url).key_prefix == "equipe1:"
        jobs_work(server.settings(key_prefix="equipe1:"), url, make_worker)
        assert sorted(admin.scan_iter("equipe2:*")) == before
        assert [key for key in admin.scan_iter() if not key.startswith(b"equipe")] == []


def test_tenants_kept_apart_by_acl(make_server):
    server = make_server("redis")
    with server.client() as admin:
        admin.execute_command(*work.role("analyst", PASSWORD, "equipe1:"))
        admin.geoadd("equipe2:locations", (*work.PARIS, "secret"))
        settings = server.settings(username="geo_analyst", password=PASSWORD, key_prefix="equipe1:")
        everything_works(settings, admin, "equipe1:")
        with pytest.raises(exceptions.NoPermissionError):
            work.members_near_paris(open_server(replace(settings, key_prefix="equipe2:")))


def test_tls_with_a_private_authority_and_client_certificates(make_server, make_worker, certificates):
    port = free_port()
    files = {
        name: str(certificates / name)
        for name in ("ca.crt", "good.crt", "good.key", "client.crt", "client.key")
    }
    server = make_server(
        "redis",
        *("--tls-port", str(port), "--tls-cert-file", files["good.crt"], "--tls-key-file", files["good.key"]),
        *("--tls-ca-cert-file", files["ca.crt"], "--tls-auth-clients", "yes"),
    )
    settings = replace(
        server.settings(), port=port, tls=True, tls_ca=files["ca.crt"],
        tls_certificate=files["client.crt"], tls_key=files["client.key"],
    )  # fmt: skip
    with server.client() as admin:
        everything_works(settings, admin)
    jobs_work(
        settings,
        f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={files['ca.crt']}&ssl_certfile={files['client.crt']}"
        f"&ssl_keyfile={files['client.key']}",
        make_worker,
    )
    without = replace(settings, tls_certificate="", tls_key="")
    report, results = work.buffers(open_server(without))
    assert report.failure.kind is FailureKind.TLS_REFUSED and work.right(results)


@pytest.mark.parametrize("name", ["elsewhere", "expired", "self"])
def test_tls_that_does_not_check_out_is_refused_and_nothing_is_sent(
    make_server, make_worker, certificates, name
):
    port = free_port()
    server = make_server(
        "redis",
        *("--tls-port", str(port), "--tls-cert-file", str(certificates / f"{name}.crt")),
        *(
            "--tls-key-file",
            str(certificates / f"{name}.key"),
            "--tls-ca-cert-file",
            str(certificates / "ca.crt"),
        ),
        *("--tls-auth-clients", "no"),
    )
    settings = replace(
        server.settings(), port=port, tls=True, tls_ca=str(certificates / "ca.crt"), password=PASSWORD
    )
    report, results = work.buffers(open_server(settings))
    assert report.failure.kind is FailureKind.TLS_REFUSED and report.stored == 0 and work.right(results)
    worker = make_worker(f"rediss://:{PASSWORD}@127.0.0.1:{port}/0?ssl_ca_certs={certificates / 'ca.crt'}")
    assert worker.process.wait(PATIENCE) == Exit.REFUSED and "why=tls_refused" in worker.read_log()
    with server.client() as admin:
        assert admin.dbsize() == 0
        assert "cmdstat_auth" not in admin.info("commandstats")


class TestSentinel:
    @pytest.fixture(params=["redis", "valkey"])
    def place(self, request):
        real = RealSentinels(request.param)
        yield real
        real.close()

    def test_a_failover_in_the_middle_of_a_run_and_a_feed(self, place):
        settings = place.settings()
        server = open_server(settings)
        with place.primary.client() as admin:
            everything_works(settings, admin)
            admin.wait(1, 5000)
        slow = threading.Event()
        reports = []

        def run():
            for seed in itertools.count(100):
                reports.append(work.buffers(server, seed=seed))
                assert work.right(reports[-1][1], seed)
                if slow.is_set():
                    return

        with Watched(settings) as watched:
            thread = threading.Thread(target=run)
            thread.start()
            try:
                wait_for(lambda: len(reports) >= 1)
                place.primary.kill()
                place.wait_for_failover()
                replica = place.replicas[0]
                with replica.client() as admin:
                    wait_for(lambda: admin.info("replication")["role"] == "master")
                    assert admin.get("vehicule:1")
                    admin.set("vehicule:1", position(50.0))
                    admin.set("vehicule:2", position(51.0))
                    watched.until(lambda fixes: fixes["1"].lat == 50.0 and "2" in fixes, 20)
                    # the connection on which it hears of changes may come a little later
                    wait_for(lambda: watched.state == "live")
                    wait_for(lambda: reports and reports[-1][0].stored == 60, 30)
            finally:  # a run that goes on would disturb every later test
                slow.set()
                thread.join(PATIENCE)
        assert not thread.is_alive()
        again, results = work.buffers(server)
        assert again.hits == 60 and work.right(results)

    def test_searches_go_to_replicas_and_come_back_to_the_primary(self, place):
        server = open_server(place.settings(search_replicas=True))
        with place.primary.client() as primary, place.replicas[0].client() as replica:
            primary.geoadd("locations", (*work.PARIS, "ici"))
            primary.wait(1, 5000)
            assert work.members_near_paris(server) == [b"ici"]
            assert "cmdstat_geosearch" in replica.info("commandstats")
            assert "cmdstat_geosearch" not in primary.info("commandstats")
            report, _ = work.buffers(server)
            assert report.stored == 60
        place.replicas[0].kill()
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                assert work.members_near_paris(server) == [b"ici"]
                break
            except (exceptions.RedisError, OSError, StoreError):
                assert time.monotonic() < deadline
                time.sleep(0.2)


def test_a_replica_reached_directly_serves_searches_and_hits_and_says_read_only(make_server):
    primary = make_server("valkey")
    replica = make_server("valkey", "--replicaof", f"127.0.0.1 {primary.port}")
    with primary.client() as admin, replica.client() as other:
        wait_for(lambda: other.info("replication")["master_link_status"] == "up")
        work.buffers(open_server(primary.settings()), count=30)
        admin.geoadd("locations", (*work.PARIS, "ici"))
        wait_for(lambda: other.dbsize() == admin.dbsize())
    server = open_server(replica.settings())
    assert survey(server).unchangeable.kind is FailureKind.READ_ONLY
    assert work.members_near_paris(server) == [b"ici"]
    report, results = work.buffers(server)
    assert (report.hits, report.stored) == (30, 0) and work.right(results)
    assert report.failure.kind is FailureKind.READ_ONLY


class TestCluster:
    def test_everything_but_jobs(self, make_cluster):
        cluster = make_cluster()
        with cluster.client() as admin:
            everything_works(cluster.settings(), admin)

    def test_a_user_who_may_not_ask_for_the_layout_is_told_so(self, make_cluster, make_worker):
        """redis-py says that the server is no cluster, which it is."""
        cluster = make_cluster()
        for admin in nodes_of(cluster):
            admin.execute_command(*work.role("worker", PASSWORD))
        try:
            found = probe(cluster.settings(username="geo_worker", password=PASSWORD)).failure
            assert found.kind is FailureKind.NO_RIGHTS and "cluster|slots" in found.words
            worker = make_worker(cluster.url.replace("://", f"://geo_worker:{PASSWORD}@"))
            assert worker.process.wait(PATIENCE) == Exit.REFUSED
            assert "why=no_rights" in worker.read_log()
        finally:
            for admin in nodes_of(cluster):
                admin.acl_deluser("geo_worker")

    def test_a_node_lost(self, make_cluster):
        cluster = make_cluster("--maxmemory-policy", "noeviction")
        server = open_server(cluster.settings())
        first, _ = work.buffers(server, count=300)
        assert first.stored == 300
        cluster.nodes[2].kill()
        report, results = work.buffers(server, count=300)
        assert work.right(results) and report.failure is not None
        deadline = time.monotonic() + PATIENCE
        while report.hits < 150:  # once the others know that the node failed, their share is read again
            assert time.monotonic() < deadline, report
            report, results = work.buffers(server, count=300)
            assert work.right(results)
            time.sleep(0.5)
        cluster.nodes[2].start()
        while report.stored + report.hits < 300 or report.failure is not None:
            assert time.monotonic() < deadline + 30, report
            report, results = work.buffers(server, count=300)
            assert work.right(results)
            time.sleep(0.5)

    def test_a_node_lost_under_a_feed_and_searches(self, make_cluster):
        """What stands on the other nodes is found and followed; what stood on the lost one is said to be away, and comes back."""
        cluster = make_cluster(persistent=True)
        server = open_server(cluster.settings())
        lost = cluster.nodes[2]

        def is_lost(key):
            return server.cluster_map.node_of(key.encode()).endswith(f":{lost.port}")

        # A hash tag keeps a set and its attributes on one node, as docs/administrators.md advises.
        names = [f"{{lieux{n}}}" for n in range(100)]
        sets = {gone: next(name for name in names if is_lost(name) == gone) for gone in (True, False)}
        vehicles = [f"{n}" for n in range(12)]
        away = {v for v in vehicles if is_lost(f"vehicule:{v}")}
        assert away and len(away) < len(vehicles)
        with cluster.client() as admin:
            for name in sets.values():
                admin.geoadd(name, (*work.PARIS, "ici"))
            for v in vehicles:
                admin.set(f"vehicule:{v}", position(40.0))
        with Watched(cluster.settings()) as watched:
            watched.until(lambda fixes: len(fixes) == len(vehicles))
            lost.kill()
            with pytest.raises((exceptions.RedisError, OSError, StoreError)) as told:
                work.members_near_paris(server, sets[True])
            assert classify(told.value).kind in LOST_NODE
            self._goes_on(cluster, server, sets, watched, sorted(set(vehicles) - away))
            wait_for(lambda: watched.feed.status().note is not None, 20)
            assert watched.feed.status().note.kind is FailureKind.CLUSTER_DOWN
            assert away <= set(watched.fixes) and all(watched.fixes[v].lat == 40.0 for v in away)
            lost.start()
            wait_for(lambda: self._finds(server, sets[True]), 30)
            with cluster.client() as admin:
                for v in vehicles:
                    admin.set(f"vehicule:{v}", position(42.0))
            watched.until(lambda fixes: all(fixes[v].lat == 42.0 for v in vehicles), 30)
            wait_for(lambda: watched.state == "live" and watched.feed.status().note is None)

    @staticmethod
    def _finds(server, name):
        try:
            found = work.members_near_paris(server, name)
        except (exceptions.RedisError, OSError, StoreError) as error:
            assert classify(error).kind in LOST_NODE, error
            return False
        assert found in ([b"ici"], [])
        return bool(found)

    def _goes_on(self, cluster, server, sets, watched, staying):
        wait_for(lambda: self._finds(server, sets[False]), 30)
        with cluster.nodes[0].client() as first, cluster.nodes[1].client() as second:
            for v in staying:
                for node in (first, second):
                    with suppress(exceptions.ResponseError):  # MOVED: it is the other's
                        node.set(f"vehicule:{v}", position(41.0))
        watched.until(lambda fixes: all(fixes[v].lat == 41.0 for v in staying), 30)
