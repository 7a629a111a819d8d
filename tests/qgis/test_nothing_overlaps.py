"""In narrow and low panels nothing covers what stands beside it, and texts that wrap show all of their lines."""

from __future__ import annotations

from itertools import combinations

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QRect
from qgis.PyQt.QtWidgets import (
    QDockWidget,
    QLabel,
    QListWidget,
    QScrollArea,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui.connections.local_server import LocalServerControl
from redis_geo_plugin.gui.connections.options_page import OptionsPage
from redis_geo_plugin.gui.live.charts import Chart
from redis_geo_plugin.gui.wrapping import ScrolledTabs, Tall, WrapLayout, beside
from tests.support.servers import free_port

NARROW, LOW = 500, 480  # pixels, as in test_narrow_docks
DOCKS = ("cache", "jobs", "live", "search", "server")


def arranged(layout):
    """The widgets that a layout and those within it arrange, as far as they are seen."""
    found = []
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item.layout() is not None:
            found += arranged(item.layout())
        elif item.widget() is not None and item.widget().isVisible():
            found.append(item.widget())
    return found


def faults(window):
    """What overlaps within a window, and which texts that wrap are cut off."""
    found = []
    for widget in [window, *window.findChildren(QWidget)]:
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
            needed = widget.heightForWidth(widget.width())
            if widget.height() < needed - 1:  # rounded once more by a row than by the text itself
                found.append(f"{widget.height()} of {needed} pixels: {widget.text()}")
        if isinstance(widget, QScrollArea) and is_cut_off(widget):
            found.append(f"{words(widget.widget())} is cut off at the right")
        if widget.layout() is None:
            continue
        for one, other in combinations(arranged(widget.layout()), 2):
            if one.parent() is other.parent() and one.geometry().intersects(other.geometry()):
                found.append(f"{words(one)} and {words(other)} overlap")
    return found


def is_cut_off(area):
    """Whether what a scroll area holds is wider than it and cannot be scrolled sideways."""
    held = area.widget()
    return (
        held is not None
        and held.width() > area.viewport().width()
        and not area.horizontalScrollBar().isVisible()
    )


def words(widget):
    text = getattr(widget, "text", None)
    return widget.objectName() or (text() if text is not None else type(widget).__name__)


@pytest.fixture(params=["en", "fr"])
def language(request):
    settings = QgsSettings()
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", request.param)
    yield request.param
    settings.remove("locale/overrideFlag")
    settings.remove("locale/userLocale")


@pytest.mark.parametrize("name", DOCKS)
def test_nothing_overlaps_in_any_tab_of_a_low_panel(name, language, feed, iface, places, wait_until, spin):
    iface.mainWindow().show()
    dock = iface.mainWindow().findChild(QDockWidget, f"redis_geo_{name}_dock")
    dock.setFloating(True)
    dock.show()
    spin(0.3)
    for size in ((NARROW, LOW), (NARROW, 900)):
        dock.resize(*size)
        spin(0.2)
        assert faults(dock) == []
        for tabs in dock.findChildren(QTabWidget):
            for number in range(tabs.count()):
                tabs.setCurrentIndex(number)
                spin(0.2)
                assert [f"{tabs.tabText(number)}: {fault}" for fault in faults(dock)] == []


@pytest.mark.parametrize("name", DOCKS)
def test_nothing_overlaps_where_no_server_answers(name, language, load, iface, spin, wait_until):
    settings = ConnectionSettings(name="a connection with a name of many words", port=free_port())
    connections.save(SavedConnection(settings))
    connections.set_active(settings.name)
    load()
    iface.mainWindow().show()
    dock = iface.mainWindow().findChild(QDockWidget, f"redis_geo_{name}_dock")
    dock.setFloating(True)
    dock.show()
    dock.resize(NARROW, LOW)
    spin(2.0)
    wait_until(lambda: faults(dock) == [])  # a text that has just changed is laid out in the next turn


def test_nothing_overlaps_in_the_options(language, context, spin):
    local = LocalServerControl(context)
    page = OptionsPage(None, context.connections, local)
    for size in ((560, 400), (900, 640)):
        page.resize(*size)
        page.show()
        spin(0.3)
        assert faults(page) == []
    page.close()
    page.deleteLater()
    local.deleteLater()


def test_the_test_sees_what_overlaps(qgis_app, spin):
    window, text, table = QWidget(), QLabel("many words " * 20), QListWidget()
    text.setWordWrap(True)
    column = QVBoxLayout(window)
    column.addWidget(text)
    column.addWidget(table)
    window.resize(200, 500)
    window.show()
    spin(0.05)
    assert faults(window) == []
    text.setGeometry(QRect(text.pos(), text.size() / 2))
    table.setGeometry(QRect(text.pos(), text.size()))
    assert len(faults(window)) == 2


def test_tabs_scroll_where_their_rows_need_more_room(qgis_app, spin):
    tabs, pages = ScrolledTabs(), []
    for name in ("one", "another"):
        page = Tall()
        column = QVBoxLayout(page)
        for _ in range(12):
            column.addLayout(
                WrapLayout(beside(QLabel("a label of some length"), QLabel("more of it")), QLabel("x" * 30))
            )
        pages.append(page)
        assert tabs.addTab(page, name) == len(pages) - 1
    tabs.resize(420, 150)
    tabs.show()
    tabs.setCurrentWidget(pages[1])
    spin(0.1)
    assert faults(tabs) == [] and pages[1].height() > tabs.height()
    assert tabs.currentWidget() is pages[1] and tabs.indexOf(pages[0]) == 0 and tabs.widget(0) is pages[0]
    assert tabs.indexOf(QLabel()) == -1 and tabs.widget(7) is None
    tabs.close()


def test_headings_are_as_wide_as_their_words(language, live, feed, iface, wait_until, spin):
    iface.mainWindow().show()
    dock = live.dock
    dock.setFloating(True)
    dock.resize(NARROW, LOW)
    dock.show()
    dock.tabs.setCurrentWidget(dock.tab("vehicles"))
    spin(0.3)
    header = dock.findChild(QTableView, "redis_geo_live_vehicles").horizontalHeader()
    narrow = [n for n in range(header.count()) if header.sectionSize(n) < header.sectionSizeHint(n)]
    assert narrow == []


def test_the_figures_of_a_chart_are_never_cut(qgis_app):
    chart = Chart("chart", 1)
    chart.show_points("a vehicle with a long name, 42 (km/h)", [(0.0, 12.5), (1.0, 40.0)], "")
    whole = chart.caption()
    assert whole.endswith("42 (km/h): 40.0 (≤ 40.0)")
    short = chart.caption(chart.fontMetrics().horizontalAdvance(whole) - 60)
    assert "…" in short and short.endswith(": 40.0 (≤ 40.0)")
