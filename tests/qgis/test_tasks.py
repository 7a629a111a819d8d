"""Work in the background: how it ends, and what of that is written into the log."""

from __future__ import annotations

import time

import pytest
from qgis.core import Qgis, QgsApplication

from redis_geo_plugin.bridge.log import TAB
from redis_geo_plugin.bridge.tasks import TaskKeeper
from redis_geo_plugin.core.cancelling import Cancelled


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
