"""Every dock fits beside a map on a small screen, in the longer words of French too, and nothing of it is cut off."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject, QgsSettings, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QDockWidget,
    QLabel,
    QListWidget,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from redis_geo_plugin.gui.cache.dock import OUTCOME_HEIGHT
from redis_geo_plugin.gui.first_steps.lead_on import LeadOn
from redis_geo_plugin.gui.wrapping import Tall, WrapLayout, beside

WIDEST = 500  # pixels in the font of the offscreen platform, which is a fifth wider than that of a desktop
HIGHEST = 480  # pixels: what one of 720 leaves below QGIS's menu and three rows of toolbars
DOCKS = ("cache", "jobs", "live", "search", "server")


@pytest.fixture(params=["en", "fr"])
def language(request):
    settings = QgsSettings()
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", request.param)
    yield request.param
    settings.remove("locale/overrideFlag")
    settings.remove("locale/userLocale")


def test_docks_may_be_narrow_and_low(language, plugin, iface, spin):
    window = iface.mainWindow()
    window.show()
    needed = {}
    for name in DOCKS:
        dock = window.findChild(QDockWidget, f"redis_geo_{name}_dock")
        dock.show()
        spin(0.05)
        for hidden in dock.findChildren(QWidget, "redis_geo_server_unlock"):
            hidden.show()  # as on a production server
        spin(0.05)
        needed[name] = (dock.minimumSizeHint().width(), dock.minimumSizeHint().height())
    assert (
        window.findChild(QPushButton, "redis_geo_cache_run").text()
        == {"en": "Run", "fr": "Exécuter"}[language]
    )
    assert {name: size for name, size in needed.items() if size[0] > WIDEST or size[1] > HIGHEST} == {}


@pytest.mark.parametrize("name", ["cache", "search", "server"])
def test_with_a_server_a_low_panel_does_not_scroll(name, language, plugin, iface, places, spin):
    """Its tables give way first, so that the buttons below them stay in sight."""
    window = iface.mainWindow()
    window.resize(1280, 720)
    window.show()
    layer = QgsVectorLayer("Point?crs=EPSG:4326", "points", "memory")
    QgsProject.instance().addMapLayer(layer)
    dock = window.findChild(QDockWidget, f"redis_geo_{name}_dock")
    dock.setFloating(True)
    dock.show()
    spin(0.3)
    body = dock.findChild(LeadOn)._body
    dock.resize(WIDEST, HIGHEST)
    spin(0.2)
    assert body.verticalScrollBar().maximum() == 0


def test_the_button_that_runs_is_in_sight_and_stays_where_it_is(language, qgis_app, plugin, iface, spin):
    window = iface.mainWindow()
    window.show()
    dock = window.findChild(QDockWidget, "redis_geo_cache_dock")
    dock.setFloating(True)
    dock.show()
    spin(0.1)
    assert dock.lead.lack is not None  # what is missing takes its room above
    dock.resize(WIDEST, HIGHEST)
    spin(0.2)
    button = window.findChild(QPushButton, "redis_geo_cache_run")
    assert button.visibleRegion().boundingRect() == button.rect()
    place = button.mapTo(dock, button.rect().topLeft())
    outcome = dock.findChild(QLabel, "redis_geo_cache_outcome")
    outcome.setText("many words on what has come of it " * 2)
    outcome.show()
    spin(0.2)
    assert outcome.visibleRegion().boundingRect() == outcome.rect()
    assert button.mapTo(dock, button.rect().topLeft()) == place


def test_in_a_high_panel_the_form_takes_no_more_than_it_needs(plugin, iface, spin):
    iface.mainWindow().show()
    dock = iface.mainWindow().findChild(QDockWidget, "redis_geo_cache_dock")
    dock.setFloating(True)
    dock.resize(WIDEST, 1000)
    dock.show()
    spin(0.3)
    assert dock.form.height() <= dock.form.sizeHint().height() + OUTCOME_HEIGHT
    assert dock.contents.height() > dock.contents.minimumSizeHint().height()


def test_a_row_wraps_where_it_is_narrow_and_hidden_widgets_take_no_room(qgis_app):
    buttons = [QPushButton(text) for text in ("one", "another", "a third")]
    row = WrapLayout(*buttons)
    panel = QWidget()
    panel.setLayout(row)
    wide, high = row.sizeHint().width(), row.sizeHint().height()
    panel.resize(wide, 200)
    panel.show()
    assert len({button.y() for button in buttons}) == 1
    assert all(button.width() == button.sizeHint().width() for button in buttons)
    panel.resize(max(button.sizeHint().width() for button in buttons), 200)
    assert len({button.y() for button in buttons}) == 3 and {button.x() for button in buttons} == {0}
    assert row.heightForWidth(panel.width()) >= 3 * high
    buttons[1].hide()
    row.activate()
    assert buttons[2].y() < 2 * high + 20 and row.heightForWidth(wide) == high
    assert (
        row.takeAt(0).widget() is buttons[0]
        and row.count() == 2
        and row.takeAt(5) is None
        and row.itemAt(5) is None
    )


def test_a_label_stays_beside_its_field(qgis_app):
    label, field = QLabel("Every"), QPushButton("1 s")
    panel = QWidget()
    panel.setLayout(WrapLayout(QPushButton("something long before it"), beside(label, field)))
    panel.resize(panel.layout().minimumSize().width(), 200)
    panel.show()
    assert label.parent() is field.parent() and label.parent().y() > 0


def test_in_a_splitter_texts_that_wrap_do_not_cover_what_is_below_them(qgis_app, spin):
    above, text, table = Tall(), QLabel("many words " * 10), QListWidget()
    text.setWordWrap(True)
    column = QVBoxLayout(above)
    column.addWidget(table)
    column.addWidget(text)
    splitter = QSplitter(Qt.Orientation.Vertical)
    splitter.addWidget(above)
    splitter.addWidget(QListWidget())
    splitter.resize(200, 360)
    splitter.show()
    spin(0.05)
    assert text.height() >= text.heightForWidth(text.width()) and text.y() >= table.geometry().bottom()
    text.setText("few words")
    spin(0.05)
    assert above.minimumSizeHint().height() < 200
