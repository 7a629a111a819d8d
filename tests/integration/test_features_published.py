"""Publishing features on real servers: added, changed, replaced in one step, and nothing of others touched."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.features import indexing
from redis_geo_plugin.core.features.publishing import NotFeatures, PublishMode, PublishRequest, publisher
from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.writing import PublishFormat
from redis_geo_plugin.core.redis.server import Server
from tests.support.published import FORMS, TEMPLATE, ids, publish, row


@pytest.fixture
def opened(one_server):
    server = Server(one_server.settings())
    yield server
    server.close()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_added_changed_and_left_as_they_are(opened, form):
    assert publish(opened, range(3), form).added == 3
    report = publish(opened, range(1, 5), form)
    assert (report.added, report.changed) == (2, 2) and ids(opened) == set("01234")
    report = publish(opened, range(3, 7), form, PublishMode.NEW)
    assert (report.added, report.changed, report.kept) == (2, 0, 2) and ids(opened) == set("0123456")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_replacing_deletes_what_was_published_and_nothing_else(opened, one_server, form):
    with one_server.client() as client:
        publish(opened, range(5), form)
        client.set("zone:theirs", '{"type": "Point", "coordinates": [1, 2]}')
        client.unlink("zone:3")
        client.lpush("zone:3", "now another's")
        report = publish(opened, (1, 9), form, PublishMode.REPLACE)
        assert (report.added, report.changed, report.deleted) == (1, 1, 3)
        assert set(client.scan_iter("*")) == {b"zone:1", b"zone:9", b"zone:theirs", b"zone:3",
                                              b"entites_publiees:" + TEMPLATE.encode()}  # fmt: skip
        assert client.lrange("zone:3", 0, -1) == [b"now another's"]
        assert client.smembers("entites_publiees:" + TEMPLATE) == {b"zone:1", b"zone:9"}


def test_a_set_under_another_template_is_another_set(opened):
    publish(opened, range(3))
    report = publish(opened, (7,), mode=PublishMode.REPLACE, template="zone:[% other %]")
    assert report.deleted == 0 and ids(opened) == set("0127")


def test_readers_see_the_old_set_until_the_new_one_is_whole(opened, one_server):
    publish(opened, range(3), note="old")
    writer = publisher(opened, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
    writer.add([row(number, note="new") for number in (2, 3)])
    before = read_features(opened, ReadRequest("zone:*")).features
    assert {one.id for one in before} == set("012") and {one.attributes["note"] for one in before} == {"old"}
    writer.abandon()
    with one_server.client() as client:
        assert len(set(client.scan_iter("*"))) == 4  # nothing in the making is left
    writer = publisher(opened, PublishRequest(TEMPLATE, mode=PublishMode.REPLACE))
    writer.add([row(number, note="new") for number in (2, 3)])
    writer.finish()
    after = read_features(opened, ReadRequest("zone:*")).features
    assert {one.id for one in after} == set("23") and {one.attributes["note"] for one in after} == {"new"}


def test_another_type_of_value_is_left_as_it_is(opened, one_server):
    with one_server.client() as client:
        client.lpush("zone:1", "theirs")
        client.set("zone:2", "a session")
        for mode in PublishMode:
            report = publish(opened, range(1, 4), mode=mode)
            assert report.refusals.reasons == {WhyRefused.ANOTHER_TYPE: 2}
        assert client.get("zone:2") == b"a session" and client.type("zone:1") == b"list"


def test_keys_come_once_and_are_needed(opened):
    writer = publisher(opened, PublishRequest(TEMPLATE))
    writer.add([row(1), row(1), row(2)._replace(key=None)])
    assert writer.finish().refusals.reasons == {WhyRefused.DUPLICATE: 1, WhyRefused.NO_KEY: 1}


@pytest.mark.parametrize("mode", PublishMode, ids=lambda mode: mode.name)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_lifetimes(opened, one_server, form, mode):
    with one_server.client() as client:
        publish(opened, range(2), form, mode, ttl=100)
        assert 90 < client.ttl("zone:1") <= 100 and 90 < client.ttl("entites_publiees:" + TEMPLATE) <= 100
        publish(opened, range(2), form, PublishMode.REPLACE)
        assert client.ttl("zone:1") == -1 and client.ttl("entites_publiees:" + TEMPLATE) == -1
        publish(opened, (1,), form, PublishMode.ADD, ttl=50)
        assert 40 < client.ttl("zone:1") <= 50 and client.ttl("entites_publiees:" + TEMPLATE) == -1


def test_a_hash_keeps_the_fields_of_others(opened, one_server):
    with one_server.client() as client:
        publish(opened, (1,), PublishFormat.HASH, a="x", b="y")
        client.hset("zone:1", "theirs", "kept")
        publish(opened, (1,), PublishFormat.HASH, a=None, b="z")
        found = client.hgetall("zone:1")
        assert found[b"theirs"] == b"kept" and found[b"b"] == b"z" and b"a" not in found


def test_one_collection_is_merged_by_id_or_replaced(opened, one_server):
    form = PublishFormat.COLLECTION
    assert publish(opened, range(3), form, template="all").added == 3
    report = publish(opened, (2, 3), form, template="all", note="new")
    assert (report.added, report.changed) == (1, 1)
    report = publish(opened, (3, 4), form, PublishMode.NEW, template="all", note="newest")
    assert (report.added, report.kept) == (1, 1)
    notes = {one.id: one.attributes.get("note") for one in read_features(opened, ReadRequest("all")).features}
    assert notes == {"0": None, "1": None, "2": "new", "3": "new", "4": "newest"}
    report = publish(opened, (4, 5), form, PublishMode.REPLACE, template="all")
    assert (report.added, report.changed, report.deleted) == (1, 1, 4) and ids(opened, "all") == {"4", "5"}
    with one_server.client() as client:
        client.set("session", '{"user": 1}')
        client.lpush("queue", "job")
        for key in ("session", "queue"):
            for mode in PublishMode:
                with pytest.raises(NotFeatures):
                    publish(opened, (1,), form, mode, template=key)
        assert client.get("session") == b'{"user": 1}'


def test_on_the_nodes_of_a_cluster(each_cluster):
    server = Server(each_cluster.settings())
    try:
        publish(server, range(50))
        report = publish(server, range(40, 60), mode=PublishMode.REPLACE)
        assert (report.added, report.changed, report.deleted) == (10, 10, 40)
        assert ids(server) == {str(number) for number in range(40, 60)}
    finally:
        server.close()


def test_documents_and_an_index_over_them(stack_server):
    import time

    server = Server(stack_server.settings())
    try:
        report = publish(server, range(5), PublishFormat.DOCUMENT, name="zone of sheep")
        assert report.added == 5 and ids(server) == set("01234")
        fields = [("n", "int"), ("name", "text"), ("odd name", "text")]
        form = PublishFormat.DOCUMENT
        assert indexing.create_index(server, "zones", form, b"zone:", fields) == indexing.CREATED
        assert indexing.create_index(server, "zones", form, b"zone:", fields) == indexing.EXISTS
        with stack_server.client() as client:
            until = time.monotonic() + 10
            query = ("FT.SEARCH", "zones", "@geom:[CONTAINS $p] @n:[2 9]", "PARAMS", 2, "p", "POINT(2.1 48.5)",
                     "NOCONTENT", "DIALECT", 3)  # fmt: skip
            while client.execute_command(*query)[0] < 3 and time.monotonic() < until:
                time.sleep(0.05)
            found = client.execute_command(*query)
            assert found[0] == 3 and set(found[1:]) == {b"zone:2", b"zone:3", b"zone:4"}
        report = publish(server, (4, 5), PublishFormat.DOCUMENT, PublishMode.REPLACE)
        assert report.deleted == 4 and ids(server) == set("45")
        assert json.loads(server.bulk.execute_command("JSON.GET", "zone:5", "."))["srid"] == 4326
    finally:
        server.close()


def test_hashes_are_indexed_too_and_other_servers_say_that_they_have_no_engine(stack_server, opened):
    server = Server(stack_server.settings())
    try:
        publish(server, range(2), PublishFormat.HASH)
        assert (
            indexing.create_index(server, "z", PublishFormat.HASH, b"zone:", [("n", "int")])
            == indexing.CREATED
        )
    finally:
        server.close()
    assert indexing.create_index(opened, "z", PublishFormat.HASH, b"zone:", []) == indexing.NO_ENGINE
