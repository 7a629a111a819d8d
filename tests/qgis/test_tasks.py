"""Work in the background: how it ends, and what of that is written into the log."""

from __future__ import annotations

import dataclasses
import threading
import time

import pytest
from qgis.core import Qgis, QgsApplication

from redis_geo_plugin.bridge.log import TAB
from redis_geo_plugin.bridge.tasks import TaskKeeper
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.watch import Cancelled
from tests.support.patience import PATIENCE
from tests.support.slow_link import SlowLink


@pytest.fixture
def keeper(qgis_app):
    made = TaskKeeper()
    yield made
    made.close()


@pytest.fixture
def warnings(qgis_app):
    """What comes into the plugin's log that is more than information."""
    found = []

    def take(text, tab, level):
        if tab == TAB and level != Qgis.MessageLevel.Info:
            found.append(text)

    QgsApplication.messageLog().messageReceived.connect(take)
    yield found
    QgsApplication.messageLog().messageReceived.disconnect(take)


def ended(keeper, wait_until, work):
    """The result and the error of some work."""
    outcome = []
    keeper.start("work", work, lambda result, error: outcome.append((result, error)))
    wait_until(lambda: outcome)
    return outcome[0]


def test_a_result(keeper, wait_until, warnings):
    assert ended(keeper, wait_until, lambda task: 42) == (42, None)
    assert warnings == []


def test_an_exception_is_handed_on_and_logged_with_where_it_came_from(keeper, wait_until, warnings):
    result, error = ended(keeper, wait_until, lambda task: 1 / 0)
    assert result is None and isinstance(error, ZeroDivisionError)
    wait_until(lambda: warnings)
    assert "test_tasks.py" in warnings[0] and "ZeroDivisionError" in warnings[0]


def test_what_the_user_cancelled_is_no_warning(keeper, wait_until, spin, warnings):
    def work(task):
        raise Cancelled

    result, error = ended(keeper, wait_until, work)
    assert result is None and isinstance(error, Cancelled)
    spin(0.1)
    assert warnings == []


def test_of_a_closed_keeper_nothing_is_heard(keeper, wait_until, spin):
    heard, began, over = [], [], []

    def work(task):
        began.append(True)
        while not task.isCanceled():
            time.sleep(0.001)
        over.append(True)

    keeper.start("work", work, lambda result, error: heard.append(error))
    wait_until(lambda: began)
    keeper.close()
    wait_until(lambda: over)
    spin(0.1)
    assert heard == []


def test_what_has_ended_long_ago_can_be_cancelled_and_forgotten(keeper, wait_until, spin):
    """QGIS deletes its own tasks when they have ended; these belong to who holds them."""
    outcome = []
    task = keeper.start("work", lambda task: 42, lambda *found: outcome.append(found))
    wait_until(lambda: outcome)
    spin(0.3)
    task.cancel()
    task.forget()
    assert not task.isActive()
    assert outcome == [(42, None)]


def test_a_forgotten_task_is_no_hindrance_for_closing(keeper, wait_until, spin):
    """Find positions, closed while it looks; then the plugin is unloaded."""
    task = keeper.start("work", lambda task: time.sleep(0.1), lambda *found: pytest.fail("it was forgotten"))
    task.forget()
    wait_until(lambda: not keeper.active())
    spin(0.1)
    task.forget()
    keeper.close()
    assert keeper.active() == []


def test_qgis_knows_nothing_of_it_and_asks_nothing_on_closing(keeper, wait_until):
    outcome = []
    keeper.start("work", lambda task: time.sleep(0.2), lambda *found: outcome.append(found))
    assert QgsApplication.taskManager().countActiveTasks() == 0
    wait_until(lambda: outcome)


def test_closing_waits_for_nobody(keeper):
    going_on = threading.Event()
    tasks = [keeper.start("stubborn", lambda task: going_on.wait(PATIENCE)) for _ in range(5)]
    keeper.close()
    assert all(task._thread.is_alive() for task in tasks)
    going_on.set()


def test_cancelled_work_that_does_not_end_is_reported_all_the_same(keeper, wait_until):
    going_on, outcome = threading.Event(), []
    task = keeper.start(
        "stubborn", lambda task: going_on.wait(PATIENCE), lambda *found: outcome.append(found)
    )
    task.cancel()
    wait_until(lambda: outcome)
    assert outcome[0][0] is None and isinstance(outcome[0][1], Cancelled)
    going_on.set()
    wait_until(lambda: not keeper.active())
    assert len(outcome) == 1


@pytest.mark.parametrize("fault", ["stopped", "drips", "cut"])
def test_cancelling_breaks_off_a_call_to_a_server(keeper, wait_until, make_server, warnings, fault):
    server = make_server()
    link = SlowLink((server.host, server.port))
    settings = dataclasses.replace(server.settings(), port=link.port)
    asked, outcome = threading.Event(), []

    def work(task):
        client = open_server(settings).bulk
        client.set("a", "x" * 1000)
        {"stopped": server.stop, "cut": link.cut, "drips": lambda: setattr(link, "drip", 0.2)}[fault]()
        asked.set()
        return client.get("a")

    task = keeper.start("work", work, lambda *found: outcome.append(found))
    wait_until(asked.is_set)
    task.cancel()
    wait_until(lambda: outcome)
    task.join(PATIENCE)  # the thread itself has ended, not only its outcome been given up
    assert not task._thread.is_alive()
    assert outcome[0][0] is None and isinstance(outcome[0][1], Cancelled)
    assert warnings == []  # as the user wished
    link.close()


def test_progress_arrives_on_the_main_thread(keeper, wait_until):
    heard, outcome = [], []
    task = keeper.start(
        "work",
        lambda task: [task.setProgress(n / 10) for n in range(1001)],
        lambda *found: outcome.append(found),
    )
    task.progressChanged.connect(
        lambda percent: heard.append((percent, threading.current_thread() is threading.main_thread()))
    )
    wait_until(lambda: outcome)
    assert task.progress() == 100.0
    assert all(main for _, main in heard) and len(heard) <= 201


def test_work_that_goes_on_after_it_was_cancelled_tells_of_no_progress(keeper, wait_until, spin):
    heard, outcome, go_on = [], [], threading.Event()

    def work(task):
        go_on.wait(20)
        task.setProgress(50.0)

    task = keeper.start("stubborn", work, lambda *found: outcome.append(found))
    task.progressChanged.connect(lambda percent: heard.append(percent))
    task.cancel()
    wait_until(lambda: outcome)
    go_on.set()
    wait_until(lambda: not task._thread.is_alive())
    spin(0.1)
    assert heard == []


def test_of_a_forgotten_task_no_progress_is_heard_not_even_what_is_on_its_way(keeper, wait_until, spin):
    """A dialog is closed while it looks: its bar is gone when the news arrive."""
    heard, told, go_on = [], threading.Event(), threading.Event()

    def work(task):
        task.setProgress(10.0)
        told.set()
        go_on.wait(10)
        task.setProgress(20.0)

    task = keeper.start("work", work, lambda *_: None)
    task.progressChanged.connect(lambda percent: heard.append(percent))
    assert told.wait(10)  # the main thread has not looked yet
    task.forget()
    go_on.set()
    wait_until(lambda: not task._thread.is_alive())
    spin(0.1)
    assert heard == []


def test_work_that_the_user_is_to_see_is_shown(keeper, wait_until):
    shown, outcome = [], []
    keeper.show = shown.append
    task = keeper.start("work", lambda task: 1, lambda *found: outcome.append(found), shown=True)
    keeper.start("more", lambda task: 1, lambda *found: outcome.append(found))
    wait_until(lambda: len(outcome) == 2)
    assert shown == [task] and task.title == "work"


def test_long_work_is_shown_above_the_map_and_can_be_cancelled(plugin, iface, wait_until):
    from qgis.PyQt.QtWidgets import QProgressBar, QPushButton

    outcome = []

    def work(task):
        task.setProgress(40)
        while not task.isCanceled():
            time.sleep(0.01)

    plugin.context.tasks.start("Long work", work, lambda *found: outcome.append(found), shown=True)
    bar = iface.messageBar()
    wait_until(lambda: bar.findChild(QProgressBar, "redis_geo_progress"))
    assert bar.findChild(QProgressBar, "redis_geo_progress").value() == 40
    bar.findChild(QPushButton, "redis_geo_progress_cancel").click()
    wait_until(lambda: outcome)
    wait_until(lambda: bar.findChild(QProgressBar, "redis_geo_progress") is None)
