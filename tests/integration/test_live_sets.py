"""A live set of features on real servers: what changes is read, and only that."""

from __future__ import annotations

import gzip
import json
import random
from contextlib import contextmanager

import pytest
import shapely

from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.set_feed import SetFeed
from redis_geo_plugin.core.features.set_spec import SetSpec, from_json
from redis_geo_plugin.core.redis.server import Server
from tests.support.positions import wait_for

WGS = "EPSG:4326"


def area(number: float) -> str:
    return shapely.box(2 + number / 100, 48, 2.005 + number / 100, 48.01).wkt


def feature(ident: str, number: float, **attributes: object) -> dict:
    return {
        "type": "Feature",
        "id": ident,
        "geometry": json.loads(shapely.to_geojson(shapely.from_wkt(area(number)))),
        "properties": attributes,
    }


class Shown:
    """A window that shows all it is given; ``counts`` are how many features each take brought."""

    def __init__(self) -> None:
        self.features: dict[tuple, object] = {}
        self.counts: list[int] = []
        self.resets = 0
        self.fit = True
        self.feed: SetFeed

    def fits(self, found) -> bool:
        fit, self.fit = self.fit, True
        return fit

    def rows(self, features) -> list[list[tuple[str, object]]]:
        return [[("all", one)] for one in features]

    def look(self) -> Shown:
        while self.feed.has_news:
            reset, gone, changed, _ = self.feed.take(100_000)
            if reset:
                self.resets += 1
                self.features.clear()
            for ident in gone:
                self.features.pop(ident, None)
            self.features.update({ident: rows[0][1] for ident, rows in changed})
            self.counts.append(len(changed))
        return self

    def ids(self) -> set[str]:
        return {ident for _, ident, _ in self.look().features}

    def until(self, *ids: str) -> None:
        wait_for(lambda: self.ids() == set(ids))


@contextmanager
def following(server, source: str, **how):
    shown = Shown()
    settings = how.pop("settings", None) or server.settings()
    spec = SetSpec(name="zones", source=source, interval=0.05, **how)
    feed = shown.feed = SetFeed(spec, settings, shown)
    feed.start()
    try:
        wait_for(lambda: feed.status().state.value == "live")
        yield shown
    finally:
        feed.stop()


def test_only_the_keys_that_change_are_read_and_handed_on(server):
    with server.client() as client:
        for number in range(50):
            client.set(f"zone:{number}", area(number))
        with following(server, "zone:*", crs=WGS) as shown:
            assert len(shown.ids()) == 50 and shown.feed.status().tracking
            client.set("zone:7", area(70))
            client.set("zone:new", area(3))
            client.delete("zone:1")
            client.set("zonal", area(3))
            shown.until(*({str(n) for n in range(50)} - {"1"} | {"new"}))
            wait_for(lambda: shapely.from_wkb(shown.look().features[b"zone:7", "7", 0].wkb).bounds[0] == 2.7)
            assert shown.feed.status().full_reads == 1
            assert shown.feed.status().vehicles == 50
            assert sum(shown.counts) == 52


def test_a_key_written_anew_with_the_same_value_is_no_change(server):
    with server.client() as client:
        client.set("zone:1", area(1))
        with following(server, "zone:*", crs=WGS) as shown:
            shown.until("1")
            client.set("zone:1", area(1))
            client.set("zone:2", area(2))
            shown.until("1", "2")
            assert sum(shown.counts) == 2


def test_of_one_collection_only_the_features_that_differ_are_handed_on(server):
    def collection(*features: dict) -> str:
        return json.dumps({"type": "FeatureCollection", "features": features})

    with server.client() as client:
        client.set("districts", collection(*[feature(f"d{n}", n) for n in range(20)]))
        with following(server, "districts") as shown:
            assert len(shown.ids()) == 20
            some = [feature(f"d{n}", n) for n in range(1, 20)]
            client.set("districts", collection(*some, feature("d99", 5)))
            shown.until(*[f"d{n}" for n in range(1, 20)], "d99")
            assert sum(shown.counts) == 21
            client.delete("districts")
            shown.until()


def test_ids_are_those_that_reading_once_gives(server):
    with server.client() as client:
        client.hset("zones:a", mapping={"1": area(1), "2": area(2)})
        client.hset("zones:b", mapping={"1": area(3)})
        client.rpush("zones:list", json.dumps(feature("x", 4)))
        opened = Server(server.settings())
        try:
            once = {
                (one.key, one.id) for one in read_features(opened, ReadRequest("zones:*", crs=WGS)).features
            }
        finally:
            opened.close()
        with following(server, "zones:*", crs=WGS) as shown:
            assert {(key, ident) for key, ident, _ in shown.look().features} == once
            client.hset("zones:a", "1", area(9))
            wait_for(lambda: sum(shown.look().counts) == 5)
            assert {(key, ident) for key, ident, _ in shown.features} == once


def test_what_can_no_longer_be_read_leaves_and_is_counted(server):
    with server.client() as client:
        client.set("zone:1", area(1))
        client.set("zone:2", area(2))
        with following(server, "zone:*", crs=WGS) as shown:
            shown.until("1", "2")
            client.set("zone:2", "POLYGON((0 0")
            shown.until("1")
            assert shown.feed.status().why_refused == {WhyRefused.CUT_SHORT: 1}
            client.set("zone:2", area(5))
            shown.until("1", "2")
            assert not shown.feed.status().why_refused


def test_the_form_of_the_layers_has_changed_so_all_is_given_anew(server):
    with server.client() as client:
        client.set("zone:1", area(1))
        client.set("zone:2", area(2))
        with following(server, "zone:*", crs=WGS) as shown:
            shown.until("1", "2")
            shown.fit = False
            client.set("zone:3", area(3))
            shown.until("1", "2", "3")
            wait_for(lambda: shown.look().resets == 2)
            shown.until("1", "2", "3")
            wait_for(lambda: shown.feed.status().full_reads == 2)


def test_lines_whose_decimals_nothing_says_are_judged_with_all_others(one_server):
    with one_server.client() as client:
        client.set("way:1", "_p~iF~ps|U_ulLnnqC_mqNvxq`@")
        client.set("way:2", "_p~iF~ps|U_ulLnnqC")
        with following(one_server, "way:*") as shown:
            shown.until("1", "2")
            client.set("way:1", "_p~iF~ps|U_ulLnnqC")
            wait_for(lambda: sum(shown.look().counts) == 3)
            wait_for(lambda: shown.feed.status().full_reads == 2)


def test_keys_that_the_window_asks_for_are_handed_on_unchanged(one_server):
    with one_server.client() as client:
        client.set("zone:1", area(1))
        with following(one_server, "zone:*", crs=WGS) as shown:
            shown.until("1")
            shown.feed.refresh([b"zone:1"])
            wait_for(lambda: sum(shown.look().counts) == 2)


def test_a_pause_keeps_the_changes_for_later(one_server):
    with one_server.client() as client:
        client.set("zone:1", area(1))
        with following(one_server, "zone:*", crs=WGS) as shown:
            shown.until("1")
            shown.feed.pause()
            client.set("zone:2", area(2))
            assert shown.feed.status().state.value == "paused"
            reads = shown.feed.status().reads
            shown.feed.resume()
            shown.until("1", "2")
            assert shown.feed.status().reads == reads + 1


def test_without_tracking_the_whole_set_is_read_and_compared(one_server):
    with one_server.client() as client:
        client.execute_command("ACL", "SETUSER", "poor", "on", ">secret", "~*", "+@all", "-client")
        client.set("zone:1", area(1))
        client.set("zone:2", area(2))
        settings = one_server.settings(username="poor", password="secret")
        with following(one_server, "zone:*", crs=WGS, settings=settings) as shown:
            shown.until("1", "2")
            assert not shown.feed.status().tracking and shown.feed.status().note is not None
            client.set("zone:2", area(4))
            client.delete("zone:1")
            shown.until("2")
            assert sum(shown.counts) == 3


def test_a_lost_connection_is_made_up_for(make_server):
    place = make_server()
    with place.client() as client:
        client.set("zone:1", area(1))
        client.set("zone:2", area(2))
        with following(place, "zone:*", crs=WGS) as shown:
            shown.until("1", "2")
            client.set("zone:3", area(3))
            client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            client.delete("zone:1")
            shown.until("2", "3")
            assert shown.resets == 1


def test_the_keys_of_an_index_and_those_that_join_it(stack_server):
    with stack_server.client() as client:
        client.execute_command(
            *[
                "FT.CREATE",
                "shapes",
                "ON",
                "HASH",
                "PREFIX",
                "1",
                "shape:",
                "SCHEMA",
                "geom",
                "GEOSHAPE",
                "SPHERICAL",
            ]
        )
        client.hset("shape:1", mapping={"geom": area(1), "name": "a"})
        with following(stack_server, "shapes") as shown:
            shown.until("1")
            client.hset("shape:2", mapping={"geom": area(2), "name": "b"})
            client.set("shape:3", area(3))
            shown.until("1", "2")


def test_a_set_on_a_cluster(make_cluster):
    cluster = make_cluster()
    with cluster.client() as client:
        for number in range(30):
            client.set(f"zone:{number}", area(number))
        with following(cluster, "zone:*", crs=WGS) as shown:
            assert len(shown.ids()) == 30
            for number in range(10):
                client.delete(f"zone:{number}")
            client.set("zone:x", area(1))
            shown.until(*[str(n) for n in range(10, 30)], "x")
            assert shown.feed.status().full_reads == 1


def test_a_spec_comes_back_as_it_was_and_nothing_else_is_one():
    spec = SetSpec(name="zones", source="zone:*", crs=WGS, connection="c", interval=3.0)
    assert from_json(spec.to_json()) == spec
    assert from_json('{"source": "a", "later": 1}').source == "a"
    for bad in (
        "",
        "[]",
        "{}",
        '{"source": 1}',
        '{"source": "a", "interval": 0}',
        '{"source": "a", "uid": ""}',
    ):
        with pytest.raises(ValueError):
            from_json(bad)


def any_value(chance: random.Random) -> object:
    """What some program may put under a key: a text for a string, a dict for a hash, a list for a list."""
    number = chance.randrange(100)
    one = feature(f"f{chance.randrange(5)}", number, n=chance.choice([1, 2.5, "x", None]))
    return chance.choice(
        [
            area(number),
            shapely.to_wkb(shapely.from_wkt(area(number))),
            shapely.to_wkb(shapely.set_srid(shapely.from_wkt(area(number)), 4326), include_srid=True),
            json.dumps(one),
            json.dumps(json.dumps(one)),
            gzip.compress(
                json.dumps({"type": "FeatureCollection", "features": [one, feature("f9", 9)]}).encode()
            ),
            "rubbish",
            b"\x01\x03\x00\x00\x00\xff\xff\xff\xff",
            {"geom": area(number), "name": "x"},
            [area(number), json.dumps(one)],
        ]
    )


def change_something(client, chance: random.Random) -> None:
    key, other = (f"zone:{chance.randrange(30)}" for _ in range(2))
    what = chance.randrange(10)
    if what < 5:
        value = any_value(chance)
        client.delete(key)
        if isinstance(value, dict):
            client.hset(key, mapping=value)
        elif isinstance(value, list):
            client.rpush(key, *value)
        else:
            client.set(key, value, px=chance.choice([None, 5, 10_000]))
    elif what == 5:
        client.delete(key)
    elif what == 6:
        client.pexpire(key, chance.choice([1, 20, 10_000]))
    elif what == 7 and client.exists(key):
        client.rename(key, chance.choice([other, "elsewhere"]))
    elif what == 8 and client.exists("elsewhere"):
        client.rename("elsewhere", key)
    else:
        with client.pipeline() as together:
            together.set(key, area(1)).set(other, area(2)).delete(key)
            together.execute()


@pytest.mark.parametrize("seed", range(3))
def test_whatever_others_do_two_sets_show_in_the_end_what_is_there(server, seed):
    """Values of any kind, some of which expire, move under another name or go while they are read; the second set has
    the same keys, and comes in the middle."""
    chance, reader = random.Random(seed), Server(server.settings())

    def there() -> dict:
        found = read_features(reader, ReadRequest("zone:*", crs=WGS)).features
        return {(one.key, one.id): (one.wkb, one.attributes) for one in found}

    def shows(shown) -> dict:
        return {place[:2]: (one.wkb, one.attributes) for place, one in shown.look().features.items()}

    with server.client() as client, following(server, "zone:*", crs=WGS) as first:
        for _ in range(150):
            change_something(client, chance)
        with following(server, "zone:*", crs=WGS) as second:
            for _ in range(150):
                change_something(client, chance)
                first.look()
            wait_for(
                lambda: all(
                    client.pttl(key) > 1_000 or client.pttl(key) == -1 for key in client.keys("zone:*")
                )
            )
            expected = there()
            assert expected
            for shown in (first, second):
                wait_for(lambda shown=shown: shows(shown) == expected)
                assert shown.feed.status().vehicles == len(shown.features)
                refused = sum(shown.feed.status().why_refused.values())
                assert refused == read_features(reader, ReadRequest("zone:*", crs=WGS)).refusals.total
    reader.close()
