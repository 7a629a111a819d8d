"""New layers: where they come, what they are called, and what the message about them offers."""

from __future__ import annotations

import pytest
from qgis.core import Qgis, QgsProject, QgsRectangle
from qgis.PyQt.QtWidgets import QPushButton, QTextBrowser

from redis_geo_plugin.bridge.operations import OFFERED
from redis_geo_plugin.gui import new_layers
from redis_geo_plugin.gui.cache.settings import BufferChoices, IntersectionChoices
from redis_geo_plugin.gui.cache.simple_pages import SimpleChoices
from redis_geo_plugin.gui.messages import Button
from tests.support.layers import layer_of
from tests.support.waiting import wait_until

STRIPES = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(5)]


def stripes(name="stripes"):
    layer = layer_of(STRIPES, crs="EPSG:3857")
    layer.setName(name)
    return layer


@pytest.fixture
def shown(context, iface):
    iface.mainWindow().show()
    return context


def buttons(context):
    """The buttons of the newest message, by their text."""
    found = context.ui.messages.widgets()[-1].findChildren(QPushButton)
    return {button.text(): button for button in found}


def names():
    return [node.name() for node in QgsProject.instance().layerTreeRoot().children()]


# -- messages ------------------------------------------------------------------------------------------------


def test_the_same_is_said_once(shown, iface):
    for _ in range(3):
        shown.ui.warning("No feature is selected.")
    assert len(iface.bar.items()) == 1
    iface.bar.take_messages()


def test_a_message_of_the_same_topic_takes_the_place_of_the_earlier(shown, iface):
    shown.ui.warning("The server is away.", topic="feed 1")
    shown.ui.warning("Another server is away.", topic="feed 2")
    shown.ui.success("Connected again.", topic="feed 1")
    assert sorted(message.text() for message in iface.bar.items()) == [
        "Another server is away.",
        "Connected again.",
    ]
    iface.bar.take_messages()


def test_what_no_longer_holds_is_taken_away(shown, iface):
    shown.ui.warning("Nothing is selected.", topic="cache")
    shown.ui.warning("Something else.")
    shown.ui.forget("cache")
    assert [message.text() for message in iface.bar.items()] == ["Something else."]
    iface.bar.take_messages()


def test_a_message_goes_when_one_of_its_buttons_is_pressed(shown, iface):
    pressed = []
    two = [Button("One", lambda: pressed.append(1)), Button("Two", lambda: pressed.append(2))]
    message = shown.ui.message("Choose.", buttons=two)
    buttons(shown)["Two"].click()
    assert pressed == [2] and not message.shown


def test_a_long_message_is_as_high_as_its_lines(shown, iface):
    """QGIS itself gives a message the height of one line, however narrow the map is."""
    shown.ui.message("short")
    shown.ui.message("A long message of many words, " * 12)
    heights = [w.findChild(QTextBrowser) for w in shown.ui.messages.widgets()]
    wait_until(lambda: heights[1].height() > 2 * heights[0].height())
    assert heights[1].height() >= heights[1].document().size().height()


# -- layers --------------------------------------------------------------------------------------------------


def test_a_taken_name_gets_a_number(shown, iface):
    for _ in range(3):
        new_layers.add([stripes("Buffer 1 km of roads")], iface)
    assert sorted(names()) == [
        "Buffer 1 km of roads",
        "Buffer 1 km of roads (2)",
        "Buffer 1 km of roads (3)",
    ]


@pytest.mark.parametrize("current", ["layer", "group"])
def test_layers_come_on_top_of_the_current_group(shown, iface, current):
    first, second = stripes("first"), stripes("second")
    root = QgsProject.instance().layerTreeRoot()
    inner = root.addGroup("inner")
    for layer in (first, second):
        QgsProject.instance().addMapLayer(layer, False)
        inner.addLayer(layer)
    node = inner if current == "group" else root.findLayer(second.id())
    iface.layerTreeView().setCurrentIndex(iface.layerTreeView().node2index(node))
    new_layers.add([stripes("new")], iface)
    new_layers.add([stripes("area"), stripes("points")], iface, group="found")
    assert [node.name() for node in inner.children()] == ["found", "new", "first", "second"]
    assert [node.name() for node in inner.children()[0].children()] == ["points", "area"]
    assert names() == ["inner"]


def test_zoom_shows_all_of_the_new_layers(shown, iface):
    new = [stripes("a"), layer_of(["Point(100 100)"], "Point", crs="EPSG:3857")]
    new_layers.add(new, iface)
    new_layers.say_added(shown, new)
    iface.mapCanvas().setExtent(QgsRectangle(9000, 9000, 9001, 9001))
    buttons(shown)["Zoom"].click()
    extent = iface.mapCanvas().extent()
    assert extent.contains(QgsRectangle(0, 0, 100, 100)) and extent.width() < 500


def test_undo_takes_the_layers_away_and_gives_the_current_one_back(shown, iface):
    before, undone = stripes("before"), []
    QgsProject.instance().addMapLayer(before)
    iface.setActiveLayer(before)
    new = [stripes("a"), stripes("b")]
    new_layers.add(new, iface, group="both")
    iface.setActiveLayer(new[0])
    new_layers.say_added(shown, new, before=before, undone=lambda: undone.append(names()))
    buttons(shown)["Undo"].click()
    assert undone == [["before"]]
    assert iface.activeLayer() is before
    assert list(QgsProject.instance().mapLayers().values()) == [before]


def test_the_message_goes_with_its_layer(shown, iface):
    new = stripes()
    new_layers.add([new], iface)
    new_layers.say_added(shown, [new])
    assert [message.text() for message in iface.bar.items()] == ["stripes: 5 features."]
    QgsProject.instance().removeMapLayer(new.id())
    assert iface.bar.items() == []


# -- what a run adds -----------------------------------------------------------------------------------------


@pytest.fixture
def cache(plugin, iface):
    iface.mainWindow().show()
    component = next(c for c in plugin.components if type(c).__name__ == "CacheComponent")
    component.dock.build()
    layer = stripes()
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    component.dock.form.layer.setLayer(layer)
    return component


def run(cache):
    cache.dock.form.controls.run_button.click()
    wait_until(lambda: not cache.runner.running)


def test_each_run_says_what_is_new_and_can_be_undone(plugin, cache, iface):
    run(cache)
    run(cache)
    assert [la for la in names() if la.startswith("Buffer")] == [
        "Buffer 1 km of stripes (2)",
        "Buffer 1 km of stripes",
    ]
    assert iface.activeLayer().name() == "stripes"
    (said,) = [message.text() for message in iface.bar.items()]  # of the last run only
    assert said.startswith("Buffer 1 km of stripes (2): 5 features.") and "5 of 5 from the cache" in said
    buttons(plugin.context)["Undo"].click()
    assert [la for la in names() if la.startswith("Buffer")] == ["Buffer 1 km of stripes"]


def test_how_it_went_is_said_in_the_panel_where_that_is_seen(cache, iface):
    cache.dock.toggleViewAction().trigger()
    wait_until(cache.dock.isUserVisible)
    run(cache)
    assert [message.text() for message in iface.bar.items()] == ["Buffer 1 km of stripes: 5 features."]
    assert "0 of 5 from the cache, 5 computed" in cache.dock.form.controls.outcome.text()


def test_what_kept_a_run_from_starting_goes_when_one_starts(cache, iface):
    cache.dock.form.store.namespace.setText("a:b")
    cache.dock.form.controls.run_button.click()
    assert [message.level() for message in iface.bar.items()] == [Qgis.MessageLevel.Warning]
    cache.dock.form.store.namespace.setText("team")
    run(cache)
    assert [message.level() for message in iface.bar.items()] == [Qgis.MessageLevel.Success]
    iface.bar.take_messages()


@pytest.mark.parametrize(
    "choices, title",
    [
        (BufferChoices(distance=2.5), "Buffer 2.5 km of stripes"),
        (BufferChoices(distance=2.0, unit="layer"), "Buffer 2 m of stripes"),
        (BufferChoices(dissolve=True), "Buffer 1 km of stripes, dissolved"),
        (BufferChoices(expression='"width" * 2'), 'Buffer "width" * 2 km of stripes'),
        (BufferChoices(expression="1 + " * 20 + "1"), "Buffer 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1… km of stripes"),
        (SimpleChoices(OFFERED["simplify"], number=5.0), "Simplify 5 meters of stripes"),
        (SimpleChoices(OFFERED["dissolve"], column="name"), "Dissolve by attribute “name” of stripes"),
        (SimpleChoices(OFFERED["convexhull"]), "Convex hull of stripes"),
    ],
)
def test_the_name_of_a_result_tells_its_parameters(qgis_app, choices, title):
    assert choices.title(stripes()) == title


def test_the_name_of_a_result_of_two_layers_tells_both(qgis_app):
    zones = stripes("zones")
    QgsProject.instance().addMapLayer(zones)
    assert IntersectionChoices(zones.id()).title(stripes()) == "Intersection of stripes with zones"
    nearest = SimpleChoices(OFFERED["nearest"], other=zones.id())
    assert nearest.title(stripes()) == "Distance to the nearest from stripes to zones"
