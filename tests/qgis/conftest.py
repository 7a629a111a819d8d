"""Fixtures of the tests in QGIS: an ``iface`` on real widgets, the loaded plugin, clean settings and secrets.

- ``iface``: FakeIface, also as ``qgis.utils.iface``; ``iface.bar.take_messages(level=None)`` returns the texts
  that the message bar was given.
- ``saved_connection``: a connection named "test" to ``one_server``, saved and active.
- ``context``: what a component is given, without the plugin's own components; its monitor is connected.
- ``load``: loads the plugin with its whole window; what the test did not unload, failed or not, is unloaded at the end.
- ``plugin``: RedisGeoPlugin loaded so, and connected to ``one_server``.
- ``places``: a redis-py client of a ``one_server`` that holds the GEO set "locations" with attributes beside one member, and
  a sorted set that is none.
- ``live``: the plugin's LiveComponent; ``fleet``: a client, with five vehicles in Redis; ``feed``: these on the map.
- ``french``: the plugin speaks French, Qt does not.
- ``runner``: runs steps natively and by the engine, on ``one_server``, every cost worth it.
- ``wait_until(predicate, seconds=10)`` spins the event loop; ``spin(seconds)`` only lets it work.

A test fails when an exception left a slot, or when it leaves a warning or an error in the message bar without
having taken it.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import qgis.utils
from qgis.core import Qgis, QgsApplication, QgsCoordinateReferenceSystem, QgsMapLayer, QgsProject, QgsSettings
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QTimer
from qgis.PyQt.QtWidgets import QApplication

from redis_geo_plugin.bridge import i18n
from redis_geo_plugin.bridge.settings import STEPS_IN_BACKGROUND
from redis_geo_plugin.core.redis import local_server, production, programs
from tests.support import step_models, waiting
from tests.support.positions import position
from tests.support.qgis_iface import FakeIface
from tests.support.search_dock import PLACES, part
from tests.support.steps_runner import proved, runner  # noqa: F401 - fixtures

MASTER_PASSWORD = "only for tests"
QUESTIONS_WAIT = 15_000  # ms, at least once and at most twice
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def french(qgis_app):
    """The plugin in French, and nothing of Qt's."""
    subprocess.run(
        [sys.executable, "tools/translations.py", "build"], cwd=ROOT, check=True, capture_output=True
    )
    settings = QgsSettings()
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", "fr_FR")
    translator = i18n.install_translator()
    assert translator is not None and QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    yield
    QCoreApplication.removeTranslator(translator)
    for name in ("overrideFlag", "userLocale"):
        settings.remove(f"locale/{name}")


@pytest.fixture
def wait_until():
    return waiting.wait_until


@pytest.fixture
def spin():
    return waiting.spin


@pytest.fixture(scope="session", autouse=True)
def _no_layer_outlives_qgis(qgis_app):
    """Layers that Python still holds go before QGIS does: closing a file afterwards crashes.

    QGIS never lets go of an exception that leaves a Python algorithm, and so of the frames that called it: the layers of
    tests whose algorithm had to fail are still referred to here.
    """
    yield
    gc.collect()
    for layer in [held for held in gc.get_objects() if isinstance(held, QgsMapLayer)]:
        if not sip.isdeleted(layer) and sip.ispyowned(layer):
            sip.delete(layer)


@pytest.fixture(scope="session", autouse=True)
def _authentication_database(qgis_app):
    """An unlocked authentication database, so that nothing ever asks for a master password."""
    manager = QgsApplication.authManager()
    if not manager.setMasterPassword(MASTER_PASSWORD, True):
        manager.eraseAuthenticationDatabase(False)
        assert manager.setMasterPassword(MASTER_PASSWORD, True)


@pytest.fixture(autouse=True)
def _isolated(monkeypatch, tmp_path):
    """No settings, secrets, project or local server of another test; no address from the environment."""
    monkeypatch.delenv("REDIS_GEO_URL", raising=False)
    _forget()
    yield
    _forget()


def _forget():
    QgsSettings().remove("redis_geo")
    production._allowed.clear()
    manager = QgsApplication.authManager()
    for config in list(manager.availableAuthMethodConfigs()):
        manager.removeAuthenticationConfig(config)
    folder = Path(QgsApplication.qgisSettingsDirPath()) / "redis_geo"
    left = local_server.read_state(folder / "server")  # a local server that a test has started
    if left is not None and programs.finder_of(left.way).is_alive(left, folder / "server"):
        os.kill(left.pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    QgsProject.instance().clear()


@pytest.fixture(autouse=True)
def _exceptions_in_slots(monkeypatch):
    """An exception that leaves a slot fails the test (and does not abort the process)."""
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda *e: seen.append("".join(traceback.format_exception(*e))))
    yield seen
    assert not seen, "\n".join(seen)


@pytest.fixture(autouse=True)
def _unanswered_questions(qgis_app):
    """A question that no test answers fails it and is closed, where it would wait for ever."""
    left, seen = [], []

    def look():
        box = QApplication.activeModalWidget()
        if box is not None and box is (left.pop() if left else None):
            seen.append(box.objectName() or type(box).__name__)
            box.close()
        elif box is not None:
            left.append(box)

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(QUESTIONS_WAIT)
    yield
    timer.stop()
    assert not seen, f"questions that nobody answered: {seen}"


@pytest.fixture
def iface(monkeypatch, qgis_app):
    fake = FakeIface()
    monkeypatch.setattr(qgis.utils, "iface", fake)
    yield fake
    waiting.spin()
    left = [m for m in fake.bar.messages if m[0] in (Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical)]
    fake.close()
    assert not left, f"messages left in the bar: {left}"


@pytest.fixture
def saved_connection(one_server):
    """The settings of a connection to ``one_server``, saved as "test" and made active."""
    from redis_geo_plugin.bridge.server import connections

    settings = one_server.settings()
    connections.save(connections.SavedConnection(settings))
    connections.set_active(settings.name)
    return settings


@pytest.fixture
def context(iface, saved_connection):
    from redis_geo_plugin.bridge.tasks import TaskKeeper
    from redis_geo_plugin.core import background
    from redis_geo_plugin.gui.component import Context
    from redis_geo_plugin.gui.connection_monitor import ConnectionMonitor, ConnectionState
    from redis_geo_plugin.gui.interface import Interface

    made = Context(iface, Interface(iface), ConnectionMonitor(), TaskKeeper())
    try:
        made.connections.start()
        waiting.wait_until(lambda: made.connections.state is ConnectionState.CONNECTED)
        yield made
    finally:
        made.connections.stop()
        made.tasks.close()
        made.ui.close()
        background.close()
        waiting.spin()


@pytest.fixture
def load(iface):
    from redis_geo_plugin import classFactory

    loaded = []

    def make():
        loaded.append(classFactory(iface))
        loaded[-1].initGui()
        return loaded[-1]

    yield make
    for plugin in loaded:
        if plugin.context is not None:
            plugin.unload()
    waiting.spin()


@pytest.fixture
def plugin(saved_connection, load):
    from redis_geo_plugin.gui.connection_monitor import ConnectionState

    loaded = load()
    waiting.wait_until(lambda: loaded.context.connections.state is ConnectionState.CONNECTED)
    return loaded


@pytest.fixture
def metric_search(plugin, places, wait_until):
    """The plugin's SearchComponent with ``places``, in a project of EPSG:3857."""
    component = part(plugin, "SearchComponent")
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    component.dock.build()
    wait_until(lambda: component.dock.form.sets.count() == 1)
    return component


@pytest.fixture
def places(one_server):
    with one_server.client() as client:
        for name, (lon, lat) in PLACES.items():
            client.geoadd("locations", (lon, lat, name))
        client.hset("locations:attributs", "Central Park", json.dumps({"kind": "park", "hectares": 341}))
        client.zadd("index_locations", {"Central Park": 1})
        yield client


@pytest.fixture
def algorithms(qgis_app, qgis_processing):
    """Processing with the plugin's provider, without the plugin's window."""
    from redis_geo_plugin.core import background
    from redis_geo_plugin.processing.provider import RedisGeoProvider

    provider = RedisGeoProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)
    background.close()


@pytest.fixture
def live(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "LiveComponent")


@pytest.fixture
def fleet(one_server):
    with one_server.client() as client:
        for i in range(5):
            client.set(f"vehicule:{i}", position(48.85 + i * 0.01, 2.35, ligne=f"T{i}"))
        yield client


@pytest.fixture
def feed(live, fleet, wait_until):
    from redis_geo_plugin.core.live.spec import FeedSpec

    made = live.add(FeedSpec(name="fleet", interval=0.05, max_speed=0.0))
    wait_until(lambda: made.layer.featureCount() == 5)
    return made


@pytest.fixture
def mirrors(algorithms):
    """The provider of the mirrors, beside the plugin's own; no models of another test."""
    from redis_geo_plugin.processing.cached.provider import RedisGeoCacheProvider

    step_models.forget_all()
    QgsSettings().setValue(STEPS_IN_BACKGROUND, True)
    provider = RedisGeoCacheProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)
    step_models.forget_all()
