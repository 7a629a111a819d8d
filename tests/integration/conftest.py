"""Fixtures of the tests on real servers that several of them share; those of all tests are in tests/conftest.py."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import WorkerProcess, without_scripts


@pytest.fixture
def make_worker():
    """A function that starts workers, which end with the test."""
    started = []

    def make(url, *words, **options):
        started.append(WorkerProcess(url, *words, **options))
        return started[-1]

    yield make
    for worker in started:
        worker.close()


@pytest.fixture(params=["redis", "valkey", "valkey_cluster", "redis_cluster"])
def each_place(request):
    """An empty server of each flavour, and a cluster of each."""
    if request.param.endswith("cluster"):
        name = "shared_cluster" if request.param == "valkey_cluster" else "shared_redis_cluster"
        cluster = request.getfixturevalue(name)
        cluster.flush()
        return cluster
    return request.getfixturevalue("make_server")(request.param)


@pytest.fixture(params=["scripts", "transactions"])
def queue_by_each_books(request, one_server):
    """A queue of one server whose books are kept by scripts, and by transactions."""
    if request.param == "scripts":
        yield JobQueue(open_server(one_server.settings()))
        return
    with without_scripts(one_server.settings(), one_server) as plain:
        yield JobQueue(open_server(plain))
