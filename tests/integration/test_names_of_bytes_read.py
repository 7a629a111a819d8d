"""Whatever keys, fields and indexes are called, in any bytes: what is listed can be read by the name it is listed with."""

from __future__ import annotations

import json
import time

import pytest
import shapely

from redis_geo_plugin.core import readable
from redis_geo_plugin.core.features import finding, index_search, indexes
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.set_feed import SetFeed
from redis_geo_plugin.core.features.set_spec import SetSpec
from redis_geo_plugin.core.geo import areas
from redis_geo_plugin.core.live import snapshot
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis.server import Server
from tests.support import written_back
from tests.support.every_job import AnyLayer
from tests.support.positions import position
from tests.support.waiting import wait_until

NAMES = [
    *(b"caf\xe9", b"\xff\xfe:\x00", b"\\xe9", "été".encode(), b"C:\\x64", b"new\nline", b"\xed\xa0\x80"),
    *(b"a b", b"{x}", b"*?[a]", b"\x80" * 40, b"\\u00e9", b"\\\\xff", b"%00", b"\xc3"),
]
HEADS = [b"z:", b"\xe9t\xe9:", b"\\xe9:"]
FEATURE = json.dumps(
    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2, 48]}, "properties": {"n": 1}}
)


def write(client, key, kind):
    if kind == "string":
        client.set(key, FEATURE)
    elif kind == "hash":
        client.hset(key, mapping={b"geom": b"POINT (2 48)", b"srid": b"4326", key or b"q": b"v\xff"})
    elif kind == "list":
        client.rpush(key, FEATURE)
    else:
        client.xadd(key, {b"geom": b"POINT (2 48)", b"srid": b"4326", key or b"q": b"v\xff"})


@pytest.fixture
def server(one_server):
    made = Server(one_server.settings(key_prefix="té*:"))
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["string", "hash", "list", "stream"])
def test_features_are_read_by_pattern_by_key_and_as_they_are_found(one_server, server, kind):
    with one_server.client() as client:
        for head in HEADS:
            for name in NAMES:
                write(client, server.key(head + name), kind)
    for head in HEADS:
        wanted = {server.key(head + name) for name in NAMES}
        found = read_features(server, ReadRequest(readable.text(head) + "*", crs="EPSG:4326")).features
        assert {one.key for one in found} == wanted and len({one.id for one in found}) == len(NAMES)
        for name in NAMES:
            if b"*" not in name:
                (one,) = read_features(
                    server, ReadRequest(readable.text(head + name), crs="EPSG:4326")
                ).features
                assert one.key == server.key(head + name)
    listed = finding.find_sets(server)
    assert listed and sum(one.keys for one in listed) >= len(HEADS) * len(NAMES)
    for one in listed:
        assert read_features(server, ReadRequest(one.source, crs="EPSG:4326")).features, one.source


@pytest.mark.parametrize("name", [name for name in NAMES if b"*" not in name])
def test_a_live_set_of_one_key_follows_it_and_edits_reach_it(one_server, server, name):
    key = server.key(HEADS[1] + name)
    with one_server.client() as client:
        write(client, key, "string")
        spec = SetSpec(name="t", source=readable.text(HEADS[1] + name), crs="EPSG:4326", interval=0.05)
        feed, seen = SetFeed(spec, server.settings, AnyLayer()), []
        feed.start()

        def shown():
            seen.extend(feature for _key, rows in feed.take(1000).changed for _kind, feature in rows)
            return seen

        try:
            wait_until(shown)
            assert [one.key for one in seen] == [key]
            seen.clear()
            client.set(key, FEATURE.replace("48", "49"))
            wait_until(shown)
            assert shapely.from_wkb(seen[-1].wkb).y == 49.0
        finally:
            feed.stop()
        (one,) = written_back.features(server, spec.source, crs="EPSG:4326").values()
        report = written_back.write(
            server, [written_back.edit_of(one, is_deleted=True)], spec.source, crs="EPSG:4326"
        )
        assert report.deleted == 1 and not client.exists(key)


@pytest.mark.parametrize("head", HEADS)
def test_positions_are_read_by_the_names_they_are_found_with(one_server, server, head):
    with one_server.client() as client:
        for number, name in enumerate(NAMES):
            client.set(server.key(head + b"bus:" + name), position(48.0 + number / 100))
        client.geoadd(server.key(head + b"fleet"), (2.0, 48.0, b"caf\xe9"))
        client.hset(server.key(head + b"fleet:attributs"), b"caf\xe9", b'{"kind": "cafe"}')
        for _ in range(3):
            client.xadd(
                server.key(head + b"moves"), {"id": "7", "lat": "48.5", "lon": "2.5", "ts": str(time.time())}
            )
    pattern = readable.text(head) + "*"
    for found in (find_positions(server.settings), find_positions(server.settings, pattern)):
        specs = {one.spec.kind: one.spec for one in found.proposals}
        assert {"json_keys", "stream"} <= set(specs)
        for spec in specs.values():
            assert snapshot.snapshot(server.settings, spec).fixes, spec
    spec = FeedSpec(name="t", pattern=readable.text(head) + "bus:*", interval=0.1)
    assert len({fix.id for fix in snapshot.snapshot(server.settings, spec).fixes}) == len(NAMES)
    details = readable.text(head + b"fleet:attributs")
    geo = FeedSpec(
        name="t",
        kind="geoset",
        pattern=readable.text(head + b"fleet"),
        details=details,
        details_kind="one_hash",
    )
    (fix,) = snapshot.snapshot(server.settings, geo).fixes
    assert fix.id == "caf\\xe9" and fix.lat == pytest.approx(48.0, abs=1e-4)


@pytest.fixture(scope="module")
def stack():
    from tests.support.stack import StackServer

    made = StackServer()
    yield made
    made.close()


INDEXES = [b"idx\xe9", "idxé".encode(), b"idx\\xe9", b"i x", b"\xff", b'"q"']


@pytest.mark.parametrize("head", HEADS)
def test_indexes_are_described_searched_and_read_by_the_names_they_are_listed_with(stack, head):
    server = Server(stack.settings())
    names = [name for name in NAMES if b"\0" not in name]  # FT.AGGREGATE tells of no key that holds one
    with stack.client() as client:
        client.flushall()
        for number, name in enumerate(names):
            client.hset(
                head + name,
                mapping={b"at": b"2.%d,48.1" % (100 + number), b"caf\xe9": b"x", b"C:\\x64": b"y"},
            )
        for name in INDEXES:
            fields = (
                b"at",
                b"AS",
                b"at",
                b"GEO",
                b"caf\xe9",
                b"AS",
                b"caf\xe9",
                b"TEXT",
                b"C:\\x64",
                b"AS",
                b"a b@{}",
                b"TAG",
            )
            client.execute_command("FT.CREATE", name, "ON", "HASH", "PREFIX", 1, head, "SCHEMA", *fields)
        listed = {one.name for one in indexes.find(server)}
        assert {readable.bytes_of(name) for name in listed} == set(INDEXES)
        square = areas.Area(shapely.box(1.0, 47.0, 3.0, 49.0))
        for name in listed:
            wait_until(lambda name=name: indexes.describe(server, name).done >= 1.0)
            found = index_search.area(server, index_search.IndexQuery(name), [square])
            assert len(found.hits) == len(names), name
            assert len(read_features(server, ReadRequest(name)).features) == len(names), name
        for name in INDEXES:
            client.execute_command("FT.DROPINDEX", name)
    server.close()
