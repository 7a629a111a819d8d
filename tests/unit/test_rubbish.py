"""Rubbish in every value that the plugin reads from a server: an answer or a named refusal, never another exception.

120 examples of each in the ordinary run, 6,000 (over 100,000 cases in all) with ``REDIS_GEO_FULL=1``: ``make test-full``.
"""

from __future__ import annotations

import json
import math
import os
import struct

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core import wkb
from redis_geo_plugin.core.admin import export, health, own, tree
from redis_geo_plugin.core.cache import codec, recents, statistics
from redis_geo_plugin.core.geo import attributes, raw, sets
from redis_geo_plugin.core.jobs import books, plain
from redis_geo_plugin.core.jobs.geometry_sources import decode_geometry
from redis_geo_plugin.core.jobs.model import BadJob, Delivery, Descriptor
from redis_geo_plugin.core.live.records import Decoder, Fix, Refusal, Row, Schema, as_json, parse_json, text_of
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping, from_json
from redis_geo_plugin.core.live.values import Times, heading, is_missing, number, speed

EXAMPLES = 6000 if os.environ.get("REDIS_GEO_FULL") else 120
rubbish = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
DIGEST = bytes(range(32))
SHAPE = shapely.to_wkb(shapely.Point(3, 4).buffer(2, quad_segs=2))
GOOD = codec.encode(DIGEST, SHAPE, 12.0, b"12345678")

words = st.sampled_from(
    ["latitude", "longitude", "timestamp", "lat", "lon", "type", "id", "distance", "buffer", "with", "intersection",
     "coordinates", "geometry", "Point", "Feature", "who", "when", "operation", "namespace", "total", "computed",
     "parameters", "NaN", "1e999", "-0", "POINT(1 2)", "SRID=4326;POINT(1 2)", "2026-11-22T12:00:00", "", "\x00", "\ud800"]
)  # fmt: skip
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words | st.just(10**400)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=6),
    max_leaves=12,
)
objects = st.dictionaries(words, values, max_size=8)


def as_text(value) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def damaged(good: bytes):
    """A good value with bytes changed, cut out or put in."""

    def change(parts):
        place, cut, more = parts
        place %= len(good)
        return good[:place] + more + good[place + cut :]

    return st.tuples(st.integers(0, 10_000), st.integers(0, 8), st.binary(max_size=8)).map(change)


JOB = b'{"type":"buffer","id":42,"distance":100}'
POSITION = b'{"latitude": 48.85, "longitude": 2.35, "timestamp": "2026-11-22T12:00:00", "speed": 3}'
raws = (
    st.binary(max_size=200)
    | objects.map(as_text)
    | values.map(as_text)
    | st.one_of(*map(damaged, (JOB, POSITION, SHAPE, b"POLYGON((0 0,1 0,1 1,0 0))")))
    | st.sampled_from([b"[" * 5000, b"{" * 5000, b'"' * 9, b"9" * 5000, b"-1e-999999", b"\xff\xfe\x00", b"nan"])
)


@rubbish
@given(st.binary(max_size=300) | damaged(GOOD) | damaged(b"RG\x01\x00" + DIGEST))
def test_a_cached_value_is_whole_or_a_miss(value):
    found = codec.decode(DIGEST, value)
    assert found is None or (found.wkb == SHAPE and found.wkb in value)
    if found is not None:
        assert len(found.run) == 8 and 0 <= found.cost_us < 2**32


@rubbish
@given(st.binary(min_size=32, max_size=32))
def test_a_value_under_another_key_is_a_miss(digest):
    assert codec.decode(digest, GOOD) is None or digest == DIGEST


@rubbish
@given(st.lists(st.binary(max_size=120) | damaged(SHAPE) | st.none(), max_size=4))
def test_wkb_that_cannot_be_read_spoils_no_other(parts):
    read = wkb.read([*parts, SHAPE])
    assert len(read) == len(parts) + 1 and shapely.equals(read[-1], shapely.from_wkb(SHAPE))
    assert all(geometry is None or isinstance(geometry, shapely.Geometry) for geometry in read)


@rubbish
@given(raws)
def test_the_description_of_a_run(value):
    entry = recents.parse(b"12345678", value)
    if entry is not None:
        assert math.isfinite(entry.when) and entry.total >= 0 and len(entry.who) <= 200
    counted = statistics.number(value)
    assert isinstance(counted, int) and counted >= 0


@rubbish
@given(st.lists(st.binary(max_size=40) | raws, max_size=30), st.binary(max_size=5))
def test_names_of_keys(names, tenant):
    names = [tenant + name for name in names]
    root = tree.build(names, (), tenant)
    assert root.seen == len(names)
    for name in names:
        plain_name = name[len(tenant) :]
        if own.is_changeable_key(plain_name):
            assert plain_name.startswith((b"calculs:", b"calculations:", b"vehicule:", b"vehicle:"))


@rubbish
@given(st.dictionaries(st.sampled_from(["used_memory", "maxmemory", "db0", "role", "maxclients", "rdb_last_save_time",
                                        "maxmemory_policy", "aof_enabled", "keyspace_hits"]), values))  # fmt: skip
def test_figures_of_a_server_or_of_a_proxy(info):
    found = health._health([info], 0, None, 1.0, ())
    assert isinstance(found.used, int) and isinstance(found.policy, str)
    assert found.hit_rate is None or found.hits + found.misses


@rubbish
@given(raws)
def test_a_position_to_be_exported(value):
    entry = export._entry(b"vehicule:1", value, None)
    assert entry.point is None or (math.isfinite(entry.point[0]) and abs(entry.point[1]) <= 90)


@rubbish
@given(raws)
def test_a_live_position_is_a_fix_or_a_refusal(value):
    try:
        data = parse_json(value)
    except ValueError:
        data = None
    names = Mapping(lon="longitude", lat="latitude", time="timestamp", speed="speed", heading="heading", id="id")
    row = Row("7", b"vehicule:7", data if isinstance(data, dict) else {}, value)
    for texts in (False, True):
        found = Decoder(names, texts).fix(row, 1_795_348_800.0)
        assert isinstance(found, (Fix, Refusal))
        if isinstance(found, Fix):
            assert -180 <= found.lon <= 180 and -90 <= found.lat <= 90
            assert found.time is None or math.isfinite(found.time)
            Schema({}).observe(found.attributes)
    assert isinstance(text_of(value), str)


@rubbish
@given(objects)
def test_nested_fields_of_a_live_position(data):
    names = Mapping(pair="coordinates", lon="", lat="", time="when", id="id")
    found = Decoder(names).fix(Row("7", b"k", data, b""), 1_795_348_800.0)
    assert isinstance(found, (Fix, Refusal))
    assert len(as_json(data)) < 100_000


@rubbish
@given(values)
def test_single_values_of_a_live_position(value):
    is_missing(value)
    for read in (number, heading, speed):
        try:
            found = read(value)
        except TypeError as error:
            assert "argument" in str(error)  # a function with more arguments than a value
            continue
        assert found is None or math.isfinite(found)
    when = Times().read(value)
    assert when is None or math.isfinite(when)


@rubbish
@given(values.map(json.dumps) | st.text(max_size=40))
def test_a_feed_kept_with_the_project(text):
    try:
        assert isinstance(from_json(text), FeedSpec)
    except ValueError:
        pass


@rubbish
@given(raws)
@example(b'{"type":""}')
def test_a_job_of_the_plain_list_is_read_or_set_aside_with_a_reason(value):
    for read in (plain.read, plain.wanted, plain.geometry_id, Descriptor.decode):
        try:
            found = read(value)
        except BadJob as error:
            assert str(error)
            continue
        if read is plain.read:
            assert all(str(id).encode() for id in found.ids) and found.namespace.encode() and (found.ttl or 0) >= 0
            assert found.number is None or math.isfinite(found.number)


@rubbish
@given(st.dictionaries(st.sampled_from([b"d", b"lot", b"n", b"brut", b"essais", b"soupcons", b"g0"]), raws))
def test_an_entry_of_the_queue(fields):
    delivery = Delivery("flux", "1-0", fields)
    assert isinstance(delivery.label, str) and delivery.tries >= 0 and delivery.suspicions >= 0


HEAD = (b"cree", b"nom", b"d", b"total", b"envoyees", b"c", b"a", b"f", b"x", b"fin", b"priorite", b"details", b"annule",
        b"octets", b"octets_finis")  # fmt: skip
counts = st.integers().map(lambda n: str(n).encode()) | raws


@rubbish
@given(st.dictionaries(st.sampled_from(HEAD), counts))
def test_the_head_of_a_batch(head):
    found = books.batch_of("20261122-120000-00000000", head)
    assert (found is None) == (b"cree" not in head)
    if found is not None:
        assert found.created >= 0 and found.done >= 0 and found.sent >= 0 and isinstance(found.details, dict)
        assert isinstance(found.finished, bool) and (found.ended is None or found.ended >= 0)


@rubbish
@given(raws | st.binary(min_size=32, max_size=32).flatmap(lambda head: values.map(lambda v: head + as_text(v))))
def test_what_a_batch_keeps_of_a_job(raw):
    task = books.task_of(raw)
    assert len(task.digest) <= 32
    assert task.extent is None or (len(task.extent) == 4 and all(map(math.isfinite, task.extent)))
    outcome = books.outcome_of(7, raw)
    assert outcome.index == 7 and len(outcome.code) <= 1 and outcome.cost_us >= 0


@rubbish
@given(st.dictionaries(st.sampled_from([b"n", b"c", b"raison", b"mots", b"essais", b"lot", b"g0", b"brut"]), counts))
def test_a_job_that_ended_or_was_set_aside(fields):
    event = books.event_of(fields)
    assert event is None or (event[0] >= 0 and isinstance(event[1], str))
    aside = books.set_aside_of("1700000000000-0", fields)
    assert aside.tries >= 0 and (aside.index is None or aside.index >= 0) and aside.when == 1.7e9


workers = st.dictionaries(
    st.sampled_from(["host", "pid", "version", "state", "processes", "operations", "done", "rate", "held", "current"]),
    values | st.lists(st.dictionaries(st.sampled_from(["job", "seconds", "of"]), values), max_size=3),
)


@rubbish
@given(raws | workers.map(as_text))
def test_the_health_line_of_a_worker(raw):
    line = books.health_of(raw)
    assert all(math.isfinite(line[name]) for name in ("pid", "processes", "done", "rate", "held"))
    assert all(isinstance(name, str) for name in (line["state"], line["host"], *line["operations"]))
    assert all(math.isfinite(job["seconds"]) and isinstance(job["job"], str) for job in line["current"])
    assert all(isinstance(n, int) for job in line["current"] for places in job["of"].values() for n in places)


@rubbish
@given(raws)
def test_the_geometry_of_a_plain_job(value):
    try:
        found = decode_geometry(value)
    except BadJob:
        return
    assert np.isfinite(shapely.get_coordinates(shapely.from_wkb(found))).all()


@rubbish
@given(raws)
def test_attributes_beside_a_geo_set(value):
    found = attributes.parse(value)
    assert found is None or isinstance(found, dict)
    scores = np.array([0, 2**51, 2**52 - 1], np.uint64)
    lon, lat = np.zeros(3), np.zeros(3)
    positions = attributes.exact_positions([found, None, found], scores, lon, lat)
    assert np.isfinite(positions[0]).all() and np.isfinite(positions[1]).all()


@rubbish
@given(st.lists(st.tuples(st.binary(max_size=8), st.floats()), max_size=8))
def test_scores_of_a_sorted_set_that_is_no_geo_set(pairs):
    reply = [part for member, score in pairs for part in (member, repr(score).encode())]
    members, scores = raw.columns_of_scores(reply)
    assert len(members) == len(scores) and scores.dtype == np.uint64
    assert sets.looks_geographic(np.array([score for _, score in pairs], float)) in (True, False)


@pytest.mark.parametrize("kind", range(0, 20))
def test_curves_and_unknown_types_are_no_geometry_and_spoil_no_other(kind):
    """Circular strings, curve polygons and the like, which Shapely does not know."""
    raw = struct.pack("<BI", 1, kind) + SHAPE[5:]
    read = wkb.read([raw, SHAPE])
    assert shapely.equals(read[1], shapely.from_wkb(SHAPE))
    try:
        decode_geometry(raw)
    except BadJob:
        assert kind != 3


@pytest.mark.parametrize("length", range(0, codec.HEADER_SIZE + 3))
def test_a_value_cut_anywhere_is_a_miss(length):
    assert codec.decode(DIGEST, GOOD[:length]) is None
    assert codec.decode(DIGEST, struct.pack(">I", 7) + GOOD) is None
