"""The first minute: the lamp's menu, the connections in the Options, the form of one."""

from __future__ import annotations

import re

from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QMenu, QToolButton

ORDER = 5


def play(stage) -> None:
    component = next(c for c in stage.plugin.components if type(c).__name__ == "ConnectionsComponent")
    lamp = stage.find("redis_geo_lamp", QToolButton)
    stage.wait_until(lambda: re.search(r"(Redis|Valkey) \d", lamp.toolTip()), 30, "the lamp's words")
    lamp.fill_menu()
    menu = stage.find("redis_geo_lamp_menu", QMenu)
    words = [action.text() for action in menu.actions() if action.text()]
    stage.say(f"the lamp: {words[0]}")
    _show_menu(stage, lamp, menu)
    _show_options(stage, component)
    _show_form(stage)


def _show_menu(stage, lamp, menu) -> None:
    menu.popup(lamp.mapToGlobal(lamp.rect().topLeft()))
    stage.wait(0.3)
    stage.picture("02-lamp", menu)
    menu.close()


def _show_options(stage, component) -> None:
    """The page alone: QGIS's dialog around it would wait for the user."""
    from redis_geo_plugin.gui.connections.options_page import OptionsPage

    page = OptionsPage(None, stage.plugin.context.connections, component.local)
    page.resize(900, 640)
    page.show()
    stage.wait_until(lambda: page.tree.topLevelItemCount(), 10, "the list of connections")
    stage.picture("03-options", page)
    page.close()
    page.deleteLater()


def _show_form(stage) -> None:
    """An address is typed, with its password; nothing is saved."""
    from redis_geo_plugin.gui.connections.form import ConnectionForm

    form = ConnectionForm(stage.window)
    form.show()
    form.name.setText("Port authority")
    QTest.keyClicks(form.url, "rediss://ana:typed@redis.example.org:6380/0")
    form.url.editingFinished.emit()
    if form.fields.host.text() != "redis.example.org" or not form.fields.tls.isChecked():
        stage.fail("the form was not filled from the address")
    if form.fields.password.text() != "typed" or "typed" in form.url.text():
        stage.fail("the password of a typed address did not go into its field")
    stage.picture("04-form", form)
    form.reject()
    form.deleteLater()
