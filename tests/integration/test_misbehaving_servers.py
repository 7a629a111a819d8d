"""Every job of core against every misbehaving server: it ends in time, and says what is wrong in words of ours."""

from __future__ import annotations

import json
import resource
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from redis_geo_plugin.core.geo import fill
from redis_geo_plugin.core.redis import calls
from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from redis_geo_plugin.core.redis.failures import classify
from tests.support import cases
from tests.support.every_job import ALLOWED, JOBS, NOT_OF_THE_SERVER
from tests.support.misbehaving import BEHAVIOURS, Misbehaving
from tests.support.noted import noted

pytestmark = pytest.mark.timed  # no call exceeds its limits
SHORT = {  # so that hundreds of cases end within a minute
    "interactive": CallLimits(0.3, 0.3),
    "cache": CallLimits(0.3, 0.3, 16_000.0, 0.8),
    "bulk": CallLimits(0.3, 0.5, 16_000.0, 0.8),
    "blocking": CallLimits(0.3, 0.3, 16_000.0, 0.8),
}
BUILD = Path(__file__).resolve().parents[2] / "build"
SLACK = 5.0  # seconds that a machine with a hundred busy threads may be late
MOST = 60.0  # seconds for a whole job, which makes many calls
THREADS = 24


OF_CLUSTERS = (
    "test a connection",
    "read many",
    "scan",
    "search",
    "search an index",
    "walk through an index",
    "cached run",
    "snapshot",
    "list namespaces",
    "look at recent runs",
    "every kind of source",
    "feeds of hashes",
    "feeds of series and channels",
    "find positions",
    "list indexes",
    "read features",
    "publish features",
    "write edits",
    "live sets of features",
    "watch batches",
    "work through jobs",
)


@dataclass
class Outcome:
    """What one job made of one server."""

    seconds: float
    error: BaseException | None


class Overdue:
    """Notes every call that took longer than its limits allow."""

    def __init__(self):
        self.calls = []
        self._end = calls.Call.__exit__

    def patch(self, monkeypatch):
        def ended(call, *error):
            took = time.monotonic() - call.started
            if took > max(call.limits.call, call.limits.longest) + SLACK:
                self.calls.append((threading.current_thread().name, took, call.limits))
            return self._end(call, *error)

        monkeypatch.setattr(calls.Call, "__exit__", ended)


def tried(job, settings):
    began = time.monotonic()
    try:
        job(settings)
        error = None
    except BaseException as raised:
        error = raised
        traceback.clear_frames(
            raised.__traceback__
        )  # or the errors of thousands of cases hold what they read
    return Outcome(time.monotonic() - began, error)


@pytest.fixture(scope="module")
def outcomes():
    """Every job against every behaviour, all at once; and what the process made of it."""
    overdue, before = Overdue(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results = {}
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(THREADS) as pool, noted() as met:
        for kind, limits in SHORT.items():
            patched.setitem(LIMITS, kind, limits)
        patched.setattr(fill, "ANSWER_SECONDS", 0.0)
        overdue.patch(patched)
        servers = {sentence: Misbehaving(serve) for sentence, serve in BEHAVIOURS.items()}
        for sentence, server in servers.items():
            for name, job in JOBS.items():
                results[sentence, name] = pool.submit(tried, job, server.settings())
            for name in OF_CLUSTERS:
                results[sentence, name + " of a cluster"] = pool.submit(
                    tried, JOBS[name], server.cluster_settings()
                )
        done = {case: future.result() for case, future in results.items()}
        for server in servers.values():
            server.__exit__()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    write_down(done, grown)
    cases.count(len(done))
    return done, overdue.calls, grown, met


def where(error):
    """An error and the lines that it comes from, for whoever reads of it here."""
    return [repr(error)[:200], *traceback.format_list(traceback.extract_tb(error.__traceback__)[-3:])]


def write_down(done, grown):
    """The figures of docs/reliability.md."""
    figures = {
        "behaviours": len(BEHAVIOURS),
        "cases": len(done),
        "longest_s": max(outcome.seconds for outcome in done.values()),
        "growth": round(grown / 1000),
    }
    BUILD.mkdir(exist_ok=True)
    (BUILD / "misbehaving.json").write_text(json.dumps(figures))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("sentence", BEHAVIOURS)
def test_every_job_ends_and_says_what_is_wrong(outcomes, sentence):
    done, *_ = outcomes
    mine = {name: outcome for (behaves, name), outcome in done.items() if behaves == sentence}
    assert {name: one.seconds for name, one in mine.items() if one.seconds > MOST} == {}
    errors = {name: one.error for name, one in mine.items() if one.error is not None}
    assert {name: where(error) for name, error in errors.items() if not isinstance(error, ALLOWED)} == {}
    assert all(classify(error).words for error in errors.values() if not isinstance(error, NOT_OF_THE_SERVER))


@pytest.mark.timeout(400)
def test_no_call_exceeds_its_limits_and_memory_stays_bounded(outcomes):
    _, overdue, grown, _ = outcomes
    assert overdue == []
    assert grown < 800_000, grown  # kB, for a thousand cases of which two dozen run at once


@pytest.mark.timeout(400)
def test_threads_of_feeds_and_others_meet_nothing_but_failures_of_servers(outcomes):
    *_, met = outcomes
    assert [where(error) for error in met if not isinstance(error, ALLOWED)] == []


def test_there_are_enough_of_them():
    assert len(BEHAVIOURS) >= 40 and all(" " in sentence for sentence in BEHAVIOURS)
