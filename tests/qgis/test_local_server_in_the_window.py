"""The lamp and the local server: started, found again, stopped, crashed, installed after asking."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from qgis.core import Qgis
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QPushButton

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.redis import local_server as localserver
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from redis_geo_plugin.gui.connections import form as form_module
from tests.support.answers import answer
from tests.support.lamp import everything_in_settings, lamp_of


def local_of(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent").local


def menu_texts(lamp):
    lamp.fill_menu()
    return {a.objectName() or a.data() or "title": a for a in lamp.menu().actions() if not a.isSeparator()}


def test_the_lamp_follows_the_state_and_offers_what_helps(plugin, make_server, wait_until):
    lamp = lamp_of(plugin)
    wait_until(lambda: "Connected to Valkey" in lamp.toolTip())
    assert lamp.text() == "test"
    assert not menu_texts(lamp)["redis_geo_lamp_retry"].isEnabled()
    server = make_server("redis")
    connections.save(SavedConnection(ConnectionSettings(name="other", port=server.port)))
    menu_texts(lamp)["other"].trigger()
    wait_until(lambda: "Connected to Redis " in lamp.toolTip())
    server.kill()
    plugin.context.connections.retry_now()
    wait_until(lambda: "No connection at the moment" in lamp.toolTip())
    server.start()
    menu_texts(lamp)["redis_geo_lamp_retry"].trigger()
    wait_until(lambda: "Connected to Redis " in lamp.toolTip())


def test_the_lamp_opens_form_options_log_and_help(plugin, iface, monkeypatch):
    lamp = lamp_of(plugin)
    edited = []
    monkeypatch.setattr(form_module, "edit", lambda parent, name="", **_: edited.append(name) or "")
    actions = menu_texts(lamp)
    actions["redis_geo_lamp_edit"].trigger()
    actions["redis_geo_lamp_new"].trigger()
    assert edited == ["test", ""]
    actions["redis_geo_lamp_options"].trigger()
    assert iface.shown_options_pages == ["redis_geo_options"]
    actions["redis_geo_lamp_log"].trigger()
    assert iface.log_opened == 1


def test_a_local_server_is_started_found_again_and_stopped(plugin, iface, wait_until):
    lamp, local, monitor = lamp_of(plugin), local_of(plugin), plugin.context.connections
    try:
        menu_texts(lamp)["redis_geo_lamp_start_local"].trigger()
        wait_until(
            lambda: (
                local.running
                and monitor.state is ConnectionState.CONNECTED
                and monitor.name == "Local server"
            )
        )
        assert iface.bar.take_messages(Qgis.MessageLevel.Success)
        port, password = monitor.settings().port, monitor.settings().password
        assert len(password) > 20
        assert password not in everything_in_settings() + lamp.toolTip() + repr(monitor.settings())
        _write(monitor.settings(), "kept")

        plugin.unload()  # QGIS ends; the server stays, and is found again
        plugin.initGui()
        local, monitor = local_of(plugin), plugin.context.connections
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
        assert monitor.settings().port == port

        menu_texts(lamp_of(plugin))["redis_geo_lamp_stop_local"].trigger()
        wait_until(lambda: local.running is False and not local.busy)
        wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
        wait_until(lambda: "local server is not running" in lamp_of(plugin).toolTip())
        assert localserver.find(connections.local_directory()) is None

        plugin.unload()  # the next start of QGIS starts it again, with its data
        plugin.initGui()
        local, monitor = local_of(plugin), plugin.context.connections
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
        assert _read(monitor.settings()) == b"kept"
    finally:
        localserver.stop(connections.local_directory())


def test_after_a_crash_of_the_local_server_the_lamp_offers_to_start_it(plugin, wait_until, iface):
    local, monitor = local_of(plugin), plugin.context.connections
    lamp = next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent").lamp
    try:
        local.start(quiet=True)
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
        os.kill(connections.local_server().pid, signal.SIGKILL)
        wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
        wait_until(lambda: local.running is False)
        lamp.fill_menu()
        names = [action.objectName() for action in lamp.menu().actions()]
        assert "redis_geo_lamp_start_local" in names and "redis_geo_lamp_stop_local" not in names
        local.start(quiet=True)
        wait_until(lambda: local.running and monitor.state is ConnectionState.CONNECTED)
    finally:
        localserver.stop(connections.local_directory())
        iface.bar.take_messages()


@pytest.mark.parametrize(("button", "with_password"), [("With the password", True), ("Without it", False)])
def test_the_local_servers_address_is_copied_for_other_programs(
    plugin, wait_until, iface, button, with_password
):
    local = local_of(plugin)
    try:
        local.start(quiet=True)
        wait_until(lambda: local.running)
        server = connections.local_server()
        QApplication.clipboard().clear()
        press(button)
        local.copy_address()
        assert QApplication.clipboard().text() == server.url(password=with_password)
        assert (server.password in QApplication.clipboard().text()) is with_password
        press("Cancel")
        QApplication.clipboard().clear()
        local.copy_address()
        assert QApplication.clipboard().text() == ""
    finally:
        localserver.stop(connections.local_directory())
        iface.bar.take_messages()


def press(text):
    """Press a button of the question that comes up next."""

    def now():
        box = QApplication.activeModalWidget()
        next(button for button in box.buttons() if button.text() == text).click()

    QTimer.singleShot(200, now)


def test_a_local_server_that_another_window_restarts_is_followed(plugin, wait_until, iface):
    local, monitor = local_of(plugin), plugin.context.connections
    directory = connections.local_directory()
    try:
        local.start(quiet=True)
        wait_until(
            lambda: (
                local.running
                and monitor.state is ConnectionState.CONNECTED
                and monitor.name == "Local server"
            )
        )
        before = monitor.settings().port
        localserver.stop(directory)
        after = localserver.start(directory).port
        assert after == before  # for other programs
        monitor.retry_now()
        wait_until(lambda: monitor.state is ConnectionState.CONNECTED and monitor.settings().port == after)
    finally:
        localserver.stop(directory)


def test_without_a_server_program_the_user_is_told_what_to_do(plugin, iface, monkeypatch, wait_until):
    monkeypatch.setattr(localserver, "find_program", lambda: None)
    local = local_of(plugin)
    local.start()
    wait_until(iface.bar.currentItem)
    (message,) = iface.bar.take_messages(Qgis.MessageLevel.Warning)
    assert "server program" in message
    assert not local.running


def test_the_missing_program_is_installed_after_asking_and_started(plugin, iface, monkeypatch, wait_until):
    """The answer No leaves all as it is; Yes installs (tested with pip in test_packages) and starts the server."""
    from redis_geo_plugin.bridge import installing

    found, installed = [], []
    there = localserver.find_program()
    monkeypatch.setattr(localserver, "find_program", lambda: found[0] if found else None)
    monkeypatch.setattr(
        installing, "install_server", lambda _watch: installed.append(1) or found.append(there)
    )
    local = local_of(plugin)
    local.start()
    wait_until(iface.bar.currentItem)
    button = iface.bar.currentItem().findChild(QPushButton)
    assert button.text() == "Install it…"
    iface.bar.take_messages()
    answer(monkeypatch, False)
    local.offer.ask_and_install()
    assert not local.busy and not installed
    answer(monkeypatch, True)
    button.click()
    try:
        wait_until(lambda: local.running and plugin.context.connections.state is ConnectionState.CONNECTED)
        assert installed == [1]
    finally:
        localserver.stop(connections.local_directory())


def test_a_server_that_does_not_come_up_is_reported(plugin, iface, monkeypatch, wait_until):
    monkeypatch.setattr(localserver, "find_program", lambda: Path("/bin/false"))
    local = local_of(plugin)
    local.start()
    wait_until(lambda: not local.busy)
    (message,) = iface.bar.take_messages(Qgis.MessageLevel.Critical)
    assert "did not start" in message


def _client(settings):
    import redis

    return redis.Redis(host=settings.host, port=settings.port, password=settings.password)


def _write(settings, value):
    with _client(settings) as client:
        client.set("calculs:test", value)


def _read(settings):
    with _client(settings) as client:
        return client.get("calculs:test")
