"""Edits whose reply got lost: what was written counts as written, what was not is written, and nothing is done twice."""

from __future__ import annotations

import json

import pytest
import shapely

from redis_geo_plugin.core.features.reading import ReadRequest, read_features
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.writing_back import EditWriter, WriteReport
from redis_geo_plugin.core.redis.doors import TimedPipeline
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from tests.support.written_back import Shown, edit_of

MOVED = shapely.to_wkb(shapely.box(5, 45, 6, 46))
AREA = shapely.box(2, 48, 3, 49)


@pytest.fixture
def opened(one_server):
    server = Server(one_server.settings())
    yield server
    server.close()


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        yield client


def text(number: int) -> str:
    geometry = json.loads(shapely.to_geojson(AREA))
    return json.dumps(
        {"type": "Feature", "id": f"z{number}", "geometry": geometry, "properties": {"n": number}}
    )


def fill(client, number: int = 3) -> None:
    """Features in each kind of key; the entries of the list are alike."""
    for n in range(number):
        client.set(f"zone:{n}", text(n), ex=1000)
        client.hset(f"zone:hash{n}", mapping={"geom": AREA.wkt, "srid": "4326", "n": n})
        client.hset("zone:fields", f"f{n}", text(n))
        client.rpush("zone:list", f"SRID=4326;{AREA.wkt}")
    some = [json.loads(text(n)) for n in range(number)]
    client.set("zone:all", json.dumps({"type": "FeatureCollection", "features": some}))


def held(client) -> dict:
    """All that stands there."""
    found = {}
    for key in client.scan_iter("zone:*"):
        kind = client.type(key)
        found[key] = {b"string": client.get, b"hash": client.hgetall}.get(
            kind, lambda k: client.lrange(k, 0, -1)
        )(key)
    return found


def edits_of(server, what):
    """One edit of a feature in each key: of the list and of the fields, the second; and what they make of them."""
    chosen = {}
    for one in read_features(server, ReadRequest("zone:*")).features:
        if one.key not in (b"zone:list", b"zone:fields") or one.id.endswith("1"):
            chosen.setdefault(one.key, one)
    how = {
        "moved": {"wkb": MOVED},
        "deleted": {"is_deleted": True},
        "changed": {"attributes": {"n": 99}},
    }[what]
    return [edit_of(one, **how) for one in chosen.values() if what != "changed" or one.key != b"zone:list"]


def losing(monkeypatch, is_done, is_raised):
    """The first reply to a transaction gets lost, and the transaction is done or not; redis-py tells of it by a WatchError."""
    execute, lost = TimedPipeline.execute, []

    def executed(pipe, raise_on_error=True):
        if not lost:
            lost.append(True)
            if is_done:
                execute(pipe, raise_on_error)
            error = exceptions.ConnectionError("the connection broke")
            if is_raised:
                raise error
            raise exceptions.WatchError("while watching") from error
        return execute(pipe, raise_on_error)

    monkeypatch.setattr(TimedPipeline, "execute", executed)
    return lost


def write(server, edits, report):
    """Write, and try again where the connection was lost."""
    for _ in range(3):
        try:
            return EditWriter(server, ReadRequest("zone:*"), Shown()).write(edits, report)
        except exceptions.ConnectionError:
            continue
    raise AssertionError("never written")


@pytest.mark.parametrize("is_raised", [False, True], ids=["at once", "tried again"])
@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("what", ["moved", "deleted", "changed"])
def test_each_edit_is_done_once(opened, client, monkeypatch, what, is_done, is_raised):
    fill(client)
    write(opened, edits_of(opened, what), WriteReport())
    expected = held(client)
    client.delete(*expected, *[f"zone:{n}" for n in range(3)])
    fill(client)
    report, edits = WriteReport(), edits_of(opened, what)
    lost = losing(monkeypatch, is_done, is_raised)
    write(opened, edits, report)
    assert lost and held(client) == expected
    assert report.refusals.total == 0 and report.changed + report.deleted == len(edits)
    assert report.doubts == {} and report.settled == {edit.key for edit in edits}


@pytest.mark.parametrize("is_raised", [False, True], ids=["at once", "tried again"])
@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
@pytest.mark.parametrize("key", ["zone:list", "zone:1", "zone:hash1", "zone:fields", "zone:all"])
def test_what_another_has_changed_since_is_left_to_it(opened, client, monkeypatch, key, is_done, is_raised):
    """Nobody knows any more whether it was done: of entries that are alike, no second one is deleted."""
    fill(client)
    (edit,) = [one for one in edits_of(opened, "deleted") if one.key == key.encode()]
    losing(monkeypatch, is_done, is_raised)
    execute, theirs = TimedPipeline.execute, []

    def then_changed(pipe, raise_on_error=True):
        try:
            return execute(pipe, raise_on_error)
        finally:
            if not theirs:
                change = {
                    "zone:list": lambda: client.rpush(key, "theirs"),
                    "zone:hash1": lambda: client.hset(key, "note", "theirs"),
                    "zone:fields": lambda: client.hset(key, "f9", text(9)),
                }
                change.get(key, lambda: client.set(key, text(7)))()
                theirs.append(client.dump(key))

    monkeypatch.setattr(TimedPipeline, "execute", then_changed)
    report = WriteReport()
    write(opened, [edit], report)
    assert report.refusals.reasons == {WhyRefused.CHANGED: 1} and client.dump(key) == theirs[0]
    assert report.changed == report.deleted == 0 and report.doubts == {}


def test_a_transaction_that_another_was_quicker_than_is_looked_at_anew(opened, client, monkeypatch):
    """That one was not done, for sure: what the other changed beside stays, and the edit is written."""
    fill(client)
    (edit,) = [one for one in edits_of(opened, "changed") if one.key == b"zone:hash1"]
    execute, first = TimedPipeline.execute, []

    def executed(pipe, raise_on_error=True):
        if not first:
            first.append(client.hset("zone:hash1", mapping={"n": "1"}))
        return execute(pipe, raise_on_error)

    monkeypatch.setattr(TimedPipeline, "execute", executed)
    report = EditWriter(opened, ReadRequest("zone:*"), Shown()).write([edit])
    assert first and (report.changed, report.refusals.total) == (1, 0)
    assert client.hget("zone:hash1", "n") == b"99"
