"""In QGIS's dark theme every text of every panel stands out from what it is drawn on: looked at in its pixels."""

from __future__ import annotations

from collections import Counter

import pytest
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from redis_geo_plugin.gui.live.charts import Chart
from redis_geo_plugin.gui.server.plot import Bars, Sparkline
from tests.support.positions import position
from tests.support.waiting import spin, wait_until

THEMES = ["Night Mapping", "Blend of Gray"]
LEAST, LEAST_DISABLED = 3.0, 1.3  # of contrast, as WCAG counts it: 3 for large texts and parts of the window
LEAST_HINT = 2.0  # Qt writes what stands in an empty field at half strength, in QGIS's own panels too
RIM = 4  # pixels: a frame is no text


@pytest.fixture(params=THEMES)
def theme(request, qgis_app):
    application = QgsApplication.instance()
    before, palette = application.styleSheet(), application.palette()
    QgsApplication.setUITheme(request.param)
    assert application.styleSheet(), "this QGIS has no such theme"
    yield request.param
    QgsApplication.setUITheme("default")
    application.setStyleSheet(before)
    application.setPalette(palette)


def luminance(color):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast_drawn(widget: QWidget, window: QImage) -> float:
    """Of what stands out most from the colour that covers most of the widget, in a picture of its window."""
    seen = widget.visibleRegion().boundingRect().adjusted(RIM, RIM, -RIM, -RIM)
    place = widget.mapTo(widget.window(), seen.topLeft())
    image = window.copy(place.x(), place.y(), seen.width(), seen.height())
    colors: Counter = Counter(
        image.pixel(x, y) & 0xFFFFFF for y in range(image.height()) for x in range(image.width())
    )
    lights = {
        color: luminance(((color >> 16) / 255, (color >> 8 & 255) / 255, (color & 255) / 255))
        for color in colors
    }
    below = lights[colors.most_common(1)[0][0]]
    return max((max(light, below) + 0.05) / (min(light, below) + 0.05) for light in lights.values())


def says_something(widget: QWidget) -> bool:
    if isinstance(widget, QToolButton) and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
        return widget.icon().isNull() and bool(widget.text())
    if isinstance(widget, (QLabel, QAbstractButton)):
        return bool(widget.text()) and not (isinstance(widget, QLabel) and widget.pixmap())
    if isinstance(widget, QLineEdit):
        return bool(widget.text() or widget.placeholderText())
    if isinstance(widget, QComboBox):
        return bool(widget.currentText()) and not widget.isEditable()
    if isinstance(widget, QProgressBar):
        return bool(widget.text())
    if isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView):
        return bool(widget.model() and widget.model().rowCount())
    if isinstance(widget, QHeaderView):
        return widget.count() > 0
    return isinstance(widget, (QTabBar, Chart, Sparkline)) or (isinstance(widget, Bars) and bool(widget.rows))


def faint(root: QWidget) -> list[str]:
    """What in it cannot be read."""
    found = []
    window = root.window().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    for widget in root.findChildren(QWidget):
        seen = widget.visibleRegion().boundingRect()
        if not widget.isVisible() or seen.width() <= 2 * RIM + 4 or seen.height() <= 2 * RIM + 4:
            continue  # scrolled out of sight
        if not says_something(widget):
            continue
        drawn = contrast_drawn(widget, window)
        hint = isinstance(widget, QLineEdit) and not widget.text()
        if drawn < ((LEAST_HINT if hint else LEAST) if widget.isEnabled() else LEAST_DISABLED):
            text = getattr(widget, "text", lambda: "")()
            found.append(f"{type(widget).__name__} {widget.objectName()} {text[:40]!r}: {drawn:.2f}")
    return found


def each_tab(root: QWidget):
    """Turn over every tab in it; those of the innermost last."""
    tabs = root.findChildren(QTabWidget)
    if not tabs:
        yield ""
    for widget in tabs:
        for index in range(widget.count()):
            widget.setCurrentIndex(index)
            spin(0.05)
            yield widget.tabText(index)


@pytest.fixture
def filled(theme, one_server, plugin, places, iface):
    """The plugin's window with something in every panel."""
    from redis_geo_plugin.core.live.spec import FeedSpec

    window = iface.mainWindow()
    window.resize(1280, 900)
    window.show()
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857&field=name:string", "squares", "memory")
    QgsProject.instance().addMapLayer(layer)
    with one_server.client() as client:
        for i in range(5):
            client.set(f"vehicule:{i}", position(48.85 + i * 0.01, 2.35, ligne=f"T{i}"))
        client.set("vehicule:broken", "{")
    live = next(c for c in plugin.components if type(c).__name__ == "LiveComponent")
    feed = live.add(FeedSpec(name="fleet", interval=0.05, max_speed=0.0))
    wait_until(lambda: feed.layer.featureCount() == 5)
    yield plugin
    iface.bar.take_messages()


@pytest.mark.parametrize("panel", ["cache", "jobs", "live", "search", "server"])
def test_every_text_of_the_panels_is_legible(filled, panel):
    dock = next(d for d in filled.context.ui._docks if d.objectName() == f"redis_geo_{panel}_dock")
    dock.setUserVisible(True)
    wait_until(dock.isUserVisible)
    spin(0.6)
    looked, problems = 0, []
    for tab in each_tab(dock):
        problems += [f"{tab}: {one}" for one in faint(dock)]
        looked += sum(says_something(w) for w in dock.findChildren(QWidget) if w.isVisible())
    assert looked > 5
    assert not problems, "\n".join(problems)


def test_the_banner_the_lamp_and_the_messages_are_legible(filled, iface):
    feed = next(
        iter(next(c for c in filled.components if type(c).__name__ == "LiveComponent").manager.feeds.values())
    )
    wait_until(lambda: feed.core.trails.span() is not None)
    feed.rewind(feed.core.trails.span()[1])
    banner = next(c for c in filled.components if type(c).__name__ == "LiveComponent").banner
    wait_until(banner.isVisible)
    problems = faint(banner)
    lamp = iface.statusBarIface().findChild(QToolButton, "redis_geo_lamp")
    problems += faint(lamp.parentWidget())
    assert not problems, "\n".join(problems)


def test_the_options_page_the_form_and_the_help_are_legible(theme, saved_connection, plugin, iface):
    from redis_geo_plugin.gui.connections.form import ConnectionForm
    from redis_geo_plugin.gui.help import open_help
    from redis_geo_plugin.gui.help_window import HelpWindow

    problems = []
    page = iface.options_factories[0].createWidget(iface.mainWindow())
    form = ConnectionForm(iface.mainWindow())
    open_help("cache")
    window = next(w for w in QgsApplication.topLevelWidgets() if isinstance(w, HelpWindow))
    for root in (page, form, window):
        root.resize(900, 700)
        root.show()
        spin(0.3)
        for line in root.findChildren(QLineEdit):
            line.deselect()
        for tab in each_tab(root):
            problems += [f"{type(root).__name__} {tab}: {one}" for one in faint(root)]
    assert not problems, "\n".join(problems)
    window.close()
    page.deleteLater()
    form.deleteLater()
