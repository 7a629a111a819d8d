"""A secret that the organisation shares: kept by QGIS, and only what is sealed with it is shown as a hit."""

from __future__ import annotations

import struct

import pytest
from qgis.core import QgsGeometry, QgsSettings

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.cache import codec
from redis_geo_plugin.gui.cache.options_box import CacheBox
from tests.support.layers import layer_of

SECRET = "a-shared-secret"
SQUARES = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(12)]


@pytest.fixture(autouse=True)
def _forgotten(saved_connection):
    yield
    connections.keep_cache_secret("")


@pytest.fixture
def buffer(algorithms):
    import processing

    given = {"INPUT": layer_of(SQUARES), "DISTANCE": 1.0, "OUTPUT": "memory:"}
    return lambda: processing.run("redisgeo:cachedbuffer", given)


def keep(secret, wanted=True):
    """As on the Options page."""
    box = CacheBox()
    box.sealed.setChecked(wanted)
    box.secret.setText(secret)
    box.apply()


def test_the_secret_is_kept_by_the_authentication_database_alone():
    keep(SECRET)
    store = QgsSettings()
    assert SECRET not in "".join(f"{key}={store.value(key)}" for key in store.allKeys())
    assert connections.resolve().cache_secret == SECRET
    assert SECRET not in repr(connections.resolve()) and SECRET not in connections.resolve().url()
    keep("")  # left as it is
    assert connections.resolve().cache_secret == SECRET
    keep("", wanted=False)
    assert connections.resolve().cache_secret == "" and not connections.cache_is_sealed()


def test_with_a_secret_what_is_not_sealed_is_computed_anew(buffer, one_server):
    assert buffer()["MISSES"] == 12
    keep(SECRET)
    assert (buffer()["HITS"], buffer()["HITS"]) == (0, 12)
    keep("another")
    assert buffer()["HITS"] == 0
    keep("", wanted=False)
    assert buffer()["HITS"] == 12  # sealed values are read by those who have no secret
    with one_server.client() as client:
        values = [client.get(key) for key in client.scan_iter("calculs:buffers:*")]
    assert {value[:3] for value in values} == {b"RG\x02"}


HOSTILE = {
    "nested": struct.pack("<BII", 1, 7, 1) * 200_000,
    "a billion points": struct.pack("<BII", 1, 3, 10**9),
    "words": b"not a shape",
    "a point": bytes(QgsGeometry.fromWkt("Point(1 2)").asWkb()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_values_behind_right_headers_are_misses_and_overwritten(buffer, one_server, name):
    right = [feature.geometry().asWkt() for feature in buffer()["OUTPUT"].getFeatures()]
    with one_server.client() as client:
        for key in client.scan_iter("calculs:buffers:*"):
            client.set(key, codec.encode(bytes.fromhex(key[-64:].decode()), HOSTILE[name]))
    found = buffer()
    assert (found["HITS"], found["MISSES"], found["STORED"]) == (0, 12, 12)
    assert [feature.geometry().asWkt() for feature in found["OUTPUT"].getFeatures()] == right
    assert buffer()["HITS"] == 12
