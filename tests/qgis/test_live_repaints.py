"""When the layer is drawn again, and what waits for it."""

from __future__ import annotations

import time

import pytest
from qgis.core import QgsExpressionContextUtils, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QEventLoop, QTimer

from redis_geo_plugin.bridge.live.filling import LARGE, LONGEST_HOLD, MANY, TAKEN
from redis_geo_plugin.bridge.live.layer import COUNT_VARIABLE, OFFSET_VARIABLE, new_layer
from redis_geo_plugin.bridge.live.live_feed import LiveFeed
from redis_geo_plugin.bridge.live.repaints import Repaints
from redis_geo_plugin.bridge.live.style import ARROWS_UP_TO, apply_positions_style
from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.records import Row
from redis_geo_plugin.core.live.sources.json_keys import JsonKeys
from redis_geo_plugin.core.live.spec import FeedSpec


def spin(seconds: float) -> None:
    """Let the event loop run for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


class Canvas:
    """Counts the repaints of a layer, and draws until told that it has finished."""

    def __init__(self, layer: QgsVectorLayer):
        self.drawn = 0
        self.drawing = False
        layer.repaintRequested.connect(self._begin)

    def _begin(self) -> None:
        self.drawn += 1
        self.drawing = True


@pytest.fixture
def layer(qgis_app):
    made = new_layer("fleet")
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def canvas(layer):
    return Canvas(layer)


@pytest.fixture
def repaints(layer, canvas):
    made = Repaints(layer, lambda: 0.2)
    made.is_drawing = lambda: canvas.drawing
    yield made
    made.let_go()


def finish(canvas, repaints):
    canvas.drawing = False
    repaints.on_drawn()


def test_a_repaint_waits_for_the_one_before_it(repaints, canvas, wait_until):
    repaints.want(time.monotonic())
    assert canvas.drawn == 1
    repaints.want(time.monotonic())
    assert canvas.drawn == 1
    finish(canvas, repaints)
    wait_until(lambda: canvas.drawn == 2)


def test_nothing_is_drawn_that_nobody_wanted(repaints, canvas, wait_until):
    repaints.want()
    finish(canvas, repaints)
    spin(0.3)
    assert canvas.drawn == 1


def test_a_repaint_that_comes_too_soon_comes_later(repaints, canvas, wait_until):
    repaints.want()
    finish(canvas, repaints)
    repaints.want()
    assert canvas.drawn == 1
    wait_until(lambda: canvas.drawn == 2)


def test_a_layer_that_is_being_written_is_not_drawn_before_its_end(repaints, canvas, wait_until):
    writing = [True]
    repaints.is_writing = lambda: writing[0]
    repaints.want()
    assert canvas.drawn == 0
    writing[0] = False
    repaints.want()
    assert canvas.drawn == 1
    finish(canvas, repaints)
    repaints.want()  # it has to rest first, and meanwhile the next is being written
    assert 0.0 < repaints.rest <= 0.2
    writing[0] = True
    spin(0.3)
    assert canvas.drawn == 1
    writing[0] = False
    repaints.want()
    wait_until(lambda: canvas.drawn == 2)


def test_the_lead_counts_from_the_oldest_change_that_was_drawn(repaints, canvas):
    now = time.monotonic()
    repaints.want(now - 1.0)
    finish(canvas, repaints)
    assert 1.0 <= repaints.lead < 2.0


def test_a_hidden_layer_has_no_lead(repaints, canvas):
    repaints.want()
    finish(canvas, repaints)
    assert repaints.lead == 0.0


def test_a_layer_that_was_deleted_is_not_painted(repaints, canvas):
    repaints.let_go()
    repaints.want()
    assert canvas.drawn == 0


class Core(Feed):
    """A core feed whose thread is never started."""

    def __init__(self):
        super().__init__(FeedSpec(max_speed=0.0), None)

    def read(self, count: int, lat: float) -> None:
        now = time.time()
        found = [
            Row(str(i), b"k", {"latitude": lat, "longitude": i * 1e-4, "timestamp": now})
            for i in range(count)
        ]
        self.intake.take_up(found, [], JsonKeys(FeedSpec()), True)


@pytest.fixture
def feed(layer):
    made = LiveFeed(FeedSpec(), layer)
    made.core = Core()
    yield made
    made.close()


def test_many_rows_wait_for_the_map_but_not_for_long(feed, wait_until):
    feed.is_drawing = lambda: True
    feed.core.read(MANY, 48.0)
    started = time.monotonic()
    feed.filling.hear()
    spin(0.2)
    assert feed.layer.featureCount() == 0
    wait_until(lambda: feed.layer.featureCount() == MANY)
    assert time.monotonic() - started >= LONGEST_HOLD


def test_many_rows_are_written_as_soon_as_the_map_is_drawn(feed, wait_until):
    drawing = [True]
    feed.is_drawing = lambda: drawing[0]
    feed.core.read(MANY, 48.0)
    feed.filling.hear()
    spin(0.1)
    drawing[0] = False
    feed.on_drawn()
    wait_until(lambda: feed.layer.featureCount() == MANY)


def test_few_rows_do_not_wait_for_the_map(feed, wait_until):
    feed.is_drawing = lambda: True
    feed.core.read(10, 48.0)
    feed.filling.hear()
    wait_until(lambda: feed.layer.featureCount() == 10)
    assert feed.filling.held_since is None


def test_of_a_large_fleet_even_few_rows_wait_for_the_map(feed, wait_until):
    feed.core.read(LARGE, 48.0)
    feed.filling.hear()
    wait_until(lambda: feed.tick.rows == LARGE)
    feed.tick.rows, drawing = 0, [True]
    feed.is_drawing = lambda: drawing[0]
    feed.core.read(10, 49.0)
    feed.filling.hear()
    spin(0.2)
    assert feed.tick.rows == 0
    drawing[0] = False
    feed.on_drawn()
    wait_until(lambda: feed.tick.rows == 10)


def test_a_large_fleet_is_written_in_few_pieces(feed, wait_until):
    feed.core.read(LARGE, 48.0)
    feed.filling.hear()
    wait_until(lambda: feed.tick.rows == LARGE)
    ticks = []
    feed.ticked.connect(lambda: ticks.append(feed.tick.rows))
    for piece in range(20):  # as the thread reads on
        feed.core.read(MANY, 49.0 + piece)
        feed.filling.hear()
        spin(0.01)
    wait_until(lambda: not feed.core.has_news and not feed.writer.busy)
    assert feed.writer.shown["7"].lat == 68.0
    assert len(ticks) < 10


def test_the_variables_of_the_style_exist_from_the_first_tick_on(feed, wait_until):
    scope = QgsExpressionContextUtils.layerScope(feed.layer)
    assert not scope.hasVariable(OFFSET_VARIABLE)
    feed.core.read(10, 48.0)
    feed.filling.hear()
    wait_until(lambda: feed.tick.rows == 10)
    scope = QgsExpressionContextUtils.layerScope(feed.layer)
    assert (int(scope.variable(OFFSET_VARIABLE)), int(scope.variable(COUNT_VARIABLE))) == (0, 0)
    assert (scope.isStatic(OFFSET_VARIABLE), scope.isStatic(COUNT_VARIABLE)) == (True, True)


def test_a_very_large_fleet_has_no_labels_until_they_are_switched_on(feed, wait_until):
    apply_positions_style(feed.layer)
    assert feed.layer.labelsEnabled()
    feed.core.read(ARROWS_UP_TO + 1, 48.0)
    feed.filling.hear()
    wait_until(lambda: feed.tick.rows == ARROWS_UP_TO + 1)
    assert not feed.layer.labelsEnabled()
    feed.layer.setLabelsEnabled(True)  # the user's wish
    feed.core.read(MANY, 49.0)
    feed.filling.hear()
    wait_until(lambda: feed.tick.rows == MANY)
    assert feed.layer.labelsEnabled()


def test_what_is_taken_over_in_parts_is_one_tick_and_one_repaint(feed, layer, canvas, wait_until):
    ticks = []
    feed.ticked.connect(lambda: ticks.append(feed.tick.rows))
    feed.core.read(3 * TAKEN + 1, 48.0)
    feed.filling.hear()
    wait_until(lambda: ticks)
    assert (ticks, layer.featureCount(), canvas.drawn) == ([3 * TAKEN + 1], 3 * TAKEN + 1, 1)
    assert not feed.core.intake.has_news
