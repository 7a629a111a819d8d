"""Empty panels lead on, sample data come and go, and after an install the plugin says where to begin."""

from __future__ import annotations

import pytest
from qgis.core import Qgis, QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QPushButton

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.admin import samples
from redis_geo_plugin.core.admin.maintenance import Maintenance
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from redis_geo_plugin.gui.first_steps import component as first_steps
from redis_geo_plugin.gui.first_steps import leads
from redis_geo_plugin.gui.first_steps.lead_on import LeadOn
from redis_geo_plugin.gui.first_steps.leads import LEADS, STEPS, Lack

DOCKS = tuple(LEADS)


@pytest.fixture
def bare(load, iface):
    """The plugin without any connection."""
    iface.window.show()
    QgsSettings().setValue(first_steps.TOLD, first_steps.NEVER)
    return load()


def show(iface, name):
    iface.window.show()
    dock = iface.window.findChild(QDockWidget, f"redis_geo_{name}_dock")
    dock.setUserVisible(True)
    dock.show()
    dock.raise_()
    QApplication.processEvents()
    return dock.findChild(LeadOn)


def offered(lead):
    """The steps that are offered, by name; {} where the panel leads nowhere."""
    if not lead.lead.isVisibleTo(lead):
        return {}
    start = f"redis_geo_{lead._name}_empty_"
    found = [b for b in lead.findChildren(QPushButton) if b.objectName().startswith(start)]
    return {b.objectName()[len(start) :]: b for b in found if b.isVisibleTo(lead)}


def add_layer(kind="Point"):
    QgsProject.instance().addMapLayer(QgsVectorLayer(f"{kind}?crs=EPSG:4326", "mine", "memory"))


@pytest.mark.parametrize("name", DOCKS)
def test_without_a_connection_a_server_is_offered(bare, iface, name):
    lead = show(iface, name)
    assert lead.lack is Lack.CONNECTION and list(offered(lead)) == ["start_local", "connect"]
    assert "No connection" in lead.words.text()
    assert lead._body.isVisibleTo(lead) == (name == "cache")


@pytest.mark.parametrize("name", DOCKS)
def test_a_server_that_is_away_is_said_after_a_while_and_the_panel_stays(
    plugin, iface, name, make_server, wait_until, spin
):
    server = make_server()
    connections.save(SavedConnection(ConnectionSettings(name="other", port=server.port)))
    monitor = plugin.context.connections
    monitor.activate("other")
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    lead = show(iface, name)
    server.kill()
    monitor.retry_now()
    wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
    assert lead.lack is not Lack.AWAY  # a short interruption moves nothing on screen
    wait_until(lambda: lead.lack is Lack.AWAY)
    assert list(offered(lead)) == ["retry", "edit", "connect"] and lead._body.isVisibleTo(lead)
    server.start()
    offered(lead)["retry"].click()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    assert lead.lack is not Lack.AWAY
    iface.bar.take_messages()


def test_a_local_server_that_does_not_run_is_started_from_any_panel(bare, iface, wait_until):
    monitor = bare.context.connections
    lead = show(iface, "server")
    offered(lead)["start_local"].click()
    try:
        wait_until(lambda: monitor.state is ConnectionState.CONNECTED, 60)
        wait_until(lambda: lead.lack is Lack.DATA, 60)
        part = next(c for c in bare.components if type(c).__name__ == "ConnectionsComponent")
        part.local.stop()
        wait_until(lambda: lead.lack is Lack.AWAY, 60)
        assert list(offered(lead)) == ["start_again", "connect"] and "not running" in lead.words.text()
        offered(lead)["start_again"].click()
        wait_until(lambda: monitor.state is ConnectionState.CONNECTED and lead.lack is Lack.DATA, 60)
    finally:
        from redis_geo_plugin.core.redis import local_server

        local_server.stop(connections.local_directory())
        iface.bar.take_messages()


@pytest.mark.parametrize("name", ["cache", "jobs"])
def test_without_a_layer_one_is_offered(plugin, iface, name, wait_until):
    lead = show(iface, name)
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED)
    assert lead.lack is Lack.LAYER and list(offered(lead)) == ["open_layer", "sample_layer"]
    opened = []
    iface.add_ogr_layer.triggered.connect(lambda *_: opened.append(1))
    offered(lead)["open_layer"].click()
    assert opened == [1]
    offered(lead)["sample_layer"].click()
    (layer,) = QgsProject.instance().mapLayers().values()
    assert layer.featureCount() == 27 and iface.activeLayer() is layer
    assert lead.lack is not Lack.LAYER
    undo(iface)
    assert not QgsProject.instance().mapLayers() and lead.lack is Lack.LAYER


def undo(iface):
    button = next(b for b in iface.bar.currentItem().findChildren(QPushButton) if b.text() == "Undo")
    button.click()


def test_without_jobs_a_worker_is_offered(plugin, iface, wait_until, monkeypatch):
    add_layer()
    lead = show(iface, "jobs")
    wait_until(lambda: lead.lack is Lack.DATA)
    started = []
    monkeypatch.setattr(plugin.context.services, "start_worker", lambda: started.append(1))
    offered(lead)["start_worker"].click()
    assert started == [1]


@pytest.mark.parametrize("name", ["search", "server"])
def test_places_are_put_in_and_taken_out(plugin, iface, name, wait_until, one_server):
    lead = show(iface, name)
    wait_until(lambda: lead.lack is Lack.DATA)
    offered(lead)["sample_places"].click()
    with one_server.client() as client:
        wait_until(lambda: client.exists(samples.PLACES))
        wait_until(lambda: any("New York" in text for text in iface.bar.take_messages()))
        wait_until(lambda: lead.lack is None)
        undo(iface)
        wait_until(lambda: not client.keys("*"))
        wait_until(lambda: any("removed" in text for text in iface.bar.take_messages()))
        wait_until(lambda: lead.lack is Lack.DATA)


def test_what_others_have_under_the_name_is_told(plugin, iface, wait_until, one_server):
    with one_server.client() as client:
        client.set(samples.PLACES, "mine")
        iface.bar.take_messages()
        plugin.context.services.add_sample("places")
        wait_until(lambda: iface.bar.messages)
        (said,) = iface.bar.take_messages(Qgis.MessageLevel.Warning)
        assert samples.PLACES in said and client.get(samples.PLACES) == b"mine"


def test_vehicles_sail_until_their_layer_goes(plugin, iface, wait_until, one_server, monkeypatch):
    monkeypatch.setattr(samples, "EVERY", 0.1)
    lead = show(iface, "live")
    wait_until(lambda: lead.lack is Lack.DATA)
    assert list(offered(lead)) == ["find", "sample_vehicles"]
    offered(lead)["sample_vehicles"].click()
    assert lead.lack is None
    (layer,) = QgsProject.instance().mapLayers().values()
    wait_until(lambda: layer.featureCount() == len(samples.VESSELS), 30)
    plugin.context.services.add_sample("vehicles")  # once more adds none
    assert len(QgsProject.instance().mapLayers()) == 1
    undo(iface)
    with one_server.client() as client:
        wait_until(lambda: not client.keys("*"))
    wait_until(lambda: lead.lack is Lack.DATA)


def test_a_server_that_was_empty_is_looked_at_again(plugin, iface, wait_until, one_server):
    lead = show(iface, "server")
    wait_until(lambda: lead.lack is Lack.DATA)
    show(iface, "live")
    with one_server.client() as client:
        client.set("k", "v")
    show(iface, "server")
    wait_until(lambda: lead.lack is None)


def test_vehicles_whose_server_goes_away_end_without_a_word_of_their_own(
    plugin, iface, wait_until, make_server, monkeypatch
):
    monkeypatch.setattr(samples, "EVERY", 0.1)
    server = make_server()
    connections.save(SavedConnection(ConnectionSettings(name="other", port=server.port)))
    plugin.context.connections.activate("other")
    plugin.context.services.add_sample("vehicles")
    part = next(c for c in plugin.components if type(c).__name__ == "FirstStepsComponent")
    wait_until(lambda: len(server.client().keys("*")) == len(samples.VESSELS))
    server.kill()
    wait_until(lambda: part.samples._sailing is None)
    assert not iface.bar.take_messages(Qgis.MessageLevel.Critical)
    iface.bar.take_messages()


def test_vehicles_end_with_a_purge(plugin, iface, wait_until, one_server, monkeypatch):
    monkeypatch.setattr(samples, "EVERY", 0.1)
    plugin.context.services.add_sample("vehicles")
    part = next(c for c in plugin.components if type(c).__name__ == "FirstStepsComponent")
    with one_server.client() as client:
        wait_until(lambda: len(client.keys("*")) == len(samples.VESSELS))
        server = Server(ConnectionSettings(port=one_server.port))
        while Maintenance(server).purge(samples.PREFIX.encode()).ours:
            pass
        server.close()
        wait_until(lambda: part.samples._sailing is None)
        assert not client.keys("*")
    iface.bar.take_messages()


def test_nothing_is_put_on_a_production_server(plugin, iface, wait_until, one_server):
    connections.save(SavedConnection(ConnectionSettings(name="live", port=one_server.port, production=True)))
    plugin.context.connections.activate("live")
    for name in ("search", "server"):
        lead = show(iface, name)
        wait_until(lambda lead=lead: lead.lack is Lack.DATA)
        for step, button in offered(lead).items():
            assert button.isEnabled() is not STEPS[step].writes
            assert bool(button.toolTip()) is STEPS[step].writes
    plugin.context.services.add_sample("places")
    wait_until(lambda: iface.bar.messages)
    assert iface.bar.take_messages(Qgis.MessageLevel.Critical)
    with one_server.client() as client:
        assert not client.keys("*")


def test_loading_a_layer_opens_its_form(plugin, iface, wait_until, monkeypatch):
    lead = show(iface, "search")
    wait_until(lambda: lead.lack is Lack.DATA)
    asked = []
    monkeypatch.setattr(plugin.context.services, "load_layer", asked.append)
    offered(lead)["load_set"].click()
    add_layer("Polygon")
    offered(lead)["load_set"].click()
    add_layer()
    offered(lead)["load_set"].click()
    assert asked[:2] == [None, None] and asked[2].name() == "mine"


def test_every_step_of_the_table_is_known_and_every_panel_has_its_lead():
    assert {step for states in LEADS.values() for lead in states.values() for step in lead.steps} == set(
        STEPS
    )
    assert all({Lack.CONNECTION, Lack.AWAY} <= set(states) for states in LEADS.values())
    fields = leads.Context.__dataclass_fields__["services"].default_factory.__dataclass_fields__
    assert {step.service for step in STEPS.values()} - {""} <= set(fields)


# Where to begin


def words(iface):
    return [text for text in iface.bar.take_messages() if text.startswith(("Installed.", "Now version"))]


def test_after_an_install_the_plugin_says_once_where_to_begin(load, iface, wait_until):
    iface.window.show()
    plugin = load()
    wait_until(lambda: iface.bar.currentItem() is not None)
    assert "Installed" in words(iface)[0]
    iface.bar.currentItem().findChild(QPushButton).click()
    (window,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "redis_geo_help"]
    assert "A day with Redis Geo" in window.browser.toPlainText()
    dock = iface.window.findChild(QDockWidget, "redis_geo_server_dock")
    assert dock.isVisible()
    plugin.unload()
    plugin.initGui()
    QApplication.processEvents()
    assert not words(iface)


@pytest.mark.parametrize("told", ["0.0.1", ""])
def test_after_an_upgrade_there_is_one_line(load, iface, wait_until, told):
    if told:
        QgsSettings().setValue(first_steps.TOLD, told)
    else:  # of a version that did not note it
        connections.save(SavedConnection(ConnectionSettings(name="mine")))
    iface.window.show()
    load()
    wait_until(lambda: iface.bar.currentItem() is not None)
    assert words(iface) == [f"Now version {first_steps.installed_version()}."]
    assert QgsSettings().value(first_steps.TOLD) == first_steps.installed_version()


def test_nothing_is_said_in_a_window_that_is_not_shown(load, iface, spin):
    load()
    spin(0.2)
    assert not words(iface) and QgsSettings().value(first_steps.TOLD) is None
    iface.initializationCompleted.emit()
    assert "Installed" in words(iface)[0]
