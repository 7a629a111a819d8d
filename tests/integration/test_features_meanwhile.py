"""Publishing features on real servers: what is refused stays, and so does what other clients write meanwhile."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.features import publishing
from redis_geo_plugin.core.features.publishing import NotFeatures, PublishMode, PublishRequest, publisher
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.writing import PublishFormat, PublishRow
from redis_geo_plugin.core.redis.doors import TimedPipeline
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from tests.support.published import FORMS, TEMPLATE, ids, publish, row


@pytest.fixture
def opened(one_server):
    server = Server(one_server.settings())
    yield server
    server.close()


def damaged(number: int) -> PublishRow:
    return row(number)._replace(wkb=b"\1\3\0\0\0")


def collected(client, key="all"):
    return json.loads(client.get(key))


def meanwhile(monkeypatch, writer, step, change):
    """Another client's ``change`` right after the first time that the writer looked by ``step``."""
    look, done = getattr(writer, step), []

    def looked(*words):
        found = look(*words)
        if not done:
            done.append(True)
            change()
        return found

    monkeypatch.setattr(writer, step, looked)
    return done


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_replacing_leaves_what_is_refused_but_in_the_layer(opened, one_server, form):
    publish(opened, range(5), form)
    with one_server.client() as client:
        before = {number: client.dump(f"zone:{number}") for number in (1, 2)}
        writer = publisher(opened, PublishRequest(TEMPLATE, form, PublishMode.REPLACE, ttl=100))
        beyond = row(2)._replace(problem=WhyRefused.OUT_OF_RANGE, wkb=None)
        writer.add([row(0), damaged(1), beyond, damaged(77)])
        assert writer.plan() == 2
        report = writer.finish()
        assert (report.changed, report.deleted, report.refusals.total) == (1, 2, 3)
        assert {number: client.dump(f"zone:{number}") for number in (1, 2)} == before
        book = "entites_publiees:" + TEMPLATE
        assert client.smembers(book) == {b"zone:0", b"zone:1", b"zone:2"}  # 77 was never published
        assert client.ttl(book) == -1 and 90 < client.ttl("zone:0") <= 100  # as long as the longest-lived
        report = publish(opened, (0,), form, PublishMode.REPLACE)
        assert report.deleted == 2 and ids(opened) == {"0"}


def test_a_replaced_collection_keeps_what_is_refused_but_in_the_layer(opened, one_server):
    form = PublishFormat.COLLECTION
    publish(opened, range(4), form, template="all", note="old")
    writer = publisher(opened, PublishRequest("all", form, PublishMode.REPLACE))
    writer.add([row(0, note="new"), damaged(1)])
    assert writer.plan() == 2
    assert writer.finish().deleted == 2
    notes = {one.id: one.attributes.get("note") for one in read_features(opened, ReadRequest("all")).features}
    assert notes == {"0": "new", "1": "old"}


def point(ident=None, **more):
    found = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [2, 48, 7]},
        "properties": {},
        **more,
    }
    return found if ident is None else {**found, "id": ident}


def test_a_collection_of_others_keeps_what_else_it_holds(opened, one_server):
    theirs = [
        point(1, n=1),
        point("1", n=2),
        point(2, n=3),
        point(2, n=4),
        point(n=5),
        point(n=6),
        point("x", n=7),
    ]
    head = {"name": "zones", "links": [{"href": "a"}], "bbox": [0, 0, 1, 1], "measures": {"enabled": True}}
    with one_server.client() as client:
        client.set("all", json.dumps({"type": "FeatureCollection", **head, "features": theirs}))
        report = publish(opened, (1, 2, 9), PublishFormat.COLLECTION, PublishMode.NEW, template="all")
        assert (report.added, report.kept) == (1, 2) and len(collected(client)["features"]) == 8
        report = publish(opened, (1, 2, 9), PublishFormat.COLLECTION, template="all")
        assert (report.added, report.changed) == (0, 3)
        found = collected(client)
        assert found["name"] == "zones" and found["links"] == [{"href": "a"}]
        assert "bbox" not in found and "measures" not in found
        assert [one.get("n") for one in found["features"]] == [1, None, None, 4, 5, 6, 7, None]
        assert all(one["measures"] == {"enabled": True} for one in found["features"] if "n" in one)
        assert not any("measures" in one for one in found["features"] if "n" not in one)
        report = publish(opened, (1,), PublishFormat.COLLECTION, PublishMode.REPLACE, template="all")
        assert (report.changed, report.deleted) == (1, 7)
        assert [one["id"] for one in collected(client)["features"]] == ["1"]


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::2154", "EPSG:2154", "nobody's", None])
def test_nothing_is_added_to_a_collection_in_another_crs(opened, one_server, name):
    form, crs = (
        PublishFormat.COLLECTION,
        None if name is None else {"type": "name", "properties": {"name": name}},
    )
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "name": "zones", "features": [point("5")]})
    with one_server.client() as client:
        client.set("all", text)
        for mode in (PublishMode.ADD, PublishMode.NEW):
            with pytest.raises(NotFeatures) as refused:
                publish(opened, (1,), form, mode, template="all")
            assert refused.value.crs
        writer = publisher(opened, PublishRequest("all", form, PublishMode.REPLACE))
        writer.add([row(1), damaged(5)])
        with pytest.raises(NotFeatures):  # theirs would stay, and mean other places
            writer.finish()
        assert client.get("all") == text.encode()
        report = publish(opened, (1,), form, PublishMode.REPLACE, template="all")
        assert report.deleted == 1 and "crs" not in collected(client) and collected(client)["name"] == "zones"


@pytest.mark.parametrize("mode", PublishMode, ids=lambda mode: mode.name)
def test_what_others_add_to_a_collection_meanwhile_stays(opened, one_server, monkeypatch, mode):
    form = PublishFormat.COLLECTION
    publish(opened, range(2), form, template="all")
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest("all", form, mode))
        writer.add([row(1, note="new")])

        def change():
            found = collected(client)
            found["features"] = [{**one, "properties": {"theirs": 1}} for one in found["features"]] + [
                point("n")
            ]
            client.set("all", json.dumps(found))

        done = meanwhile(monkeypatch, writer, "_found", change)
        report = writer.finish()
        assert done and report.deleted == 0
        found = {one["id"]: one["properties"] for one in collected(client)["features"]}
        changed = {"theirs": 1} if mode is PublishMode.NEW else {"note": "new"}
        assert found == {"0": {"theirs": 1}, "1": changed, "n": {}}


def test_a_collection_that_becomes_something_else_meanwhile_stays(opened, one_server, monkeypatch):
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest("all", PublishFormat.COLLECTION))
        writer.add([row(1)])
        meanwhile(monkeypatch, writer, "_found", lambda: client.lpush("all", "job"))
        with pytest.raises(NotFeatures):
            writer.finish()
        assert client.lrange("all", 0, -1) == [b"job"]


@pytest.fixture(params=["one server", "cluster"])
def any_kind(request):
    """A server and a client of it; on a cluster keys are watched one by one."""
    real = request.getfixturevalue("one_server" if request.param == "one server" else "shared_cluster")
    if request.param == "cluster":
        real.flush()
    server = Server(real.settings())
    with real.client() as client:
        yield server, client
    server.close()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("mode", PublishMode, ids=lambda mode: mode.name)
@pytest.mark.parametrize("is_known", [False, True], ids=["new", "known"])
def test_what_others_put_under_a_key_meanwhile_stays(any_kind, monkeypatch, form, mode, is_known):
    server, client = any_kind
    if is_known:
        publish(server, range(3), form)
    writer = publisher(server, PublishRequest(TEMPLATE, form, mode))

    def change():
        client.unlink("zone:1")
        client.lpush("zone:1", "theirs")

    done = meanwhile(monkeypatch, writer, "_fates", change)
    writer.add([row(1, note="new")])
    report = writer.finish()
    if is_known and mode is PublishMode.NEW:  # nothing was to be written
        assert done and report.kept == 1
    else:
        assert done and report.refusals.reasons == {WhyRefused.ANOTHER_TYPE: 1}
    assert client.lrange("zone:1", 0, -1) == [b"theirs"]
    assert (report.added, report.changed) == (0, 0)
    assert not list(
        client.scan_iter(f"entites_publiees:{TEMPLATE.replace('[', '?')}:*")
    )  # nothing in the making


def test_a_key_that_becomes_anothers_is_not_deleted(any_kind, monkeypatch):
    server, client = any_kind
    publish(server, range(3))
    writer = publisher(server, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
    writer.add([row(2)])
    assert writer.plan() == 2
    done = meanwhile(monkeypatch, writer, "_ours", lambda: client.set("zone:0", "a session"))
    report = writer.finish()
    assert done and report.deleted == 1
    assert client.get("zone:0") == b"a session" and ids(server) == {"2"}
    assert client.smembers("entites_publiees:" + TEMPLATE) == {b"zone:2"}


def test_what_another_publishes_into_the_set_meanwhile_stays_in_the_book(any_kind, monkeypatch):
    server, client = any_kind
    publish(server, range(3))
    writer = publisher(server, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
    writer.add([row(2)])
    assert writer.plan() == 2
    done = meanwhile(monkeypatch, writer, "_ours", lambda: publish(server, (7, 8)))
    assert writer.finish().deleted == 2 and done
    assert ids(server) == set("278")
    assert client.smembers("entites_publiees:" + TEMPLATE) == {b"zone:2", b"zone:7", b"zone:8"}
    assert publish(server, (1,), mode=PublishMode.REPLACE).deleted == 3 and ids(server) == {"1"}


def test_two_replacements_at_once_forget_no_key(any_kind, monkeypatch):
    server, client = any_kind
    first = publisher(server, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
    first.add([row(1), row(2)])
    first.plan()
    step = "_swap" if not server.is_cluster else "_delete_on_a_cluster"
    look = getattr(first, step)
    monkeypatch.setattr(
        first, step, lambda *words: (publish(server, (3,), mode=PublishMode.REPLACE), look(*words))[1]
    )
    first.finish()
    there = set(client.scan_iter("zone:*"))
    assert client.smembers("entites_publiees:" + TEMPLATE) == there >= {b"zone:3"}


def test_keys_that_change_all_the_time_are_given_up(opened, one_server, monkeypatch):
    publish(opened, range(2))
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
        writer.add([row(1, note="new")])
        look = writer._fates
        monkeypatch.setattr(writer, "_fates", lambda found: (look(found), client.append("zone:1", " "))[0])
        with pytest.raises(StoreError):
            writer.finish()
        writer.abandon()
        assert len(set(client.scan_iter("*"))) == 3 and ids(opened) == set("01")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_keys_that_others_change_all_the_time_are_written_in_smaller_groups(
    opened, one_server, monkeypatch, form
):
    publish(opened, range(8), form, note="old")
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest(TEMPLATE, form))
        look = writer._fates

        def busy(found):
            fates = look(found)
            if len(found) > 2 and b"zone:1" in found:
                client.expire("zone:1", 100)
            return fates

        monkeypatch.setattr(writer, "_fates", busy)
        writer.add([row(number, note="new") for number in range(9)])
        report = writer.finish()
        assert (report.added, report.changed) == (1, 8) and ids(opened) == set("012345678")
        assert client.ttl("zone:1") == -1 and client.scard("entites_publiees:" + TEMPLATE) == 9


def staged_of(client):
    return list(client.scan_iter(f"entites_publiees:{TEMPLATE.replace('[', '?')}:*"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_replacement_of_more_than_an_hour_is_kept_alive(opened, one_server, monkeypatch, form):
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest(TEMPLATE, form, PublishMode.REPLACE))
        writer.add([row(1)])
        (first,) = staged_of(client)
        client.expire(first, 5)
        writer.add([row(2)])
        assert client.ttl(first) <= 5  # not with every block
        monkeypatch.setattr(publishing, "RENEWED", -1.0)
        writer.add([row(3)])
        assert client.ttl(first) > 3000
        client.expire(first, 5)
        left = []
        meanwhile(monkeypatch, writer, "_fates", lambda: left.append(client.ttl(first)))
        writer.finish()
        assert left[0] > 3000 and ids(opened) == set("123") and client.ttl("zone:1") == -1


def test_a_replacement_that_is_gone_changes_nothing(opened, one_server):
    publish(opened, range(2))
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
        writer.add([row(5), row(6)])
        client.unlink(staged_of(client)[0])
        with pytest.raises(StoreError):
            writer.finish()
        writer.abandon()
        assert ids(opened) == set("01") and not staged_of(client)


def test_a_replacement_whose_answer_got_lost_is_done_once(opened, one_server, monkeypatch):
    publish(opened, range(2))
    with one_server.client() as client:
        writer = publisher(opened, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
        writer.add([row(1), row(6)])
        execute, lost = TimedPipeline.execute, []

        def executed(pipe, raise_on_error=True):
            replies = execute(pipe, raise_on_error)
            if not lost:
                lost.append(replies)
                raise exceptions.WatchError("the connection broke")
            return replies

        monkeypatch.setattr(TimedPipeline, "execute", executed)
        report = writer.finish()
        assert lost and (report.added, report.changed, report.deleted) == (1, 1, 1)
        assert ids(opened) == set("16") and not staged_of(client)
