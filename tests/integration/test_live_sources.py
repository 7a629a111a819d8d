"""Every shape in which producers write positions: found, proposed, read, and followed."""

from __future__ import annotations

import json
import time

import pytest

from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.families import families
from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.watch import Watch
from tests.support.positions import Watched, position, stamp, wait_for, write_everything
from tests.support.proposed import proposals, proposals_of, watch


@pytest.fixture
def one_server(server):
    """Everything on both servers."""
    return server


@pytest.fixture
def everything(server):
    with server.client() as client:
        write_everything(client)
    return server


EXPECTED = {
    "json_keys vehicule:*",
    "json_keys vehicle:*:status",
    "hash_keys driver:*",
    "hash_keys bus:*",
    "hash_keys flight:*",
    "hash_fields route:*",
    "geoset cars:locations",
    "geoset objs",
    "geoset driver:geo:paris",
    "stream driverLocation",
    "stream jsonStream",
    "list_keys positions.*",
    "fleet_string fleet",
}


def test_every_shape_is_found_and_nothing_else(everything):
    found = proposals(everything)
    assert set(found) == EXPECTED
    assert next(iter(found)) == "json_keys vehicule:*"
    for proposal in found.values():
        assert len(proposal.preview) <= 5
        assert 0 < proposal.confidence <= 1
        assert proposal.reasons
    assert found["geoset objs"].spec.details == "obj:{id}"
    assert found["geoset driver:geo:paris"].spec.details == "chauffeur:state:{tail}"
    assert found["stream driverLocation"].spec.mapping.id == "driver_id"
    assert found["list_keys positions.*"].spec.mapping.speed_unit == "kn"
    assert found["hash_keys bus:*"].preview[0].speed == 10.0
    assert ("time", {"field": "timestamp", "form": "iso_utc"}) in found["json_keys vehicule:*"].reasons


def test_every_proposal_becomes_a_feed_with_its_vehicles(everything):
    expected = {
        "hash_keys flight:*": 4,
        "hash_fields route:*": 10,
    }
    for name, proposal in proposals(everything).items():
        with Watched(everything.settings(), **_spec(proposal)) as watched:
            watched.until(lambda fixes, n=expected.get(name, 5): len(fixes) == n)
            one = next(iter(watched.fixes.values()))
            assert one.lon == pytest.approx(2.35, abs=1e-5), name
            assert one.lat == pytest.approx(48.85, abs=1e-5), name


def _spec(proposal):
    from dataclasses import asdict

    spec = asdict(proposal.spec)
    spec["mapping"] = proposal.spec.mapping
    return {k: v for k, v in spec.items() if k not in ("name", "uid", "interval", "max_speed")}


OWN_STRINGS = (
    *(
        "calculs:buffers:ville:{h}",
        "calculs:enveloppes:ville:{h}",
        "calculations:hulls:ville:{h}",
        "calculs:verrous:{h}",
    ),
    *("entites:{n}", "taches_spatiales:resultats:buffer:{n}", "travaux:resultats:buffer:{n}"),
)
OWN_HASHES = (
    *(
        "calculs:statistiques:buffers:ville{n}",
        "calculs:recents:{h}",
        "{{travaux}}:differee:{n}",
        "{{travaux}}:lot:{n}:issues",
    ),
    *("{{taches_spatiales}}:travailleurs", "{{travaux}}:en_cours", "ports:attributs", "locations:attributs"),
)
OWN_STREAMS = (
    *(
        "{{taches_spatiales}}:flux",
        "{{travaux}}:flux:haute",
        "{{travaux}}:flux:reprises",
        "{{travaux}}:flux:basse:reprises",
    ),
    *("{{travaux}}:ecartees", "flux:geofences"),
)


@pytest.mark.parametrize("prefix", ["", "team:"])
def test_none_of_the_plugins_own_keys_is_proposed(server, prefix):
    """Also where each of them holds what looks like a position."""
    from redis_geo_plugin.core.redis.server import Server
    from tools.demo.samples import locations, ships

    settings = server.settings(key_prefix=prefix)
    own = Server(settings)
    locations.fill(own, "")
    ships.fill(own, "")
    own.close()
    with server.client() as client:
        client.geoadd(prefix + "ports", (2.35, 48.85, "m1", 2.36, 48.85, "m2"))
        client.geoadd(prefix + "locations", (2.35, 48.85, "Tour Eiffel"))
        for n in range(6):
            said = json.dumps({"id": n, "latitude": 48.85, "longitude": 2.35, "timestamp": stamp()})
            for name in OWN_STRINGS:
                client.set(prefix + name.format(n=n, h=f"{n:064x}"), said)
            for name in OWN_HASHES:
                client.hset(prefix + name.format(n=n, h=f"{n:064x}"), f"m{n}", said)
            for name in OWN_STREAMS:
                client.xadd(prefix + name.format(), json.loads(said))
            client.lpush(prefix + "taches_spatiales", said)
        assert proposals_of(settings) == {}
        client.set(prefix + "vehicule:1", position())
        client.xadd(prefix + "flux:vehicules", {"id": 1, **json.loads(position())})
        client.hset(prefix + "{paris}:taxi:1", mapping={"lat": 48.85, "lon": 2.35})
        assert {k.split()[1] for k in proposals_of(settings)} == {
            "vehicule:*",
            "flux:vehicules",
            "{paris}:taxi:*",
        }
    assert proposals_of(settings, pattern="ports")["geoset ports"].spec.details == "ports:attributs"


def test_a_hash_of_the_fleet_is_followed_field_by_field(one_server):
    def said(lat):
        return json.dumps({"latitude": lat, "longitude": 2, "timestamp": time.time()})

    with one_server.client() as client:
        client.hset("fleet", mapping={"a": said(48), "b": said(48)})
        with watch(one_server, "hash_fields", "fleet") as watched:
            client.hset("fleet", "a", said(49))
            client.hdel("fleet", "b")
            watched.until(lambda fixes: set(fixes) == {"a"} and fixes["a"].lat == 49)
            client.delete("fleet")
            watched.until(lambda fixes: not fixes)


def test_a_vehicle_that_changes_its_line_stays_one_vehicle(one_server):
    def said(lat):
        return json.dumps({"latitude": lat, "longitude": 2, "timestamp": time.time()})

    with one_server.client() as client:
        client.hset("route:1", "bus", said(48))
        with watch(one_server, "hash_fields", "route:*") as watched:
            client.hset("route:2", "bus", said(49))
            watched.until(lambda fixes: fixes["bus"].lat == 49)
            client.hdel("route:1", "bus")
            time.sleep(0.2)
            assert set(watched.look().fixes) == {"bus"}
            client.hdel("route:2", "bus")
            watched.until(lambda fixes: not fixes)


def test_a_geo_set_alone_moves_and_loses_members(server):
    with server.client() as client:
        client.geoadd("cars", (2.35, 48.85, "a"))
        client.geoadd("cars", (2.36, 48.85, "b"))
        with watch(server, "geoset", "cars") as watched:
            assert watched.fixes["a"].derived == "time"
            client.geoadd("cars", (2.40, 48.85, "a"))
            client.zrem("cars", "b")
            watched.until(lambda fixes: set(fixes) == {"a"} and abs(fixes["a"].lon - 2.40) < 1e-5)


def test_a_geo_member_without_details_and_details_without_a_position(server):
    with server.client() as client:
        client.geoadd("objs", (2.35, 48.85, "with"))
        client.geoadd("objs", (2.35, 48.85, "without"))
        client.hset("obj:with", mapping={"name": "n", "latitude": "48.85000001", "longitude": "2.35"})
        client.hset("obj:lost", mapping={"name": "never placed"})
        with watch(server, "geoset", "objs", details="obj:{id}") as watched:
            assert set(watched.fixes) == {"with", "without"}
            assert watched.fixes["with"].attributes["name"] == "n"
            assert watched.fixes["with"].lat == 48.85000001
            client.hset("obj:with", "name", "m")
            watched.until(lambda fixes: fixes["with"].attributes["name"] == "m")


def test_a_geo_set_with_json_beside_each_member(server):
    with server.client() as client:
        for i in range(4):
            client.geoadd("cars:live", (2.35, 48.85 + i * 0.01, f"car{i}"))
            client.set(f"car:info:car{i}", json.dumps({"plate": f"AB-{i}", "ts": time.time(), "course": 0}))
    found = proposals(server)
    assert set(found) == {"geoset cars:live"}
    spec = found["geoset cars:live"].spec
    assert (spec.details, spec.details_kind, spec.mapping.heading) == ("car:info:{id}", "json", "course")
    with server.client() as client, Watched(server.settings(), **_spec(found["geoset cars:live"])) as watched:
        assert {(f.attributes["plate"], f.heading, f.derived) for f in watched.fixes.values()} == {
            (f"AB-{i}", 0.0, None) for i in range(4)
        }
        client.set("car:info:car2", json.dumps({"plate": "NEW", "ts": time.time()}))
        watched.until(lambda fixes: fixes["car2"].attributes["plate"] == "NEW")


def test_a_geo_set_for_each_city_with_the_prefix_repeated_in_the_member(server):
    with server.client() as client:
        for city, lon in (("paris", 2.35), ("lyon", 4.85), ("lille", 3.06)):
            for i in range(3):
                client.geoadd(f"driver:geo:{city}", (lon, 48.0, f"driver:{city[:2]}{i}23"))
                client.hset(
                    f"driver:state:{city[:2]}{i}23", mapping={"status": "free", "updated_at": time.time()}
                )
    found = proposals(server)
    spec = found["geoset driver:geo:*"].spec
    assert spec.details == "driver:state:{tail}"
    with (
        server.client() as client,
        Watched(server.settings(), **_spec(found["geoset driver:geo:*"])) as watched,
    ):
        watched.until(lambda fixes: len(fixes) == 9)
        assert {f.attributes["status"] for f in watched.fixes.values()} == {"free"}
        client.geoadd("driver:geo:lyon", (2.36, 48.1, "driver:pa023"))  # it drove to another city
        client.zrem("driver:geo:paris", "driver:pa023")
        watched.until(lambda fixes: abs(fixes["driver:pa023"].lon - 2.36) < 1e-4)
        time.sleep(0.2)
        assert len(watched.look().fixes) == 9


def test_the_plugins_own_attributes_beside_a_geo_set(one_server):
    with one_server.client() as client:
        client.geoadd("locations", (-73.9654, 40.7829, "Central Park"))
        client.hset(
            "locations:attributs",
            "Central Park",
            json.dumps({"longitude": -73.9654, "latitude": 40.7829, "n": 1}),
        )
    assert not proposals(one_server)  # places, until they are asked for by name
    found = proposals(one_server, pattern="locations")
    spec = found["geoset locations"].spec
    assert (spec.details, spec.details_kind) == ("locations:attributs", "one_hash")
    with Watched(one_server.settings(), **_spec(found["geoset locations"])) as watched:
        fix = watched.fixes["Central Park"]
        assert (fix.lon, fix.lat, fix.attributes["n"]) == (-73.9654, 40.7829, 1)


@pytest.mark.parametrize(
    "fleet",
    [
        [{"vehicle_id": "a", "lat": 48, "lon": 2}, {"vehicle_id": "b", "lat": 48, "lon": 2}],
        {"a": {"lat": 48, "lon": 2}, "b": {"lat": 48, "lon": 2}},
        {"updated": 5, "vehicles": [{"id": "a", "lat": 48, "lon": 2}, {"id": "b", "lat": 48, "lon": 2}]},
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": i,
                    "properties": {},
                    "geometry": {"type": "Point", "coordinates": [2, 48]},
                }
                for i in "ab"
            ],
        },
    ],
)
def test_the_whole_fleet_in_one_string(one_server, fleet):
    with one_server.client() as client:
        client.set("fleet", json.dumps(fleet))
        with watch(one_server, "fleet_string", "fleet") as watched:
            assert set(watched.fixes) == {"a", "b"}
            assert (watched.fixes["a"].lon, watched.fixes["a"].lat) == (2, 48)
            client.set("fleet", "rubbish")
            wait_for(lambda: watched.refused.get("unreadable"))


def test_a_pattern_restricts_what_is_looked_at(one_server):
    with one_server.client() as client:
        client.mset({f"other:{i}": "x" for i in range(6000)})
        client.mset({f"vehicule:{i}": position() for i in range(50)})
        findings = find_positions(one_server.settings())
        assert findings.looked_at == findings.total == 6050 and findings.complete
        some = find_positions(one_server.settings(), "vehicule:*")
        assert [p.spec.pattern for p in some.proposals] == ["vehicule:*"]
        assert some.proposals[0].keys == some.looked_at == 50


def test_finding_can_be_cancelled_and_tells_its_progress(everything):
    seen = []
    assert find_positions(everything.settings(), "", Watch(told=seen.append)).proposals
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert find_positions(everything.settings(), "", Watch(lambda: True)).cancelled


def test_keys_are_grouped_by_what_tells_kinds_apart():
    names = [f"vehicle:{i}:status" for i in range(5)] + [f"vehicle:{i}:owner" for i in range(5)]
    names += ["a:1", "b:2", "Central Park"] + [f"bus{i}" for i in range(5)]
    found = {f.pattern for f in families([(n.encode(), "string") for n in names])}
    assert {"vehicle:*:status", "vehicle:*:owner", "a:*", "b:*", "bus*", "Central Park"} == found


def test_many_values_are_asked_for_ahead_and_come_in_order(one_server):
    pieces = [[b"v:%d" % (10 * piece + i) for i in range(10)] for piece in range(5)]
    with one_server.client() as client:
        client.mset({key: b"value of " + key for piece in pieces for key in piece})
        client.unlink(b"v:13")
        client.delete(b"v:27")
        client.rpush(b"v:27", "no string")
    with reading(one_server.settings()) as reader:
        found = list(reader.mget_each(pieces))
        assert found[0] == [b"value of " + key for key in pieces[0]]
        assert [
            (p, i) for p, values in enumerate(found) for i, value in enumerate(values) if value is None
        ] == [
            (1, 3),
            (2, 7),
        ]
        assert reader.ask("PING") == b"PONG"
        assert list(reader.mget_each([])) == []


def test_whoever_leaves_answers_behind_never_takes_them_for_others(one_server):
    with reading(one_server.settings()) as reader:
        answers = reader.mget_each([[b"v:1"], [b"v:2"], [b"v:3"]])
        next(answers)
        answers.close()
        with pytest.raises(exceptions.ConnectionError):
            reader.ask("PING")
