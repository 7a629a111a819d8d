"""A password is nowhere but in QGIS's authentication database: searched for in settings, project, logs, messages and files."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtWidgets import QWidget

from redis_geo_plugin.bridge import log
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.connection_monitor import ConnectionState

SECRET = "ein-wort-zum-suchen-7up"


@pytest.fixture
def guarded(make_server):
    return make_server("valkey", "--requirepass", SECRET)


def everything_written(folder: Path) -> bytes:
    """All files of the profile; the authentication database too, which is encrypted."""
    return b"".join(
        p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.stat().st_size < 50_000_000
    )


def test_the_password_is_nowhere_to_be_read(guarded, plugin, iface, wait_until, spin, tmp_path, caplog):
    import processing

    caplog.set_level(logging.DEBUG)
    logged = io.StringIO()

    def keep(*words):
        logged.write(" ".join(map(str, words)) + "\n")

    QgsApplication.messageLog().messageReceived.connect(keep)
    settings = ConnectionSettings(name="guarded", port=guarded.port)
    authcfg = connections.store_secret("guarded", "", SECRET)
    connections.save(connections.SavedConnection(settings, authcfg))
    plugin.context.connections.activate("guarded")
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED)
    for component in plugin.components:
        dock = getattr(component, "dock", None)
        if dock is not None:
            dock.show()
            spin(0.2)
    layer = QgsVectorLayer("Point?crs=EPSG:3857&field=a:int", "points", "memory")
    QgsProject.instance().addMapLayer(layer)
    out = {"INPUT": layer, "DISTANCE": 10, "OUTPUT": "memory:", "CONNECTION": "guarded"}
    QgsProject.instance().addMapLayer(processing.run("redisgeo:cachedbuffer", out)["OUTPUT"])
    guarded.kill()
    wait_until(lambda: plugin.context.connections.state is not ConnectionState.CONNECTED)
    processing.run("redisgeo:cachedbuffer", out)
    guarded.start()
    wait_until(lambda: plugin.context.connections.state is ConnectionState.CONNECTED, 20)
    project = tmp_path / "project.qgs"
    assert QgsProject.instance().write(str(project))
    store = QgsSettings()
    store.sync()
    values = "\n".join(f"{key}={store.value(key)}" for key in store.allKeys())
    shown = "\n".join(iface.bar.take_messages()) + "\n".join(_texts(iface.mainWindow()))
    log.warning("a word in the log")
    assert "a word in the log" in logged.getvalue()
    assert "guarded" in values and authcfg in values
    assert len(project.read_text()) > 1000
    for where, text in (("settings", values), ("project", project.read_text()), ("log", logged.getvalue()),
                        ("Python's log", caplog.text), ("window", shown)):  # fmt: skip
        assert SECRET not in text, where
    assert SECRET.encode() not in everything_written(Path(QgsApplication.qgisSettingsDirPath()))
    QgsApplication.messageLog().messageReceived.disconnect(keep)


def _texts(window: QWidget) -> list[str]:
    """What widgets show and tell when the pointer rests on them."""
    found = []
    for widget in window.findChildren(QWidget):
        for name in ("text", "toolTip", "windowTitle", "currentText"):
            read = getattr(widget, name, None)
            if callable(read):
                try:
                    found.append(str(read()))
                except TypeError:
                    continue
    return found
