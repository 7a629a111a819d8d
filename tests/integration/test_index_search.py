"""Searches of the query engine's indexes against brute force, on a real Redis Stack."""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import replace

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.features import documents, finding, index_search, indexes, indexing
from redis_geo_plugin.core.features.index_search import IndexQuery
from redis_geo_plugin.core.features.writing import PublishFormat
from redis_geo_plugin.core.geo import areas, measure
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.indexes import index, members


@pytest.fixture
def server(stack_server):
    made = Server(stack_server.settings())
    yield made
    made.close()


@pytest.fixture
def admin(stack_server):
    with stack_server.client() as client:
        yield client


def wait_until_indexed(admin, name):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        said = admin.execute_command("FT.INFO", name)
        if not said[said.index(b"indexing") + 1]:
            return
        time.sleep(0.02)
    raise AssertionError("the index is not finished")


def some_positions(chance, count):
    """Over the world, and many at 180 degrees, near the poles, and in one city."""
    for _ in range(count):
        kind = chance.random()
        if kind < 0.4:
            yield chance.uniform(-180, 180), math.degrees(math.asin(chance.uniform(-0.99, 0.99)))
        elif kind < 0.6:
            yield (chance.gauss(180, 1) + 180) % 360 - 180, chance.uniform(-80, 80)
        elif kind < 0.8:
            yield chance.uniform(-180, 180), chance.choice([-1, 1]) * chance.uniform(75, 85)
        else:
            yield 2.35 + chance.gauss(0, 0.05), 48.85 + chance.gauss(0, 0.05)
    yield from [(180.0, 10.0), (-180.0, 10.0), (179.9999, 10.0), (10.0, 85.05), (-170.0, -85.05)]


def a_centre(chance):
    kind = chance.random()
    if kind < 0.25:
        return chance.uniform(-180, 180), chance.uniform(-90, 90)
    if kind < 0.5:
        return chance.choice([180, -180, 179.99, -179.95, 10.0]), chance.choice(
            [10.0, 10.01, chance.uniform(-80, 80)]
        )
    if kind < 0.7:
        return chance.uniform(-180, 180), chance.choice([90, -90, 85, 86, 84.9, -82])
    return 2.35, 48.85


@pytest.fixture
def positions(admin):
    """Documents of an index with one position each: key -> (lon, lat)."""
    index(
        admin,
        "cars",
        "ON",
        "HASH",
        "PREFIX",
        1,
        "car:",
        "SCHEMA",
        "at",
        "GEO",
        "state",
        "TAG",
        "n",
        "NUMERIC",
    )
    chance = random.Random(4)
    placed = {}
    with admin.pipeline(transaction=False) as pipe:
        for number, (lon, lat) in enumerate(some_positions(chance, 3000)):
            placed[f"car:{number}"] = (round(lon, 6), round(lat, 6))
            state = "free" if number % 3 else "busy"
            fields = {"at": "{},{}".format(*placed[f"car:{number}"]), "state": state, "n": number}
            pipe.hset(f"car:{number}", mapping=fields)
        pipe.execute()
    wait_until_indexed(admin, "cars")
    return placed


def test_a_radius_finds_what_brute_force_finds(server, positions):
    chance = random.Random(5)
    keys, places = list(positions), np.array(list(positions.values()))
    for _ in range(150):
        lon, lat = a_centre(chance)
        metres = chance.choice([0, 1, 100, 1e4, 3e5, 1e6, 2.9e6, 5e6, 1e7, 2.1e7]) * chance.uniform(0.5, 1)
        found = index_search.radius(server, IndexQuery("cars"), [lon], [lat], metres)
        here = np.full(len(keys), lon), np.full(len(keys), lat)
        exactly, _ = measure.distances(measure.WGS84, *here, places[:, 0], places[:, 1])
        wanted = sorted(keys[at] for at in np.flatnonzero(exactly <= metres))
        assert members(found) == wanted, (lon, lat, metres)
        assert (np.diff(found.hits.distance) >= 0).all()
        assert found.hits.rank.tolist() == list(range(1, len(wanted) + 1))


def test_an_area_finds_what_brute_force_finds(server, positions):
    chance = random.Random(6)
    for _ in range(80):
        x = chance.choice([chance.uniform(-180, 180), 180, 2.35, -179])
        y = chance.choice([chance.uniform(-85, 85), 48.85, 80])
        w, h = chance.choice([0.05, 1, 10, 50, 100]), chance.choice([0.05, 1, 10, 30])
        polygon = shapely.Polygon(
            [(x - w, y - h), (x + w, y - h / 2), (x + w * 0.3, y + h), (x - w * 0.6, y + h * 0.2)]
        )
        found = index_search.area(server, IndexQuery("cars"), [areas.Area(polygon)])
        wanted = [
            key
            for key, (lon, lat) in positions.items()
            if any(polygon.intersects(shapely.Point(lon + turn, lat)) for turn in (-360, 0, 360))
        ]
        assert members(found) == sorted(wanted), polygon


def test_the_query_of_the_user_holds_too_and_values_have_their_types(server, positions):
    found = index_search.radius(
        server, IndexQuery("cars", "@state:{busy} @n:[0 1500]"), [2.35], [48.85], 5000
    )
    assert len(found.hits)
    for member, values in zip(found.hits.members, found.hits.attributes):
        number = int(member.partition(b":")[2])
        assert values == {"state": "busy", "n": number} and number % 3 == 0 and number <= 1500


def test_only_the_fields_that_are_asked_for_are_read(server, positions):
    found = index_search.radius(server, IndexQuery("cars", fields=("n",)), [2.35], [48.85], 5000)
    assert {tuple(values) for values in found.hits.attributes} == {("n",)}


def test_a_limit_keeps_the_nearest(server, positions):
    everything = index_search.radius(server, IndexQuery("cars"), [2.35], [48.85], 20_000)
    nearest = index_search.radius(server, IndexQuery("cars", limit=7), [2.35, 180], [48.85, 10], 20_000)
    assert nearest.hits.members[:7] == everything.hits.members[:7]
    origins = nearest.hits.origin.tolist()
    assert origins[:7] == [0] * 7 and set(origins[7:]) == {1} and len(origins) >= 10


def test_many_documents_come_each_once(server, admin):
    """More than a page, and more than FT.SEARCH would give: its greatest number is set low."""
    index(admin, "many", "ON", "HASH", "PREFIX", 1, "m:", "SCHEMA", "at", "GEO")
    with admin.pipeline(transaction=False) as pipe:
        for number in range(25_000):
            pipe.hset(f"m:{number}", "at", f"{2 + number * 1e-6:.6f},48")
        pipe.execute()
    wait_until_indexed(admin, "many")
    admin.execute_command("FT.CONFIG", "SET", "MAXSEARCHRESULTS", 10_000)
    try:
        found = index_search.radius(server, IndexQuery("many"), [2.0], [48.0], 100_000)
    finally:
        admin.execute_command("FT.CONFIG", "SET", "MAXSEARCHRESULTS", 1_000_000)
    assert len(found.hits) == len(set(found.hits.members)) == 25_000


def test_what_could_not_be_indexed_is_counted_and_the_last_one_named(server, admin):
    index(admin, "zones", "ON", "HASH", "PREFIX", 1, "z:", "SCHEMA", "shape", "GEOSHAPE", "SPHERICAL")
    admin.hset("z:good", "shape", "POLYGON((2 48, 3 48, 3 49, 2 49, 2 48))")
    admin.hset("z:bow", "shape", "POLYGON((2 48, 3 49, 3 48, 2 49, 2 48))")
    found = index_search.radius(server, IndexQuery("zones"), [2.5], [48.5], 1000)
    assert members(found) == ["z:good"]
    assert found.index.failures == 1 and found.index.failed_key == "z:bow" and found.index.reason
    assert index_search.UNINDEXED in found.hits.notes


def test_a_field_that_the_index_does_not_have_is_named(server, positions):
    found = index_search.radius(server, IndexQuery("cars", "@satte:{free}"), [2.35], [48.85], 5000)
    assert found.unknown == ("satte",) and index_search.UNKNOWN_FIELDS in found.hits.notes


def test_a_query_that_the_engine_does_not_understand_fails_in_its_words(server, positions):
    with pytest.raises(exceptions.ResponseError, match="Syntax error"):
        index_search.radius(server, IndexQuery("cars", "@state:{free"), [2.35], [48.85], 5000)


def test_an_index_that_is_not_there_and_one_that_goes_meanwhile(server, admin, positions):
    with pytest.raises(indexes.IndexProblem) as caught:
        index_search.radius(server, IndexQuery("lorries"), [2.35], [48.85], 5000)
    assert caught.value.what == "no_index"
    wanted = documents.Wanted(indexes.describe(server, "cars"), indexes.describe(server, "cars").geometry())
    walk = documents.pages(server, wanted, "*", (), Watch())
    assert len(next(walk)) == documents.FIRST_PAGE
    admin.execute_command("FT.DROPINDEX", "cars")
    with pytest.raises(indexes.IndexProblem) as caught:
        list(walk)
    assert caught.value.what == "no_index"


def test_documents_deleted_meanwhile_are_passed_over(server, admin, positions):
    described = indexes.describe(server, "cars")
    walk = documents.pages(server, documents.Wanted(described, described.geometry()), "*", (), Watch())
    seen = {one.key for one in next(walk)}
    gone = [key for key in positions if key.encode() not in seen][::2]
    admin.delete(*gone)
    rest = [one.key for page in walk for one in page]
    assert not seen.intersection(rest) and len(rest) == len(set(rest))
    assert seen.union(rest) == {key.encode() for key in set(positions) - set(gone)}


def test_a_walk_that_is_left_is_ended_on_the_server(server, admin, positions):
    described = indexes.describe(server, "cars")
    walk = documents.pages(server, documents.Wanted(described, described.geometry()), "*", (), Watch())
    next(walk)
    walk.close()
    stats = indexes.pairs(dict(zip(*[iter(admin.execute_command("FT.INFO", "cars"))] * 2))[b"cursor_stats"])
    assert stats["index_total"] == 0


def test_cancelling_ends_it(server, positions):
    looks = iter([False, False] + [True] * 100)
    with pytest.raises(Cancelled):
        index_search.radius(server, IndexQuery("cars"), [0.0], [0.0], 3e7, Watch(lambda: next(looks)))


def test_a_user_without_the_right_is_told_so(stack_server, admin, positions):
    admin.execute_command(
        "ACL", "SETUSER", "poor", "on", ">p", "~*", "+@all", "-ft.info"
    )  # pragma: allowlist secret
    poor = Server(stack_server.settings(username="poor", password="p"))  # pragma: allowlist secret
    try:
        with pytest.raises(StoreError) as caught:
            index_search.radius(poor, IndexQuery("cars"), [0.0], [0.0], 1.0)
        assert caught.value.failure.kind is FailureKind.NO_RIGHTS
        with pytest.raises(StoreError):
            indexes.find(poor)
    finally:
        poor.close()
        admin.execute_command("ACL", "DELUSER", "poor")


@pytest.mark.parametrize("flavour", ["valkey", "redis8"])
def test_a_server_without_the_engine_is_told_so(make_server, flavour):
    """Debian's Redis 8 comes without its modules."""
    plain = Server(make_server(flavour).settings())
    try:
        for ask in (
            indexes.names,
            indexes.find,
            lambda s: index_search.radius(s, IndexQuery("x"), [0], [0], 1),
        ):
            with pytest.raises(indexes.IndexProblem) as caught:
                ask(plain)
            assert caught.value.what == "no_engine"
    finally:
        plain.close()


def test_an_index_that_is_still_being_made_says_so(server, admin):
    with admin.pipeline(transaction=False) as pipe:
        for number in range(40_000):
            pipe.hset(f"m:{number}", mapping={"at": "2,48", "words": "many words to be indexed " * 10})
        pipe.execute()
    index(admin, "many", "ON", "HASH", "PREFIX", 1, "m:", "SCHEMA", "at", "GEO", "words", "TEXT")
    found = index_search.radius(server, IndexQuery("many", fields=("none",)), [2.0], [48.0], 100)
    assert found.index.done < 1.0 and index_search.NOT_ALL_INDEXED in found.hits.notes


def test_documents_of_json_with_several_positions(server, admin):
    index(admin, "docs", "ON", "JSON", "PREFIX", 1, "d:", "SCHEMA", "$.stops[*].at", "AS", "at", "GEO")
    document = {"name": "line 1", "stops": [{"at": "2.35,48.85"}, {"at": "2.40,48.85"}], "open": True, "n": 3}
    admin.execute_command("JSON.SET", "d:1", "$", json.dumps(document))
    admin.execute_command("JSON.SET", "d:2", "$", json.dumps({"stops": [{"at": "8,50"}]}))
    found = index_search.radius(server, IndexQuery("docs"), [2.401], [48.85], 1000)
    assert members(found) == ["d:1"] and found.hits.attributes == [document]
    assert found.hits.lon[0] == 2.40 and found.hits.distance[0] == pytest.approx(73.4, abs=0.2)
    found = index_search.radius(server, IndexQuery("docs", fields=("name", "$.n")), [2.401], [48.85], 1000)
    assert found.hits.attributes == [{"name": "line 1", "$.n": 3}]


def test_names_of_fields_are_escaped(server, admin):
    index(admin, "odd", "ON", "HASH", "PREFIX", 1, "o:", "SCHEMA", "the place-é", "GEO")
    admin.hset("o:1", "the place-é", "2,48")
    assert members(index_search.radius(server, IndexQuery("odd"), [2.0], [48.0], 10)) == ["o:1"]


def test_an_index_of_two_places_asks_which(server, admin):
    index(admin, "two", "ON", "HASH", "PREFIX", 1, "t:", "SCHEMA", "home", "GEO", "work", "GEO")
    admin.hset("t:1", mapping={"home": "2,48", "work": "3,48"})
    with pytest.raises(indexes.IndexProblem) as caught:
        index_search.radius(server, IndexQuery("two"), [3.0], [48.0], 10)
    assert (caught.value.what, caught.value.names) == ("which_field", ("home", "work"))
    assert members(index_search.radius(server, IndexQuery("two", place="work"), [3.0], [48.0], 10)) == ["t:1"]
    with pytest.raises(indexes.IndexProblem):
        index_search.radius(server, IndexQuery("two", place="none"), [3.0], [48.0], 10)


def test_a_production_connection_searches_and_nothing_of_it_writes(stack_server, admin, positions):
    locked = Server(stack_server.settings(production=True))
    try:
        admin.execute_command("CONFIG", "RESETSTAT")
        found = index_search.radius(locked, IndexQuery("cars", "@state:{free}"), [2.35], [48.85], 5000)
        assert len(found.hits) and [one.name for one in indexes.find(locked)] == ["cars"]
        used = {name.removeprefix("cmdstat_").upper() for name in admin.info("commandstats")}
        assert {"FT.INFO", "FT._LIST", "FT.AGGREGATE"} <= used
        with pytest.raises(StoreError) as caught:
            locked.bulk.execute_command("FT.DROPINDEX", "cars")
        assert caught.value.failure.kind is FailureKind.PRODUCTION
    finally:
        locked.close()


def test_a_cluster_whose_indexes_know_their_own_node_only_is_not_searched(monkeypatch):
    from tests.support import stack
    from tests.support.cluster import RealCluster

    with_engine = [*stack.command(), "--loadmodule", str(stack.unpacked() / "lib" / "redisearch.so")]
    monkeypatch.setattr(stack, "command", lambda: tuple(with_engine))
    cluster = RealCluster(flavour="stack")
    shards = Server(cluster.settings())
    try:
        for ask in (
            indexes.find,
            lambda s: index_search.radius(s, IndexQuery("cars"), [0], [0], 1),
            lambda s: indexing.create_index(s, "new", PublishFormat.HASH, b"car:", []),
        ):
            node = shards.cluster_map.client(shards.cluster_map.node_of(b"cars"))
            if not indexes.names(shards):
                node.execute_command(*"FT.CREATE cars ON HASH PREFIX 1 car: SCHEMA at GEO".split())  # noqa: SIM905
            with pytest.raises(indexes.IndexProblem) as caught:
                ask(shards)
            assert caught.value.what == "no_coordinator"
        assert indexes.names(shards) == ["cars"]
    finally:
        shards.close()
        cluster.close()


def create(admin, words):
    admin.execute_command(*words.split())


def test_declared_sets_are_looked_at_without_a_walk_but_for_those_of_which_nothing_is_indexed(
    server, admin, monkeypatch
):
    create(admin, "FT.CREATE depots ON HASH PREFIX 1 depot: SCHEMA shape GEOSHAPE SPHERICAL gate GEO")
    create(admin, "FT.CREATE again ON HASH PREFIX 1 depot: SCHEMA gate GEO")
    create(admin, "FT.CREATE bad ON HASH PREFIX 1 bad: SCHEMA shape GEOSHAPE SPHERICAL gate GEO")
    create(admin, "FT.CREATE empty ON HASH PREFIX 1 empty: SCHEMA gate GEO")
    for number in range(finding.SAMPLE + 50):
        admin.hset(f"depot:{number}", mapping={"shape": shapely.box(2, 48, 3, 49).wkt, "gate": "2.5,48.5"})
    admin.hset("bad:1", mapping={"shape": shapely.box(2, 48, 3, 49).wkt, "gate": "nowhere"})
    for name in ("depots", "again", "bad"):
        wait_until_indexed(admin, name)
    walks, scan = [], Server.scan
    monkeypatch.setattr(Server, "scan", lambda *of, **how: walks.append(of[1]) or scan(*of, **how))
    told = []
    found = finding.find_declared(server, Watch(told=told.append))
    looked_at = {(one.source, one.geometry_field): dict(one.kinds) for one in found}
    assert looked_at == {
        ("again", ""): {"points": finding.SAMPLE},
        ("bad", "gate"): {},
        ("bad", "shape"): {"polygons": 1},
        ("depots", "gate"): {"points": finding.SAMPLE},
        ("depots", "shape"): {"polygons": finding.SAMPLE},
        ("empty", ""): {},
    }
    assert len(walks) == 1, "once for both places of the index in which nothing is"
    assert told == sorted(told) and any(0.2 < share < 0.8 for share in told)
    assert finding.find_declared(server, Watch(cancelled=lambda: True)) == []


def test_of_an_index_of_several_tenants_only_keys_of_this_one_are_looked_at(stack_server, admin):
    create(admin, "FT.CREATE all ON HASH PREFIX 1 t SCHEMA gate GEO")
    for number in range(3):
        admin.hset(f"t1:{number}", mapping={"gate": "2.5,48.5"})
    admin.hset("t2:1", mapping={"gate": "2.5,48.5"})
    wait_until_indexed(admin, "all")
    made = Server(replace(stack_server.settings(), key_prefix="t2:"))
    try:
        (found,) = finding.find_declared(made)
    finally:
        made.close()
    assert found.kinds == {"points": 1}
