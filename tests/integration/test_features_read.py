"""Features on real servers, in each type of key: found, told and read right, the bad ones refused alone."""

from __future__ import annotations

import json

import pytest
import shapely

from redis_geo_plugin.core.features.indexes import IndexProblem
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Cancelled, Watch

WGS = "EPSG:4326"


def area(number: int) -> shapely.Polygon:
    return shapely.box(2 + number / 100, 48, 2.005 + number / 100, 48.01)


def feature(number: int) -> dict:
    return {"type": "Feature", "id": f"z{number}", "geometry": json.loads(shapely.to_geojson(area(number))),
            "properties": {"name": f"zone {number}", "n": number}}  # fmt: skip


def features_of(server, source: str, **how):
    opened = Server(server.settings())
    try:
        return read_features(opened, ReadRequest(source, **how))
    finally:
        opened.close()


def shapes(found) -> dict[str, str]:
    return {one.id: shapely.from_wkb(one.wkb).wkt for one in found.features}


def right(*names: str) -> dict[str, str]:
    return {name: area(number).wkt for number, name in enumerate(names)}


def same(found, expected: dict[str, str]) -> bool:
    got = shapes(found)
    return got.keys() == expected.keys() and all(
        shapely.equals(shapely.from_wkt(got[name]), shapely.from_wkt(expected[name])) for name in got
    )


IDS = ("0", "1", "2")


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        yield client


def test_strings_of_a_pattern(one_server, client):
    for number in range(3):
        client.set(f"zone:{number}", area(number).wkt)
    client.set("other:1", "x")
    client.zadd("zone:set", {"a": 1})
    client.set("zone:bad", "POLYGON((0 0")
    found = features_of(one_server, "zone:*", crs=WGS)
    assert same(found, right(*IDS)) and found.keys == 5
    assert found.refusals.reasons == {WhyRefused.ANOTHER_TYPE: 1, WhyRefused.CUT_SHORT: 1}
    assert {(one.key, one.reason) for one in found.refusals.listed} == {
        (b"zone:set", WhyRefused.ANOTHER_TYPE), (b"zone:bad", WhyRefused.CUT_SHORT)}  # fmt: skip
    assert found.crs == WGS


def test_one_collection_under_one_key(one_server, client):
    client.set(
        "districts", json.dumps({"type": "FeatureCollection", "features": [feature(n) for n in range(3)]})
    )
    found = features_of(one_server, "districts")
    assert same(found, right("z0", "z1", "z2"))
    assert [(one.name, one.kind) for one in found.schema.fields()] == [("name", "text"), ("n", "int")]
    by_name = features_of(one_server, "districts", id_field="name")
    assert {one.id for one in by_name.features} == {"zone 0", "zone 1", "zone 2"}


def test_hashes_with_a_geometry_among_their_fields(one_server, client):
    for number in range(3):
        client.hset(f"zone:{number}", mapping={"geom": area(number).wkt, "n": number, "name": f"z{number}"})
    found = features_of(one_server, "zone:*", crs=WGS)
    assert same(found, right(*IDS))
    assert {one.name: one.kind for one in found.schema.fields()} == {"n": "int", "name": "text"}


def test_a_hash_whose_fields_are_features(one_server, client):
    client.hset("zones", mapping={str(n): shapely.to_geojson(area(n)) for n in range(3)})
    assert same(features_of(one_server, "zones"), right(*IDS))
    client.hset("many", mapping={str(n): shapely.to_geojson(area(n)) for n in range(1200)})
    assert len(features_of(one_server, "many").features) == 1200


def test_the_entries_of_a_list(one_server, client):
    client.rpush("zones", *[json.dumps(feature(n)) for n in range(3)], "no")
    found = features_of(one_server, "zones")
    assert same(found, right("z0", "z1", "z2"))
    assert [(one.part, one.reason) for one in found.refusals.listed] == [("3", WhyRefused.UNREADABLE)]


def test_the_latest_of_each_id_in_a_stream_or_all(one_server, client):
    for number in (0, 1, 2, 1):
        client.xadd("moves", {"payload": json.dumps(feature(number))})
    assert same(features_of(one_server, "moves"), right("z0", "z1", "z2"))
    assert len(features_of(one_server, "moves", history=True).features) == 4
    for number in range(600):
        client.xadd("long", {"geom": area(0).wkt, "n": number})
    assert len(features_of(one_server, "long", crs=WGS).features) == 600


def test_rows_that_changed_and_went_in_a_stream_of_debezium(one_server, client):
    def change(row: int, after: object, op: str) -> None:
        event = {"before": {"id": row}, "after": after, "op": op, "ts_ms": 1}
        client.xadd("rows", {"key": json.dumps({"id": row}), "value": json.dumps(event)})

    for row in range(3):
        change(row, {"id": row, "geom": {"wkb": shapely.to_wkb(area(row), hex=True), "srid": 4326}}, "c")
    change(1, None, "d")
    change(2, None, "d")
    change(2, {"id": 2, "geom": {"wkb": shapely.to_wkb(area(2), hex=True), "srid": 4326}}, "c")
    assert same(features_of(one_server, "rows"), {"0": area(0).wkt, "2": area(2).wkt})


def test_documents_of_the_stack(stack_server):
    with stack_server.client() as client:
        for number in range(3):
            document = {
                "name": f"z{number}",
                "inner": {"geom": area(number).wkt},
                "srid": 4326,
                "tags": ["a"],
            }
            client.execute_command("JSON.SET", f"doc:{number}", "$", json.dumps(document))
        client.execute_command("JSON.SET", "doc:bad", "$", '{"name": 1}')
    found = features_of(stack_server, "doc:*")
    assert same(found, right(*IDS)) and found.refusals.reasons == {WhyRefused.NO_GEOMETRY: 1}
    assert found.features[0].attributes == {"name": "z0", "srid": 4326, "tags": ["a"]}
    assert same(features_of(stack_server, "doc:*", geometry_field="$.inner.geom"), right(*IDS))


def test_the_nodes_of_a_cluster(each_cluster):
    with each_cluster.client() as client:
        for number in range(200):
            client.set(f"zone:{number}", shapely.to_geojson(area(number)))
            client.hset(f"hash:{number}", mapping={"geom": area(number).wkt})
    found = features_of(each_cluster, "zone:*")
    assert len({one.id for one in found.features}) == 200
    assert len(features_of(each_cluster, "hash:*", crs=WGS).features) == 200


def test_a_key_that_is_not_there_and_one_that_is_too_large(one_server, client, monkeypatch):
    from redis_geo_plugin.core.features import reading
    from redis_geo_plugin.core.redis.sized import SizeLimits

    assert features_of(one_server, "nothing").features == []
    client.set("zone:1", shapely.to_geojson(area(1)))
    client.set("zone:2", b" " * 100_000)
    monkeypatch.setattr(reading, "LIMITS", SizeLimits(value_bytes=50_000))
    found = features_of(one_server, "zone:*")
    assert len(found.features) == 1 and found.refusals.reasons == {WhyRefused.TOO_LARGE: 1}


def test_reading_ends_where_it_is_cancelled(one_server, client):
    client.set("zone:1", shapely.to_geojson(area(1)))
    server = Server(one_server.settings())
    with pytest.raises(Cancelled):
        read_features(server, ReadRequest("zone:*"), Watch(lambda: True))
    server.close()


def test_the_plugins_own_books_are_no_features(one_server, client):
    client.set("calculs:buffers:x:1", shapely.to_geojson(area(1)))
    assert features_of(one_server, "*").features == []


def test_what_sources_read_with_does_not_write(stack_server):
    from redis_geo_plugin.core.features.sources import SOURCES

    with stack_server.client() as client:
        for name in sorted({name for one in SOURCES for name in one.COMMANDS}):
            (info,) = client.execute_command("COMMAND", "INFO", name).values()
            assert "write" not in info["flags"], name


def test_an_index_says_where_the_geometry_is_and_that_it_holds_degrees(stack_server):
    with stack_server.client() as client:
        on_hashes = ("FT.CREATE", "zones", "ON", "HASH", "PREFIX", 1, "zone:", "SCHEMA")
        client.execute_command(*on_hashes, "a", "GEOSHAPE", "SPHERICAL", "n", "NUMERIC")
        client.execute_command(
            "FT.CREATE", "plane", "ON", "HASH", "PREFIX", 1, "zone:", "SCHEMA", "b", "GEOSHAPE", "FLAT"
        )
        client.execute_command("FT.CREATE", "two", "ON", "HASH", "PREFIX", 1, "zone:", "SCHEMA", "a", "GEOSHAPE",
                               "b", "GEOSHAPE")  # fmt: skip
        client.execute_command("FT.CREATE", "cars", "ON", "JSON", "PREFIX", 1, "car:", "SCHEMA", "$.at.place", "AS",
                               "place", "GEO")  # fmt: skip
        for number in range(3):
            client.hset(f"zone:{number}", mapping={"a": area(number).wkt, "b": "POINT(7 8)", "n": number})
            document = {"at": {"place": f"{2 + number},48.5"}, "other": "POINT(1 2)"}
            client.execute_command("JSON.SET", f"car:{number}", "$", json.dumps(document))
        client.set("zone:x", "another type of key")
    found = features_of(stack_server, "zones")
    assert same(found, right(*IDS)) and found.crs == WGS and not found.refusals.total
    assert same(features_of(stack_server, "cars"), {str(n): f"POINT ({2 + n} 48.5)" for n in range(3)})
    assert features_of(stack_server, "plane").refusals.reasons == {WhyRefused.NO_CRS: 3}
    assert same(
        features_of(stack_server, "two", geometry_field="b", crs=WGS), dict.fromkeys(IDS, "POINT (7 8)")
    )
    with pytest.raises(IndexProblem):
        features_of(stack_server, "two")
    assert features_of(stack_server, "nothing").features == []


@pytest.mark.parametrize(
    "prefixes, names",
    [
        (["team:zone:"], "01"),
        (["team:"], "01x"),
        (["te"], "01x"),
        ([""], "01x"),
        (["other:"], ""),
        (["zone:"], ""),
        (["team2:zone:", "team:zone:"], "01"),
        (["team:zo*:"], ""),
        (["team:z[o]ne:", "team:other"], "x"),
    ],
    ids=str,
)
def test_an_index_is_read_by_its_prefixes_within_those_of_the_tenant(stack_server, prefixes, names):
    opened = Server(stack_server.settings(key_prefix="team:"))
    with stack_server.client() as client:
        for key in ("team:zone:0", "team:zone:1", "team:otherx", "team2:zone:2", "zone:3", "other:4"):
            client.hset(key, mapping={"a": area(0).wkt})
        on_hashes = ("FT.CREATE", "zones", "ON", "HASH", "PREFIX", len(prefixes), *prefixes)
        client.execute_command(*on_hashes, "SCHEMA", "a", "GEOSHAPE", "SPHERICAL")
    try:
        found = read_features(opened, ReadRequest("zones"))
    finally:
        opened.close()
    assert sorted(one.key[-1:].decode() for one in found.features) == sorted(names)
    assert found.keys == len(names) and not found.refusals.total


def test_large_fields_of_a_large_hash_come_few_at_a_time(one_server, client, monkeypatch):
    from redis_geo_plugin.core.features.sources import hashes
    from redis_geo_plugin.core.redis.sized import SizeLimits

    steps = []

    class Told(hashes.Cursor):
        def __init__(self, total, count):
            steps.append(count)
            super().__init__(total, count)

    monkeypatch.setattr(hashes, "Cursor", Told)
    value = json.dumps(feature(1) | {"note": "x" * 2000})
    client.hset("many", mapping={str(number): value for number in range(600)})
    assert len(features_of(one_server, "many").features) == 600 and steps == [hashes.STEP]
    monkeypatch.setattr(hashes, "LIMITS", SizeLimits(value_bytes=10_000, batch_bytes=50_000))
    assert len(features_of(one_server, "many").features) == 600 and 5 < steps[1] < 25
    monkeypatch.setattr(hashes, "LIMITS", SizeLimits(value_bytes=1_000, batch_bytes=50_000))
    assert features_of(one_server, "many").refusals.reasons == {WhyRefused.TOO_LARGE: 1} and len(steps) == 2
