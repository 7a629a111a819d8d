"""Whatever book of a batch the server throws out, at whatever moment: no result that is missing is called collected."""

# ruff: noqa: F811 - fixtures of another file are arguments here
from __future__ import annotations

import json

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback

from redis_geo_plugin.core.jobs.consumer import Consumer
from redis_geo_plugin.core.jobs.model import Code, Done
from redis_geo_plugin.core.jobs.names import BATCH_PARTS
from redis_geo_plugin.gui.jobs import filler
from redis_geo_plugin.processing import collect_results
from tests.qgis.test_jobs_dock import component, queue  # noqa: F401 - fixtures
from tests.support import cases
from tests.support.jobs import WorkerProcess, send, squares, wait_finished

COUNT = 6
DETAILS = {"crs": "EPSG:32618", "wkb_type": 6, "fields": [], "operation": "buffer"}
STAGES = ("sent", "half", "done")
LEFT = (
    ":fini",
    ":morceaux",
    ":annulees",
    ":geometries",
    ":issues",
)  # without these, all results can still be had


@pytest.fixture
def computed(queue, one_server):
    """The results are in the cache; who books the jobs from now on is the test."""
    running = WorkerProcess(one_server.url)
    try:
        assert wait_finished(queue, send(queue, squares(COUNT))).computed == COUNT
    finally:
        running.close()
    return queue


def work_off(queue, count):
    one = Consumer(queue, "one")
    one.finish([Done(delivery, Code.COMPUTED) for delivery in one.fetch(count)])


def thrown_out(queue, client, part, stage):
    """A batch that lost one of its books at this stage, and was worked off all the same."""
    batch = send(queue, squares(COUNT))
    client.hset(queue.batch_key(batch), "details", json.dumps(DETAILS))
    work_off(queue, {"sent": 0, "half": COUNT // 2, "done": COUNT}[stage])
    client.delete(queue.batch_key(batch, part))
    for _ in range(50):
        if not any(client.xlen(key) for key in client.scan_iter("{taches_spatiales}:flux*")):
            return batch
        work_off(queue, COUNT)
    raise AssertionError("the jobs were not worked off")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("part", BATCH_PARTS)
def test_what_is_missing_is_counted_and_told(
    plugin, qgis_processing, computed, one_server, monkeypatch, part, stage
):
    import processing

    monkeypatch.setattr(collect_results, "LOST_EVERY", 0.1)
    with one_server.client() as client:
        batch = thrown_out(computed, client, part, stage)
    feedback, given = QgsProcessingFeedback(), {"BATCH": batch, "TIMEOUT": 20, "OUTPUT": "memory:"}
    cases.count(1)
    try:
        got = processing.run(
            "redisgeo:collectresults", given, context=QgsProcessingContext(), feedback=feedback
        )
    except QgsProcessingException as error:
        assert part == "" and batch in str(error)
        return
    assert got["COUNT"] + got["FAILED"] >= COUNT
    assert got["OUTPUT"].featureCount() == got["COUNT"]
    if part in LEFT:
        assert got["COUNT"] == COUNT
    if got["COUNT"] < COUNT:
        assert "lost" in feedback.textLog() or "no longer" in feedback.textLog()


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("part", BATCH_PARTS)
def test_a_layer_is_full_or_says_what_it_lacks(
    component, computed, one_server, iface, wait_until, part, stage
):
    with one_server.client() as client:
        batch = thrown_out(computed, client, part, stage)
    layer = component.show_results(batch, "shown", DETAILS)
    wait_until(lambda: not any(one.running for one in component.fillers))
    said = " ".join(iface.bar.take_messages())
    cases.count(1)
    if part in LEFT and part != ":issues":
        assert layer.featureCount() == COUNT and "no longer" not in said
    else:
        assert layer.featureCount() == COUNT or "no longer" in said or "lost" in said
    assert filler.marked_layers() == [layer]
