"""Every job of core that speaks to a server, by name: what the tests of misbehaving servers and of altered replies try.

A new use of a server gets its line here. ``stored`` puts on a server what the jobs find there.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from unittest import mock

import numpy as np
import shapely

from redis_geo_plugin.core.admin import export as key_export
from redis_geo_plugin.core.admin import samples
from redis_geo_plugin.core.admin.health import read_health
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.cache import namespaces, presence, recents, statistics
from redis_geo_plugin.core.cache.link import Link
from redis_geo_plugin.core.features import documents, finding, index_search, indexes, indexing
from redis_geo_plugin.core.features.edits import Edit
from redis_geo_plugin.core.features.publishing import NotFeatures, PublishMode, PublishRequest, publisher
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.set_feed import SetFeed
from redis_geo_plugin.core.features.set_spec import SetSpec
from redis_geo_plugin.core.features.writing import PublishFormat, PublishRow
from redis_geo_plugin.core.features.writing_back import EditWriter
from redis_geo_plugin.core.geo import areas, export, fill, native, search, sets
from redis_geo_plugin.core.geo.names import Names
from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.geometry_sources import KeySource
from redis_geo_plugin.core.jobs.glance import glance
from redis_geo_plugin.core.jobs.listing import job_lines
from redis_geo_plugin.core.jobs.lost import book_lost
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.plain_list import ListBridge
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live import feed, labelled, snapshot
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.publish import PositionReport, publish
from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.live.series_tracks import Period, tracks
from redis_geo_plugin.core.live.sources import KINDS
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis import sized
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.steps.store import StepStore
from redis_geo_plugin.core.watch import Watch
from tests.support import work
from tests.support.jobs import send, squares
from tests.support.positions import position, write_everything

SQUARE = shapely.to_wkb(shapely.box(2.3, 48.8, 2.4, 48.9), byte_order=1)
LOOKS = 2  # at batches, by whoever waits for one
NOT_OF_THE_SERVER = (  # they say themselves what is wrong
    sets.NotGeo,
    samples.NotOurs,
    NotFeatures,
    indexes.IndexProblem,
    labelled.SeriesProblem,
)
ALLOWED = (StoreError, exceptions.RedisError, exceptions.RedisClusterException, *NOT_OF_THE_SERVER)


def with_server(job):
    def run(settings):
        server = Server(settings)
        try:
            return job(server)
        finally:
            server.close()

    return run


def feed_for_a_while(settings, spec, seconds):
    running = feed.Feed(spec, settings)
    running.start()
    time.sleep(seconds)
    running.take()
    status = running.status()
    running.stop()
    return status


class AnyLayer:
    """Layers that show whatever a live set has."""

    def fits(self, _found):
        return True

    def rows(self, features):
        return [[("points", one)] for one in features]


def live_sets(settings):
    """A live set of each source, for a while: read, followed, read again where the window asks for it."""
    shown = []
    for source in ("zone:*", "zone", "cars"):
        spec = SetSpec(name="test", source=source, crs="EPSG:4326", interval=0.05)
        running = SetFeed(spec, settings, AnyLayer())
        running.start()
        time.sleep(0.2)
        running.refresh([b"zone:1", b"zone:h"])
        time.sleep(0.2)
        shown.append((running.take(1000), running.status()))
        running.stop()
    return shown


def fill_a_set(mode):
    def run(server):
        loader = fill.Loader(server, b"locations", mode)
        try:
            loader.add(
                fill.Rows([1, 2], [b"a", b"b"], np.array([2.0, 3.0]), np.array([48.0, 49.0]), ["", ""])
            )
            return loader.finish()
        except BaseException:
            loader.abandon()
            raise

    return run


def publish_features(mode, form=PublishFormat.GEOJSON, template="zone:[% $id %]"):
    def run(server):
        writer = publisher(server, PublishRequest(template, form, mode))
        try:
            writer.add([PublishRow(b"zone:1", "1", SQUARE, {"n": 1})])
            writer.plan()
            return writer.finish()
        except BaseException:
            writer.abandon()
            raise

    return run


class Moved:
    """A layer that shows whatever the server has, with another geometry for each feature."""

    def shows(self, _feature, _edit):
        return True

    def placed(self, _edit, _crs):
        return SQUARE


def write_edits(server):
    edits = [Edit(b"zone:1", "1", None, True), Edit(b"zone:2", "2", None, is_deleted=True)]
    writer = EditWriter(server, ReadRequest("zone:*"), Moved())
    report = writer.write(edits)
    writer.look(edits, report)


def collect(server):
    queue = JobQueue(server)
    return (
        queue.batches(),
        queue.tasks("20000101-000000-00000000", [1]),
        queue.events("20000101-000000-00000000"),
    )


def watch_batches(server):
    """What the Jobs panel does."""
    queue = JobQueue(server)
    batches = queue.batches()
    seen = glance(queue, batches)
    for batch in batches[:LOOKS]:
        job_lines(queue, batch, 0, 5, seen.workers)
        queue.outcomes(batch.id, range(3)), queue.size(batch.id), queue.events(batch.id)
    queue.set_aside(), queue.damaged(), queue.depths()
    presence.batches_with_results(queue, batches)
    return book_lost(queue, batches)


def manage_batches(server):
    queue = JobQueue(server)
    for batch in queue.batches()[:LOOKS]:
        queue.cancel_jobs(batch.id, [0])
        queue.cancel_batch(batch.id)
        queue.forget(batch.id)
    aside = [one.id for one in queue.set_aside()]
    return queue.requeue(aside), queue.discard(aside)


def work_as_a_worker(server):
    consumer = Consumer(JobQueue(server), "w-1")
    consumer.beat("{}", [])
    deliveries = consumer.fetch(2)
    consumer.take_over(0.0, 10)
    consumer.promote()
    return deliveries


def work_through(scripted):
    """All that a worker does with jobs."""

    def run(server):
        queue = JobQueue(server, scripted=scripted)
        consumer = Consumer(queue, "w-1")
        consumer.beat("{}", [])
        ListBridge(queue, "w-1").move(2), ListBridge(queue, "w-1").leftovers({"w-1"})
        jobs = consumer.drop_cancelled([*consumer.fetch(5), *consumer.take_over(0.0, 5)])
        KeySource(server).find([1, 2])
        consumer.renew(jobs)
        for delivery, treat in zip(jobs, (consumer.suspected, lambda d: consumer.failed(d, "error", "no"))):
            treat(delivery)
        for delivery in jobs[2:3]:
            consumer.set_aside(delivery, "error", "no", 3)
        for delivery in jobs[3:4]:
            consumer.postpone(delivery, 0.0)
        consumer.finish([Done(delivery, Code.COMPUTED) for delivery in jobs[4:5]])
        consumer.hand_back(jobs[5:])
        return consumer.promote(), consumer.prune(0.0)

    return run


def look_at_runs(server):
    """The list of recent runs in the Cache panel, and their results."""
    entries = recents.recent(server)
    present = presence.runs_with_results(server, entries)
    for entry in present[:2]:
        digests = recents.items(server, entry)
        recents.results(server, entry, digests[:3])
    for found in namespaces.survey(server)[:2]:
        namespaces.count(server, found.name, found.operation)
    for key in list(server.scan("calculs:buffers:essai:*"))[:1]:
        recents.provenance(server, key, bytes.fromhex(key[-64:].decode()))
    return namespaces.entries_by_name(server)


def change_keys(server):
    """What the Server panel offers for the plugin's keys."""
    care = Maintenance(server)
    exported = [
        list(key_export.entries(server, prefix, Watch())) for prefix in (b"calculs:buffers:", b"vehicule:")
    ]
    return exported, care.count(b"vehicule:"), care.expire(b"vehicule:", 60, True), care.purge(b"vehicule:")


def keep_steps(server):
    """The steps of a model, stored and read."""
    store = StepStore(Link(server), "essai")
    digest = bytes(range(32))
    store.step(digest), store.rows([digest])
    store.write_rows([(digest, b"row", 1.0)])
    store.write_step(digest, {"a": 1}, [b"piece"], 1.0)
    return store.step(digest), store.rows([digest])


def search_everywhere(server):
    query = search.Query(b"locations")
    area = areas.Area(shapely.box(2.0, 48.0, 3.0, 49.5))
    search.nearest(server, query, [2.35], [48.85], 2)
    ring = np.array([[2.0, 48.0], [3.0, 48.0], [3.0, 49.5], [2.0, 49.5]])
    native.search(server, b"locations", ring)
    sets.describe(server, b"locations"), sets.member_position(server, b"locations", b"place1")
    return areas.search(server, query, [area]), list(Names().find(server, "place", 10))


def export_a_set(server):
    return list(export.members(server, b"locations")), list(export.attribute_blocks(server, b"locations"))


def documents_by_pages(server):
    """All documents of an index with the cursor, which few documents would not need, and a walk that is given up."""
    found = indexes.describe(server, "cars")
    wanted = documents.Wanted(found, found.geometry(""), ("n",))
    with mock.patch.object(documents, "FIRST_PAGE", 2), mock.patch.object(documents, "MOST_ROWS", 1):
        (
            next(documents.pages(server, wanted, "*", (), Watch())),
            list(documents.pages(server, wanted, "*", (), Watch())),
        )
    return documents.some_keys(server, "cars", 3)


def ask_an_index(server):
    query = index_search.IndexQuery("cars")
    area = areas.Area(shapely.box(2.0, 48.0, 3.0, 49.5))
    return indexes.describe(server, "cars"), index_search.area(server, query, [area])


PATTERNS = {  # where ``stored`` puts what a kind of source reads
    "json_keys": "vehicule:*",
    "hash_keys": "driver:*",
    "hash_fields": "route:*",
    "geoset": "cars:locations",
    "stream": "driverLocation",
    "list_keys": "positions.*",
    "pubsub": "channel:*",
    "fleet_string": "fleet",
    "json_documents": "car:*",
    "fleet_document": "cars",
    "track_sets": "track:*",
    "paired_keys": "pair:*:lat",
    "time_series": "ts:*:lat",
    "labelled_series": "axis=(lat,lon)",
}


SPECS = {
    kind: FeedSpec(name="test", kind=kind, pattern=pattern, interval=0.1)
    for kind, pattern in PATTERNS.items()
}
for _kind, _head in (("paired_keys", "pair"), ("time_series", "ts")):
    SPECS[_kind] = SPECS[_kind].changed(details=_head + ":{id}:{field}", details_kind="lat lon")


def every_kind_of_source(settings):
    """A look at each kind, one that fails past the others; raises what the last one failed with."""
    failed = None
    for kind in KINDS:
        spec = SPECS[kind]
        for job in (snapshot.snapshot, snapshot.history, snapshot.sample):
            try:
                if kind != "pubsub":
                    job(settings, spec)
            except ALLOWED as error:
                failed = error
    if failed is not None:
        raise failed


def tracks_of_series(settings):
    with reading(settings) as reader:
        series = labelled.find(reader, ["axis=(lat,lon)"])
        roles = labelled.roles_of(series, labelled.LabelRoles())
        found = labelled.vehicles(series, roles)
        return list(tracks(reader, found, roles.mapping, Period(), Watch()))


def feeds_of(*kinds):
    def run(settings):
        return [feed_for_a_while(settings, SPECS[kind], 0.3) for kind in kinds]

    return run


JOBS = {
    "test a connection": lambda settings: probe(settings, 0.5),
    "read the health": with_server(read_health),
    "survey the keys": with_server(survey),
    "change keys": with_server(change_keys),
    "cached run": with_server(lambda server: work.buffers(server, count=20)),
    "keep steps": with_server(keep_steps),
    "list namespaces": with_server(namespaces.survey),
    "purge a namespace": with_server(lambda server: namespaces.purge(server, "essai")),
    "look at recent runs": with_server(look_at_runs),
    "list GEO sets": with_server(lambda server: list(sets.find(server))),
    "search": with_server(work.members_near_paris),
    "search everywhere": with_server(search_everywhere),
    "list indexes": with_server(indexes.find),
    "search an index": with_server(work.documents_near_paris),
    "ask an index": with_server(ask_an_index),
    "walk through an index": with_server(work.documents_of_an_index),
    "create an index": with_server(
        lambda server: indexing.create_index(server, "zones", PublishFormat.HASH, b"zone:", [("n", "int")])
    ),
    "load a set": with_server(fill_a_set(fill.Mode.ADD)),
    "replace a set": with_server(fill_a_set(fill.Mode.REPLACE)),
    "load only new ones": with_server(fill_a_set(fill.Mode.NEW)),
    "read features": with_server(lambda server: read_features(server, ReadRequest("zone:*"))),
    "read one key of features": with_server(lambda server: read_features(server, ReadRequest("zone"))),
    "read features of an index": with_server(lambda server: read_features(server, ReadRequest("cars"))),
    "publish features": with_server(publish_features(PublishMode.ADD)),
    "publish new features": with_server(publish_features(PublishMode.NEW, PublishFormat.WKB)),
    "publish hashes": with_server(publish_features(PublishMode.REPLACE, PublishFormat.HASH)),
    "publish documents": with_server(publish_features(PublishMode.ADD, PublishFormat.DOCUMENT)),
    "replace features": with_server(publish_features(PublishMode.REPLACE)),
    "publish a collection": with_server(publish_features(PublishMode.ADD, PublishFormat.COLLECTION)),
    "replace a collection": with_server(publish_features(PublishMode.REPLACE, PublishFormat.COLLECTION, "zone")),
    "write edits": with_server(write_edits),
    "find sets of features": with_server(finding.find_sets),
    "find sets that indexes declare": with_server(finding.find_declared),
    "look at a set of an index": with_server(lambda s: finding.look_at(s, ReadRequest("cars"))),
    "walk through an index by pages": with_server(documents_by_pages),
    "look at a set of features": with_server(lambda s: finding.look_at(s, ReadRequest("zone:*"))),
    "live sets of features": live_sets,
    "export a set": with_server(export_a_set),
    "find positions": find_positions,
    "find positions under a pattern": lambda settings: find_positions(settings, "cars:*"),
    "snapshot": lambda settings: snapshot.snapshot(settings, SPECS["json_keys"]),
    "every kind of source": every_kind_of_source,
    "feed": lambda settings: feed_for_a_while(settings, SPECS["json_keys"], 1.0),
    "feeds of hashes": feeds_of("hash_keys", "hash_fields", "paired_keys"),
    "feeds of sets and streams": feeds_of("geoset", "stream", "track_sets"),
    "feeds of lists and documents": feeds_of("list_keys", "json_documents", "fleet_document", "fleet_string"),
    "feeds of series and channels": feeds_of("time_series", "labelled_series", "pubsub"),
    "tracks of series": tracks_of_series,
    "publish": with_server(lambda s: publish(s, [PositionReport(1.8e9, "7", 2.0, 48.0, {})], stream="flux:vehicules")),
    "enqueue jobs": with_server(lambda server: send(JobQueue(server), squares(3))),
    "enqueue jobs without scripts": with_server(lambda server: send(JobQueue(server, scripted=False), squares(3))),
    "list and collect": with_server(collect),
    "watch batches": with_server(watch_batches),
    "manage batches": with_server(manage_batches),
    "work as a worker": with_server(work_as_a_worker),
    "work through jobs": with_server(work_through(True)),
    "work through jobs without scripts": with_server(work_through(False)),
    "list recents": with_server(recents.recent),
    "read statistics": with_server(statistics.proofs),
    "read sizes": with_server(lambda s: sized.read_strings(sized.asker(s), [b"a", b"b"])),
    "read many": with_server(lambda s: s.mget([b"a", b"b", b"c"])),
    "scan": with_server(lambda s: list(s.scan("*"))),
    "put sample places": with_server(samples.put_places),
    "remove sample places": with_server(samples.remove_places),
    "let sample vehicles sail": with_server(lambda s: samples.play(s, Watch(lambda: True))),
    "remove sample vehicles": with_server(samples.stop),
    "delete": with_server(lambda s: s.unlink([b"calculs:a"])),
}  # fmt: skip


def stored(client, server: Server) -> None:
    """Put what the jobs find: of each kind a little. ``client`` is redis-py's, of a foreign program."""
    write_everything(client)
    for number in range(4):
        client.geoadd("locations", (2.35 + number / 100, 48.85, f"place{number}"))
        client.hset("locations:attributs", f"place{number}", json.dumps({"n": number, "longitude": 2.35 + number / 100, "latitude": 48.85}))  # fmt: skip
        client.set(f"zone:{number}", json.dumps({"type": "Feature", "id": number, "properties": {"n": 1},
                   "geometry": {"type": "Point", "coordinates": [2, 48]}}))  # fmt: skip
        client.set(f"entites:{number}", f"POINT ({number} 1)")
        client.zadd(f"track:{number}", {position(): time.time()})
        client.set(f"pair:{number}:lat", 48.5), client.set(f"pair:{number}:lon", 2.5)
        client.lpush("taches_spatiales", json.dumps({"type": "buffer", "id": number, "distance": 2}))
    client.hset("zone:h", mapping={"geom": "POINT (1 2)", "srid": "4326", "name": "x"})
    client.rpush("zone:l", *['{"type": "Point", "coordinates": [1, 2]}'] * 3)
    for number in range(3):
        client.xadd("zone:s", {"geom": f"POINT ({number} 2)", "srid": "4326"})
    client.set("zone", json.dumps({"type": "FeatureCollection", "features": []}))
    _modules(client)
    _a_run(server)
    queue = JobQueue(server)
    for size in (8, 3):
        send(queue, squares(size))
    consumer = Consumer(queue, "w-0")
    consumer.beat(json.dumps({"state": "working", "current": [{"job": "x", "of": {}}]}), [])
    taken = consumer.fetch(4)
    consumer.finish([Done(taken[0], Code.COMPUTED)])
    consumer.set_aside(taken[1], "error", "no", 3)
    consumer.postpone(taken[2], 0.0)


def _a_run(server: Server) -> None:
    """A cached run, in the list of recent ones."""
    work.buffers(server, count=5)
    keys = list(server.scan("calculs:buffers:essai:*"))
    digests = [bytes.fromhex(key[-64:].decode()) for key in keys]
    run, text = (
        bytes(range(8)),
        recents.description(work.OPERATION, "essai", None, who="w", title="t", takeable=True),
    )
    with server.bulk.pipeline(transaction=False) as pipe:
        recents.describe(pipe, server, run, text, b"".join(digests), b"".join(digests))
        pipe.zadd(recents.LIST, {run.hex(): time.time()})
        pipe.execute()


def _modules(client) -> None:
    """Documents, series and indexes, where the server has them."""
    with suppress(exceptions.ResponseError, Exception):
        for number in range(4):
            at = f"{2.35 + number / 100},48.85"
            client.execute_command(
                "JSON.SET",
                f"car:{number}",
                "$",
                json.dumps({"at": at, "n": number, **json.loads(position())}),
            )
            for axis, value in (("lat", 48.5), ("lon", 2.5)):
                labels = ("LABELS", "vehicle", number, "axis", axis)
                client.execute_command("TS.ADD", f"ts:{number}:{axis}", "*", value, *labels)
        client.execute_command(
            "FT.CREATE",
            "cars",
            "ON",
            "JSON",
            "PREFIX",
            1,
            "car:",
            "SCHEMA",
            "$.at",
            "AS",
            "at",
            "GEO",
            "$.n",
            "AS",
            "n",
            "NUMERIC",
        )
