"""A connection marked as production: one gate refuses whatever might change something, by whichever way it is tried."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace

import numpy as np
import pytest

from redis_geo_plugin.core.admin import samples
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces, recents
from redis_geo_plugin.core.cache.proof import Proof
from redis_geo_plugin.core.features.edits import Edit
from redis_geo_plugin.core.features.indexing import create_index
from redis_geo_plugin.core.features.publishing import PublishMode, PublishRequest, publisher
from redis_geo_plugin.core.features.writing import PublishFormat, PublishRow
from redis_geo_plugin.core.geo.fill import Loader, Mode, Rows
from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.model import Code, Delivery, Descriptor, Done, Job, SettleRow
from redis_geo_plugin.core.jobs.plain_list import ListBridge
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.jobs.scripted import ScriptedBooks
from redis_geo_plugin.core.jobs.transactions import TransactionBooks
from redis_geo_plugin.core.live.connection import Wire
from redis_geo_plugin.core.live.publish import KINDS, PositionReport, publish
from redis_geo_plugin.core.redis import gate, production
from redis_geo_plugin.core.redis.borrowed import borrowed
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Watch
from redis_geo_plugin.worker.computing import Computing
from tests.support import work, written_back
from tests.support.jobs import BUFFER, NAMESPACE, send, squares
from tests.support.positions import Watched, position
from tests.support.written_calls import PACKAGE, calls_in

REPORT = PositionReport(1.8e9, "7", 2.0, 48.0, {})
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
        admin.zadd(
            "{taches_spatiales}:lots", {"20000101-000000-00000000": 1}
        )  # a batch whose books have expired
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
    return {
        name: calls
        for name, calls in names.items()
        if name in writes | {"eval", "evalsha", "publish", "script"}
    }


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


def publish_features(form, mode):
    def run(server):
        writer = publisher(server, PublishRequest("zone:[% $id %]", form, mode))
        writer.add([PublishRow(b"zone:1", "1", None, {"n": 1})])
        writer.finish()

    return run


def edit_features(server):
    written_back.write(server, [Edit(b"zone:1", "1", None, is_deleted=True)], source="zone:*")


def transactions_of(server):
    return TransactionBooks(server.bulk, queue_of(server).p)


def scripts_of(server):
    return ScriptedBooks(server.bulk, queue_of(server).p)


# Every way in which something could be written, by the module that writes. The modules are compared with the source.
ENTRIES = {
    "core/admin/maintenance.py": {
        "expire": lambda s: Maintenance(s).expire(b"calculs:buffers:essai:", 60),
        "purge": lambda s: Maintenance(s).purge(b"calculs:buffers:essai:"),
    },
    "core/admin/samples.py": {
        "put places": samples.put_places,
        "remove places": samples.remove_places,
        "play": lambda s: samples.play(s, Watch(lambda: True)),
        "stop": samples.stop,
    },
    "core/cache/namespaces.py": {"purge": lambda s: namespaces.purge(s, NAMESPACE)},
    "core/features/publishing.py": {
        f"publish {form.name} {mode.name}": publish_features(form, mode)
        for form in PublishFormat
        if form is not PublishFormat.COLLECTION
        for mode in PublishMode
    },
    "core/features/collection_publishing.py": {
        f"publish a collection {mode.name}": publish_features(PublishFormat.COLLECTION, mode)
        for mode in PublishMode
    },
    "core/features/containers.py": {"write edits back": edit_features},
    "core/features/indexing.py": {
        "create an index": lambda s: create_index(s, "i", PublishFormat.HASH, b"zone:", [("n", "int")]),
    },
    "core/geo/fill.py": {
        **{f"load {mode.name}": load(mode) for mode in Mode},
        "begun before": load_begun_before,
    },
    "core/live/publish.py": {
        "publish": lambda s: publish(s, [REPORT], stream="flux:vehicules"),
        **{kind: lambda s, kind=kind: publish(s, [REPORT], "locations", kind=kind) for kind in KINDS},
    },
    "core/jobs/queue.py": {
        "ensure": lambda s: queue_of(s).ensure(),
        "create": lambda s: queue_of(s).create_batch("essai", DESCRIPTOR),
        "share": lambda s: queue_of(s).share_geometry(batch_of(s), b"d" * 32, b"g"),
        "enqueue": lambda s: queue_of(s).enqueue(
            batch_of(s), DESCRIPTOR, [Job(9, b"d" * 32, (b"g",), 1.0)], 9
        ),
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
    "core/jobs/plain_list.py": {"move": lambda s: ListBridge(queue_of(s), "w-2").move(10)},
    "core/jobs/transactions.py": {
        "enqueue": lambda s: transactions_of(s).enqueue(batch_of(s), 7, "flux", {}, []),
        "seal": lambda s: transactions_of(s).seal(batch_of(s), 6),
        "requeue": lambda s: transactions_of(s).requeue(aside(s)),
        "renew": lambda s: transactions_of(s).renew("w-1", [("flux", delivery(s).id)]),
        "hand back": lambda s: transactions_of(s).hand_back("w-1", [("flux", delivery(s).id)]),
        "take over": lambda s: transactions_of(s).take_over("w-2", 0, 10, ""),
        "settle": lambda s: transactions_of(s).settle(
            "w-1", [SettleRow("flux", delivery(s).id, batch_of(s), "1", "c", "", 0)]
        ),
        "beat": lambda s: transactions_of(s).beat("w-2", "{}", ""),
        "prune": lambda s: transactions_of(s).prune(-1e6),
    },
    "core/jobs/scripted.py": {"run": lambda s: scripts_of(s).beat("w-2", "{}", "")},
    "core/jobs/books.py": {
        "set aside": lambda s: queue_of(s).keep(lambda books: books.beat("w-2", "{}", ""))
    },
    "core/redis/server.py": {"unlink": lambda s: s.unlink([b"locations"])},
}


# These write by ``core/cache/link.py``, which never raises: they compute, store nothing, and say why.
BY_LINK = {"core/cache/claims.py", "core/cache/link.py", "core/cache/recents.py", "core/cache/statistics.py"}


# The marks that the transactions of "core/jobs/transactions.py" set, which are tried above.
MARKS = {"core/jobs/looks.py"}


# Writes the events of geofences, and says in the feed's note that it may not.
SAYS = {"core/live/fences.py"}


# Tries its right to write on a key that does not exist, and not where the connection is locked.
TRIES = {"core/admin/survey.py"}
ANSWERS = {"worker/computing.py"}  # says that the job has failed


@pytest.mark.parametrize(
    ("module", "entry"), [(module, entry) for module, entries in ENTRIES.items() for entry in entries]
)
def test_every_way_to_write_is_refused_and_changes_nothing(place, locked, module, entry):
    before, calls = contents(place), written(place)
    with pytest.raises(StoreError) as refused:
        ENTRIES[module][entry](locked)
    assert refused.value.failure.kind is FailureKind.PRODUCTION and refused.value.failure.words == "test"
    assert contents(place) == before and written(place) == calls


def test_a_job_of_a_worker_fails_and_changes_nothing(place, locked):
    said = []
    setup = {"queues": ["taches_spatiales"], "template": "entites:{id}"}
    computing = Computing(setup, locked.settings, type("Talk", (), {"say": staticmethod(said.append)}))
    before, calls = contents(place), written(place)
    computing.chunk([(1, False, False, delivery(locked).fields)])
    assert contents(place) == before and written(place) == calls
    assert said[-1]["t"] == "failed" and "production" in said[-1]["jobs"][0][2]


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
    assert namespaces.survey(locked) and Maintenance(locked).count(b"calculs:buffers:essai:").ours
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
SENDING = {"ask", "ask_many", "execute_command"}


def commands_in(path):
    """The first words of lists and tuples, of conditions among them, and of calls that send: names of commands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        first = None
        if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) > 1:
            first = node.elts[0]
        elif isinstance(node, ast.Call) and node.args and getattr(node.func, "attr", "") in SENDING:
            first = node.args[0]
        for word in ast.walk(first) if first is not None else ():
            if isinstance(word, ast.Constant) and isinstance(word.value, (str, bytes)):
                text = word.value if isinstance(word.value, str) else word.value.decode("latin-1")
                if text.isupper():
                    yield text.partition(" ")[0].lower()


def test_every_module_that_writes_is_tried_above():
    writers = set()
    for path in PACKAGE.rglob("*.py"):
        called = any(a in WRITES and o in CLIENTS for a, o in calls_in(path))
        if "_vendor" not in path.parts and (called or WRITES & set(commands_in(path))):
            writers.add(path.relative_to(PACKAGE).as_posix())
    known = set(ENTRIES) | BY_LINK | MARKS | TRIES | ANSWERS | SAYS
    assert writers <= known, writers - known
    assert len(writers) >= 10


@pytest.fixture(params=["marked from the start", "marked meanwhile"])
def marked(request, place, locked):
    """A server that was locked when its clients were made, and one that was locked after they had written."""
    if request.param == "marked from the start":
        yield locked
        return
    made = Server(place.settings())
    for client in (made.interactive, made.bulk, made.cache):
        client.set("written before", 1)
        with borrowed(client) as connection:
            connection.ask([("SET", "written before", 2), ("GEOADD", "locations before", 1, 1, "x")])
    production.mark("test", True)
    yield made
    made.close()
    production.mark("test", False)


@pytest.mark.parametrize("kind", ["interactive", "bulk", "cache", "blocking", "borrowed", "wire"])
def test_every_kind_of_client_has_the_gate(place, marked, kind):
    locked = marked
    client = locked.blocking(0.1) if kind == "blocking" else getattr(locked, kind, locked.bulk)
    before, calls = contents(place), written(place)
    for words in (
        ("SET", "x", 1),
        (b"set", b"x", b"1"),
        ("GEOADD", "locations", 1, 1, "x"),
        ("XADD", "f", "*", "a", 1),
    ):
        with pytest.raises(StoreError):
            if kind == "borrowed":
                with borrowed(client) as connection:
                    connection.ask([("PING",), words])
            elif kind == "wire":
                Wire(client).ask(*words)
            else:
                client.execute_command(*words)
        with pytest.raises(StoreError):
            client.pipeline().execute_command(*words)
    assert contents(place) == before and written(place) == calls


def test_a_borrowed_connection_that_was_allowed_is_asked_again_when_changes_are_forbidden(place, locked):
    production.allow("test", True)
    with pytest.raises(StoreError), borrowed(locked.bulk) as connection:
        assert connection.ask([("SET", "calculs:x", 1)]) == [b"OK"]
        production.allow("test", False)
        connection.ask([("SET", "calculs:x", 2)])
    with place.client() as admin:
        assert admin.get("calculs:x") == b"1"


def test_connections_that_have_written_are_refused_once_the_connection_is_marked(place):
    server = Server(place.settings())
    words = [("SET", "calculs:x", 1), ("XADD", "flux:x", "*", "a", 1)]
    wire = Wire(server.bulk)
    try:
        with pytest.raises(StoreError), borrowed(server.bulk) as connection:
            connection.ask(words), wire.ask(*words[0])
            production.mark("test", True)
            before, calls = contents(place), written(place)
            with pytest.raises(StoreError):
                wire.ask(*words[0])
            connection.ask(words)
        assert contents(place) == before and written(place) == calls
    finally:
        production.mark("test", False)
        server.close()
