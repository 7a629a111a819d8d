"""Sample data: they move, expire, overwrite nothing, and go by the Server panel's Purge."""

from __future__ import annotations

import json
import threading

import pytest

from redis_geo_plugin.core.admin import samples
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.admin.survey import survey
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.core.watch import Watch
from tests.support import waiting
from tests.support.patience import PATIENCE

PREFIXES = ("", "team:")


@pytest.fixture(params=["redis", "valkey"])
def real(request, make_server):
    return make_server(request.param)


@pytest.fixture(params=PREFIXES)
def prefix(request):
    return request.param


@pytest.fixture
def server(real, prefix):
    made = Server(ConnectionSettings(port=real.port, key_prefix=prefix))
    yield made
    made.close()


@pytest.fixture
def sailing(server, monkeypatch):
    """The vessels sail in a thread until the test has ended."""
    monkeypatch.setattr(samples, "EVERY", 0.05)
    ended, counts = threading.Event(), []
    thread = threading.Thread(target=lambda: counts.append(samples.play(server, Watch(ended.is_set))))

    def begin():
        thread.start()
        return thread, counts, ended

    yield begin
    ended.set()
    if thread.ident is not None:
        thread.join(PATIENCE)


def names(real):
    return sorted(real.client().keys("*"))


def test_places_are_a_geo_set_with_attributes_that_expires(server, real, prefix):
    assert samples.put_places(server) == len(samples.places()) == 27
    client, key = real.client(), f"{prefix}{samples.PLACES}"
    lon, lat = client.geopos(key, "Statue of Liberty")[0]
    assert (lon, lat) == pytest.approx((-74.044502, 40.689247), abs=1e-5)
    assert json.loads(client.hget(f"{key}:attributs", "Statue of Liberty"))["kind"] == "monument"
    assert all(0 < client.ttl(name) <= samples.PLACES_TTL for name in names(real))
    samples.put_places(server)  # once more is no harm
    assert client.zcard(key) == 27
    samples.remove_places(server)
    assert names(real) == []


@pytest.mark.parametrize("kind", ["string", "set", "zset", "hash", "beside"])
def test_what_others_have_put_there_is_neither_overwritten_nor_removed(server, real, prefix, kind):
    client, key = real.client(), f"{prefix}{samples.PLACES}"
    write = {
        "string": lambda: client.set(key, "mine"),
        "set": lambda: client.sadd(key, "mine"),
        "zset": lambda: client.geoadd(key, (2.0, 48.0, "mine")),
        "hash": lambda: client.hset(key, "mine", "1"),
        "beside": lambda: client.hset(f"{key}:attributs", "mine", "1"),
    }
    write[kind]()
    before = {name: (client.dump(name), client.ttl(name)) for name in client.keys("*")}
    with pytest.raises(samples.NotOurs):
        samples.put_places(server)
    samples.remove_places(server)
    Maintenance(server).purge(samples.PREFIX.encode())
    assert {name: (client.dump(name), client.ttl(name)) for name in client.keys("*")} == before


def test_vessels_move_and_expire(server, real, prefix, sailing):
    _thread, counts, ended = sailing()
    client, key = real.client(), f"{prefix}{samples.VEHICLES}{samples.VESSELS[0]}"
    waiting.wait_until(lambda: client.get(key), 10)
    first = json.loads(client.get(key))
    waiting.wait_until(lambda: json.loads(client.get(key))["longitude"] != first["longitude"], 10)
    assert first["name"] == "FDNY BATT" and -75 < first["longitude"] < -73
    assert len(names(real)) == len(samples.VESSELS)
    assert all(0 < client.ttl(name) <= samples.VEHICLE_TTL for name in names(real))
    ended.set()
    waiting.wait_until(lambda: counts, 10)
    samples.stop(server)
    assert names(real) == [] and counts == [len(samples.VESSELS)]


def test_a_purge_in_the_server_panel_ends_them(server, real, sailing):
    thread, _counts, _ended = sailing()
    waiting.wait_until(lambda: len(names(real)) == len(samples.VESSELS), 10)
    maintenance = Maintenance(server)
    while maintenance.purge(samples.PREFIX.encode()).ours:  # they may be between two writes
        pass
    waiting.wait_until(lambda: not thread.is_alive(), 10)
    assert names(real) == []


def test_vessels_of_others_stay_as_they_are(server, real, prefix, sailing):
    client, key = real.client(), f"{prefix}{samples.VEHICLES}{samples.VESSELS[0]}"
    client.set(key, "mine")
    _thread, counts, ended = sailing()
    waiting.wait_until(lambda: len(names(real)) == len(samples.VESSELS), 10)
    ended.set()
    waiting.wait_until(lambda: counts, 10)
    samples.stop(server)
    assert counts == [len(samples.VESSELS) - 1] and client.get(key) == b"mine" and client.ttl(key) == -1


def test_a_purge_takes_all_of_it(server, real):
    samples.put_places(server)
    real.client().set("foreign", "x")
    found = survey(server)
    assert {key.name for key in found.root.known() if key.ours} == set(names(real)) - {b"foreign"}
    assert not found.unexpiring
    assert Maintenance(server).purge(samples.PREFIX.encode()).ours == 2
    assert names(real) == [b"foreign"]


@pytest.mark.parametrize("put", [samples.put_places, lambda server: samples.play(server, Watch())])
def test_nothing_is_put_on_a_production_server(real, put):
    server = Server(ConnectionSettings(name="live", port=real.port, production=True))
    with pytest.raises(StoreError) as caught:
        put(server)
    assert caught.value.failure.kind is FailureKind.PRODUCTION
    assert names(real) == []
    server.close()
