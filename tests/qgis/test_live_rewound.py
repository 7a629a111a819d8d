"""The past on the map: a banner that says so, and QGIS's Temporal Controller that leads there."""

from __future__ import annotations

import threading
import time

import pytest
from qgis.core import QgsDateTimeRange, QgsTemporalNavigationObject
from qgis.PyQt.QtCore import QDateTime, QSize, Qt

from tests.support.positions import position

EVER = QgsDateTimeRange(QDateTime(), QDateTime())


@pytest.fixture
def moved(live, feed, fleet, wait_until, iface):
    """The feed, with a vehicle that was at latitude 10, 11 and 12, 100 s ago and 10 s apart."""
    iface.mainWindow().show()
    start = time.time() - 100
    for i in range(3):
        fleet.set("vehicule:x", position(10.0 + i, 2.0, when=start + 10 * i))
        wait_until(lambda i=i: "x" in feed.writer.shown and feed.writer.shown["x"].lat == 10.0 + i)
    feed.start_of_x = start
    return feed


def latitude(feed):
    return feed.layer.getFeature(feed.writer.fid("x")).geometry().asPoint().y()


def range_of(start, end):
    ends = (QDateTime.fromMSecsSinceEpoch(round(s * 1000), Qt.TimeSpec.UTC) for s in (start, end))
    return QgsDateTimeRange(*ends)


def test_a_banner_stands_over_the_map_while_it_shows_the_past(live, moved, iface, wait_until):
    banner, canvas = live.banner, iface.mapCanvas()
    assert banner.isHidden()
    moment = moved.start_of_x + 15
    moved.rewind(moment)
    assert banner.isVisible() and banner.parent() is canvas
    stamp = QDateTime.fromMSecsSinceEpoch(round(moment * 1000), Qt.TimeSpec.UTC).toString("HH:mm:ss")
    assert stamp in banner.label.text() and "fleet" in banner.label.text()
    wait_until(lambda: abs(banner.geometry().center().x() - canvas.width() / 2) < 3)
    iface.mainWindow().resize(QSize(900, 700))
    wait_until(lambda: abs(banner.geometry().center().x() - canvas.width() / 2) < 3)
    assert canvas.rect().contains(banner.geometry())  # also where the map is narrow
    wait_until(lambda: banner.geometry().top() > canvas.height() / 2)  # messages stand above
    banner.button.click()
    assert banner.isHidden() and moved.moment is None
    wait_until(lambda: latitude(moved) == 12.0)


def test_the_banner_stays_while_a_stopped_layer_shows_the_past_and_goes_when_it_starts(live, moved):
    moved.rewind(moved.start_of_x + 15)
    live.stop(moved.spec.uid)
    assert live.banner.isVisible()
    live.start(moved.spec.uid)
    assert live.banner.isHidden() and moved.moment is None


def test_the_banner_goes_with_the_feed_and_with_the_plugin(live, moved, plugin, iface):
    moved.rewind(moved.start_of_x + 15)
    live.remove(moved.spec.uid)
    assert live.banner.isHidden()
    banner = live.banner
    plugin.unload()
    assert banner.parent() is None


def test_the_list_of_feeds_says_it_too(live, moved):
    live.dock._on_visible(True)
    moved.rewind(moved.start_of_x + 15)
    model = live.dock.model
    assert "rewound" in model.data(model.index(0, 1))


def test_the_temporal_controller_rewinds_and_returns(live, moved, iface, wait_until):
    canvas = iface.mapCanvas()
    start = moved.start_of_x
    canvas.setTemporalRange(range_of(start + 5, start + 15))
    wait_until(lambda: moved.moment is not None and latitude(moved) == 11.0)
    assert moved.moment == pytest.approx(start + 15, abs=0.01) and live.banner.isVisible()
    canvas.setTemporalRange(range_of(start - 5, start + 5))
    wait_until(lambda: latitude(moved) == 10.0)
    canvas.setTemporalRange(EVER)
    wait_until(lambda: moved.moment is None and latitude(moved) == 12.0)
    assert live.banner.isHidden()


def test_times_that_no_trail_knows_leave_the_feed_live(live, moved, iface, wait_until, spin):
    canvas = iface.mapCanvas()
    for shown in (range_of(0, 1000), range_of(time.time() + 100, time.time() + 200)):
        canvas.setTemporalRange(shown)
        spin(0.15)
        assert moved.moment is None
    moved.rewind(moved.start_of_x + 15)  # by the slider: it is not the controller's to end
    canvas.setTemporalRange(EVER)
    spin(0.15)
    assert moved.moment is not None


def test_the_controller_is_set_to_what_can_be_rewound(live, moved, iface, wait_until):
    live.dock._on_visible(True)
    tab = live.dock.tab("trail")
    live.dock.tabs.setCurrentWidget(tab)
    live.dock.refresh()
    tab.controller_button.click()  # this QGIS has none
    controller = QgsTemporalNavigationObject()
    iface.mapCanvas().setTemporalController(controller)
    tab.controller_button.click()
    extents = controller.temporalExtents()
    first, last = moved.core.trails.span()
    assert extents.begin().toMSecsSinceEpoch() == pytest.approx(first * 1000, abs=2)
    assert extents.end().toMSecsSinceEpoch() == pytest.approx(last * 1000, abs=2000)
    wait_until(lambda: moved.moment is not None)  # it stands at its beginning now
    live.dock.refresh()
    assert tab.slider.value() < tab.slider.maximum() / 4
    controller.setNavigationMode(QgsTemporalNavigationObject.NavigationMode.NavigationOff)
    wait_until(lambda: moved.moment is None)
    live.dock.refresh()
    assert tab.slider.value() == tab.slider.maximum()


def test_a_moment_is_looked_up_in_a_thread_and_the_last_one_asked_for_is_shown(
    moved, wait_until, monkeypatch
):
    begin, threads, moments = threading.Event(), [], []
    real = type(moved.core).fixes_at

    def slow(core, moment):
        threads.append(threading.current_thread())
        moments.append(moment)
        begin.wait(10)
        return real(core, moment)

    monkeypatch.setattr(type(moved.core), "fixes_at", slow)
    start = moved.start_of_x
    for seconds in (25, 22, 18, 15, 5):  # as a slider is dragged
        moved.rewind(start + seconds)
    begin.set()
    wait_until(lambda: latitude(moved) == 10.0)
    assert threading.main_thread() not in threads
    assert moments == [start + 25, start + 5]


def test_who_returns_to_live_meanwhile_is_not_shown_the_past(moved, fleet, wait_until, spin, monkeypatch):
    begin = threading.Event()
    real = type(moved.core).fixes_at
    monkeypatch.setattr(
        type(moved.core), "fixes_at", lambda core, moment: (begin.wait(10), real(core, moment))[1]
    )
    moved.rewind(moved.start_of_x + 5)
    moved.rewind(None)
    begin.set()
    spin(0.3)
    fleet.set("vehicule:x", position(20.0, 2.0))
    wait_until(lambda: latitude(moved) == 20.0)


def test_a_look_up_that_fails_keeps_none_of_the_next_from_being_shown(moved, wait_until, monkeypatch):
    real, failing = type(moved.core).fixes_at, [True]

    def look(core, moment):
        if failing and failing.pop():
            raise ValueError("broken")
        return real(core, moment)

    monkeypatch.setattr(type(moved.core), "fixes_at", look)
    moved.rewind(moved.start_of_x + 15)
    moved.rewind(moved.start_of_x + 5)
    wait_until(lambda: latitude(moved) == 10.0)


def test_a_layer_stopped_while_rewound_comes_to_show_that_moment_and_its_button_reads_on(
    live, moved, wait_until
):
    moved.rewind(moved.start_of_x + 5)
    live.stop(moved.spec.uid)
    wait_until(lambda: latitude(moved) == 10.0)
    live.banner.button.click()
    wait_until(lambda: moved.running and moved.moment is None and latitude(moved) == 12.0)


def test_who_left_just_before_rewinding_does_not_stay_as_a_ghost(moved, fleet, wait_until):
    moved.writer.offer(moved.core.fixes_at(0.0), ["1"], {})  # taken over, and not yet written
    moved.rewind(moved.start_of_x + 5)
    wait_until(lambda: latitude(moved) == 10.0)
    assert moved.writer.fid("1") is None
    moved.rewind(None)
    wait_until(lambda: latitude(moved) == 12.0)
