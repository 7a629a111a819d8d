"""GEO sets and members whose names are no UTF-8 are used as they are listed: searched, exported, loaded, drawn."""

from __future__ import annotations

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

from redis_geo_plugin.bridge.geo import exporting
from redis_geo_plugin.core import readable
from redis_geo_plugin.core.geo import sets
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.processing.export_geo_set import ExportGeoSet
from redis_geo_plugin.processing.load_geo_set import LoadGeoSet
from tests.support.searches import AreaSearch, RadiusSearch

KEYS = [b"caf\xe9", b"\xff\xfe:\x00", b"\\xe9", "été".encode(), b"C:\\x64"]
MEMBERS = [b"caf\xe9", b"a\x00b", b"\\xff", "Ünï".encode(), b"new\nline", b"C:\\x64", b"\xed\xa0\x80"]


@pytest.fixture
def filled(one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    with one_server.client() as client:
        for key in KEYS:
            for number, member in enumerate(MEMBERS):
                client.geoadd(key, (2.0 + number / 100, 48.0, member))
            client.hset(key + b":attributs", MEMBERS[0], b'{"kind": "cafe"}')
        yield client


def run(algorithm, **parameters):
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    made = algorithm().create()
    results, good = made.run(parameters, context, QgsProcessingFeedback(), catchExceptions=False)
    assert good
    return results, context.takeResultLayer(results["OUTPUT"]) if "OUTPUT" in results else None


def listed(server):
    return {geo.name(server.settings.key_prefix) for geo in sets.find(server)}


def test_each_set_is_searched_by_the_name_it_is_listed_with(filled, one_server):
    names = listed(open_server(one_server.settings()))
    assert names == {readable.text(key) for key in KEYS}
    for name in names:
        results, layer = run(
            RadiusSearch, KEY=name, CENTER="2.03,48 [EPSG:4326]", RADIUS=50, UNIT=1, OUTPUT="memory:"
        )
        assert results["COUNT"] == len(MEMBERS)
        assert {f["member"] for f in layer.getFeatures()} == {readable.text(m) for m in MEMBERS}
        assert {f["kind"] for f in layer.getFeatures() if f["member"] == "caf\\xe9"} == {"cafe"}


def test_what_is_exported_is_loaded_again_byte_by_byte(filled, one_server):
    for key in KEYS:
        _, layer = run(ExportGeoSet, KEY=readable.text(key), OUTPUT="memory:")
        results, _ = run(
            LoadGeoSet,
            KEY=readable.text(key + b":again"),
            INPUT=layer,
            MEMBER_FIELD="member",
            FIELDS=["kind"],
        )
        assert (results["ADDED"], results["REFUSED"]) == (len(MEMBERS), 0)
        assert sorted(filled.zrange(key + b":again", 0, -1)) == sorted(MEMBERS)
        assert set(filled.hkeys(key + b":again:attributs")) == set(MEMBERS)


def test_the_dock_searches_around_a_member_that_is_no_utf8(filled, plugin, wait_until):
    component = next(c for c in plugin.components if type(c).__name__ == "SearchComponent")
    component.dock.build()
    form = component.dock.form
    wait_until(lambda: form.sets.count() == len(KEYS))
    for row in range(form.sets.count()):
        form.sets.setCurrentIndex(row)
        assert readable.bytes_of(form.key()) in KEYS
    form.sets.setEditText(readable.text(KEYS[1]))
    form.center.setText(readable.text(MEMBERS[0]))
    form.radius.setValue(1)
    component.search()
    wait_until(lambda: component.results.answer is not None)
    assert "caf\\xe9" in component.results.answer.names


def test_the_browser_makes_a_layer_of_such_a_set(filled, one_server):
    from types import SimpleNamespace

    task = SimpleNamespace(isCanceled=lambda: False, setProgress=lambda percent: None)
    layer = exporting.set_layer(one_server.settings(), readable.text(KEYS[0]), task)
    assert {f["member"] for f in layer.getFeatures()} == {readable.text(m) for m in MEMBERS}


def test_a_path_of_windows_that_looks_like_a_code_stays_itself(filled):
    assert readable.bytes_of("C:\\x64\\setup") == b"C:\\x64\\setup"
    results, _ = run(AreaSearch, KEY="C:\\x5cx64", AREAS=square(), OUTPUT="memory:")
    assert results["COUNT"] == len(MEMBERS)


def square():
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "square", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((1 47, 3 47, 3 49, 1 49, 1 47))"))
    layer.dataProvider().addFeature(feature)
    return layer
