"""Fixtures that all kinds of tests share: real servers of both flavours."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything makes a QApplication

from tests.support.servers import RealServer

FLAVOURS = ("redis", "valkey")


@pytest.fixture(scope="session", params=FLAVOURS)
def shared_server(request):
    """One server a session and flavour: cheap, emptied before each test by ``server``."""
    real = RealServer(request.param)
    yield real
    real.close()


@pytest.fixture
def server(shared_server):
    """An empty server of each flavour in turn. Not to be killed: take ``make_server`` for that."""
    with shared_server.client() as client:
        client.flushall()
    yield shared_server


@pytest.fixture(scope="session")
def one_server_process():
    real = RealServer("valkey")
    yield real
    real.close()


@pytest.fixture
def one_server(one_server_process):
    """An empty Valkey, where the flavour does not matter."""
    with one_server_process.client() as client:
        client.flushall()
    yield one_server_process


@pytest.fixture(scope="session")
def shared_cluster():
    """One Valkey Cluster of three nodes a session."""
    from tests.support.cluster import RealCluster

    real = RealCluster()
    yield real
    real.close()


@pytest.fixture
def make_cluster(shared_cluster):
    """A function that gives an empty cluster of three nodes; with arguments, one of its own."""
    from tests.support.cluster import RealCluster

    started = []

    def make(*words, **options):
        if not words and not options:
            shared_cluster.flush()
            return shared_cluster
        started.append(RealCluster(3, *words, **options))
        return started[-1]

    yield make
    for real in started:
        real.close()


@pytest.fixture
def make_server():
    """A function that starts servers which the test may kill, stop and configure."""
    started = []

    def make(flavour="valkey", *words, **options):
        real = RealServer(flavour, *words, **options)
        started.append(real)
        return real

    yield make
    for real in started:
        real.close()


@pytest.fixture(params=[*FLAVOURS, "cluster"])
def place(request):
    """A server of each flavour, and a cluster: anything with ``url``, ``settings()`` and ``client()``."""
    if request.param == "cluster":
        return request.getfixturevalue("make_cluster")()
    return request.getfixturevalue("make_server")(request.param)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """The folder with the certificates of ``peers.certificates``."""
    from tests.support import peers

    return peers.certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(autouse=True)
def _no_shared_clients():
    """Each test opens its own connections."""
    yield
    from redis_geo_plugin.core.server import close_all

    close_all()
