"""Rubbish in every value that the plugin reads from a server: an answer or a named refusal, never another exception.

120 examples of each test in the ordinary run, 6,000 with ``REDIS_GEO_FULL=1`` (``make test-full``); where bytes are read, each example
also comes in ``DAMAGES`` damaged forms: over 100,000 cases of cached values, of positions, of books of the queue and of attributes.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import random
import struct

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.admin import export, health, key_families, tree
from redis_geo_plugin.core.cache import codec, recents, statistics
from redis_geo_plugin.core.geo import attributes, cells, raw
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.jobs import plain, records
from redis_geo_plugin.core.jobs.geometry_sources import decode_geometry
from redis_geo_plugin.core.jobs.model import BadJob, Delivery, Descriptor
from redis_geo_plugin.core.live import formats
from redis_geo_plugin.core.live.columns import decode
from redis_geo_plugin.core.live.formats.gtfs_protobuf import read_feed
from redis_geo_plugin.core.live.json_text import parse_json
from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import (
    Decoder,
    Fix,
    Refusal,
    Row,
    Schema,
    as_json,
    text_of,
)
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping, from_json
from redis_geo_plugin.core.live.values import Times, heading, is_missing, number, speed
from tests.support import cases
from tests.support.layouts_of_programs import gtfs_protobuf

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
pytestmark = pytest.mark.timeout(7200 if FULL else 180)
rubbish = settings(
    max_examples=6000 if FULL else 120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
DAMAGES = 16
DIGEST = bytes(range(32))
SHAPE = shapely.to_wkb(shapely.Point(3, 4).buffer(2, quad_segs=2))
GOOD = codec.encode(DIGEST, SHAPE, 12.0, b"12345678")

words = st.sampled_from(
    ["latitude", "longitude", "timestamp", "lat", "lon", "type", "id", "distance", "buffer", "with", "intersection",
     "coordinates", "geometry", "Point", "Feature", "who", "when", "operation", "namespace", "total", "computed",
     "parameters", "NaN", "1e999", "-0", "POINT(1 2)", "SRID=4326;POINT(1 2)", "2026-11-22T12:00:00", "", "\x00", "\ud800"]
)  # fmt: skip
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words | st.just(10**400)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=6)
    ),
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


TOKENS = [
    b"",
    b"null",
    b"1e999",
    b"-1",
    b"NaN",
    b'"',
    b"\\ud800",
    b"{",
    b"]",
    b"\xff",
    b"\x00",
    b":0,",
    b"9" * 40,
    b"\xc2\xb2",
]


def spoiled(raw: bytes):
    """A value, then ``DAMAGES`` forms of it: bytes changed, cut out, doubled or put in, the same ones for the same value."""
    chance = random.Random(raw)
    cases.count(1 + DAMAGES)
    yield raw
    for _ in range(DAMAGES):
        damaged_form = bytearray(raw)
        for _ in range(chance.randint(1, 3)):
            start = chance.randint(0, len(damaged_form))
            end = min(len(damaged_form), start + chance.randint(0, 6))
            new = chance.choice(
                (b"", bytes(damaged_form[start:end]) * 2, chance.choice(TOKENS), chance.randbytes(2))
            )
            damaged_form[start:end] = new
        yield bytes(damaged_form)


NOW = 1_795_348_800.0
FEED = gtfs_protobuf(2, NOW)
texts_of_values = st.sampled_from(
    ["48,85;2,35", "48.85,2.35,1795348800", "POINT(2.35 48.85)", "u09tvw0f3", "Sat, 28 Nov 2026 14:00:00 CEST", "221126",
     "12:00:00", "2026-11-22T12:00:00+²²:²²", "Mon, 01 Jan 99999999999 00:00:00 GMT", "20261122120000", "EPSG:2154",
     "0101000000CDCCCCCCCCCC0240CDCCCCCCCC6C4840", "geo:1,2", "urn:ngsi-ld:a:b", "01HGW2N7EHJVJ4CJ999RRS2E97", "³", "１２"]
)  # fmt: skip
numbers = st.sampled_from(
    [0, -1, 511, 360, 102.3, 2.35, 48.85, 1e22, 488500000, 1795348800, 652381.1, 6862047.2, 2154, 17]
)
report_names = st.sampled_from(
    ["lat", "lon", "x", "y", "location", "position", "coords", "vehicle", "device", "id", "hex", "mmsi", "time", "date", "ts",
     "speed", "heading", "cog", "srid", "geohash", "value", "MessageType", "Message", "MetaData", "PositionReport", "after",
     "before", "op", "payload", "attributes", "entity_id", "state", "last_updated", "type", "_type", "class", "pk", "states",
     "trip", "latitude", "longitude", "geometry", "properties", "wkb", "coordinates", "observedAt", "unitCode", "accuracy"]
)  # fmt: skip
report_leaves = leaves | texts_of_values | numbers
reports = st.dictionaries(
    report_names,
    st.recursive(
        report_leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(report_names, inner, max_size=5),
        max_leaves=8,
    ),
    max_size=9,
)
JOB = b'{"type":"buffer","id":42,"distance":100}'
POSITION = b'{"latitude": 48.85, "longitude": 2.35, "timestamp": "2026-11-22T12:00:00", "speed": 3}'
raws = (
    st.binary(max_size=200)
    | objects.map(as_text)
    | values.map(as_text)
    | st.one_of(*map(damaged, (JOB, POSITION, SHAPE, b"POLYGON((0 0,1 0,1 1,0 0))")))
    | st.sampled_from(
        [b"[" * 5000, b"{" * 5000, b'"' * 9, b"9" * 5000, b"-1e-999999", b"\xff\xfe\x00", b"nan"]
    )
)


@rubbish
@given(st.binary(max_size=300) | damaged(GOOD) | damaged(b"RG\x01\x00" + DIGEST))
def test_a_cached_value_is_whole_or_a_miss(value):
    for one in spoiled(value):
        found = codec.decode(DIGEST, one)
        assert found is None or (found.wkb == SHAPE and found.wkb in one)
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
        if key_families.is_changeable_key(plain_name):
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
    entry = export._entry(codec.PLAIN, b"vehicule:1", value, None)
    assert entry.point is None or (math.isfinite(entry.point[0]) and abs(entry.point[1]) <= 90)


@rubbish
@given(raws)
def test_a_live_position_is_a_fix_or_a_refusal(value):
    for one in spoiled(value):
        assert_fix_or_refusal(one)


def assert_fix_or_refusal(value):
    try:
        data = parse_json(value)
    except ValueError:
        data = None
    names = Mapping(
        lon="longitude", lat="latitude", time="timestamp", speed="speed", heading="heading", id="id"
    )
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
@given(
    st.lists(objects | reports, min_size=1, max_size=5),
    st.sampled_from([one.NAME for one in formats.FORMATS] + [""]),
)
def test_the_meaning_of_rubbish_is_recognised_or_not_and_its_records_are_read_or_refused(records, known):
    for mapping in (recognise(records, with_id=True, now=NOW).mapping, recognise(records, now=NOW).mapping):
        for chosen in (mapping, Mapping(**{**vars(mapping), "format": known})):
            for texts in (False, True):
                decoder = Decoder(chosen, texts)
                for record in records:
                    found = decoder.fix(Row("7", b"k", record, b""), NOW)
                    assert isinstance(found, (Fix, Refusal))
                    assert isinstance(found, Refusal) or is_good(found)
                decode(decoder, [Row(str(n), b"k", record) for n, record in enumerate(records)], NOW)


def is_good(fix) -> bool:
    numbers = [fix.lon, fix.lat, fix.time, *(x for x in (fix.speed, fix.heading) if x is not None)]
    return (
        all(map(math.isfinite, numbers))
        and abs(fix.lon) <= 180
        and abs(fix.lat) <= 90
        and bool(fix.id.encode())
    )


@rubbish
@given(values | objects | raws)
def test_a_value_that_may_hold_a_whole_fleet(value):
    for ident, record in unfold(value):
        assert ident is None or isinstance(ident, str)
        assert isinstance(record, dict)


@rubbish
@given(damaged(FEED) | st.binary(max_size=60).map(lambda tail: FEED[:13] + tail))
def test_a_feed_in_protobuf_is_read_or_a_value_error(raw):
    try:
        feed = read_feed(raw)
    except ValueError:
        return
    assert all(isinstance(record, dict) for _, record in unfold(feed))


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
    forms = list(spoiled(value))
    for read, one in itertools.product(
        (plain.read, plain.wanted, plain.geometry_id, Descriptor.decode), forms
    ):
        try:
            found = read(one)
        except BadJob as error:
            assert str(error)
            continue
        if read is plain.read:
            assert (
                all(str(id).encode() for id in found.ids)
                and found.namespace.encode()
                and (found.ttl or 0) >= 0
            )
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
    for one in heads(head):
        found = records.batch_of("20261122-120000-00000000", one)
        assert (found is None) == (b"cree" not in one)
        if found is not None:
            assert found.created >= 0 and found.done >= 0 and found.sent >= 0
            assert isinstance(found.details, dict) and isinstance(found.finished, bool)
            assert found.ended is None or found.ended >= 0


def heads(head):
    """The head of a batch, and with each of its values damaged."""
    forms = [list(spoiled(value)) for value in head.values()]
    return [dict(zip(head, one)) for one in zip(*forms)] if forms else [head]


@rubbish
@given(
    raws | st.binary(min_size=32, max_size=32).flatmap(lambda head: values.map(lambda v: head + as_text(v)))
)
def test_what_a_batch_keeps_of_a_job(raw):
    for one in spoiled(raw):
        task = records.task_of(one)
        assert len(task.digest) <= 32
        assert task.extent is None or (len(task.extent) == 4 and all(map(math.isfinite, task.extent)))
        outcome = records.outcome_of(7, one)
        assert outcome.index == 7 and len(outcome.code) <= 1 and outcome.cost_us >= 0


@rubbish
@given(
    st.dictionaries(
        st.sampled_from([b"n", b"c", b"raison", b"mots", b"essais", b"lot", b"g0", b"brut"]), counts
    )
)
def test_a_job_that_ended_or_was_set_aside(fields):
    event = records.event_of(fields)
    assert event is None or (event[0] >= 0 and isinstance(event[1], str))
    aside = records.set_aside_of("1700000000000-0", fields)
    assert aside.tries >= 0 and (aside.index is None or aside.index >= 0) and aside.when == 1.7e9


workers = st.dictionaries(
    st.sampled_from(
        ["host", "pid", "version", "state", "processes", "operations", "done", "rate", "held", "current"]
    ),
    values | st.lists(st.dictionaries(st.sampled_from(["job", "seconds", "of"]), values), max_size=3),
)


@rubbish
@given(raws | workers.map(as_text))
def test_the_health_line_of_a_worker(raw):
    line = records.health_of(raw)
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
    read = [attributes.parse(one) for one in spoiled(value)]
    assert all(found is None or isinstance(found, dict) for found in read)
    scores = np.linspace(0, 2**52 - 1, len(read)).astype(np.uint64)
    positions = attributes.exact_positions(read, scores, np.zeros(len(read)), np.zeros(len(read)))
    assert np.isfinite(positions[0]).all() and np.isfinite(positions[1]).all()


@rubbish
@given(st.lists(st.tuples(st.binary(max_size=8), st.floats()), max_size=8))
def test_scores_of_a_sorted_set_that_is_no_geo_set(pairs):
    reply = [part for member, score in pairs for part in (member, repr(score).encode())]
    members, scores = raw.columns_of_scores(reply)
    assert len(members) == len(scores) and scores.dtype == np.uint64
    assert cells.looks_geographic(np.array([score for _, score in pairs], float)) in (True, False)


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
