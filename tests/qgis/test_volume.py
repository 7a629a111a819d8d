"""Large answers: limits with a word, nothing quadratic. Steps are counted, not timed."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from qgis.core import QgsDataItem, QgsDataProvider
from qgis.PyQt.QtCore import QModelIndex, Qt

from redis_geo_plugin.bridge.geo import layers, search_words
from redis_geo_plugin.bridge.geo.kinds import radius
from redis_geo_plugin.bridge.geo.requests import Answer, Place, Request
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.geo.hits import Hits
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.browser import component as browser
from redis_geo_plugin.gui.browser.items import MOST_ITEMS, ConnectionItem, Lookup, RootItem
from redis_geo_plugin.gui.search.dock import SearchDock
from redis_geo_plugin.gui.search.model import MOST_COLUMNS, ResultsModel
from redis_geo_plugin.gui.search.results import summary
from tests.support.steps import assert_about_linear
from tests.support.told import Told

TEXT = Qt.ItemDataRole.DisplayRole


def answer_of(attributes):
    count = len(attributes)
    hits = Hits.unmeasured([b"m%d" % i for i in range(count)], np.zeros(count), np.zeros(count))
    hits.attributes = attributes
    return Answer(Request(radius.KIND, "set", (Place(lon_lat=(0.0, 0.0)),)), hits)


def own_names(members, each=10):
    """Each member brings attributes that no other has."""
    return [{f"a{i}_{j}": j for j in range(each)} for i in range(members)]


class CountingSink:
    """Takes features and keeps none."""

    def __init__(self):
        self.count = 0

    def addFeature(self, feature, flags):
        self.count += 1
        return True

    def addFeatures(self, features, flags):
        self.count += len(features)
        return True


def test_every_member_with_attribute_names_of_its_own_is_about_linear(qgis_app):
    def make(members):
        def work():
            answer = answer_of(own_names(members)).prepare()
            table = layers.table_of(answer)
            assert table.write(CountingSink()) == members

        return work

    assert_about_linear(make, 200)


def test_the_table_is_about_linear_and_says_what_it_leaves_out(qgis_app, iface):
    def make(members):
        dock = SearchDock()
        dock.build()
        answer = answer_of(own_names(members)).prepare()
        return lambda: dock.show_answer(answer)

    assert_about_linear(make, 200)
    answer = answer_of(own_names(2000)).prepare()
    model = ResultsModel()
    model.show(answer)
    assert model.columnCount() == 3 + MOST_COLUMNS
    said = summary(answer)
    assert "The table shows the first 100 of 20,000 attributes." in said
    assert "The first 500 of 20,000 attributes are fields" in said


def test_no_attribute_is_lost_where_not_all_are_fields(qgis_app):
    answer = answer_of(own_names(60)).prepare()
    layer = layers.memory_layer(
        "all", "Point", layers.degrees_path().crs, (table := layers.table_of(answer)).fields, table.write
    )
    found = {}
    for feature in layer.getFeatures():
        values = feature.attributeMap()
        rest = json.loads(values[layers.OTHERS]) if values[layers.OTHERS] else {}
        own = {n: v for n, v in values.items() if n[1:2].isdigit() and isinstance(v, int)}
        found[feature["member"]] = {**own, **rest}
    assert found == {f"m{i}": attributes for i, attributes in enumerate(own_names(60))}


def test_few_attributes_need_no_word(qgis_app):
    answer = answer_of([{"name": "x"}]).prepare()
    assert search_words.too_many_attributes(answer.attribute_count) == ""
    assert layers.OTHERS not in layers.table_of(answer).fields.names()


def test_an_attribute_of_ten_megabytes_is_cut_in_cell_tip_and_copy(qgis_app):
    answer = answer_of([{"picture": "x" * 10_000_000, "tree": {"a": ["y" * 10_000_000]}}]).prepare()
    model = ResultsModel()
    model.show(answer)
    for column in (3, 4):
        index = model.index(0, column, QModelIndex())
        assert len(model.data(index, TEXT)) <= 500
        assert len(model.data(index, Qt.ItemDataRole.ToolTipRole)) < 3000
    from redis_geo_plugin.bridge.geo.layers import degrees_path

    assert len(model.as_text(degrees_path())) < 100_000
    model.sort(3)


def test_an_attribute_that_is_a_list_is_shown_as_json(qgis_app):
    answer = answer_of([{"tags": ["a", None, True]}]).prepare()
    model = ResultsModel()
    model.show(answer)
    assert model.data(model.index(0, 3, QModelIndex()), TEXT) == '["a", null, true]'


@pytest.fixture
def many_sets(one_server):
    count = 1200
    with one_server.client() as client, client.pipeline() as pipe:
        for i in range(count):
            pipe.geoadd(f"set:{i:05}", (2.35, 48.85, "a"))
        pipe.execute()
    return count


def test_the_browser_lists_the_first_sets_with_a_word(many_sets, one_server, context):
    task = SimpleNamespace(isCanceled=lambda: False, setProgress=lambda percent: None)
    found = browser.find(one_server.settings(), "test", task)
    sets = [what for what in found if what["kind"] == "geoset"]
    assert [what["name"] for what in sets] == [f"set:{i:05}" for i in range(MOST_ITEMS)]
    (word,) = [what["name"] for what in found if what["kind"] == "message"]
    assert word == "The first 500 of 1,200 GEO sets; the Search panel takes any by its name."
    lookup = Lookup(lambda name: None, lambda name, done: done(found, ""))
    root = RootItem(None, lookup)
    item = ConnectionItem(root, "test", lookup)
    item.found = found
    children = item.createChildren()
    assert len(children) == len(found)
    assert word in [child.name() for child in children]
    assert all(child.state() == QgsDataItem.State.Populated for child in children)
    assert QgsDataProvider is not None


def test_twice_as_many_sets_take_about_twice_the_steps(qgis_app):
    def make(count):
        lookup = Lookup(lambda name: None, lambda name, done: None)
        root = RootItem(None, lookup)
        item = ConnectionItem(root, "test", lookup)
        item.found = [
            {"kind": "geoset", "name": f"s{i}", "connection": "test", "about": [f"s{i}"]}
            for i in range(count)
        ]
        return item.createChildren

    assert_about_linear(make, 200)


def saved_ones(count):
    for number in range(count):
        connections.save(connections.SavedConnection(ConnectionSettings(name=f"c{number:05}")))


def test_each_of_many_connections_is_loaded_in_the_same_number_of_steps(qgis_app):
    def make(count):
        saved_ones(count)
        return lambda: [connections.load(name) for name in connections.names()]

    assert_about_linear(make, 100)
    assert connections.load("") is connections.load("c00001/host") is connections.load("c\\") is None


def test_the_browser_lists_the_first_of_many_connections_with_a_word(qgis_app):
    saved_ones(MOST_ITEMS + 20)
    children = RootItem(None, Lookup(lambda name: None, lambda name, done: None)).createChildren()
    assert [child.name() for child in children[:2]] == ["c00000", "c00001"] and len(
        children
    ) == MOST_ITEMS + 1
    assert children[-1].name() == "The first 500 of 520 connections; the Options have them all."


def test_ten_megabytes_beside_each_of_many_members_are_not_read(one_server, monkeypatch):
    """On a real server: sizes are asked first, the rest comes in parts, and the log says what is missing."""
    from redis_geo_plugin.bridge.geo import kinds
    from redis_geo_plugin.processing.export_geo_set import ExportGeoSet
    from redis_geo_plugin.processing.geo_search import SearchAlgorithm
    from tests.qgis.test_geo_algorithms import run

    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    with one_server.client() as client:
        for i in range(12):
            client.geoadd("pictures", (2.35, 48.85 + i / 1000, f"p{i}"))
            value = json.dumps({"kind": f"k{i}", "picture": "x" * (10_000_000 if i < 6 else 900_000)})
            client.hset("pictures:attributs", f"p{i}", value)
    log = Told()
    near = {"CENTER": "2.35,48.85 [EPSG:4326]", "RADIUS": 50, "UNIT": 1}
    for algorithm, more in ((lambda: SearchAlgorithm(kinds.ALL[0]), near), (ExportGeoSet, {})):
        results, layer = run(algorithm, feedback=log, KEY="pictures", **more)
        found = {f["member"]: f["kind"] for f in layer.getFeatures()}
        assert results["COUNT"] == 12 and [found[f"p{i}"] for i in range(6, 12)] == [
            f"k{i}" for i in range(6, 12)
        ]
        assert all(not found[f"p{i}"] for i in range(6))
    said = [line for line in log.lines if "more than 1 MB" in line]
    assert len(said) == 2
