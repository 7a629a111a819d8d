"""From a job's fields to what is computed: right fields give an item with its key, wrong ones a reason."""

from __future__ import annotations

import json

import pytest
import shapely

from redis_geo_plugin.core.cache.items import Item, name_items
from redis_geo_plugin.core.jobs.model import BadJob, Descriptor, JobReason
from redis_geo_plugin.core.keys import DEFAULT_TTL
from redis_geo_plugin.core.operations import Buffer, ConvexHull, Intersection, Simplify
from redis_geo_plugin.worker import items
from redis_geo_plugin.worker.items import ItemReader, by_kind

SQUARE = shapely.to_wkb(shapely.box(0, 0, 4, 4))
OTHER = shapely.to_wkb(shapely.box(2, 2, 6, 6))
QUEUE = "taches_spatiales"


class Kept:
    """The hashes of a server, as far as a reader asks for them; counts the questions."""

    def __init__(self, **hashes):
        self.hashes, self.asked = hashes, 0

    @property
    def client(self):
        return self

    def batch_key(self, batch, suffix=""):
        return batch + suffix

    def hget(self, key, field):
        self.asked += 1
        return self.hashes.get(key, {}).get(field)


class Geometries:
    def __init__(self, **known):
        self.known = known

    def find(self, ids):
        return [self.known.get(str(id)) for id in ids]

    def where(self, id):
        return f"entites:{id}"


def descriptor(operation, **changed):
    values = {
        "op": operation.name,
        "v": operation.version,
        "par": operation.to_job(),
        "ns": "essai",
        "ttl": 60,
    }
    return json.dumps({**values, **changed}).encode()


def fields(operation, *wkbs, number=None, **changed):
    made = {b"d": descriptor(operation, **changed), b"_file": QUEUE.encode(), b"lot": b"7"}
    made.update({b"g%d" % i: wkb for i, wkb in enumerate(wkbs)})
    if number is not None:
        made[b"num"] = str(number).encode()
    item = Item(0, wkbs, number)
    if len(wkbs) == operation.arity:
        name_items(operation, [item])
        made[b"cle"] = item.digest
    return made


def read(*jobs, queue=None, **known):
    numbered = [(i, False, False, job) for i, job in enumerate(jobs)]
    return ItemReader({QUEUE: queue or Kept()}, Geometries(**known)).read(numbered)


def test_a_job_of_a_batch_is_an_item_with_its_key():
    job = fields(Buffer(segments=8), SQUARE, number=12.5)
    [item], bad = read(job)
    assert bad == []
    assert (item.operation, item.number, item.wkbs) == (Buffer(segments=8), 12.5, (SQUARE,))
    assert (item.namespace, item.ttl, item.queue, item.batch, item.result_key) == (
        "essai",
        60,
        QUEUE,
        "7",
        "",
    )
    assert item.digest == job[b"cle"]


WRONG = {
    "no description": ({b"_file": b"q"}, JobReason.BAD_JSON),
    "an unknown operation": (fields(Buffer(), SQUARE, number=1, op="rotate"), JobReason.UNKNOWN_TYPE),
    "another version": (fields(Buffer(), SQUARE, number=1, v=99), JobReason.UNKNOWN_VERSION),
    "a wrong parameter": (fields(Buffer(), SQUARE, number=1, par={"segments": 0}), JobReason.BAD_PARAMETER),
    "no distance": (fields(Buffer(), SQUARE), JobReason.BAD_PARAMETER),
    "a distance in words": ({**fields(Buffer(), SQUARE, number=1), b"num": b"far"}, JobReason.BAD_PARAMETER),
    "a negative tolerance": (fields(Simplify(), SQUARE, number=-1), JobReason.BAD_PARAMETER),
    "no geometry": (fields(ConvexHull()), JobReason.NO_GEOMETRY),
    "half a geometry": (fields(ConvexHull(), SQUARE[:-3]), JobReason.BAD_GEOMETRY),
    "the key of another": ({**fields(ConvexHull(), SQUARE), b"cle": b"k" * 32}, JobReason.BAD_PARAMETER),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_job_has_a_reason_and_its_neighbours_are_read(what):
    job, reason = WRONG[what]
    good = fields(Buffer(), SQUARE, number=1)
    found, [(number, error)] = read(good, job, good)
    assert [item.place for item in found] == [0, 2]
    assert number == 1 and isinstance(error, BadJob) and error.kind == reason


def overlaid(digest):
    """A job whose second geometry its batch keeps under this digest."""
    made = fields(Intersection(), SQUARE, OTHER)
    del made[b"g1"]
    return {**made, b"r1": digest}


def test_the_overlay_of_a_batch_is_asked_for_once():
    queue = Kept(**{"7:geometries": {b"d" * 32: OTHER}})
    job = overlaid(b"d" * 32)
    found, bad = read(job, job, job, queue=queue)
    assert bad == []
    assert [item.wkbs for item in found] == [(SQUARE, OTHER)] * 3
    assert queue.asked == 1


def test_an_overlay_that_is_gone_is_a_reason():
    _, [(_, error)] = read(overlaid(b"d" * 32))
    assert error.kind == JobReason.NO_GEOMETRY


def test_overlays_are_forgotten_as_their_bytes_grow(monkeypatch):
    monkeypatch.setattr(items, "REMEMBERED_BYTES", len(OTHER) + 10)
    digests = [bytes([i]) * 32 for i in range(3)]
    queue = Kept(**{"7:geometries": dict.fromkeys(digests, OTHER)})
    jobs = [overlaid(digest) for digest in (*digests, digests[2], digests[0])]
    found, bad = read(*jobs, queue=queue)
    assert len(found) == 5 and bad == []
    assert queue.asked == 4, "the last one is still known, the first has to be asked for again"


def test_a_plain_job_brings_its_geometries_by_name():
    text = b'{"type": "intersection", "id": 1, "with": "b", "ttl": 0}'
    [item], bad = read({b"brut": text, b"_file": b"x", b"liste": b"mine"}, **{"1": SQUARE, "b": OTHER})
    assert bad == [] and item.operation == Intersection()
    assert (item.queue, item.ttl, item.batch) == ("mine", 0, "")
    assert item.result_key == "mine:resultats:intersection:1:ttl=0:with=b"
    assert [shapely.from_wkb(wkb).area for wkb in item.wkbs] == [16.0, 16.0]


def test_plain_jobs_are_kept_as_long_as_others_where_they_do_not_say():
    [item], _ = read({b"brut": b'{"type": "convexhull", "id": 1}', b"_file": QUEUE.encode()}, **{"1": SQUARE})
    assert item.ttl == DEFAULT_TTL and item.queue == QUEUE


def test_a_plain_job_whose_geometry_is_missing_names_the_place():
    _, [(_, error)] = read({b"brut": b'{"type": "convexhull", "id": 5}', b"_file": b"q"})
    assert error.kind == JobReason.NO_GEOMETRY and str(error) == "entites:5"


def test_items_of_one_kind_come_together():
    jobs = [
        fields(Buffer(), SQUARE, number=1),
        fields(ConvexHull(), SQUARE),
        fields(Buffer(), OTHER, number=2),
    ]
    jobs.append(fields(Buffer(), SQUARE, number=1, ttl=9))
    found, _ = read(*jobs)
    assert [[item.place for item in group] for group in by_kind(found)] == [[0, 2], [1], [3]]


def test_a_description_is_read_back_as_it_was_sent():
    sent = Descriptor("buffer", Buffer.version, Buffer(segments=9).to_job(), "essai", 60)
    assert Descriptor.decode(sent.encode()) == sent
