"""Feeds of documents and of time series: by key, by label and by an index."""

from __future__ import annotations

import json
import time

import pytest
from redis.exceptions import ResponseError

from redis_geo_plugin.core.live import labelled, sampling
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.records import RefusalReason
from redis_geo_plugin.core.live.snapshot import snapshot
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
from tests.support.cluster import RealCluster
from tests.support.positions import Watched, wait_for
from tests.support.sources_watched import check, record, spec_in, watch


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


def add_labelled(client, n, north, moment=None, **more):
    moment = int(time.time() * 1000) if moment is None else moment
    for at, (name, value) in enumerate((("lat", north + n / 100), ("lon", 2.35), *more.items())):
        labels = ("LABELS", "vehicle", n, "coord", name, "line", "T3")
        client.execute_command("TS.ADD", f"telemetry:{10 * n + at}", moment, value, *labels)


def test_time_series_are_followed_by_their_labels(with_modules):
    shown = check(
        with_modules, "labelled_series", add_labelled, gone=lambda client: client.delete("telemetry:30")
    )
    assert {fix.id: fix.attributes for fix in shown.fixes} == {ident: {"line": "T3"} for ident in "0124"}
    assert all(fix.derived is None and abs(fix.time - time.time()) < 30 for fix in shown.fixes)


def test_series_on_a_node_that_is_away_stay_and_go_on_when_it_is_back():
    cluster = RealCluster(3, flavour="stack", persistent=True)
    try:
        with cluster.client() as client:
            for n in range(20):
                add_labelled(client, n, 48.0)
        with watch(cluster, spec_in(cluster, "labelled_series")) as watched:
            watched.until(lambda fixes: len(fixes) == 20)
            lost, others = cluster.nodes[2], cluster.nodes[:2]
            kept = {key for node in others for key in keys_of(node)}
            whole = [n for n in range(20) if {b"telemetry:%d" % (10 * n + at) for at in (0, 1)} <= kept]
            assert 0 < len(whole) < 20
            lost.kill()
            with cluster.client() as client:
                add_labelled(client, whole[0], 49.0)
            watched.until(lambda fixes: fixes[str(whole[0])].lat > 48.99)
            assert len(watched.fixes) == 20
            lost.restart()
            wait_for(lambda: cluster_is_well(lost))
            with cluster.client() as client:
                for n in range(20):
                    add_labelled(client, n, 50.0)
            watched.until(lambda fixes: len(fixes) == 20 and all(fix.lat > 49.99 for fix in fixes.values()))
    finally:
        cluster.close()


def add_by_key(client, n, north, moment=None, names=("lat", "lon", "speed_kmh")):
    for name, value in (("lat", north + n / 100), ("lon", 2.35), ("speed_kmh", 36)):
        if name in names:
            labels = ("LABELS", "vehicle", n, "coord", name)
            client.execute_command("TS.ADD", f"ts:{n}:{name}", moment, value, *labels)


def add_by_label(client, n, north, moment=None, names=("lat", "lon", "speed_kmh")):
    for at, (name, value) in enumerate((("lat", north + n / 100), ("lon", 2.35), ("speed_kmh", 36))):
        if name in names:
            labels = ("LABELS", "vehicle", n, "coord", name)
            client.execute_command("TS.ADD", f"telemetry:{10 * n + at}", moment, value, *labels)


@pytest.mark.parametrize(("kind", "add"), [("time_series", add_by_key), ("labelled_series", add_by_label)])
def test_coordinates_of_different_times_are_no_position(with_modules, kind, add):
    """At first they are refused with the reason; of a vehicle that was shown, it stays until both are there."""
    now = int(time.time() * 1000)
    with with_modules.client() as client:
        for n in range(5):
            add(client, n, 48.0, now - 60_000)
        spec = spec_in(with_modules, kind)
        add(client, 4, 50.0, now - 30_000, ("lat",))
        shown = snapshot(with_modules.settings(), spec)
        assert {fix.id for fix in shown.fixes} == set("0123")
        assert shown.refused == {RefusalReason.APART: 1}
        with watch(with_modules, spec) as watched:
            watched.until(lambda fixes: set(fixes) == set("0123"))
            add(client, 3, 49.0, now - 20_000, ("lat",))
            add(client, 2, 49.0, now - 20_000)
            watched.until(lambda fixes: abs(fixes["2"].lat - 49.02) < 1e-5)
            assert watched.fixes["3"].lat == pytest.approx(48.03)
            add(client, 3, 49.0, now - 20_000, ("lon",))
            watched.until(lambda fixes: abs(fixes["3"].lat - 49.03) < 1e-5)
        speeds = {fix.id: fix.speed for fix in snapshot(with_modules.settings(), spec).fixes}
        assert speeds == {"0": 10.0, "1": 10.0, "2": 10.0, "3": None}  # that of 3 is of another place


def keys_of(node):
    with node.client() as client:
        return client.keys("telemetry:*")


def cluster_is_well(node):
    with node.client() as client:
        return client.cluster("INFO")["cluster_state"] == "ok"


def test_what_stands_beside_the_coordinates_is_read_by_its_label(stack_server):
    with stack_server.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0, speed_kmh=36)
    fixes = snapshot(stack_server.settings(), spec_in(stack_server, "labelled_series")).fixes
    assert {fix.speed for fix in fixes} == {10.0}


def test_new_series_of_labels_are_seen_and_other_tenants_are_not(with_modules):
    with with_modules.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0)
        client.execute_command("TS.ADD", "theirs:1", "*", 48, "LABELS", "vehicle", "x", "coord", "lat")
        client.execute_command("TS.ADD", "theirs:2", "*", 2, "LABELS", "vehicle", "x", "coord", "lon")
        spec = spec_in(with_modules, "labelled_series").changed(pattern="coord=(lat,lon)")
        with Watched(
            with_modules.settings(key_prefix="tele"),
            **{name: getattr(spec, name) for name in ("kind", "pattern", "mapping", "details")},
        ) as watched:
            watched.until(lambda fixes: set(fixes) == set("0123"))
            add_labelled(client, 7, 48.0)
            watched.until(lambda fixes: set(fixes) == set("01237"))


def test_a_vehicle_with_two_series_of_a_coordinate_is_not_shown(stack_server):
    with stack_server.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0)
        spec = spec_in(stack_server, "labelled_series")
        client.execute_command("TS.ADD", "other", "*", 50, "LABELS", "vehicle", 2, "coord", "lat")
    assert {fix.id for fix in snapshot(stack_server.settings(), spec).fixes} == set("013")


def test_series_that_names_tell_apart_are_proposed_once(stack_server):
    with stack_server.client() as client:
        for n in range(4):
            for name, value in (("lat", 48.0), ("lon", 2.35)):
                labels = ("LABELS", "vehicle", n, "coord", name)
                client.execute_command("TS.ADD", f"ts:{n}:{name}", "*", value, *labels)
    found = find_positions(stack_server.settings()).proposals
    assert [one.spec.kind for one in found] == ["time_series"]


def test_series_of_other_things_are_no_positions(stack_server):
    with stack_server.client() as client:
        for n in range(10):
            for name, value in (("cpu", 48.0), ("memory", 2.35), ("x", n), ("y", 2 * n)):
                labels = ("LABELS", "host", n, "metric", name)
                client.execute_command("TS.ADD", f"metrics:{name}:{n}", "*", value, *labels)
    shown = [one for one in find_positions(stack_server.settings()).proposals if one.preview]
    assert shown == []


@pytest.mark.parametrize(
    "value", ["driver's speed", 'the "best" one', "a\\\\b", "#1", "two  blanks", "$x `y`"]
)
def test_labels_of_others_hide_no_positions(stack_server, value):
    with stack_server.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0, **{value: 5.0})
            client.hset(f"driver:{n}", mapping=record(n))
    found = {one.spec.kind: one.spec for one in find_positions(stack_server.settings()).proposals}
    assert set(found) == {"hash_keys", "labelled_series"}
    assert len(snapshot(stack_server.settings(), found["labelled_series"]).fixes) == 4


def test_more_series_than_a_filter_may_find_are_not_asked_for(stack_server, monkeypatch):
    with stack_server.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0)
        for most, kinds in ((8, ["labelled_series"]), (7, [])):
            monkeypatch.setattr(labelled, "MOST_SERIES", most)
            client.config_resetstat()
            assert [one.spec.kind for one in find_positions(stack_server.settings()).proposals] == kinds
            asked = {name.lower() for name in client.info("commandstats")}
            assert ("cmdstat_ts.mget" in asked) == bool(kinds)


def test_a_filter_by_hand_finds_its_labels(stack_server):
    with stack_server.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0)
    spec = FeedSpec(kind="labelled_series", pattern="line=T3")
    assert len(snapshot(stack_server.settings(), spec).fixes) == 4
    spec = spec.changed(mapping=Mapping(id="vehicle", lon="lon", lat="lat"))
    assert {fix.id for fix in snapshot(stack_server.settings(), spec).fixes} == set("0123")


def test_what_is_no_filter_is_an_error_in_words(stack_server):
    with pytest.raises(ResponseError, match="not a filter of labels: telemetry"):
        snapshot(stack_server.settings(), FeedSpec(kind="labelled_series", pattern="telemetry:*"))


def test_a_long_series_is_found_too(stack_server, monkeypatch):
    """Its bytes in memory are many; what is read of it is one sample."""
    monkeypatch.setattr(sampling, "LARGEST_FLEET", 100)
    with stack_server.client() as client:
        for n in range(4):
            add_labelled(client, n, 48.0)
            client.execute_command("JSON.SET", f"doc:{n}", "$", json.dumps(record(n, note="x" * 200)))
    found = {one.spec.kind for one in find_positions(stack_server.settings()).proposals}
    assert found == {"labelled_series"}


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
