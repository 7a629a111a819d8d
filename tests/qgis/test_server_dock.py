"""The Server dock as a user works it: figures, tree, TTL, purge, export, production, and silence while it is hidden."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import processing
import pytest
import shapely
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsSettings, QgsVectorLayer

from redis_geo_plugin.bridge.cache.run import crs_name
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.settings import CACHE_ALL
from redis_geo_plugin.core.cache import codec
from redis_geo_plugin.core.watch import Watch
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from redis_geo_plugin.gui.server.ttl_dialog import Lifetime, TtlDialog
from tests.support import work
from tests.support.answers import answer
from tests.support.layers import layer_of

NAMESPACE = b"calculs:buffers:defaut:"
SHAPE = shapely.to_wkb(shapely.Point(3, 4).buffer(2))


@pytest.fixture
def filled(one_server):
    with one_server.client() as client:
        for n in range(30):
            digest = bytes([n]) * 32
            client.set(
                NAMESPACE + digest.hex().encode(), codec.encode(digest, SHAPE), ex=600 if n % 2 else None
            )
        client.set(
            "vehicule:bus-1",
            json.dumps({"latitude": 48.5, "longitude": 2.5, "timestamp": "2026-01-01T00:00:00"}),
            ex=60,
        )
        client.set("foreign:1", "x")
    return one_server


@pytest.fixture
def dock(plugin, filled, wait_until):
    return shown(plugin, wait_until)


def shown(plugin, wait_until):
    component = next(c for c in plugin.components if type(c).__name__ == "ServerComponent")
    component.dock.show()
    component.dock.build()
    component.dock.panel.set_active(True)
    wait_until(
        lambda: component.dock.panel.survey is not None and component.dock.panel.head.health is not None
    )
    return component.dock


def select(dock, prefix):
    from redis_geo_plugin.gui.server.keys_view import PREFIX, _items

    item = next(i for i in _items(dock.panel.keys.tree) if i.data(0, PREFIX) == prefix)
    dock.panel.keys.tree.clearSelection()
    item.setSelected(True)
    return item


def test_figures_and_tree(dock, filled):
    head = dock.panel.head
    assert "Not protected" in head.light.text() and "Nothing is on disk" in head.risks.text()
    assert "ms" in head.latency.text() and head.clients.text() != "–"
    assert dock.panel.looked_at.text() == "All 32 keys looked at."
    assert "Room for" in head.room.text()
    item = select(dock, NAMESPACE)
    assert (item.text(0), item.text(1)) == ("defaut:", "30")
    first = dock.panel.keys.tree.topLevelItem(0)
    assert first.text(0) == "calculs:" and first.font(0).bold()
    assert dock.panel.keys.unexpiring.topLevelItem(0).text(1) == "15"
    assert ("no TTL", 16.0) in [row[:2] for row in dock.panel.keys.bars.rows]


def test_what_may_be_done_depends_on_the_branch(dock):
    panel = dock.panel
    assert not panel.purge_button.isEnabled() and "Select" in panel.purge_button.toolTip()
    select(dock, NAMESPACE)
    assert panel.purge_button.isEnabled() and panel.ttl_button.isEnabled() and panel.export_button.isEnabled()
    for prefix in (b"foreign:", b"calculs:"):
        select(dock, prefix)
        assert not panel.purge_button.isEnabled() and panel.purge_button.toolTip()


def test_ttl_only_for_those_without(dock, filled, wait_until, monkeypatch, iface):
    monkeypatch.setattr(TtlDialog, "ask", staticmethod(lambda *_a: Lifetime(3600, True)))
    select(dock, NAMESPACE)
    dock.panel.ttl_button.click()
    wait_until(lambda: any("15" in m for m in iface.bar.take_messages()))
    with filled.client() as client:
        ttls = [client.ttl(key) for key in client.scan_iter("calculs:*")]
    assert min(ttls) > 0 and sum(t > 600 for t in ttls) == 15
    wait_until(lambda: not dock.panel.survey.unexpiring)


def test_purge_asks_with_the_count_and_can_be_declined(dock, filled, wait_until, monkeypatch, iface):
    asked = answer(monkeypatch, False)
    select(dock, NAMESPACE)
    dock.panel.purge_button.click()
    wait_until(lambda: asked)
    assert "30" in asked[0].text and NAMESPACE.decode() in asked[0].text
    with filled.client() as client:
        assert client.dbsize() == 32
    asked = answer(monkeypatch, True)
    dock.panel.purge_button.click()
    wait_until(lambda: any("30" in m for m in iface.bar.take_messages()))
    with filled.client() as client:
        assert sorted(client.keys()) == [b"foreign:1", b"vehicule:bus-1"]


@pytest.mark.parametrize(
    ("prefix", "count", "extent"), [(NAMESPACE, 30, (1, 2, 5, 6)), (b"vehicule:", 1, (2.5, 48.5, 2.5, 48.5))]
)
def test_export(dock, wait_until, tmp_path, iface, prefix, count, extent):
    path = tmp_path / "copy.gpkg"
    dock.panel.changes.export_to(prefix, str(path))
    wait_until(lambda: any(str(path) in m for m in iface.bar.take_messages()))
    layer = QgsVectorLayer(str(path), "copy", "ogr")
    assert layer.isValid() and layer.featureCount() == count
    box = layer.extent()
    found = (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    assert found == pytest.approx(extent)
    feature = next(layer.getFeatures())
    assert feature["key"].encode().startswith(prefix)


def test_an_export_to_nowhere_says_so(dock, wait_until, tmp_path, iface):
    dock.panel.changes.export_to(NAMESPACE, str(tmp_path / "no" / "such" / "folder" / "copy.gpkg"))
    wait_until(lambda: any("could not be written" in m for m in iface.bar.take_messages()))


def test_production_is_read_only_until_unlocked(plugin, filled, wait_until):
    connections.save(connections.SavedConnection(replace(filled.settings(), name="prod", production=True)))
    plugin.context.connections.activate("prod")
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED)
    dock = shown(plugin, wait_until)
    select(dock, NAMESPACE)
    assert not dock.panel.unlock.isHidden() and not dock.panel.purge_button.isEnabled()
    assert dock.panel.export_button.isEnabled()
    dock.panel.unlock.setChecked(True)
    assert dock.panel.purge_button.isEnabled()
    plugin.context.connections.activate("test")
    assert dock.panel.unlock.isHidden()


def test_nothing_is_asked_while_hidden(dock, wait_until):
    assert any(t.name == "redis-geo-health" for t in threading.enumerate())
    dock.panel.set_active(False)
    wait_until(lambda: not any(t.name == "redis-geo-health" for t in threading.enumerate()))
    dock.panel.look()
    assert dock.panel._task is None


def test_a_user_without_rights_reads_why(plugin, filled, wait_until):
    with filled.client() as client:
        client.execute_command(
            "ACL", "SETUSER", "poor", "on", "nopass", "~calculs:*", "+get", "+ping", "+client"
        )
    connections.save(
        connections.SavedConnection(replace(filled.settings(), name="poor", username="poor", password="x"))
    )
    authcfg = connections.store_secret("poor", "poor", "x")
    connections.save(connections.SavedConnection(replace(filled.settings(), name="poor"), authcfg))
    plugin.context.connections.activate("poor")
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED)
    dock = shown(plugin, wait_until)
    assert "INFO" in dock.panel.head.hit_rate.text()
    assert "SCAN" in dock.panel.looked_at.text()
    with filled.client() as client:
        client.execute_command("ACL", "DELUSER", "poor")
    QgsProject.instance().clear()


def test_recent_results_are_seen_and_taken_as_a_layer(dock, filled, wait_until, monkeypatch):
    from redis_geo_plugin.core.cache.recents import RecentRun
    from redis_geo_plugin.core.redis.server import Server

    opened = Server(filled.settings())
    work.buffers(opened, count=24, recent=RecentRun("Ana", "Parcelles"))
    opened.close()
    dock.panel.look()
    table = dock.panel.recents.table
    wait_until(lambda: table.topLevelItemCount())
    item = table.topLevelItem(0)
    assert item.text(0) == "Buffer 12 m of Parcelles: 24" and item.text(1) == "Ana"
    assert "GEOS 3." in item.toolTip(0) and "segments=8" in item.toolTip(0)
    item.setSelected(True)
    dock.panel.recents.take_button.click()
    wait_until(lambda: QgsProject.instance().mapLayers())
    [layer] = QgsProject.instance().mapLayers().values()
    assert layer.featureCount() == 24 and layer.crs().authid() == "EPSG:2154"
    assert layer.name() == "Buffer 12 m of Parcelles: 24"


def squares(name, count=6, shift=0.0):
    wkts = [f"Polygon(({x} {shift},{x + 1} {shift},{x + 1} 1,{x} 1,{x} {shift}))" for x in range(count)]
    wkts.append(wkts[0])  # equal to the first, with attributes of its own
    layer = layer_of(
        wkts, rows=[[f"parcel {n}", n] for n in range(count + 1)], fields="name:string,rank:integer"
    )
    layer.setName(name)
    QgsProject.instance().addMapLayer(layer)
    return layer


def take_newest(dock, wait_until):
    """Press *Take as layer* on the newest row and return the layer."""
    dock.panel.look()
    table = dock.panel.recents.table
    wait_until(lambda: table.topLevelItemCount())
    before = set(QgsProject.instance().mapLayers())
    table.topLevelItem(0).setSelected(True)
    dock.panel.recents.take_button.click()
    wait_until(lambda: set(QgsProject.instance().mapLayers()) - before)
    [new] = set(QgsProject.instance().mapLayers()) - before
    return QgsProject.instance().mapLayer(new)


def test_a_recent_result_has_the_attributes_of_its_layer_where_that_is_there(dock, wait_until, iface):
    source, _other = squares("Parcels"), squares("Parcels", shift=0.5)
    given = {"INPUT": source, "DISTANCE": 3, "OUTPUT": "memory:"}
    QgsSettings().setValue(CACHE_ALL, True)
    made = processing.run("redisgeo:cachedbuffer", {**given, "NAMESPACE": "taken"})["OUTPUT"]
    layer = take_newest(dock, wait_until)
    names = [feature["name"] for feature in layer.getFeatures()]
    assert names == [f"parcel {n}" for n in range(7)]  # the equal ones one after the other
    by_name = {feature["name"]: feature.geometry() for feature in made.getFeatures()}
    assert all(f.geometry().isGeosEqual(by_name[f["name"]]) for f in layer.getFeatures())
    assert any("With the attributes of “Parcels”" in text for text in iface.bar.take_messages())


def test_without_that_layer_the_shapes_come_alone(dock, wait_until, iface):
    source = squares("Parcels")
    QgsSettings().setValue(CACHE_ALL, True)
    processing.run(
        "redisgeo:cachedbuffer", {"INPUT": source, "DISTANCE": 4, "NAMESPACE": "taken", "OUTPUT": "memory:"}
    )
    QgsProject.instance().clear()
    squares("Parcels", shift=0.25)  # of the same name, but it is another
    layer = take_newest(dock, wait_until)
    assert layer.fields().names() == ["rank"] and layer.featureCount() == 7


def test_batches_stand_among_the_recent_results_and_are_taken_with_attributes(dock, wait_until, iface):
    source = squares("Parcels")
    sent = processing.run(
        "redisgeo:enqueuejobs",
        {"INPUT": source, "OPERATION": "buffer", "DISTANCE": 5, "TITLE": "Five around parcels"},
    )
    layer = take_newest(dock, wait_until)
    assert layer.customProperty("redis_geo/jobs/batch") == sent["BATCH"]
    assert "name" in layer.fields().names()
    texts = [dock.panel.recents.table.topLevelItem(0).text(n) for n in (0, 1)]
    assert texts[0] == "Five around parcels, batch of jobs: 7" and texts[1]


def test_where_a_cached_result_comes_from(dock, filled, wait_until, monkeypatch):
    from redis_geo_plugin.core.cache.recents import RecentRun
    from redis_geo_plugin.core.redis.server import Server

    said = answer(monkeypatch, True)
    opened = Server(filled.settings())
    work.buffers(opened, count=3, recent=RecentRun("Ana"))
    opened.close()
    with filled.client() as client:
        key = next(client.scan_iter(f"calculs:buffers:{work.NAMESPACE}:*"))
    dock.panel.look()
    wait_until(lambda: dock.panel.survey.total > 34)
    select(dock, key)
    dock.panel.origin_button.click()
    wait_until(lambda: said)
    assert "Ana" in said[0].text and "GEOS 3." in said[0].text and "ms to compute" in said[0].text


def test_a_wrong_result_in_the_cache_is_warned_of_once(plugin, one_server, wait_until, iface):
    from qgis.core import QgsSettings

    from redis_geo_plugin.bridge.cache import sharing
    from redis_geo_plugin.core.redis.server import open_server

    QgsSettings().setValue(sharing.PROVE_ONE_IN, 1)
    server = open_server(one_server.settings())
    work.buffers(server, count=10)

    def lie():
        with one_server.client() as client:
            for key in client.scan_iter("calculs:buffers:*"):
                digest = bytes.fromhex(key[-64:].decode())
                client.set(key, codec.encode(digest, SHAPE, 5.0), ex=100)

    told, logged = [], []
    QgsApplication.messageLog().messageReceived.connect(
        lambda text, *_: logged.append("different, and replaced" in text)
    )
    for seen in (1, 2):
        lie()
        work.buffers(server, count=10, proof=sharing.proof())
        wait_until(lambda seen=seen: sum(logged) == seen)
        wait_until(lambda: told.extend(m for m in iface.bar.take_messages() if "wrong results" in m) or told)
    assert len(told) == 1 and "of 10 computed anew as a test, 10 were different" in told[0]


def test_an_export_has_the_crs_and_the_origin_of_what_was_computed(dock, filled, wait_until, tmp_path, iface):
    from redis_geo_plugin.core.cache.recents import RecentRun
    from redis_geo_plugin.core.cache.run import Chunk
    from redis_geo_plugin.core.operations import Buffer
    from redis_geo_plugin.core.redis.server import open_server
    from tests.support.runs import cached_run

    server = open_server(filled.settings())
    for crs, count in (("EPSG:2154", 3), ("EPSG:32618", 2)):
        wkbs = [shapely.to_wkb(shapely.Point(n, n)) for n in range(count)]
        run = cached_run(server, Buffer(crs=crs), "mixte", cache_all=True, recent=RecentRun("Ana"))
        list(run.run([Chunk((wkbs,), [10.0] * count)]))
    with filled.client() as client:
        client.set("calculs:buffers:mixte:" + "ab" * 32, codec.encode(b"\xab" * 32, SHAPE), ex=60)
        client.set("calculs:buffers:mixte:" + "cd" * 32, b"rubbish", ex=60)  # of somebody else
    path = tmp_path / "mixte.gpkg"
    dock.panel.changes.export_to(b"calculs:buffers:mixte:", str(path))
    wait_until(lambda: any(str(path) in m and "6" in m for m in iface.bar.take_messages()))
    from redis_geo_plugin.gui.server.key_actions import _open

    names = [f"mixte{end}" for end in ("", " EPSG:2154", " EPSG:32618", " without CRS")]
    layers = {n: QgsVectorLayer(f"{path}|layername={n}", n, "ogr") for n in names}
    found = {layer.crs().authid(): layer for layer in layers.values() if layer.isValid()}
    assert set(found) == {"EPSG:2154", "EPSG:32618", ""}
    shapes = {authid: [f for f in layer.getFeatures() if f.hasGeometry()] for authid, layer in found.items()}
    assert {authid: len(features) for authid, features in shapes.items()} == {
        "EPSG:2154": 3,
        "EPSG:32618": 2,
        "": 1,
    }
    feature = shapes["EPSG:2154"][0]
    assert (feature["operation"], feature["computed_by"]) == ("buffer", "Ana")
    assert json.loads(feature["parameters"])["distance"] == 10.0 and feature["computed_at"].endswith("Z")
    _open(str(path), [name for name, layer in layers.items() if layer.isValid()])
    assert len(QgsProject.instance().mapLayers()) == 3


def test_an_export_calls_layers_whose_crs_has_no_code_by_their_number(qgis_app, tmp_path):
    from redis_geo_plugin.bridge.server import export
    from redis_geo_plugin.core.admin.export import Entry
    from redis_geo_plugin.core.cache.recents import Recent

    systems = [
        QgsCoordinateReferenceSystem.fromProj(
            f"+proj=laea +lat_0=45 +lon_0={lon} +datum=WGS84 +units=m +type=crs"
        )
        for lon in (3, 4)
    ]
    entries = [Entry(b"no shape", None)] + [
        Entry(b"%d" % i, None, SHAPE, origin=Recent(b"1" * 8, parameters={"crs": crs_name(system)}))
        for i, system in enumerate(systems)
    ]
    path = tmp_path / "copy.gpkg"
    written = export.write(lambda: entries, str(path), Watch())
    assert (written.count, written.layers) == (3, ["copy", "copy 2"])
    layers = [QgsVectorLayer(f"{path}|layername={name}", name, "ogr") for name in written.layers]
    assert [layer.featureCount() for layer in layers] == [2, 1]
    assert all(f"+lon_0={lon} " in layer.crs().toProj() for lon, layer in zip((3, 4), layers))


def test_the_origin_of_a_worker_s_result_in_words(dock):
    from redis_geo_plugin.core.cache.recents import Recent
    from redis_geo_plugin.gui.server.recents_view import details

    entry = Recent(
        b"1" * 8,
        "Ana",
        1.7e9,
        "buffer",
        "defaut",
        "Parcels",
        {"distance": 10.0},
        geos="GEOS 3.11",
        worker="w7",
    )
    text = details(entry)
    assert "from the batch Parcels" in text and "Sent by Ana; computed by the worker w7" in text
    assert "distance=10.0" in text and "GEOS 3.11" in text


def test_what_the_viewer_s_role_may_not_do_is_switched_off_with_a_word(plugin, filled, wait_until):
    with filled.client() as client:
        client.execute_command(*work.role("viewer", "w"))
    authcfg = connections.store_secret("viewer", "geo_viewer", "w")
    connections.save(connections.SavedConnection(replace(filled.settings(), name="viewer"), authcfg))
    plugin.context.connections.activate("viewer")
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED)
    dock = shown(plugin, wait_until)
    select(dock, NAMESPACE)
    for button in (dock.panel.purge_button, dock.panel.ttl_button):
        assert not button.isEnabled() and "lacks the right" in button.toolTip()
    assert dock.panel.export_button.isEnabled()
    with filled.client() as client:
        client.execute_command("ACL", "DELUSER", "geo_viewer")


def test_key_names_are_read_and_copied_whole(plugin, wait_until, spin, one_server, iface):
    from qgis.PyQt.QtWidgets import QApplication

    from redis_geo_plugin.gui.row_menu import RowMenu

    name = f"calculs:buffers:defaut:{7:064x}"
    with one_server.client() as client:
        client.set(name, b"x" * 1000, ex=9999)
    iface.mainWindow().show()
    dock = next(c for c in plugin.components if type(c).__name__ == "ServerComponent").dock
    dock.show()
    wait_until(lambda: dock.panel.survey is not None)
    tree = dock.panel.keys.tree
    tree.expandAll()
    leaf = next(i for i in _all(tree.invisibleRootItem()) if i.text(0) == f"{7:064x}")
    assert not leaf.text(2).startswith("≈"), "a string is measured as a whole"
    tree.resizeColumnToContents(0)
    wide = tree.columnWidth(0)
    dock.panel.look()
    wait_until(lambda: dock.panel._task is None)
    iface.mainWindow().resize(1210, 800)
    spin(0.05)
    assert tree.columnWidth(0) == wide, "the user's width stays"
    leaf = next(i for i in _all(tree.invisibleRootItem()) if i.text(0) == f"{7:064x}")
    tree.scrollToItem(leaf)
    menu = tree.findChild(RowMenu).menu_at(tree.visualItemRect(leaf).center())
    next(action for action in menu.actions() if action.objectName() == "redis_geo_row_copy_name").trigger()
    assert QApplication.clipboard().text() == name


def _all(item):
    for row in range(item.childCount()):
        yield item.child(row)
        yield from _all(item.child(row))
