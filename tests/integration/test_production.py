"""A connection marked as production: one gate refuses whatever might change something, by whichever way it is tried."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from redis_geo_plugin.core import gate, production
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces, recents
from redis_geo_plugin.core.cache.proof import Proof
from redis_geo_plugin.core.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.geo.fill import Loader, Mode, Rows
from redis_geo_plugin.core.jobs.bridge_list import ListBridge
from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.model import Code, Delivery, Descriptor, Done, Job
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.publish import Report, publish
from redis_geo_plugin.core.probing import probe
from redis_geo_plugin.core.server import Server
from redis_geo_plugin.worker.computing import Computing
from tests.support import work
from tests.support.jobs import BUFFER, NAMESPACE, send, squares
from tests.support.positions import Watched, position

PACKAGE = Path(__file__).resolve().parents[2] / "redis_geo_plugin"
DESCRIPTOR = Descriptor(BUFFER.name, BUFFER.version, BUFFER.to_job(), NAMESPACE, 60)


@pytest.fixture(params=["redis", "valkey"])
def place(make_server, request):
    """A server on which everything stands that the plugin may write."""
    real = make_server(request.param, "--enable-debug-command", "yes")
    server = Server(real.settings())
    work.buffers(server, count=30, recent=recents.RecentRun("Ana"))
    queue = JobQueue(server)
    send(queue, squares(6))
    consumer = Consumer(queue, "w-1", max_tries=1)
    [first, second] = consumer.fetch(2)
    consumer.failed(first, "error", "set aside")
    consumer.failed(second, "error", "set aside")
    consumer.fetch(1)
    Consumer(queue, "w-0").beat("{}", [])
    with real.client() as admin:
        admin.geoadd("locations", (*work.PARIS, "ici"))
        admin.set("vehicule:1", position(48.0))
        admin.lpush("taches_spatiales", '{"type":"buffer","id":42,"distance":100}')
        admin.zadd("{taches_spatiales}:lots", {"20000101-000000-00000000": 1})  # a batch whose books have expired
    server.close()
    yield real
    production.allow("test", False)


@pytest.fixture
def locked(place):
    made = Server(place.settings(production=True))
    yield made
    made.close()


def contents(place):
    with place.client() as admin:
        return admin.execute_command("DEBUG", "DIGEST"), admin.dbsize()


def written(place):
    """How often each command that writes has come to the server, our own look aside."""
    with place.client() as admin:
        writes = {row["name"].split("|")[0] for row in admin.command().values() if "write" in row["flags"]}
        counted = admin.info("commandstats")
    names = {name[len("cmdstat_") :].split("|")[0]: int(row["calls"]) for name, row in counted.items()}
    return {name: calls for name, calls in names.items() if name in writes | {"eval", "evalsha", "publish", "script"}}


def queue_of(server):
    return JobQueue(server)


def consumer_of(server):
    return Consumer(JobQueue(server), "w-2")


def delivery(server):
    [(id, fields)] = JobQueue(server).client.xrange("{taches_spatiales}:flux", count=1)
    return Delivery("flux", id.decode(), fields)


def aside(server):
    return [job.id for job in JobQueue(server).set_aside()]


def batch_of(server):
    return next(batch.id for batch in JobQueue(server).batches())


def load(mode):
    def run(server):
        loader = Loader(server, b"locations", mode)
        loader.add(rows())
        loader.finish()

    return run


def load_begun_before(server):
    """Changes are allowed when the loading begins, and forbidden before its first block is sent."""
    production.allow("test", True)
    loader = Loader(server, b"locations", Mode.ADD)
    production.allow("test", False)
    loader.add(rows())


def rows():
    return Rows([1, 2], [b"a", b"b"], np.array([2.0, 3.0]), np.array([48.0, 49.0]), ["", ""])


def compute_a_job(server):
    setup = {"queues": ["taches_spatiales"], "template": "entites:{id}"}
    computing = Computing(setup, server.settings, type("Talk", (), {"say": staticmethod(lambda message: None)}))
    computing.chunk([(1, False, False, delivery(server).fields)])


# Every way in which something could be written, by the module that writes. The modules are compared with the source.
ENTRIES = {
    "core/admin/maintenance.py": {
        "expire": lambda s: Maintenance(s).expire(b"calculs:buffers:essai:", 60),
        "purge": lambda s: Maintenance(s).purge(b"calculs:buffers:essai:"),
    },
    "core/cache/namespaces.py": {"purge": lambda s: namespaces.purge(s, NAMESPACE)},
    "core/geo/fill.py": {
        **{f"load {mode.name}": load(mode) for mode in Mode},
        "begun before": load_begun_before,
    },
    "core/live/publish.py": {
        "publish": lambda s: publish(s, [Report(1.8e9, "7", 2.0, 48.0, {})], stream="flux:vehicules"),
    },
    "core/jobs/queue.py": {
        "ensure": lambda s: queue_of(s).ensure(),
        "create": lambda s: queue_of(s).create_batch("essai", DESCRIPTOR),
        "share": lambda s: queue_of(s).share_geometry(batch_of(s), b"d" * 32, b"g"),
        "enqueue": lambda s: queue_of(s).enqueue(batch_of(s), DESCRIPTOR, [Job(9, b"d" * 32, (b"g",), 1.0)], 9),
        "seal": lambda s: queue_of(s).seal(batch_of(s), 6),
        "requeue": lambda s: queue_of(s).requeue(aside(s)),
        "discard": lambda s: queue_of(s).discard(aside(s)),
        "cancel batch": lambda s: queue_of(s).cancel_batch(batch_of(s)),
        "cancel jobs": lambda s: queue_of(s).cancel_jobs(batch_of(s), [1, 2]),
        "forget": lambda s: queue_of(s).forget(batch_of(s)),
    },
    "core/jobs/consumer.py": {
        "fetch": lambda s: consumer_of(s).fetch(1),
        "take over": lambda s: consumer_of(s).take_over(0.0, 10),
        "renew": lambda s: Consumer(queue_of(s), "w-1").renew([delivery(s)]),
        "finish": lambda s: Consumer(queue_of(s), "w-1").finish([Done(delivery(s), Code.COMPUTED, "")]),
        "failed": lambda s: Consumer(queue_of(s), "w-1").failed(delivery(s), "error", "x"),
        "hand back": lambda s: Consumer(queue_of(s), "w-1").hand_back([delivery(s)]),
        "promote": lambda s: consumer_of(s).promote(),
        "beat": lambda s: consumer_of(s).beat("{}", []),
        "prune": lambda s: consumer_of(s).prune(),
    },
    "core/jobs/bridge_list.py": {"move": lambda s: ListBridge(queue_of(s), "w-2").move(10)},
    "core/jobs/unscripted.py": {
        "enqueue": lambda s: queue_of(s).plain.enqueue(batch_of(s), "7", "flux", {}, []),
        "seal": lambda s: queue_of(s).plain.seal(batch_of(s), 6),
        "requeue": lambda s: queue_of(s).plain.requeue(aside(s)),
        "renew": lambda s: queue_of(s).plain.renew("w-1", [("flux", delivery(s).id)]),
        "hand back": lambda s: queue_of(s).plain.hand_back("w-1", [("flux", delivery(s).id)]),
        "take over": lambda s: queue_of(s).plain.take_over("w-2", 0, 10),
        "settle": lambda s: queue_of(s).plain.settle("w-1", [("flux", delivery(s).id, batch_of(s), "1", "c", "", 0)]),
        "beat": lambda s: queue_of(s).plain.beat("w-2", "{}", ""),
        "prune": lambda s: queue_of(s).plain.prune(-1e6),
    },
    "core/jobs/scripts.py": {"run": lambda s: queue_of(s).script("return redis.call('SET', 'x', 1)", [])},
    "core/server.py": {"unlink": lambda s: s.unlink([b"locations"])},
    "worker/computing.py": {"a job": compute_a_job},
}
# These write by ``core/cache/link.py``, which never raises: they compute, store nothing, and say why.
BY_LINK = {"core/cache/claims.py", "core/cache/link.py", "core/cache/recents.py", "core/cache/statistics.py"}

# Tries its right to write on a key that does not exist, and not where the connection is locked.
TRIES = {"core/admin/survey.py"}


@pytest.mark.parametrize(
    ("module", "entry"), [(module, entry) for module, entries in ENTRIES.items() for entry in entries]
)
def test_every_way_to_write_is_refused_and_changes_nothing(place, locked, module, entry):
    before, calls = contents(place), written(place)
    with pytest.raises(StoreError) as refused:
        ENTRIES[module][entry](locked)
    assert refused.value.failure.kind is FailureKind.PRODUCTION and refused.value.failure.words == "test"
    assert contents(place) == before and written(place) == calls


def test_a_cached_run_computes_stores_nothing_and_says_why(place, locked):
    before, calls = contents(place), written(place)
    report, results = work.buffers(locked, count=60, recent=recents.RecentRun("Ana"), proof=Proof(1))
    assert work.right(results) and (report.hits, report.stored) == (30, 0)
    assert report.failure.kind is FailureKind.PRODUCTION
    assert contents(place) == before and written(place) == calls


def test_everything_can_be_read(place, locked):
    before, calls = contents(place), written(place)
    assert probe(locked.settings).failure is None
    assert read_health(locked).clients and survey(locked).looked
    assert work.members_near_paris(locked) == [b"ici"]
    queue = queue_of(locked)
    assert queue.batches() and queue.depths()["ecartees"] == 2 and len(queue.workers()) == 1
    assert len(aside(locked)) == 2
    assert [entry.who for entry in recents.recent(locked)] == ["Ana"]
    assert namespaces.survey(locked) and Maintenance(locked).count(b"calculs:buffers:essai:")
    with Watched(locked.settings) as watched, place.client() as admin:
        assert watched.feed.status().tracking and watched.fixes["1"].lat == 48.0
        assert contents(place) == before and written(place) == calls
        admin.set("vehicule:1", position(49.0))
        watched.until(lambda fixes: fixes["1"].lat == 49.0)


def test_what_was_allowed_works_until_it_is_forbidden_again(place, locked):
    production.allow("test", True)
    report, _ = work.buffers(locked, count=40)
    assert report.stored == 10 and report.failure is None
    assert queue_of(locked).discard(aside(locked)) == 2
    production.allow("test", False)
    with pytest.raises(StoreError):
        locked.bulk.set("x", 1)
    with pytest.raises(StoreError), locked.bulk.pipeline() as pipeline:
        pipeline.get("x").incr("x")
        pipeline.execute()
    with place.client() as admin:
        assert not admin.exists("x")


@pytest.mark.parametrize("flavour", ["redis", "valkey"])
def test_of_all_commands_of_the_server_none_that_writes_passes(make_server, flavour):
    with make_server(flavour).client() as admin:
        admin.set_response_callback("COMMAND", lambda reply, **_: reply)
        rows = admin.execute_command("COMMAND")
    rows = list(itertools.chain(rows, *(row[9] for row in rows)))
    assert len(rows) > 300
    names = {row[0].decode().upper() for row in rows}
    for row in rows:
        name, flags, categories = row[0].decode(), set(row[2]), set(row[6])
        words = name.split("|")
        passes = gate.changes_nothing(words)
        assert (
            gate.changes_nothing([" ".join(words)]) == passes
            and gate.changes_nothing([w.encode() for w in words]) == passes
        )
        if flags & {b"write"} or categories & {b"@write"}:
            assert not passes, name
        if passes and b"@dangerous" in categories:
            assert name.split("|")[0] in ("info", "role", "lastsave", "client", "acl", "cluster", "config", "slowlog", "latency", "readwrite"), name  # fmt: skip
    for gone in (
        "FLUSHALL",
        "FLUSHDB",
        "SHUTDOWN",
        "CONFIG|SET",
        "DEBUG",
        "SCRIPT|FLUSH",
        "PUBLISH",
        "EVAL",
        "EVALSHA",
        "MIGRATE",
    ):
        assert not gate.changes_nothing(gone.split("|"))
    known = {name for name in gate.READING if name in names}
    assert len(known) > 0.9 * len(gate.READING)  # the rest came with other versions


def test_a_cluster_has_the_gate_too(make_cluster):
    cluster = make_cluster()
    work.buffers(Server(cluster.settings()), count=30)
    server = Server(replace(cluster.settings(), production=True))
    report, results = work.buffers(server, count=60)
    assert (report.hits, report.stored) == (30, 0) and work.right(results)
    for change in (
        lambda: server.bulk.set("x", 1),
        lambda: server.unlink([b"calculs:a", b"calculs:b"]),
        lambda: server.blocking(0.1).lpush("taches_spatiales", "x"),
        lambda: server.bulk.pipeline().set("x", 1),
        lambda: server.cluster_map.client(server.cluster_map.node_of(b"x")).set("x", 1),
        lambda: JobQueue(server).create_batch("essai", DESCRIPTOR),
        lambda: load(Mode.REPLACE)(server),
    ):
        with pytest.raises(StoreError) as refused:
            change()
        assert classify(refused.value).kind is FailureKind.PRODUCTION
    with cluster.client() as admin:
        assert len(list(admin.scan_iter("calculs:buffers:*"))) == 30
        assert not list(admin.scan_iter("x")) and not list(admin.scan_iter("*taches_spatiales*"))


# The source: nobody goes around the gate, and every module that writes stands in the table above.

WRITES = frozenset(
    """
    set setex psetex setnx getset getdel mset hset hsetnx hmset hincrby hdel zadd zrem zincrby geoadd geosearchstore
    xadd xack xdel xclaim xautoclaim xtrim xgroup_create xgroup_delconsumer xreadgroup
    lpush rpush lpop rpop blpop brpop lmove blmove lrem ltrim sadd srem
    expire pexpire expireat persist unlink delete rename publish eval evalsha incr incrby decr append restore copy move
    """.split()  # noqa: SIM905
)
CLIENTS = {"client", "pipe", "pipeline", "server", "_server", "bulk", "interactive", "cache", "_link"}


def calls_in(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield node.func.attr, owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")


def test_every_module_that_writes_is_tried_above():
    writers = set()
    for path in PACKAGE.rglob("*.py"):
        if "_vendor" not in path.parts and any(a in WRITES and o in CLIENTS for a, o in calls_in(path)):
            writers.add(path.relative_to(PACKAGE).as_posix())
    assert writers <= set(ENTRIES) | BY_LINK | TRIES, writers - set(ENTRIES) - BY_LINK - TRIES
    assert len(writers) >= 10


def test_clients_are_made_in_one_place_and_packed_commands_are_known():
    makers = {"Redis", "RedisCluster", "StrictRedis", "Sentinel", "Connection", "UnixDomainSocketConnection"}
    made, packed = set(), set()
    for path in PACKAGE.rglob("*.py"):
        if "_vendor" in path.parts:
            continue
        name = path.relative_to(PACKAGE).as_posix()
        for attribute, owner in calls_in(path):
            if attribute in makers and owner in ("redis", "cluster", "sentinel"):
                made.add(name)
            if attribute in ("send_packed_command", "send_command", "pack_command", "pack_commands", "sendall"):
                packed.add(name)
    assert made == {"core/server.py", "core/localserver.py"}  # the local server is asked to shut down by its owner
    # MGET, and what live feeds and searches read; fill.py, which writes, asks production.check before it sends. tls.py is the
    # socket below redis-py.
    assert packed == {"core/server.py", "core/geo/fill.py", "core/geo/wire.py", "core/live/wire.py", "core/tls.py"}
