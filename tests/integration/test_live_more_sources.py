"""Containers beyond the usual ones: found, shown, followed as they change, on each flavour and on a cluster."""

from __future__ import annotations

import gzip
import json
import time
import zlib

import pytest

from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.live.records import RefusalReason
from redis_geo_plugin.core.live.snapshot import history, snapshot
from redis_geo_plugin.core.live.sources import members, source_class
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
from redis_geo_plugin.core.redis import sized
from tests.support.positions import wait_for
from tests.support.sources_watched import check, record, spec_in, watch
from tests.unit.live.test_decoding import pack

NOW = time.time()


@pytest.fixture
def place(each_place):
    return each_place


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


def test_what_is_refused_where_nothing_is_a_position_is_told_with_its_reason(one_server):
    """The snapshot knows no fields, and never learns any."""
    with one_server.client() as client:
        client.set("v:picture", b"\x89PNG" + b"p" * 3_000_000)
        client.set("v:note", json.dumps({"note": "nothing"}))
        shown = snapshot(one_server.settings(), FeedSpec(kind="json_keys", pattern="v:*"))
        assert shown.fixes == []
        assert shown.refused == {RefusalReason.TOO_LARGE: 1, RefusalReason.NO_POSITION: 1}


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


@pytest.mark.parametrize("fields", ["", "lat", "hash"])
def test_a_feed_of_pairs_without_a_second_field_shows_nothing_and_does_not_fail(one_server, fields):
    with one_server.client() as client:
        client.mset({"pair:1:lat": 48.5, "pair:1:lon": 2.5})
    spec = FeedSpec(
        name="t", kind="paired_keys", pattern="pair:*:lat", details="pair:{id}:{field}", details_kind=fields
    )
    assert snapshot(one_server.settings(), spec).fixes == []
    assert len(snapshot(one_server.settings(), spec.changed(details_kind="lat lon")).fixes) == 1


@pytest.mark.parametrize(
    ("kind", "key", "lon", "lat"),
    [("hash_fields", "fleet", "lon", "lat"), ("geoset", "places", "geo_longitude", "geo_latitude")],
)
def test_a_key_that_holds_more_than_a_fleet_is_refused_and_not_read(
    one_server, monkeypatch, kind, key, lon, lat
):
    monkeypatch.setattr(members, "WHOLE", sized.SizeLimits(20_000, 10**9, 20_000))
    with one_server.client() as client:
        for number in range(5):
            client.hset("fleet", f"v{number}", json.dumps(record(number)))
            client.geoadd("places", (2.35, 48.0 + number / 100, f"v{number}"))
    spec = FeedSpec(name="t", kind=kind, pattern=key, mapping=Mapping(lon=lon, lat=lat))
    assert len(snapshot(one_server.settings(), spec).fixes) == 5
    with one_server.client() as client:
        client.hset("fleet", "picture", b"p" * 50_000)
        client.geoadd("places", (2.35, 48.0, "m" * 50_000))
    found = snapshot(one_server.settings(), spec)
    assert found.fixes == [] and sum(found.refused.values()) == 1


@pytest.mark.parametrize("kind", ["hash_fields", "geoset"])
def test_a_fleet_is_weighed_again_only_once_it_has_grown(one_server, monkeypatch, kind):
    """The server visits each member for it, which a feed asks for with every change."""

    def add(name):
        if kind == "geoset":
            client.geoadd("fleet", (2.35, 48.0, name))
        else:
            client.hset("fleet", name, json.dumps(record(1)))

    def weighed():
        client.config_resetstat()
        assert len(source.members(reader, b"fleet")) == count
        return client.info("commandstats").get("cmdstat_memory|usage", {}).get("calls", 0)

    source = source_class(kind)(FeedSpec(name="t", kind=kind, pattern="fleet"))
    with one_server.client() as client, reading(one_server.settings()) as reader:
        source.open(reader)
        for count in range(1, 6):
            add(f"v{count}")
        assert [weighed() for _ in range(4)] == [1, 0, 0, 0]
        count = 6
        add("v6")
        assert [weighed(), weighed()] == [1, 0]
        monkeypatch.setattr(members, "WEIGHED_FOR", 0.0)
        assert [weighed(), weighed()] == [1, 1]


def test_a_fleet_that_became_too_large_is_weighed_until_it_is_right_again(one_server, monkeypatch):
    monkeypatch.setattr(members, "WHOLE", sized.SizeLimits(20_000, 10**9, 20_000))
    source = source_class("hash_fields")(FeedSpec(name="t", kind="hash_fields", pattern="fleet"))
    with one_server.client() as client, reading(one_server.settings()) as reader:
        source.open(reader)
        client.hset("fleet", "a", "1")
        assert len(source.members(reader, b"fleet")) == 1
        client.hset("fleet", "picture", b"p" * 50_000)
        for _ in range(2):
            with pytest.raises(members.UnreadableValue):
                source.members(reader, b"fleet")
        client.hset("fleet", "picture", b"p")
        assert len(source.members(reader, b"fleet")) == 2
