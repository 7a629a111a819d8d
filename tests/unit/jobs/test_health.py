"""The line by which a worker tells how it is."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.jobs import health
from redis_geo_plugin.core.jobs.health import WorkerHealth, WorkerState


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(health.time, "monotonic", lambda: now[0])
    return now


def worker():
    return WorkerHealth("île", 7, "0.2.0", 2, ["buffer"], geos="3.11")


def test_the_rate_is_that_of_the_last_half_minute(clock):
    line = worker()
    rates = []
    for done in (0, 100, 200, 300, 300, 300, 300):
        line.done = done
        rates.append(line.rate())
        clock[0] += 10.0
    assert rates[0] == 0.0, "nothing is known of a single moment"
    assert rates[1:4] == [pytest.approx(10.0)] * 3
    assert rates[4:] == [pytest.approx(200 / 30), pytest.approx(100 / 30), 0.0]


def test_two_beats_at_once_are_no_rate(clock):
    line = worker()
    line.rate()
    line.done = 1000
    clock[0] += 0.1
    assert line.rate() == 0.0


def test_the_line_holds_what_the_panel_shows(clock):
    line = worker()
    line.done, line.cached, line.failed, line.restarts = 5, 2, 1, 3
    line.state = WorkerState.WORKING
    current = [{"job": "buffer 42", "s": 1.5, "of": {"7": [0]}}]
    raw = line.line(current, held=4)
    told = json.loads(raw)
    assert "île" in raw, "readable as it stands"
    assert (told["host"], told["pid"], told["state"], told["geos"]) == ("île", 7, "working", "3.11")
    assert (told["done"], told["cached"], told["failed"], told["restarts"], told["held"]) == (5, 2, 1, 3, 4)
    assert told["current"] == current and told["operations"] == ["buffer"] and told["processes"] == 2
