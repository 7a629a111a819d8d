"""The Jobs panel as a person works it: its own settings, low windows, a second try, a word at the end, another GEOS."""

# ruff: noqa: F811 - fixtures of another file are arguments here

from __future__ import annotations

import json
import threading
from dataclasses import replace

import processing
import pytest
from qgis.core import Qgis, QgsProject, QgsVectorLayerCache
from qgis.gui import QgsAttributeTableModel
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPushButton,
)

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.geometry import geos
from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.gui.cache.settings import BufferChoices, StoreChoices
from redis_geo_plugin.gui.wrapping import Scrolled
from tests.qgis.test_jobs_dock import component, dock, marked, queue, spoil, squares, worker  # noqa: F401 - fixtures


def message(iface, words):
    """The message in the bar with these words, None where there is none."""
    return next((item for item in iface.bar.items() if words in item.text()), None)


def press(item, text):
    next(button for button in item.findChildren(QPushButton) if button.text() == text).click()


def choose(dock, operation):
    dock.send.operation.setCurrentIndex(dock.send.operation.findData(operation))


def test_the_panel_has_the_operation_s_own_settings(dock, squares, wait_until, queue, iface):
    send = dock.send
    send.layer.setLayer(squares)
    send.buffer.distance.setValue(7.0)
    send.buffer.unit.setCurrentIndex(send.buffer.unit.findData("m"))
    send.buffer.segments.setValue(3)
    send.store.namespace.setText("panel")
    send.send()
    (batch,) = wait_until(queue.batches)
    assert batch.name == "Buffer 7 m of squares"
    assert batch.descriptor.namespace == "panel" and batch.descriptor.parameters["segments"] == 3
    assert StoreChoices.remembered().namespace == "panel"
    assert send.buffer.dissolve.isHidden(), "each feature is a job"
    iface.bar.take_messages()


@pytest.mark.parametrize(
    "operation", ["buffer", "intersection", "simplify", "convexhull", "dissolve", "nearest"]
)
def test_only_the_fields_of_the_operation_are_seen(dock, squares, spin, operation):
    choose(dock, operation)
    spin(0.05)
    seen = {
        widget.objectName().removeprefix("redis_geo_jobs_")
        for kind in (QComboBox, QAbstractSpinBox, QLineEdit)
        for widget in dock.send.findChildren(kind)
        if widget.isVisible() and widget.objectName().startswith("redis_geo_jobs_")
    }
    own = {
        "buffer": {"distance", "unit"},
        "intersection": {"overlay"},
        "simplify": {"tolerance"},
        "convexhull": set(),
        "dissolve": {"field"},
        "nearest": {"other"},
    }[operation]
    assert seen == {"operation", "layer", "priority", "queue"} | own


def test_what_is_sent_is_remembered_and_leaves_the_cache_panel_s_dissolve(
    dock, squares, wait_until, queue, iface
):
    BufferChoices(dissolve=True, distance=2.0).remember()
    dock.send.layer.setLayer(squares)
    dock.send.buffer.distance.setValue(9.0)
    dock.send.send()
    (batch,) = wait_until(queue.batches)
    assert "dissolved" not in batch.name
    kept = BufferChoices.remembered()
    assert (kept.distance, kept.dissolve) == (9.0, True)
    iface.bar.take_messages()


def test_a_setting_that_makes_no_sense_is_said_and_nothing_is_sent(dock, squares, queue, iface):
    dock.send.layer.setLayer(squares)
    dock.send.store.namespace.setText("not a name")
    dock.send.send()
    assert any(
        "A namespace is made of" in text for text in iface.bar.take_messages(Qgis.MessageLevel.Warning)
    )
    assert queue.batches() == []


@pytest.mark.parametrize("height", [720, 1000])
@pytest.mark.parametrize("open_groups", [False, True])
def test_everything_can_be_reached_in_a_low_window(dock, iface, spin, height, open_groups):
    iface.mainWindow().resize(1280, height)
    dock.raise_()
    for name in ("redis_geo_jobs_shape_group", "redis_geo_jobs_store_group"):
        dock.send.findChild(object, name).setCollapsed(not open_groups)
    area = dock.widget().findChild(Scrolled)
    unreached = []
    for tab in range(dock.tabs.count()):
        dock.tabs.setCurrentIndex(tab)
        spin(0.05)
        for kind in (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QAbstractItemView):
            for widget in area.widget().findChildren(kind):
                if widget.isVisible() and not isinstance(widget.parent(), (QComboBox, QAbstractSpinBox)):
                    area.ensureWidgetVisible(widget, 0, 0)
                    spin(0.0)
                    room = area.viewport().rect()
                    corner = widget.mapTo(area.viewport(), widget.rect().topLeft())
                    whole = widget.rect().translated(corner)
                    if not room.adjusted(-1, -1, 1, 1).contains(whole):
                        unreached.append((widget.objectName(), whole, room))
    assert unreached == []
    rows = [dock.batches.tree, dock.failed.tree, dock.workers.tree, dock.jobs.table]
    assert all(table.minimumHeight() >= 4 * table.fontMetrics().height() for table in rows)


def test_a_second_try_keeps_what_is_there_and_leaves_no_rows_behind(
    component, dock, squares, worker, wait_until, queue, iface, spin
):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    (layer,) = wait_until(marked)
    good = queue.client.xrange(queue.p + b"flux")
    spoil(queue, "9")
    worker()
    wait_until(lambda: layer.featureCount() == 59 and not component.fillers[-1].running)
    wait_until(lambda: dock.failed.tree.topLevelItemCount() == 1)
    before = {f.id(): f["name"] for f in layer.getFeatures()}
    cache = QgsVectorLayerCache(layer, 1000)
    table = QgsAttributeTableModel(cache)
    table.loadLayer()
    layer.selectByIds([min(before)])
    (failed,) = queue.set_aside()
    mended = next(fields for _id, fields in good if fields[b"n"] == b"9")
    queue.client.xadd(queue.p + b"ecartees", {**failed.fields, b"g0": mended[b"g0"]})
    queue.discard([failed.id])
    stale = dock.snapshot
    wait_until(lambda: dock.snapshot.failed and dock.snapshot.failed[0].id != failed.id)
    dock.failed.tree.selectAll()
    dock.failed.retry_button.click()
    wait_until(lambda: layer.featureCount() == 60)
    after = {f.id(): f["name"] for f in layer.getFeatures()}
    assert before.items() <= after.items(), "what was there stays what it was"
    assert sorted(after.values()) == sorted(f"s{i}" for i in range(60))
    assert layer.selectedFeatureIds() == [min(before)]
    assert table.rowCount() == 60
    assert {table.rowToId(row) for row in range(60)} == set(after)
    assert dock.failed.tree.topLevelItemCount() == 0
    dock._saw(stale)  # read before, told after
    dock.failed.take_away([stale.failed[0].id])
    dock._saw(stale)
    assert dock.failed.tree.topLevelItemCount() == 0 and dock.tabs.tabText(1) == "Failed jobs (0)"
    table.deleteLater()
    cache.deleteLater()
    iface.bar.take_messages()


def test_a_word_is_said_when_a_batch_ends(component, dock, squares, worker, wait_until, queue, iface):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    (layer,) = wait_until(marked)
    assert message(iface, "fills as results arrive") is not None
    worker()
    said = wait_until(lambda: message(iface, "Buffer 1 km of squares is done. Jobs: 60."))
    assert message(iface, "fills as results arrive") is None and "It took 0 s" not in said.text()
    press(said, "Zoom")
    wait_until(lambda: iface.mapCanvas().extent().contains(layer.extent()))
    assert message(iface, "is done") is None
    iface.bar.take_messages()


def test_what_failed_is_said_and_shown(component, dock, squares, worker, wait_until, queue, iface):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(marked)
    spoil(queue, "9")
    worker()
    said = wait_until(lambda: message(iface, "has ended; 59 of 60 jobs were done. Failed: 1."))
    assert said.level() == Qgis.MessageLevel.Warning
    dock.tabs.setCurrentWidget(dock.workers)
    press(said, "Failed jobs")
    assert dock.tabs.currentWidget() is dock.failed
    iface.bar.take_messages()


def test_the_end_is_told_where_the_layer_is_gone_and_not_twice(
    component, dock, squares, worker, wait_until, spin, iface
):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    (layer,) = wait_until(marked)
    QgsProject.instance().removeMapLayer(layer.id())
    worker()
    said = wait_until(lambda: message(iface, "is done. Jobs: 60."))
    press(said, "Results as layer")
    (again,) = marked()
    wait_until(lambda: again.featureCount() == 60 and not component.fillers[-1].running)
    spin(0.7)
    assert sum("is done" in text for text in iface.bar.take_messages()) == 1


SENT = {"OPERATION": "buffer", "DISTANCE": 10.0, "TITLE": "from the toolbox", "QUEUE": "taches_spatiales"}


def test_the_end_of_a_batch_from_the_toolbox_is_told_once_with_the_panel_closed(
    component, squares, worker, wait_until, spin, iface
):
    component.dock.hide()
    first = processing.run("redisgeo:enqueuejobs", {**SENT, "INPUT": squares, "DISTANCE": 11.0})
    second = processing.run("redisgeo:enqueuejobs", {**SENT, "INPUT": squares, "TITLE": "another"})
    assert first["COUNT"] == second["COUNT"] == 60
    assert len([t for t in threading.enumerate() if t.name == "redis-geo-awaiting"]) == 1
    worker()
    wait_until(lambda: message(iface, "another is done. Jobs: 60."), 60)
    said = wait_until(lambda: message(iface, "from the toolbox is done. Jobs: 60."))
    press(said, "Results as layer")
    (layer,) = marked()
    wait_until(lambda: layer.featureCount() == 60)
    spin(1.5)
    told = [text for text in iface.bar.take_messages() if "is done" in text]
    assert len(told) == 2, told
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "redis-geo-awaiting"])


def test_a_batch_from_the_toolbox_that_is_forgotten_is_waited_for_no_longer(
    component, squares, wait_until, queue, iface
):
    sent = processing.run("redisgeo:enqueuejobs", {**SENT, "INPUT": squares})
    queue.forget(sent["BATCH"])
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "redis-geo-awaiting"])
    assert [text for text in iface.bar.take_messages() if "done" in text] == []


def test_the_end_of_a_batch_is_told_with_its_connection_where_another_is_active(
    component, squares, worker, wait_until, iface, saved_connection
):
    processing.run("redisgeo:enqueuejobs", {**SENT, "INPUT": squares})
    connections.save(connections.SavedConnection(replace(saved_connection, name="other", database=1)))
    component.context.connections.activate("other")
    worker()
    wait_until(lambda: message(iface, "test: from the toolbox is done. Jobs: 60."), 60)
    iface.bar.take_messages()


def test_a_project_that_is_opened_again_says_nothing_of_batches_long_ended(
    component, dock, squares, worker, wait_until, tmp_path, iface, spin
):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(marked)
    worker()
    wait_until(lambda: not component.fillers[-1].running)
    path = str(tmp_path / "project.qgs")
    QgsProject.instance().write(path)
    iface.bar.take_messages()
    QgsProject.instance().read(path)
    (again,) = marked()
    wait_until(lambda: again.featureCount() == 60 and not component.fillers[-1].running)
    assert [text for text in iface.bar.take_messages() if "done" in text] == []
    assert component.fillers[-1].end.finished and not component.fillers[-1].awaited


def test_another_geos_is_said_before_it_is_sent(dock, squares, wait_until, queue, spin):
    queue.ensure()
    Consumer(queue, "ghost").beat(json.dumps({"state": "idle", "geos": "3.1"}), [])
    choose(dock, "buffer")
    wait_until(dock.send.other_geos.isVisible)
    text = dock.send.other_geos.text()
    assert "GEOS 3.1," in text and f"GEOS {geos.version()}" in text and dock.send.worker_button.isVisible()
    choose(dock, "convexhull")
    assert not dock.send.other_geos.isVisible(), "the same with every version"
    choose(dock, "simplify")
    assert dock.send.other_geos.isVisible()
    Consumer(queue, "same").beat(json.dumps({"state": "idle", "geos": geos.version()}), [])
    wait_until(lambda: not dock.send.other_geos.isVisible())
