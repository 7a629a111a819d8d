"""Containers beyond the usual ones: found, shown, followed as they change, on each flavour and on a cluster."""

from __future__ import annotations

import gzip
import json
import time
import zlib

import pytest

from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.records import RefusalReason
from redis_geo_plugin.core.live.snapshot import history, snapshot
from redis_geo_plugin.core.live.spec import FeedSpec
from tests.support.cluster import RealCluster
from tests.support.positions import Watched, wait_for
from tests.unit.live.test_decoding import pack

NOW = time.time()


@pytest.fixture(params=["redis", "valkey", "valkey_cluster", "redis_cluster"])
def place(request):
    """An empty server of each flavour, and a cluster of each."""
    if request.param.endswith("cluster"):
        name = "shared_cluster" if request.param == "valkey_cluster" else "shared_redis_cluster"
        cluster = request.getfixturevalue(name)
        cluster.flush()
        return cluster
    return request.getfixturevalue("make_server")(request.param)


def record(n, north=48.0, **more):
    return {"lat": north + n / 100, "lon": 2.35, "ts": time.time(), **more}


def spec_in(place, kind):
    found = [one.spec for one in find_positions(place.settings()).proposals if one.spec.kind == kind]
    assert len(found) == 1, found
    return found[0]


def watch(place, spec):
    names = ("kind", "pattern", "mapping", "details", "details_kind", "newest_last")
    return Watched(place.settings(), **{name: getattr(spec, name) for name in names})


def check(place, kind, write, ident="3", gone=None):
    """Found by its kind; shows what was written, then what is written anew, and no more what is taken away."""
    with place.client() as client:
        for n in range(5):
            write(client, n, 48.0)
        spec = spec_in(place, kind)
        with watch(place, spec) as watched:
            watched.until(lambda fixes: len(fixes) == 5 and abs(fixes[ident].lat - 48.03) < 1e-5)
            assert watched.fixes[ident].lon == pytest.approx(2.35, abs=1e-5)
            write(client, 3, 49.0)
            # between two commands of a producer it may be away
            watched.until(lambda fixes: ident in fixes and abs(fixes[ident].lat - 49.03) < 1e-5)
            if gone is not None:
                gone(client)
                watched.until(lambda fixes: set(fixes) == {"0", "1", "2", "4"})
            assert not watched.refused
        return snapshot(place.settings(), spec)


def test_a_key_per_coordinate(place):
    def write(client, n, north):
        client.set(f"veh:{n}:lat", north + n / 100)
        client.set(f"veh:{n}:lon", 2.35)
        client.set(f"veh:{n}:speed_kmh", 36)
        client.set(f"veh:{n}:ts", int(time.time()))

    shown = check(place, "paired_keys", write, gone=lambda client: client.delete("veh:3:lon"))
    assert {fix.speed for fix in shown.fixes} == {10.0}
    assert all(fix.derived is None for fix in shown.fixes)


def test_sets_by_time_are_tracks(place):
    def write(client, n, north):
        at = time.time()
        for back in (20, 10, 0):
            text = json.dumps({"lat": north + n / 100 - back / 1e4, "lon": 2.35, "n": back})
            client.zadd(f"track:{n}", {text: at - back})

    with place.client() as client:
        for n in range(5):
            write(client, n, 48.0)
        spec = spec_in(place, "track_sets")
        with watch(place, spec) as watched:
            watched.until(lambda fixes: len(fixes) == 5 and abs(fixes["3"].lat - 48.03) < 1e-5)
            time.sleep(0.01)
            write(client, 3, 48.1)
            watched.until(lambda fixes: abs(fixes["3"].lat - 48.13) < 1e-5)
            client.delete("track:3")
            watched.until(lambda fixes: "3" not in fixes)
    assert len(history(place.settings(), spec).way("2")) == 3


def test_one_set_by_time_for_the_whole_fleet(place):
    with place.client() as client:
        for n in range(40):
            report = {"vehicle": f"v{n % 4}", "lat": 48.0 + n / 1e4, "lon": 2.35, "speed": n}
            client.zadd("reports", {json.dumps(report): NOW - 40 + n})
    shown = snapshot(place.settings(), spec_in(place, "track_sets")).fixes
    assert {fix.id: round(fix.lat, 4) for fix in shown} == {
        "v0": 48.0036,
        "v1": 48.0037,
        "v2": 48.0038,
        "v3": 48.0039,
    }


def test_a_geo_set_whose_members_are_records(place):
    said = {}

    def write(client, n, north):
        if n in said:
            client.zrem("fleet:json", said[n])
        said[n] = json.dumps({"id": n, "ts": time.time(), "state": north})
        client.geoadd("fleet:json", (2.35, north + n / 100, said[n]))

    check(place, "geoset", write, gone=lambda client: client.zrem("fleet:json", said[3]))


def test_times_in_a_set_beside_the_geo_set(place):
    with place.client() as client:
        for n in range(5):
            client.geoadd("{taxis}", (2.35, 48.0 + n / 100, f"t{n}"))
            client.zadd("{taxis}:seen", {f"t{n}": NOW - n * 10})
        spec = spec_in(place, "geoset")
        with watch(place, spec) as watched:
            watched.until(lambda fixes: len(fixes) == 5)
            assert watched.fixes["t2"].time == pytest.approx(NOW - 20, abs=0.01)
            assert watched.fixes["t2"].derived is None
            client.zadd("{taxis}:seen", {"t2": NOW})
            watched.until(lambda fixes: abs(fixes["t2"].time - NOW) < 0.01)


PACKED = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "MessagePack": lambda text: pack(json.loads(text)),
}


@pytest.mark.parametrize("form", PACKED)
def test_packed_values_are_read_wherever_they_stand(place, form):
    def packed(n, **more):
        return PACKED[form](json.dumps(record(n, **more)).encode())

    with place.client() as client:
        for n in range(5):
            client.set(f"a:{n}", packed(n))
            client.hset("b", f"{n}", packed(n))
            client.hset(f"c:{n}", mapping={"data": packed(n), "kind": "bus"})
            client.lpush(f"d:{n}", packed(n))
            client.xadd("e", {"payload": packed(n, id=n)})
    found = {one.spec.kind: one.spec for one in find_positions(place.settings()).proposals}
    assert set(found) == {"json_keys", "hash_fields", "hash_keys", "list_keys", "stream"}
    for spec in found.values():
        fixes = {fix.id: fix for fix in snapshot(place.settings(), spec).fixes}
        assert set(fixes) == set("01234") and fixes["3"].lat == pytest.approx(48.03), spec.kind


@pytest.mark.parametrize("name", ["data", "payload", "message", "value"])
def test_streams_with_json_in_one_field(place, name):
    with place.client() as client:
        for n in range(5):
            client.xadd(
                "s", {name: json.dumps({"device": {"uniqueId": f"u{n}"}, "position": record(n)}), "v": 1}
            )
    shown = snapshot(place.settings(), spec_in(place, "stream")).fixes
    assert {fix.id for fix in shown} == {f"u{n}" for n in range(5)}


def test_rows_of_a_table_with_its_header_beside(place):
    with place.client() as client:
        client.set("ships:header", "LAT,LON,SPEED_KMH,NAME")
        for n in range(5):
            client.set(f"ships:{n}", f"{48 + n / 100},2.35,36,Anna {n},x")
        spec = spec_in(place, "json_keys")
        with watch(place, spec) as watched:
            watched.until(lambda fixes: len(fixes) == 5)
            fix = watched.fixes["3"]
            assert (fix.lat, fix.lon, fix.speed, fix.attributes["NAME"]) == (48.03, 2.35, 10.0, "Anna 3")
            client.set("ships:3", "49.5,2.35,36,Anna 3,x")
            watched.until(lambda fixes: fixes["3"].lat == 49.5)
            client.set("ships:header", "LAT,LON,SPEED_KMH,NAME")  # the header is no ship
            assert not watched.look().refused and "header" not in watched.fixes


def test_details_of_a_set_that_the_user_names_are_found(place):
    with place.client() as client:
        for n in range(5):
            client.geoadd("taxis:paris", (2.35, 48.0 + n / 100, f"t{n}"))
            client.hset(f"taxi:{{{n}}}:state", mapping={"free": "yes"})
            client.set(f"taxi:lastseen:t{n}", int((NOW - n) * 1000))
    (proposal,) = find_positions(place.settings(), "taxis:*").proposals
    assert proposal.spec.details == "taxi:lastseen:{id}"
    assert {fix.derived for fix in snapshot(place.settings(), proposal.spec).fixes} == {None}


# --- with modules -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stack_cluster():
    """A cluster of three Redis with documents and series."""
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


def test_json_documents_are_followed(with_modules):
    def write(client, n, north):
        client.execute_command("JSON.SET", f"truck:{n}", "$", json.dumps(record(n, north, plate=f"AB-{n}")))

    check(with_modules, "json_documents", write, gone=lambda client: client.delete("truck:3"))


def test_a_part_of_a_document_that_changes_is_seen(with_modules):
    with with_modules.client() as client:
        for n in range(3):
            client.execute_command("JSON.SET", f"truck:{n}", "$", json.dumps(record(n)))
        with watch(with_modules, spec_in(with_modules, "json_documents")) as watched:
            watched.until(lambda fixes: len(fixes) == 3)
            client.execute_command("JSON.SET", "truck:1", "$.ts", str(time.time()))
            client.execute_command("JSON.SET", "truck:1", "$.lat", "50.5")
            watched.until(lambda fixes: fixes["1"].lat == 50.5)


def test_one_document_with_the_fleet(with_modules):
    def write(client, n, north):
        if n == 0:
            client.execute_command("JSON.SET", "fleet", "$", '{"vehicles": []}')
        if north == 49.0:
            client.execute_command("JSON.SET", "fleet", "$.vehicles[3]", json.dumps(record(n, north, id="3")))
        else:
            client.execute_command(
                "JSON.ARRAPPEND", "fleet", "$.vehicles", json.dumps(record(n, north, id=str(n)))
            )

    check(
        with_modules,
        "fleet_document",
        write,
        gone=lambda client: client.execute_command("JSON.DEL", "fleet", "$.vehicles[3]"),
    )


def test_time_series_are_followed(with_modules):
    def write(client, n, north):
        moment = int(time.time() * 1000)
        client.execute_command("TS.ADD", f"ts:{n}:lat", moment, north + n / 100)
        client.execute_command("TS.ADD", f"ts:{n}:lon", moment, 2.35)

    shown = check(with_modules, "time_series", write, gone=lambda client: client.delete("ts:3:lat"))
    assert all(fix.derived is None and abs(fix.time - time.time()) < 30 for fix in shown.fixes)


def test_an_index_says_the_order(stack_server):
    with stack_server.client() as client:
        client.execute_command(
            *[
                "FT.CREATE",
                "i",
                "ON",
                "HASH",
                "PREFIX",
                "1",
                "shop:",
                "SCHEMA",
                "place",
                "GEO",
                "name",
                "TEXT",
            ]
        )
        client.execute_command(
            *["FT.CREATE", "j", "ON", "JSON", "PREFIX", "1", "van:", "SCHEMA", "$.now.at", "AS", "at", "GEO"]
        )
        for n in range(5):
            client.hset(f"shop:{n}", mapping={"place": f"2.35,{48 + n / 100}", "name": "x"})
            client.execute_command(
                "JSON.SET", f"van:{n}", "$", json.dumps({"now": {"at": f"2.35,{48 + n / 100}"}})
            )
    for one in find_positions(stack_server.settings()).proposals:
        assert one.spec.mapping.pair_order == "lonlat" and not one.spec.mapping.asks
        assert one.preview and one.preview[0].lon == 2.35
        assert any(code == "order_declared" for code, _ in one.reasons), one.reasons


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_a_running_feed_reads_no_picture(place):
    """A key of the pattern that holds a picture is refused with its size, whatever the type."""
    with place.client() as client:
        for n in range(3):
            client.set(f"v:{n}", json.dumps(record(n)))
            client.hset(f"h:{n}", mapping=record(n))
        client.set("v:picture", b"\x89PNG" + b"p" * 3_000_000)
        client.hset("h:picture", mapping={"lat": 48, "lon": 2, "photo": b"p" * 3_000_000})
        for kind, pattern in (("json_keys", "v:*"), ("hash_keys", "h:*")):
            shown = snapshot(place.settings(), FeedSpec(kind=kind, pattern=pattern))
            assert len(shown.fixes) == 3 and shown.refused == {RefusalReason.TOO_LARGE: 1}


def test_a_half_written_fleet_is_refused_and_members_stay(one_server):
    whole = json.dumps(
        {"now": NOW, "aircraft": [{"hex": f"3c64{n:02x}", "lat": 48.0, "lon": 2.0 + n} for n in range(9)]}
    )
    with one_server.client() as client:
        client.set("adsb", whole)
        with watch(one_server, spec_in(one_server, "fleet_string")) as watched:
            watched.until(lambda fixes: len(fixes) == 9)
            for half in (whole[:-40], whole[: len(whole) // 2], "", "{"):
                client.set("adsb", half)
                wait_for(lambda: watched.feed.status().reads)
                time.sleep(0.3)
                assert len(watched.look().fixes) == 9
            client.set("adsb", whole.replace('"lat": 48.0', '"lat": 49.0'))
            watched.until(lambda fixes: len(fixes) == 9 and all(fix.lat == 49.0 for fix in fixes.values()))
            client.delete("adsb")
            watched.until(lambda fixes: not fixes)
