"""The documented roles as they are documented: what each may do, and what it may not."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.failures import FailureKind, classify
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import open_server
from tests.support import work
from tests.support.jobs import send, squares, wait_finished
from tests.support.positions import Watched, position
from tests.support.whole_work import PASSWORD, everything_works, nodes_of


def admin_count(place):
    return sum(admin.dbsize() for admin in nodes_of(place))


def refusals(place):
    """What users asked for and were not allowed: (user, command or key)."""
    return [(entry["username"], entry["object"]) for admin in nodes_of(place) for entry in admin.acl_log()]


def refused(server, *words):
    """The kind of failure with which this command is refused."""
    client = server.bulk
    options = {"target_nodes": client.get_default_node()} if server.is_cluster else {}
    with pytest.raises(exceptions.ResponseError) as told:
        client.execute_command(*words, **options)
    return classify(told.value).kind


ROLES = ("viewer", "analyst", "worker")


class TestRoles:
    """Each documented line, on both servers and, with what the docs add for it, on a cluster."""

    @pytest.fixture(params=["redis", "valkey", "cluster"])
    def place(self, make_server, request):
        if request.param == "cluster":
            place, more = request.getfixturevalue("make_cluster")(), work.cluster_rights("administrators.md")
        else:
            place, more = make_server(request.param, "--appendonly", "yes"), []
        for admin in nodes_of(place):
            admin.acl_log_reset()
            for name in ROLES:
                admin.execute_command(*work.role(name, PASSWORD), *more)
        with place.client() as admin:
            admin.geoadd("locations", (*work.PARIS, "ici"))
            admin.set("vehicule:1", position(48.0))
            admin.set("paie:salaires", "secret")
        yield place
        for admin in nodes_of(place):  # the cluster is shared with other tests
            admin.acl_deluser(*(f"geo_{name}" for name in ROLES))

    def settings(self, place, name):
        return place.settings(username=f"geo_{name}", password=PASSWORD)

    def test_viewer(self, place):
        work.buffers(open_server(place.settings()), count=30)
        settings = self.settings(place, "viewer")
        server = open_server(settings)
        assert probe(settings).failure is None and probe(settings).version
        report, results = work.buffers(server)
        assert (report.hits, report.misses, report.stored) == (30, 30, 0) and work.right(results)
        assert report.failure.kind is FailureKind.NO_RIGHTS
        assert work.members_near_paris(server) == [b"ici"]
        with place.client() as admin, Watched(settings) as watched:
            admin.set("vehicule:1", position(49.0))
            watched.until(lambda fixes: fixes["1"].lat == 49.0)
            assert watched.feed.status().tracking
        assert read_health(server).refused == ("CONFIG GET",)
        found = survey(server)
        assert (found.looked, found.refused) == (admin_count(place), ())
        assert found.unchangeable.kind is FailureKind.NO_RIGHTS
        assert survey(open_server(self.settings(place, "analyst"))).unchangeable is None
        for forbidden in (
            ("SET", "vehicule:1", "x"),
            ("GET", "paie:salaires"),
            ("KEYS", "*"),
            ("CONFIG", "GET", "*"),
        ):
            assert refused(server, *forbidden) is FailureKind.NO_RIGHTS

    def test_analyst(self, place):
        settings = self.settings(place, "analyst")
        with place.client() as admin:
            everything_works(settings, admin)
        server = open_server(settings)
        queue = JobQueue(server)
        batch = send(queue, squares(3))
        assert queue.progress([batch])[batch].total == 3
        queue.cancel_batch(batch)
        assert refusals(place) == []
        for forbidden in (
            ("FLUSHDB",),
            ("GET", "paie:salaires"),
            ("CONFIG", "SET", "maxmemory", "1"),
            ("SHUTDOWN",),
        ):
            assert refused(server, *forbidden) is FailureKind.NO_RIGHTS

    def test_worker(self, place, make_worker):
        make_worker(place.url.replace("://", f"://geo_worker:{PASSWORD}@"))
        queue = JobQueue(open_server(self.settings(place, "analyst")))
        batch = send(queue, squares(6))
        done = wait_finished(queue, batch, 60)
        assert done.done == 6 and refusals(place) == []
        own = open_server(self.settings(place, "worker"))
        for forbidden in (("GET", "vehicule:1"), ("ZCARD", "locations"), ("GET", "paie:salaires")):
            with pytest.raises(exceptions.NoPermissionError):
                own.bulk.execute_command(*forbidden)

    def test_no_storm_of_errors(self, place):
        """A run of many chunks that may not write asks for it no more often than it must, and says it once."""
        server = open_server(self.settings(place, "viewer"))
        report, results = work.buffers(server, count=600, chunk=50)
        assert report.failure.kind is FailureKind.NO_RIGHTS and report.stored == 0 and work.right(results)
