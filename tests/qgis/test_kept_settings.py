"""Settings of any type and value, under every name that the plugin reads: it starts, shows all that it has, and can be left."""

from __future__ import annotations

import random

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QByteArray, QDate, QSettings
from qgis.PyQt.QtWidgets import QAbstractButton, QTabWidget

from redis_geo_plugin.bridge import settings
from redis_geo_plugin.bridge.cache import sharing
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.settings import kept, kept_bytes
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.cache.settings import BufferChoices
from tests.support import cases
from tests.support.census import our_threads
from tests.support.layers import layer_of
from tests.support.source_tree import SOURCES, name_of, text_of
from tests.support.waiting import wait_until as until

ODD = [
    *(
        "",
        " ",
        "abc",
        "true",
        "-1",
        "3.7",
        "nan",
        "inf",
        "1e999",
        "9" * 40,
        "x" * 70_000,
        "a\x00b",
        "\ud800é",
    ),
    *(-1, 0, 3, 2**31, 2**63, -(2**70), 3.7, float("nan"), float("inf"), True, False),
    *(
        [],
        ["a", "b"],
        ["1", "2"],
        {},
        {"a": 1},
        [["a"]],
        b"\xff\x00",
        QByteArray(b"\x80"),
        QDate(2026, 11, 29),
    ),
    *("/", "a/b\\c", "host:port", "localhost:99999", "[::1", "١٢", "0x10", "1_000", "<b>x</b>"),
]
KINDS = (False, 5, 2.5, "usual")


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_a_value_is_of_its_type_and_within_its_bounds_or_the_usual_one(qgis_app, value):
    """As it stands in memory, and as the file of the settings gives it back."""
    for stored in (value, str(value)):
        QgsSettings().setValue("redis_geo/odd", stored)
        for usual in KINDS:
            cases.count(1)
            found = kept("redis_geo/odd", usual)
            assert type(found) is type(usual)
            bounded = kept("redis_geo/odd", usual, 0, 9) if not isinstance(usual, (bool, str)) else 0
            assert 0 <= bounded <= 9
        kept("redis_geo/odd", "usual").encode()
        assert isinstance(kept_bytes("redis_geo/odd"), bytes)


def test_what_was_kept_is_read(qgis_app, tmp_path):
    store = QSettings(str(tmp_path / "a.ini"), QSettings.Format.IniFormat)
    for name, value in {"a": True, "b": 7, "c": 2.5, "d": "été, là", "e": False}.items():
        for at in (store, QgsSettings()):
            at.setValue(f"redis_geo/odd/{name}", value)
    del store
    assert (tmp_path / "a.ini").stat().st_size > 0
    read = [
        kept(f"redis_geo/odd/{name}", usual) for name, usual in zip("abcdef", (False, 1, 1.0, "", True, 4))
    ]
    assert read == [True, 7, 2.5, "été, là", False, 4]


def test_only_one_module_asks_qgis_for_settings():
    """``value`` of a QgsSettings gives what stands there, of whatever type, or raises TypeError."""
    allowed = {"redis_geo_plugin/bridge/settings.py", "redis_geo_plugin/bridge/keeping.py"}
    asking = ("QgsSettings().value(", "settings.value(", "store.value(", "known.value(", "QSettings().value(")
    found = {name_of(path) for path in SOURCES if any(words in text_of(path) for words in asking)}
    assert found <= allowed


class Scrambled:
    """QgsSettings whose values are any, under each name that is asked for."""

    chance = random.Random()
    names: set[str] = set()
    spared = ("active_connection",)  # which names what is there

    def value(self, name, *_usual):
        self.names.add(name)
        return QgsSettings().value(name) if name.endswith(self.spared) else self.chance.choice(ODD)


@pytest.fixture
def scrambled(monkeypatch, qgis_app):
    for name in ("a", "b"):
        connections.save(connections.SavedConnection(ConnectionSettings(name=name)))
    connections.set_active("a")
    Scrambled.names = set()
    monkeypatch.setattr(settings, "QgsSettings", Scrambled)
    return Scrambled


@pytest.mark.parametrize("seed", range(12))
def test_the_window_of_scrambled_settings(scrambled, load, iface, monkeypatch, spin, seed):
    scrambled.chance.seed(seed)
    iface.window.show()
    plugin = load()
    for dock in plugin.context.ui._docks:
        dock.setUserVisible(True)
        for tabs in dock.findChildren(QTabWidget):
            for index in range(tabs.count()):
                tabs.setCurrentIndex(index)
        spin(0.05)
        assert dock.findChildren(QAbstractButton)
    page = iface.options_factories[0].createWidget(None)
    for row in range(page.tree.topLevelItemCount()):
        page.tree.setCurrentItem(page.tree.topLevelItem(row))
    page.apply()
    page.deleteLater()
    for name in connections.names():
        assert connections.load(name).name == name
    layer = layer_of(["POLYGON((0 0,1 0,1 1,0 0))"])
    for _ in range(20):
        choices = BufferChoices.remembered()
        assert isinstance(choices.problem(layer) + choices.title(layer), str)
        assert choices.parameters(layer)["SEGMENTS"] >= 1
    sharing.proof()
    spin(0.1)
    plugin.unload()
    iface.bar.take_messages()
    until(lambda: not our_threads())
    cases.count(len(scrambled.names))
    assert plugin.failed == plugin.left == [] and len(scrambled.names) > 60
