"""The page of connections in QGIS's options: a list that is edited, activated and kept on OK."""

from __future__ import annotations

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtWidgets import QScrollArea

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.connection_monitor import ConnectionState
from redis_geo_plugin.gui.connections.form import ConnectionForm
from redis_geo_plugin.gui.connections.options_page import OptionsPage
from tests.support.answers import answer
from tests.support.servers import free_port


@pytest.fixture
def page(context, wait_until):
    from redis_geo_plugin.gui.connections.local_server import LocalServerControl

    local = LocalServerControl(context)
    made = OptionsPage(None, context.connections, local)
    made.show()
    yield made
    wait_until(lambda: not local.busy)
    made.close()
    made.deleteLater()
    local.deleteLater()


# The Options page
def test_the_page_lists_and_activates(page, context, one_server, wait_until):
    connections.save(SavedConnection(ConnectionSettings(name="away", port=free_port())))
    context.connections.saved.emit()
    rows = {
        page.tree.topLevelItem(n).text(0): page.tree.topLevelItem(n)
        for n in range(page.tree.topLevelItemCount())
    }
    assert set(rows) == {"away", "test"}
    assert rows["test"].font(0).bold() and "Valkey" in rows["test"].text(2)
    page.tree.setCurrentItem(rows["away"])
    page.activate_button.click()
    assert context.connections.name == "away"
    wait_until(lambda: context.connections.state is ConnectionState.RECONNECTING)
    assert page.selected() == "away" and not page.activate_button.isEnabled()


def test_the_page_adds_edits_duplicates_and_removes(page, context, monkeypatch, iface):
    typed = {}

    def fill(self):
        self.name.setText(typed.get("name", self.name.text()))
        self.fields.host.setText(typed.get("host", self.fields.host.text()))
        self.accept()
        return 1

    monkeypatch.setattr(ConnectionForm, "exec", fill)
    typed.update(name="new", host="h1")
    page.add_button.click()
    assert connections.load("new").settings.host == "h1" and page.selected() == "new"
    assert context.connections.name == "new"  # as from the lamp: whoever adds one wants to work with it
    typed.update(name="renamed", host="h2")
    page.edit_button.click()
    assert connections.names() == ["renamed", "test"] and connections.load("renamed").settings.host == "h2"
    typed.clear()
    page.duplicate_button.click()
    assert connections.names() == ["renamed", "renamed 2", "test"]
    answer(monkeypatch, False)
    page.remove_button.click()
    assert len(connections.names()) == 3
    answer(monkeypatch, True)
    page.remove_button.click()
    assert connections.names() == ["renamed", "test"]


def test_the_page_scrolls_on_a_low_screen(page, spin):
    """QGIS's dialog is never lower than its pages want to be: on a laptop OK must not be below the screen."""
    assert page.minimumSizeHint().height() < 300
    page.resize(900, 400)
    page.show()
    area = page.findChild(QScrollArea)
    spin(0.05)
    assert area.verticalScrollBar().maximum() > 0 and area.horizontalScrollBar().maximum() == 0
    page.resize(900, 1100)
    spin(0.05)
    assert area.verticalScrollBar().maximum() == 0


def test_an_empty_list_says_what_to_do(page, context):
    connections.remove("test")
    context.connections.reload()
    context.connections.saved.emit()
    assert "add one" in page.tree.topLevelItem(0).text(0)
    assert context.connections.state is ConnectionState.NONE
    assert not page.edit_button.isEnabled() and not page.remove_button.isEnabled()


def test_settings_are_kept_when_the_dialog_is_accepted(page):
    from redis_geo_plugin.gui.connections import local_server

    page.autostart.setChecked(False)
    page.memory.setValue(64)
    assert local_server.autostart() and local_server.memory_mb() == 512
    page.apply()
    assert not local_server.autostart() and local_server.memory_mb() == 64


def test_what_is_shared_is_set_on_the_page(page):
    from redis_geo_plugin.bridge.cache import sharing

    box = page.sharing
    assert box.enabled.isChecked() and box.prove.value() == 500
    assert box.author.text() == "" and box.author.placeholderText() == sharing.author()
    box.enabled.setChecked(False)
    box.author.setText(" Ana ")
    box.prove.setValue(0)
    assert sharing.is_enabled()  # until the dialog is accepted
    page.apply()
    assert (sharing.author(), sharing.is_enabled(), sharing.prove_one_in()) == ("Ana", False, 0)
    assert sharing.recent_run("x") is None and not sharing.proof().wants()
    assert box.prove.text() == "none"


@pytest.mark.parametrize("value", ["x", None, -3])
def test_a_test_rate_edited_by_hand_spoils_nothing(value):
    from redis_geo_plugin.bridge.cache import sharing

    QgsSettings().setValue(sharing.PROVE_ONE_IN, value)
    assert sharing.prove_one_in() in (0, 500)
