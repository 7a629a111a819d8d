"""Features of a layer written back into their keys on real servers: what is written is read as the same, what is not
changed stays, lifetimes too, and what another client has changed meanwhile is refused."""

from __future__ import annotations

import gzip
import json
import random

import pytest
import shapely

from redis_geo_plugin.core.features import writing_back
from redis_geo_plugin.core.features.formats.polyline import encoded
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.writing_back import WriteReport
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.guarded import KeysBusy
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Cancelled
from tests.support.written_back import Shown, edit_of, features, write

MOVED = shapely.box(5, 45, 6, 46)


def wkb(shape=MOVED) -> bytes:
    return shapely.to_wkb(shape)


def zone(number: int, **more) -> dict:
    area = json.loads(shapely.to_geojson(shapely.box(2, 48, 2.5 + number / 100, 49)))
    return {"type": "Feature", "id": f"z{number}", "geometry": area, "properties": {"name": f"zone {number}", "n": number},
            **more}  # fmt: skip


def text(number: int) -> str:
    return json.dumps(zone(number, foreign=[1.0, "é"]), indent=1)


def collection(some) -> dict:
    return {"type": "FeatureCollection", "name": "zones", "features": [zone(number) for number in some]}


def fill(client, documents: bool = False) -> None:
    """Three features in each kind of key."""
    for number in range(3):
        wkt = shapely.box(2, 48, 2.5 + number / 100, 49).wkt
        client.set(f"zone:text{number}", text(number))
        client.set(f"zone:gzip{number}", gzip.compress(text(number).encode()))
        client.set(f"zone:twice{number}", json.dumps(text(number)))
        client.set(
            f"zone:wkb{number}",
            shapely.to_wkb(shapely.set_srid(shapely.from_wkt(wkt), 4326), include_srid=True),
        )
        record = {"geom": wkt, "srid": "4326", "name": f"zone {number}", "n": str(number), "other": b"\xff\0"}
        client.hset(f"zone:hash{number}", mapping=record)
        client.hset("zone:fields", f"f{number}", text(number))
        client.rpush(
            "zone:list", json.dumps({"geom": wkt, "srid": 4326, "name": f"zone {number}", "n": number})
        )
        client.hset(f"zone:carried{number}", mapping={"payload": text(number), "at": "noon"})
        if documents:
            client.execute_command("JSON.SET", f"zone:document{number}", "$", json.dumps(
                {"geom": wkt, "srid": 4326, "name": f"zone {number}", "n": number, "deep": {"x": [1.5]}}))  # fmt: skip
    client.set("zone:collection", json.dumps(collection(range(3))))
    client.set("zone:collectiontwice", json.dumps(json.dumps(collection(range(3)))))
    if documents:
        client.execute_command("JSON.SET", "zone:documents", "$", json.dumps(collection(range(3))))


def found(server) -> dict:
    return {(one.key, one.id): (one.wkb, one.attributes, one.crs) for one in _all(server)}


def _all(server):
    from redis_geo_plugin.core.features.reading import ReadRequest, read_features

    whole = read_features(server, ReadRequest("zone:*"))
    assert not whole.refusals.total
    return whole.features


@pytest.fixture
def opened(server):
    made = Server(server.settings())
    yield made
    made.close()


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


def some_edits(server, chosen: random.Random) -> list:
    edits = []
    for one in chosen.sample(_all(server), 9):
        wished = {"name": chosen.choice(["new", 'é"', ""]), "n": chosen.randrange(99)}
        wished = wished if one.attributes and chosen.random() < 0.7 else {}
        shape = shapely.box(1, 1, chosen.uniform(2, 3), chosen.uniform(2, 3))
        moved = {"wkb": wkb(shape)} if chosen.random() < 0.7 or not wished else {}
        if chosen.random() < 0.2:
            moved, wished = {}, {}
        edits.append(edit_of(one, attributes=wished, is_deleted=not moved and not wished, **moved))
    return edits


def check_any_edits(server, documents: bool = False) -> None:
    """Written, they are read as they were meant; all others are as they were."""
    chosen = random.Random(17)
    opened = Server(server.settings())
    for turn in range(12):
        with server.client() as client:
            client.flushall()
            fill(client, documents)
        before = found(opened)
        edits = some_edits(opened, chosen)
        report = write(opened, edits)
        gone = sum(edit.is_deleted for edit in edits)
        assert (report.changed, report.deleted) == (len(edits) - gone, gone), (turn, report)
        after = found(opened)
        for edit in edits:
            old = before.pop((edit.key, edit.id))
            new = after.pop((edit.key, edit.id), None)
            if edit.is_deleted and edit.key != b"zone:list":
                assert new is None
            elif not edit.is_deleted and edit.key != b"zone:list":
                wished = shapely.from_wkb(edit.shown[2] if edit.is_moved else old[0])
                # RedisJSON of Redis Stack reads a number with a last digit of its own now and then
                assert shapely.equals_exact(shapely.from_wkb(new[0]), wished, 1e-14 if documents else 0)
                texts = edit.key.startswith(b"zone:hash")
                wished = {name: str(one) if texts else one for name, one in edit.attributes.items()}
                assert new[1] == {**old[1], **wished}
        for rest in (before, after):  # whose ids are places in a list, which are others once one is gone
            for key in [key for key in rest if key[0] == b"zone:list"]:
                del rest[key]
        assert before == after
    opened.close()


def test_any_edits_in_any_key(server):
    check_any_edits(server)


def test_any_edits_in_documents_too(stack_server):
    check_any_edits(stack_server, documents=True)


def test_any_edits_on_a_cluster(each_cluster):
    opened = Server(each_cluster.settings())
    with each_cluster.client() as client:
        fill(client)
    before = found(opened)
    edits = [edit_of(one, wkb()) for one in _all(opened)]
    assert write(opened, edits).changed == len(edits)
    after = found(opened)
    assert after.keys() == before.keys() and {key: one[1:] for key, one in after.items()} == {
        key: one[1:] for key, one in before.items()}  # fmt: skip
    assert all(shapely.equals(shapely.from_wkb(one[0]), MOVED) for one in after.values())
    deleted = write(opened, [edit_of(one, is_deleted=True) for one in _all(opened)])
    assert deleted.deleted == len(edits) and not _all(opened)
    opened.close()


def test_what_is_not_changed_stays_to_the_letter(opened, client):
    raw = b'{ "type":"Feature","properties":{"n":1.50000000000000000001,"n2":12345678901234567890},\n "geometry":null}'
    client.set("zone:1", raw)
    (one,) = features(opened).values()
    assert write(opened, [edit_of(one, attributes={"n": 2.5})]).changed == 1
    assert client.get("zone:1") == raw.replace(b"1.50000000000000000001", b"2.5")


def test_lifetimes_stay(server, opened, client):
    fill(client)
    keys = sorted(client.keys("zone:*"))
    for key in keys:
        client.expire(key, 1000)
    assert write(opened, [edit_of(one, wkb()) for one in _all(opened)]).changed
    assert all(900 < client.ttl(key) <= 1000 for key in keys)


def test_lifetimes_of_fields_stay(make_server):
    real = make_server("redis8")
    opened = Server(real.settings())
    with real.client() as client:
        client.hset("zone:1", mapping={"geom": "POINT (1 2)", "srid": "4326", "n": "1"})
        client.execute_command("HEXPIRE", "zone:1", 1000, "FIELDS", 2, "geom", "n")
        (one,) = features(opened).values()
        assert write(opened, [edit_of(one, wkb(shapely.Point(3, 4)))]).changed == 1
        left = client.execute_command("HTTL", "zone:1", "FIELDS", 3, "geom", "n", "srid")
        assert 900 < left[0] <= 1000 and 900 < left[1] <= 1000 and left[2] == -1
    opened.close()


def test_lifetimes_of_documents_stay(stack_server):
    opened = Server(stack_server.settings())
    with stack_server.client() as client:
        fill(client, documents=True)
        client.expire("zone:document1", 1000)
        assert write(opened, [edit_of(one, wkb()) for one in _all(opened)]).changed
        assert 900 < client.ttl("zone:document1") <= 1000 and client.ttl("zone:document0") == -1
    opened.close()


def test_a_zone_that_was_moved_is_found_there_by_the_index_and_by_others(stack_server):
    opened = Server(stack_server.settings())
    with stack_server.client() as client:
        client.execute_command(
            "FT.CREATE", "zones", "ON", "JSON", "PREFIX", 1, "zone:",
            "SCHEMA", "$.geom", "AS", "geom", "GEOSHAPE", "SPHERICAL")  # fmt: skip
        place = {"geom": shapely.box(2, 48, 3, 49).wkt, "name": "a", "kept": [1]}
        client.execute_command("JSON.SET", "zone:1", "$", json.dumps(place))
        (one,) = features(opened, "zones").values()
        assert write(opened, [edit_of(one, wkb())], "zones").changed == 1
        new = json.loads(client.execute_command("JSON.GET", "zone:1", "."))
        assert shapely.equals(shapely.from_wkt(new["geom"]), MOVED) and new["kept"] == [1]
        for shape, count in ((MOVED, 1), (shapely.box(2, 48, 3, 49), 0)):
            search = client.execute_command(
                "FT.SEARCH",
                "zones",
                "@geom:[CONTAINS $area]",
                "PARAMS",
                2,
                "area",
                shape.buffer(-0.2).wkt,
                "DIALECT",
                3,
            )
            assert search[0] == count
    opened.close()


@pytest.mark.parametrize("change", ["moved", "renamed", "gone", "of another type"])
def test_what_another_client_has_changed_is_refused_and_stays(opened, client, change):
    client.set("zone:1", text(1))
    client.set("zone:2", text(2))
    before = features(opened)
    client.delete("zone:2")
    other = zone(2)
    if change == "moved":
        other["geometry"] = {"type": "Point", "coordinates": [1, 2]}
    if change == "renamed":
        other["properties"]["name"] = "theirs"
    if change in ("moved", "renamed"):
        client.set("zone:2", json.dumps(other))
    if change == "of another type":
        client.zadd("zone:2", {"x": 1})
    theirs = client.dump("zone:2")
    report = write(opened, [edit_of(one, wkb()) for one in before.values()])
    assert report.changed == 1 and [one.key for one in report.refusals.listed] == [b"zone:2"]
    why = WhyRefused.GONE if change == "gone" else WhyRefused.CHANGED
    assert report.refusals.reasons == {why: 1} and client.dump("zone:2") == theirs


def test_what_changes_between_the_look_and_the_write_is_refused_too(opened, client, monkeypatch):
    client.set("zone:1", text(1))
    client.set("zone:2", text(2))
    edits = [edit_of(one, wkb()) for one in features(opened).values()]
    theirs = json.dumps({"type": "Point", "coordinates": [1, 2]}).encode()
    look = writing_back.change_of

    def meanwhile(*words):
        found = look(*words)
        client.set("zone:2", theirs)
        return found

    monkeypatch.setattr(writing_back, "change_of", meanwhile)
    report = write(opened, edits)
    assert report.changed == 1 and {one.key for one in report.refusals.listed} == {b"zone:2"}
    assert client.get("zone:2") == theirs and features(opened)["z1"].wkb == edits[0].shown[2]


def test_members_that_are_not_shown_may_change_meanwhile(opened, client):
    client.set("zone:collection", json.dumps(collection(range(3))))
    one = features(opened, "zone:collection")["z1"]
    new = collection(range(3))
    new["features"][0]["properties"]["name"] = "theirs"
    client.set("zone:collection", json.dumps(new))
    assert write(opened, [edit_of(one, attributes={"n": 9})], "zone:collection").changed == 1
    new["features"][1]["properties"]["n"] = 9
    assert json.loads(client.get("zone:collection")) == new


def test_a_stream_and_two_alike_are_refused(opened, client):
    client.xadd("zone:stream", {"geom": "POINT (1 2)", "srid": "4326", "n": "1"})
    client.set("zone:twice", json.dumps({"type": "FeatureCollection", "features": [zone(1), zone(1)]}))
    edits = [edit_of(one, attributes={"n": 7}) for one in _all(opened)]
    report = write(opened, edits)
    assert report.refusals.reasons == {WhyRefused.ENTRY: 1, WhyRefused.ALIKE: 2} and not report.changed


def test_deletes_are_counted_and_take_nothing_else(opened, client):
    fill(client)
    client.set("other", "kept")
    keep = {b"zone:text0", b"zone:hash0", b"zone:fields", b"zone:list", b"zone:collection",
            b"zone:collectiontwice", b"other"}  # fmt: skip
    wanted = [edit_of(one, is_deleted=True) for one in _all(opened)
              if one.key not in keep or (one.key, one.id) in {
                  (b"zone:fields", "z1"), (b"zone:list", "list:1"), (b"zone:collection", "z1"),
                  (b"zone:collectiontwice", "z1")}]  # fmt: skip
    assert write(opened, wanted).deleted == len(wanted)
    assert set(client.keys("*")) == keep and set(client.hkeys("zone:fields")) == {b"f0", b"f2"}
    assert [json.loads(one)["n"] for one in client.lrange("zone:list", 0, -1)] == [0, 2]
    assert [one["id"] for one in json.loads(client.get("zone:collection"))["features"]] == ["z0", "z2"]


def test_a_production_connection_refuses_before_anything_is_sent(server, opened, client):
    client.set("zone:1", text(1))
    (one,) = features(opened).values()
    locked = Server(server.settings(production=True))
    with pytest.raises(StoreError) as refused:
        write(locked, [edit_of(one, wkb())])
    assert refused.value.failure.kind is FailureKind.PRODUCTION and client.get("zone:1") == text(1).encode()
    locked.close()


def test_what_is_on_the_server_now_is_told(opened, client):
    client.set("zone:1", text(1))
    client.set("zone:2", text(2))
    edits = [edit_of(one, wkb()) for one in features(opened).values()]
    client.set("zone:1", text(3).replace("z3", "z1"))
    client.delete("zone:2")
    from redis_geo_plugin.core.features.reading import ReadRequest
    from tests.support.written_back import Shown

    writer = writing_back.EditWriter(opened, ReadRequest("zone:*"), Shown())
    report = writer.write(edits)
    writer.look(edits, report)
    assert report.now[b"zone:2", "z2"] is None
    assert report.now[b"zone:1", "z1"].attributes["n"] == 3


def test_the_one_key_of_its_set_has_short_ids(opened, client):
    client.rpush("zone:list", "SRID=4326;POINT (1 2)", "SRID=4326;POINT (3 4)")
    found = features(opened)
    assert write(opened, [edit_of(found["1"], wkb(shapely.Point(5, 6)))]).changed == 1
    assert client.lrange("zone:list", 0, -1) == [b"SRID=4326;POINT (1 2)", b"SRID=4326;POINT(5 6)"]


@pytest.mark.parametrize("together", [1, 2])
@pytest.mark.parametrize("ended", ["cancelled", "busy", "lost"])
def test_a_write_that_was_ended_goes_on_with_what_was_not_written(
    opened, client, monkeypatch, ended, together
):
    """Also where what was written has been changed by another since: it is not touched again."""
    for number in range(6):
        client.set(f"zone:{number}", text(number))
    client.set("zone:6", text(6))
    edits = [edit_of(one, attributes={"n": 7}, is_deleted=one.key == b"zone:0") for one in _all(opened)]
    theirs = json.dumps(zone(6, id="theirs"))
    client.set("zone:6", theirs)
    monkeypatch.setattr(writing_back, "TOGETHER", together)
    report, steps = WriteReport(), []
    error = {"cancelled": Cancelled, "busy": Cancelled, "lost": exceptions.ConnectionError}[ended]
    once = writing_back.guarded

    def ending(server, step):
        steps.append(step)
        if ended == "busy" and together > 1 and len(steps) == 3:
            raise KeysBusy  # then one by one
        if len(steps) == (5 if ended == "busy" else 5 - together):
            raise error
        return once(server, step)

    monkeypatch.setattr(writing_back, "guarded", ending)
    with pytest.raises(error):
        writing_back.EditWriter(opened, ReadRequest("zone:*"), Shown()).write(edits, report)
    written = report.settled - {b"zone:6"}
    assert 0 < len(written) < 6 and report.changed + report.deleted == len(written)
    client.set("zone:1", json.dumps(zone(1, properties={"n": 7, "name": "theirs"})))
    kept = {key: client.get(key) for key in written}
    monkeypatch.setattr(writing_back, "guarded", once)
    for _ in range(2):  # the second time nothing is left
        writing_back.EditWriter(opened, ReadRequest("zone:*"), Shown()).write(edits, report)
        assert (report.changed, report.deleted) == (5, 1) and report.refusals.reasons == {WhyRefused.GONE: 1}
        assert kept == {key: client.get(key) for key in written}
    assert [json.loads(client.get(f"zone:{n}"))["properties"]["n"] for n in range(1, 6)] == [7] * 5
    assert client.get("zone:6").decode() == theirs and not client.exists("zone:0")


NEAR = [[0.2, 1.0], [0.3, 1.1], [0.4, 1.2]]  # on the globe with five decimals as well as with six
FAR = [[2.35, 48.85], [2.36, 48.86], [2.4, 48.9]]
LINES = {
    "documents": lambda client, number, text: client.set(f"line:{number}", json.dumps({"polyline": text})),
    "texts": lambda client, number, text: client.set(f"line:{number}", text),
    "entries": lambda client, _number, text: client.rpush("line:all", text),
}


@pytest.mark.parametrize("form", LINES)
def test_lines_of_a_set_of_six_decimals_are_written_as_they_were_read_again_and_again(opened, client, form):
    """Each of them alone could as well be one of five; which it is all of the set have told."""
    for number, shape in enumerate((NEAR, NEAR, NEAR, FAR)):
        LINES[form](client, number, encoded(shape, 6))
    for shape in (FAR, NEAR, FAR):
        whole = read_features(opened, ReadRequest("line:*"))
        edits = [edit_of(one, wkb(shapely.LineString(shape))) for one in whole.features[:3]]
        report = write(opened, edits, "line:*", has_six=whole.has_six)
        assert whole.has_six and (report.changed, report.refusals.total) == (3, 0)
        found = features(opened, "line:*")
        for edit in edits:
            assert shapely.get_coordinates(shapely.from_wkb(found[edit.id].wkb)).tolist() == shape


def test_what_is_shown_of_a_line_is_what_the_set_is_read_with(opened, client):
    for number, shape in enumerate((NEAR, FAR)):
        LINES["documents"](client, number, encoded(shape, 6))
    whole = read_features(opened, ReadRequest("line:*"))
    writer = writing_back.EditWriter(opened, ReadRequest("line:*"), Shown(), has_six=whole.has_six)
    edits = [edit_of(one) for one in whole.features]
    report = WriteReport()
    writer.look(edits, report)
    assert [report.now[one.key, one.id].wkb for one in whole.features] == [one.wkb for one in whole.features]


def test_a_line_that_another_of_its_key_has_made_one_of_six_decimals_is_refused(opened, client):
    """Read with five before: where it is now is not where it was shown."""
    client.rpush("line:all", encoded(NEAR, 5), encoded(FAR, 5))
    edits = [edit_of(one, wkb(shapely.LineString(FAR))) for one in features(opened, "line:*").values()]
    client.rpush("line:all", encoded(FAR, 6))
    before = client.lrange("line:all", 0, -1)
    report = write(opened, edits, "line:*")
    assert report.refusals.reasons == {WhyRefused.CHANGED: 2}
    assert client.lrange("line:all", 0, -1) == before


def test_one_edit_that_nothing_can_hold_does_not_keep_the_others_from_being_written(opened, client):
    for number in range(3):
        client.set(f"zone:{number}", text(number))
    client.hset("zone:hash", mapping={"geom": "POINT (1 2)", "srid": "4326", "name": "one", "n": "1"})
    client.set(
        "zone:half", '{"geom": "POINT (1 2)", "srid": 4326, "n": 1, "kept": "{\\"a\\": \\"\\ud800\\"}"}'
    )
    bad = {b"zone:1", b"zone:hash"}
    edits = [
        edit_of(one, attributes={"name": "\ud800"} if one.key in bad else {"n": 7}) for one in _all(opened)
    ]
    before = {key: client.dump(key) for key in bad}
    report = write(opened, edits)
    assert (report.changed, report.deleted) == (3, 0)
    assert {one.key for one in report.refusals.listed} == bad
    assert report.refusals.reasons == {WhyRefused.UNREADABLE: 2}
    assert before == {key: client.dump(key) for key in bad}
    assert all(one.attributes["n"] == 7 for one in _all(opened) if one.key not in bad)
