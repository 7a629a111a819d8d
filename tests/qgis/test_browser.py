"""Redis in the Browser panel: connections, sets and feeds, dragged to the map and dropped on, on a real server."""

from __future__ import annotations

import json
import time

import pytest
from qgis.core import QgsBrowserModel, QgsMimeDataUtils, QgsProject, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QMimeData, Qt

from tests.support.search_dock import add_feature, part


@pytest.fixture
def browser(plugin, places):
    return part(plugin, "BrowserComponent")


@pytest.fixture
def panel(browser):
    """The model behind QGIS's own Browser panel, with the plugin's root in it."""
    model = QgsBrowserModel()
    model.initialize()
    yield model
    sip.delete(model)


def children(model, index):
    """Open an item as the panel does: the indexes and items under it."""
    if model.canFetchMore(index):
        model.fetchMore(index)
    below = [model.index(row, 0, index) for row in range(model.rowCount(index))]
    return [(i, model.dataItem(i)) for i in below]


def connections_of(model):
    top = [model.index(row, 0) for row in range(model.rowCount())]
    root = next(i for i in top if model.dataItem(i).name() == "Redis Geo")
    return children(model, root)


def opened(model, wait_until):
    """The items under the connection, once they are read."""
    index, connection = connections_of(model)[0]
    children(model, index)
    wait_until(lambda: connection.found is not None)
    return connection, [item for _, item in wait_until(lambda: children(model, index))]


def test_connections_sets_and_feeds_appear(browser, panel, places, wait_until):
    places.set("vehicule:1", json.dumps({"latitude": 48.8, "longitude": 2.3, "timestamp": time.time()}))
    places.set("vehicule:2", json.dumps({"latitude": 48.9, "longitude": 2.4, "timestamp": time.time()}))
    connection, items = opened(panel, wait_until)
    assert connection.name() == "test"
    kinds = {child.what["name"]: child.what["kind"] for child in items}
    assert kinds.pop("locations") == "geoset" and set(kinds.values()) == {"feed"}
    assert browser.items.capabilities()


def test_a_set_dropped_on_the_map_becomes_a_layer(browser, panel, iface, wait_until):
    _connection, items = opened(panel, wait_until)
    item = items[0]
    uri = item.mimeUris()[0]
    assert uri.providerKey == browser.drops.customUriProviderKey() and "password" not in uri.uri
    browser.drops.handleCustomUriDrop(uri)
    wait_until(lambda: QgsProject.instance().mapLayersByName("locations"))
    layer = QgsProject.instance().mapLayersByName("locations")[0]
    assert layer.featureCount() == 3 and "hectares" in layer.fields().names()


def test_a_feed_dropped_on_the_map_moves(browser, panel, places, plugin, wait_until):
    for number in range(3):
        place = {"latitude": 48.8 + number, "longitude": 2.3, "timestamp": time.time()}
        places.set(f"vehicule:{number}", json.dumps(place))
    _connection, items = opened(panel, wait_until)
    item = next(c for c in items if c.what["kind"] == "feed" and "vehicule" in c.what["tip"])
    browser.drops.handleCustomUriDrop(item.mimeUris()[0])
    feeds = part(plugin, "LiveComponent").manager.feeds
    wait_until(lambda: any(f.layer.featureCount() == 3 for f in feeds.values()))


def test_a_layer_dropped_on_a_set_opens_the_filled_in_dialog(browser, panel, wait_until, monkeypatch):
    _connection, items = opened(panel, wait_until)
    layer = add_feature(QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "p", "memory"), "POINT(1 2)")
    asked = []
    monkeypatch.setattr(browser, "load_layer", lambda *given: asked.append(given))
    data = QMimeData()
    uri = QgsMimeDataUtils.Uri()
    uri.layerType, uri.providerKey, uri.name, uri.layerId = "vector", "memory", "p", layer.id()
    encoded = QgsMimeDataUtils.encodeUriList([uri])
    for format_ in encoded.formats():
        data.setData(format_, encoded.data(format_))
    item = items[0]
    assert browser.actions.acceptDrop(item, None)
    assert browser.actions.handleDrop(item, None, data, Qt.DropAction.CopyAction)
    assert asked == [(layer, "test", "locations")]


def test_a_connection_that_does_not_answer_says_so(browser, panel, wait_until):
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.core.redis.settings import ConnectionSettings

    connections.save(connections.SavedConnection(ConnectionSettings(name="away", port=1)))
    index, away = next((i, c) for i, c in connections_of(panel) if c.name() == "away")
    children(panel, index)
    wait_until(lambda: away.failure)
    assert [item.name() for _, item in children(panel, index)] == [away.failure]
