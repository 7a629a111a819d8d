"""Steps beside faults: a server that damages, dies or is absent, a run that is cancelled, two who run at once, and what does not pay."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingFeedback,
)

from redis_geo_plugin.bridge.steps import rows
from redis_geo_plugin.bridge.steps.ways import ProvedWay, Way
from redis_geo_plugin.core.steps import costs
from tests.peers.battery import same
from tests.support.steps_runner import Runner, cases, circles, native


def test_two_who_run_a_step_at_once_compute_it_once(runner):
    import threading

    from tests.peers.battery import engine_run

    layers = [circles(150) for _ in range(2)]
    found = [None, None]

    def work(i):
        algorithm = QgsApplication.processingRegistry().algorithmById("native:buffer")
        given = {"INPUT": layers[i], "DISTANCE": 0.5, "SEGMENTS": 90, "OUTPUT": "memory:"}
        outputs, outcome = engine_run(algorithm, given, runner.settings)
        found[i] = outputs, outcome.misses, outcome.way

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert {one[2] for one in found} == {Way.ROWS}, found
    assert found[0][1] + found[1][1] == 150
    assert same(found[0][0], found[1][0])


@pytest.mark.parametrize("name", ["simplifygeometries", "intersection", "dissolve", "orderbyexpression"])
@pytest.mark.parametrize("what", ["missing", "damaged", "foreign"])
def test_what_is_wrong_on_the_server_is_computed_anew(runner, one_server, name, what):
    given = cases()[name]
    wanted = native(name, given)
    runner.cached(name, given)
    with one_server.client() as client:
        keys = sorted(key for key in client.scan_iter("calculs:*") if b":statistiques" not in key)
        other = client.get(keys[-1])
        for key in keys[: len(keys) // 2 or 1]:
            raw = client.get(key)
            if what == "missing":
                client.delete(key)
            else:
                client.set(
                    key, raw[:-3] + b"???" if what == "damaged" else other[:4] + raw[4:36] + other[36:]
                )
    found, outcome = runner.cached(name, given)
    assert same(wanted, found) and outcome.misses > 0
    assert runner.cached(name, given)[1].misses == 0


@pytest.mark.parametrize("name", ["simplifygeometries", "intersection", "dissolve", "orderbyexpression"])
def test_a_server_that_dies_costs_the_cache_not_the_result(proved, make_server, name):
    real = make_server("valkey")
    runner = Runner(real.settings())
    given = cases()[name]
    wanted = native(name, given)
    runner.cached(name, given)
    real.kill()
    found, outcome = runner.cached(name, given)
    assert same(wanted, found) and outcome.hits == 0 and outcome.failure is not None


@pytest.mark.parametrize("name", ["simplifygeometries", "buffer"])
def test_cancelling_keeps_what_was_computed(runner, monkeypatch, name):
    given = {**cases()[name], "INPUT": circles(200)}
    feedback = QgsProcessingFeedback()
    monkeypatch.setattr(rows, "BATCH", 20)
    feedback.progressChanged.connect(lambda percent: percent > 20 and feedback.cancel())
    runner.cached(name, given, feedback=feedback)
    assert feedback.isCanceled()
    found, outcome = runner.cached(name, given)
    assert outcome.hits > 0 and same(native(name, given), found)


def test_what_is_not_proved_runs_natively_and_says_so(runner):
    given = {"INPUT": circles()}
    found, outcome = runner.cached("addautoincrementalfield", given)
    assert (outcome.way, outcome.hits, outcome.misses) == (None, 0, 0) and outcome.reason
    assert found == native("addautoincrementalfield", given)


def test_groups_that_are_quick_to_compute_are_not_looked_up(runner, monkeypatch):
    given = {**cases()["collect"], "INPUT": circles(1200)}
    monkeypatch.setattr(costs, "groups_pay", lambda each_us: each_us < 0)
    found, outcome = runner.cached("collect", given)
    assert outcome.way is None and outcome.reason and same(native("collect", given), found)


def test_a_step_that_was_quick_is_not_hashed_again(runner, monkeypatch):
    from redis_geo_plugin.bridge.steps import whole

    monkeypatch.setattr(whole, "_quick", {})
    monkeypatch.setattr(costs, "whole_pays", lambda *_: False)
    given = cases()["orderbyexpression"]
    assert runner.cached("orderbyexpression", given)[1].misses == 1
    found, outcome = runner.cached("orderbyexpression", given)
    assert outcome.way is None and outcome.reason and (outcome.hits, outcome.misses) == (0, 0)
    assert found == native("orderbyexpression", given)
    assert runner.cached("orderbyexpression", {**given, "INPUT": circles(31)})[1].misses == 1


def test_what_is_quick_to_compute_is_not_looked_up(runner, monkeypatch):
    monkeypatch.setattr(costs, "rows_pay", lambda _costs: False)
    given = {**cases()["centroids"], "INPUT": circles(200)}
    found, outcome = runner.cached("centroids", given)
    assert outcome.way is None and outcome.reason and (outcome.hits, outcome.misses) == (0, 0)
    assert found == native("centroids", given)


def test_a_way_holds_between_the_versions_that_prove_it():
    proof = ProvedWay(Way.ROWS, ((3, 22), (3, 40)))
    found = [proof.holds_on(v) for v in ((3, 20), (3, 22), (3, 34), (3, 40), (3, 44), (4, 0))]
    assert found == [False, True, True, True, False, False]
    assert not ProvedWay(Way.ROWS, ()).holds_on((3, 22))
