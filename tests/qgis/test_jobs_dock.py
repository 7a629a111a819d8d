"""The Jobs dock with real workers: sending, results as they come, progress, failed jobs, retry, cancel, projects."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

import pytest
from qgis.core import QgsProject
from qgis.gui import QgsMapLayerComboBox

from redis_geo_plugin.bridge.words.times import when
from redis_geo_plugin.core.geometry import geos
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.gui.jobs.batches import PROGRESS, SENT, STATE
from tests.support.answers import answer
from tests.support.jobs import WorkerProcess, send
from tests.support.jobs import squares as boxes
from tests.support.layers import row_of_squares
from tests.support.odd_operations import Sleep


@pytest.fixture
def squares():
    return row_of_squares(60)


@pytest.fixture
def component(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "JobsComponent")


@pytest.fixture
def dock(component, iface):
    iface.mainWindow().show()  # the dock looks at the queue only while it can be seen
    component.dock.show()
    return component.dock


@pytest.fixture
def worker(one_server):
    started = []

    def start(*words, **options):
        started.append(WorkerProcess(one_server.url, *words, **options))
        return started[-1]

    yield start
    for running in started:
        running.close()


@pytest.fixture
def queue(one_server, saved_connection):
    return JobQueue(open_server(saved_connection))


def marked():
    from redis_geo_plugin.gui.jobs import filler

    return filler.marked_layers()


def test_selected_features_are_sent_and_the_layer_fills(component, dock, squares, worker, wait_until, iface):
    squares.selectByIds([f.id() for f in squares.getFeatures()][:40])
    dock.send.layer.setLayer(squares)
    dock.send.selected_only.setChecked(True)
    dock.send.send()
    (layer,) = wait_until(marked)
    assert layer.featureCount() == 0 and layer.fields().names() == ["name"]
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    assert any("no worker" in text for text in iface.bar.take_messages())
    item = dock.batches.tree.topLevelItem(0)
    bar = dock.batches.tree.itemWidget(item, PROGRESS)
    assert bar.format().startswith("0 /")
    worker()
    wait_until(lambda: layer.featureCount() == 40)
    assert {f["name"] for f in layer.getFeatures()} == {f"s{i}" for i in range(40)}
    wait_until(lambda: item.text(STATE) == "done")
    assert item.text(SENT) == when(dock.snapshot.batches[0].created) != ""
    assert bar.value() == bar.maximum() == 40
    wait_until(lambda: dock.tabs.tabText(0) == "Workers (1)")
    wait_until(lambda: dock.workers.tree.topLevelItem(0).text(2) == "40")
    wait_until(lambda: not component.fillers[-1].running)


def test_the_layer_is_filled_again_in_a_project_that_is_opened_again(
    component, dock, squares, worker, wait_until, tmp_path, iface
):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(marked)
    path = str(tmp_path / "project.qgs")
    QgsProject.instance().write(path)
    QgsProject.instance().clear()
    assert not marked()
    worker()
    QgsProject.instance().read(path)
    (again,) = marked()
    wait_until(lambda: again.featureCount() == 60)
    again.setName("kept")
    QgsProject.instance().write(path)
    QgsProject.instance().clear()
    QgsProject.instance().read(path)
    (third,) = marked()
    wait_until(lambda: third.featureCount() == 60)
    assert third.name() == "kept"
    iface.bar.take_messages()


def test_failed_jobs_have_a_reason_a_place_and_a_second_chance(
    component, dock, worker, wait_until, one_server, iface, queue
):
    with one_server.client() as client:
        client.set("entites:9", "POINT (500 500)")
        client.lpush(
            "taches_spatiales", '{"type":"buffer","id":9}', '{"type":"buffer","id":"none","distance":1}'
        )
        worker()
        wait_until(lambda: dock.failed.tree.topLevelItemCount() == 2)
        rows = {
            dock.failed.tree.topLevelItem(i).text(0): dock.failed.tree.topLevelItem(i).text(1)
            for i in range(2)
        }
        assert "A parameter is wrong (distance must be a number)" in rows['{"type":"buffer","id":9}']
        assert "not found (entites:none)" in rows['{"type":"buffer","id":"none","distance":1}']
        first = next(job for job in dock.snapshot.failed if b'"id":9' in job.fields[b"brut"])
        dock.failed.zoom.emit(first)
        wait_until(lambda: abs(iface.mapCanvas().extent().center().x() - 500) < 1e-6)
        client.set("entites:none", "POINT (0 0)")
        dock.failed.tree.selectAll()
        dock.failed.retry_button.click()
        wait_until(lambda: dock.failed.tree.topLevelItemCount() == 1)
        assert client.exists("taches_spatiales:resultats:buffer:none:distance=1")


def test_cancel_and_forget(component, dock, squares, wait_until, monkeypatch, queue, worker, iface):
    batch = send(queue, [])
    queue.forget(batch)
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    wait_until(lambda: dock.batches.chosen() is not None)  # what was just sent is chosen
    dock.batches.buttons["cancel"].click()
    wait_until(lambda: dock.batches.tree.topLevelItem(0).text(STATE) == "being cancelled")
    worker()
    wait_until(lambda: dock.batches.tree.topLevelItem(0).text(STATE) == "cancelled")
    assert dock.snapshot.batches[0].cancelled_jobs == 60
    bar = dock.batches.tree.itemWidget(dock.batches.tree.topLevelItem(0), PROGRESS)
    assert bar.value() == 0 and bar.text() == "0 / 60", "what was cancelled was not done"
    answer(monkeypatch, True)
    dock.batches.tree.setCurrentItem(dock.batches.tree.topLevelItem(0))
    dock.batches.buttons["forget"].click()
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 0)
    iface.bar.take_messages()


def shown(dock):
    """State of every job in the list, blank where it was not read."""
    model = dock.jobs.model
    return [model.data(model.index(row, 2)) for row in range(model.rowCount())]


def test_the_jobs_of_a_batch_are_listed_and_each_can_be_cancelled_found_and_tried_again(
    component, dock, squares, worker, wait_until, queue, iface
):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    dock.tabs.setCurrentWidget(dock.jobs)
    dock.batches.tree.setCurrentItem(dock.batches.tree.topLevelItem(0))
    wait_until(lambda: shown(dock) == 60 * ["waiting"])
    assert dock.jobs.model.data(dock.jobs.model.index(7, 1)) == "s7"
    dock.jobs.table.selectRow(7)
    dock.jobs.buttons["zoom"].click()
    assert iface.mapCanvas().extent().center().x() == pytest.approx(7.5)
    dock.jobs.buttons["cancel"].click()
    wait_until(lambda: shown(dock)[7] == "being cancelled")
    assert not dock.jobs.buttons["cancel"].isEnabled(), "it is on its way"
    spoil(queue, "9")
    worker()
    wait_until(lambda: set(shown(dock)[:7]) == {"computed"} and shown(dock)[7] == "cancelled")
    wait_until(lambda: shown(dock)[9].startswith("Its geometry cannot be read or computed"))
    assert dock.snapshot.batches[0].cancelled_jobs == 1
    (layer,) = marked()
    wait_until(lambda: layer.featureCount() == 58)
    dock.jobs.table.selectRow(9)
    wait_until(lambda: dock.jobs.buttons["retry"].isEnabled())
    dock.jobs.buttons["retry"].click()
    batch = dock.jobs.batch.id
    wait_until(lambda: [code for index, code in queue.events(batch)[1] if index == 9] == ["f", "r", "f"])
    wait_until(lambda: shown(dock)[9].startswith("Its geometry cannot be read or computed"))
    iface.bar.take_messages()


def test_a_batch_is_under_way_as_soon_as_a_worker_computes_it(dock, worker, wait_until, queue, iface):
    batch = send(queue, boxes(3), operation=Sleep(seconds=30))
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    item = dock.batches.tree.topLevelItem(0)
    assert item.text(STATE) == "waiting"
    dock.tabs.setCurrentWidget(dock.jobs)
    dock.batches.choose(batch)
    worker("--operations", "tests.support.slow_operations")
    wait_until(lambda: item.text(STATE) == "under way")
    wait_until(lambda: "being computed" in shown(dock))
    assert dock.snapshot.batches[0].done == 0
    dock.batches.buttons["cancel"].click()
    wait_until(lambda: item.text(STATE) == "cancelled")


def spoil(queue, index):
    """Have one job carry what is no geometry."""
    client, key = queue.client, queue.p + b"flux"
    id, fields = next(row for row in client.xrange(key) if row[1][b"n"] == index.encode())
    client.xadd(key, {**fields, b"g0": b"no geometry"})
    client.xdel(key, id)


def test_a_long_list_of_jobs_is_read_by_the_page(dock, wait_until, queue, worker, iface):
    import shapely

    batch = send(queue, shapely.points(range(5000), 0))
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    dock.tabs.setCurrentWidget(dock.jobs)
    dock.batches.choose(batch)
    model = dock.jobs.model
    wait_until(lambda: model.rowCount() == 5000 and model.line(0) is not None)
    assert model.line(4000) is None, "it is out of sight"
    dock.jobs.table.scrollTo(model.index(4000, 0))
    wait_until(lambda: model.line(4000) is not None)
    assert model.line(4000).attributes == [4000]


def test_the_layer_deleted_while_it_fills(component, dock, squares, worker, wait_until, iface):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    (layer,) = wait_until(marked)
    QgsProject.instance().removeMapLayer(layer.id())
    worker()
    wait_until(lambda: not component.fillers[-1].running)
    wait_until(lambda: dock.batches.tree.topLevelItem(0).text(STATE) == "done")
    iface.bar.take_messages()


@pytest.fixture
def hanging(monkeypatch):
    """Lets a question of the queue hang: ``hanging(name)`` returns the event that is set once it is asked."""
    release = threading.Event()

    def let(name):
        asked, question = threading.Event(), getattr(JobQueue, name)

        def hang(self, *words):
            asked.set()
            release.wait(60)
            return question(self, *words)

        monkeypatch.setattr(JobQueue, name, hang)
        return asked

    yield let
    release.set()


def waited_for(monkeypatch, act):
    """The names of the threads that ``act`` waits for."""
    names = []
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "join", lambda thread, timeout=None: names.append(thread.name))
        act()
    return names


def test_hiding_the_dock_waits_for_no_server_that_hangs(dock, wait_until, hanging, monkeypatch):
    wait_until(lambda: dock.snapshot is not None)
    asked = hanging("batches")
    dock._watcher.look_now()
    wait_until(asked.is_set)
    assert waited_for(monkeypatch, dock.hide) == []
    assert not dock._watcher.running


def test_unloading_waits_for_no_results_of_a_server_that_hangs(
    plugin, dock, squares, wait_until, hanging, monkeypatch, iface
):
    asked = hanging("events")
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(marked)
    wait_until(asked.is_set)
    iface.bar.take_messages()
    assert "redis-geo-results" not in waited_for(monkeypatch, plugin.unload)


def test_nothing_selected_is_said(dock, squares, iface):
    dock.send.layer.setLayer(squares)
    dock.send.selected_only.setChecked(True)
    dock.send.send()
    assert any("No feature of squares is selected" in text for text in iface.bar.take_messages())


@pytest.fixture
def cache(plugin):
    component = next(c for c in plugin.components if type(c).__name__ == "CacheComponent")
    component.dock.show()
    component.dock.build()
    component.dock.form.where.setCurrentIndex(1)
    return component


def test_the_cache_dock_lets_workers_compute_when_there_are_any(
    cache, squares, worker, wait_until, iface, queue
):
    form = cache.dock.form
    form.layer.setLayer(squares)
    form.run()
    wait_until(lambda: not cache.runner.running)
    assert form.controls.outcome.text().startswith("No worker is there, so it is computed here.")
    with queue.server.bulk as client:
        client.flushall()
    worker()
    wait_until(queue.alive)
    form.run()
    wait_until(lambda: not cache.runner.running)
    assert (
        "60 of 60 by 1 workers." in form.controls.outcome.text()
        and "60 of 60 from the cache" in form.controls.outcome.text()
    )
    layers = [one for one in QgsProject.instance().mapLayers().values() if one.name().startswith("Buffer")]
    assert [one.featureCount() for one in layers] == [60, 60]
    iface.bar.take_messages()


def test_workers_that_go_away_leave_the_rest_to_the_desktop(
    cache, squares, worker, wait_until, iface, queue, monkeypatch
):
    from redis_geo_plugin.gui.jobs import by_workers

    monkeypatch.setattr(by_workers, "PATIENCE", 1.0)
    queue.ensure()
    from redis_geo_plugin.core.jobs.consumer import Consumer

    Consumer(queue, "ghost").beat(
        json.dumps({"state": "idle", "geos": geos.version()}), []
    )  # was there a moment ago
    form = cache.dock.form
    form.layer.setLayer(squares)
    form.run()
    wait_until(lambda: not cache.runner.running, 30)
    assert "which then were gone; the rest here" in form.controls.outcome.text()
    iface.bar.take_messages()


def test_the_cache_dock_computes_here_what_workers_with_another_geos_compute_otherwise(
    cache, squares, wait_until, iface, queue
):
    from redis_geo_plugin.core.jobs.consumer import Consumer

    queue.ensure()
    Consumer(queue, "ghost").beat('{"state": "idle", "geos": "3.1"}', [])
    form = cache.dock.form
    form.layer.setLayer(squares)
    form.run()
    wait_until(lambda: not cache.runner.running)
    assert form.controls.outcome.text().startswith(
        f"No worker has the GEOS {geos.version()} of this QGIS, so it is computed here."
    )
    assert not any(queue.depths().values())
    iface.bar.take_messages()


@pytest.mark.parametrize(
    ("operation", "count"),
    [("simplify", 60), ("convexhull", 60), ("dissolve", 1), ("nearest", 60), ("intersection", 60)],
)
def test_every_operation_can_be_sent(dock, squares, worker, wait_until, iface, operation, count):
    dock.send.operation.setCurrentIndex(dock.send.operation.findData(operation))
    dock.send.layer.setLayer(squares)
    for combo in dock.send.findChildren(QgsMapLayerComboBox):
        combo.setLayer(squares)
    dock.send.send()
    (layer,) = wait_until(marked)
    worker()
    wait_until(
        lambda: (
            dock.batches.tree.topLevelItemCount() and dock.batches.tree.topLevelItem(0).text(STATE) == "done"
        )
    )
    wait_until(lambda: layer.featureCount() >= count)
    assert dock.snapshot.batches[0].failed == 0
    iface.bar.take_messages()


# Nearest: each square but the two at the ends touches two others, both at distance 0.
@pytest.mark.parametrize(("page", "count"), [(2, 60), (3, 60), (4, 1), (5, 2 * 58 + 2)])
def test_the_cache_dock_offers_every_operation(cache, squares, wait_until, iface, page, count):
    form = cache.dock.form
    form.where.setCurrentIndex(0)
    form.operation.setCurrentIndex(page)
    form.layer.setLayer(squares)
    form.simple[3].other.setLayer(squares)
    before = set(QgsProject.instance().mapLayers())
    form.run()
    wait_until(lambda: not cache.runner.running)
    (made,) = [layer for key, layer in QgsProject.instance().mapLayers().items() if key not in before]
    assert made.featureCount() == count
    assert "computed" in form.controls.outcome.text()
    iface.bar.take_messages()


def test_a_production_server_s_queue_can_be_seen_and_not_changed(
    plugin, component, dock, one_server, queue, wait_until
):
    from redis_geo_plugin.bridge.server import connections

    send(queue, boxes(3))
    connections.save(
        connections.SavedConnection(replace(one_server.settings(), name="prod", production=True))
    )
    plugin.context.connections.activate("prod")
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    dock.batches.tree.setCurrentItem(dock.batches.tree.topLevelItem(0))
    assert dock.batches.buttons["show"].isEnabled()
    for name in ("cancel", "forget"):
        assert not dock.batches.buttons[name].isEnabled()
        assert "production server" in dock.batches.buttons[name].toolTip()
    production.allow("prod", True)
    wait_until(dock.batches.buttons["cancel"].isEnabled)
    assert "production" not in dock.batches.buttons["forget"].toolTip()
    production.allow("prod", False)
    dock._on_queue(
        lambda queue: queue.cancel_batch(dock.batches.chosen().id)
    )  # whoever gets past the buttons
    wait_until(lambda: any("production server" in m for m in plugin.context.iface.bar.take_messages()))
    [batch] = queue.batches()
    assert not batch.cancelled
