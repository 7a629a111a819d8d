"""Rubbish in every value that the plugin reads from a server: an answer or a named refusal, never another exception.

120 examples of each test in the ordinary run, 6,000 with ``REDIS_GEO_FULL=1`` (``make test-full``); where bytes are read, each example
also comes in ``DAMAGES`` damaged forms: over 100,000 cases of cached values, of positions, of books of the queue and of attributes.
"""

from __future__ import annotations

import json
import math
import struct

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from redis_geo_plugin.core.admin import export, health, key_families, tree
from redis_geo_plugin.core.cache import codec, recents, statistics
from redis_geo_plugin.core.geo import attributes, cells, raw
from redis_geo_plugin.core.geometry import wkb
from redis_geo_plugin.core.jobs.geometry_sources import decode_geometry
from redis_geo_plugin.core.jobs.model import BadJob
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
from tests.support.layouts_of_programs import gtfs_protobuf
from tests.support.rubbish import (
    FULL,
    SHAPE,
    as_text,
    can_be_written,
    damaged,
    leaves,
    objects,
    raws,
    rubbish,
    spoiled,
    values,
)

pytestmark = pytest.mark.timeout(7200 if FULL else 180)
DIGEST = bytes(range(32))
GOOD = codec.encode(DIGEST, SHAPE, 12.0, b"12345678")
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


runs = st.fixed_dictionaries(
    {"who": values, "when": values | st.just(1.7e9), "operation": values, "namespace": values, "total": values | st.just(5),
     "computed": values | st.just(10**400)},
    optional={"title": values, "parameters": values, "geos": values, "worker": values, "takeable": values},
)  # fmt: skip


@rubbish
@given(raws | runs.map(as_text))
@example(as_text({"who": "\ud800", "when": 1.7e9, "operation": "b", "namespace": "\udfff", "total": 5, "computed": 1e30,
                  "title": "\ud800", "parameters": {"\ud800": ["\ud800"]}}))  # fmt: skip
def test_the_description_of_a_run(value):
    entry = recents.parse(b"12345678", value)
    if entry is not None:
        assert math.isfinite(entry.when) and len(entry.who) <= 200
        assert all(0 <= count <= recents.MOST_TOLD for count in (entry.total, entry.computed))
        assert can_be_written([entry.who, entry.namespace, entry.title, entry.parameters, entry.worker])
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
def test_attributes_beside_a_geo_set(value):
    read = [attributes.parse(one) for one in spoiled(value)]
    assert all(found is None or isinstance(found, dict) for found in read) and can_be_written(read)
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
