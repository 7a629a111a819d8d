"""The Jobs panel and the algorithms beside damaged books, lies, and jobs that were lost: named, and all else goes on."""

# ruff: noqa: F811 - fixtures of another file are arguments here
from __future__ import annotations

import struct

import pytest
import shapely
from qgis.core import QgsProcessingException, QgsProject

from redis_geo_plugin.core.jobs.model import Descriptor
from redis_geo_plugin.gui.jobs.batches import NAME, PROGRESS, STATE
from tests.qgis.test_jobs_dock import component, dock, marked, queue, squares, worker  # noqa: F401 - fixtures
from tests.support.jobs import BUFFER, send
from tests.support.jobs import squares as boxes
from tests.support.told import Told

P = "{taches_spatiales}:"


@pytest.fixture
def client(one_server):
    with one_server.client() as made:
        yield made


def row_of(dock, batch):
    tree = dock.batches.tree
    items = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
    return next((item for item in items if batch in item.toolTip(NAME)), None)


def test_a_damaged_batch_is_named_and_the_others_are_shown(dock, queue, client, wait_until):
    damaged, whole = send(queue, boxes(3)), send(queue, boxes(4))
    client.delete(queue.batch_key(damaged, ":issues"))
    client.set(queue.batch_key(damaged, ":issues"), "not a hash")
    client.zadd(P + "vus", {b"caf\xe9": 1})
    item = wait_until(lambda: row_of(dock, whole))
    wait_until(lambda: f"lot:{damaged}:issues" in dock.state.text())
    bad = row_of(dock, damaged)
    assert f"lot:{damaged}:issues" in bad.text(STATE) and item.text(STATE) == "waiting"
    dock.batches.tree.setCurrentItem(item)
    dock.tabs.setCurrentWidget(dock.jobs)
    wait_until(lambda: dock.jobs.model.line(0) is not None)
    client.delete(P + "ecartees")
    client.set(P + "ecartees", "rubbish")
    wait_until(lambda: P + "ecartees" in dock.state.text())
    assert row_of(dock, damaged) is not None


@pytest.mark.parametrize("count", [2**31, 2**40, 2**62, 10**30])
def test_counts_beyond_what_a_widget_can_hold_raise_nothing(dock, queue, client, wait_until, count):
    batch = send(queue, boxes(2))
    client.hset(
        queue.batch_key(batch),
        mapping={"total": count, "envoyees": count, "c": count // 2, "octets": count, "h": 1, "cree": count},
    )
    item = wait_until(lambda: row_of(dock, batch))
    dock.batches.tree.setCurrentItem(item)
    dock.tabs.setCurrentWidget(dock.jobs)
    wait_until(lambda: dock.jobs.batch is not None and dock.jobs.batch.id == batch)
    bar = dock.batches.tree.itemWidget(item, PROGRESS)
    assert 0 <= bar.value() <= bar.maximum() and dock.jobs.model.rowCount() <= 10_000_000


def test_details_and_descriptors_that_lie_give_a_layer_or_words(dock, queue, client, component, wait_until):
    for details, descriptor in (
        ('{"fields": 5, "crs": [1], "wkb_type": "x", "operation": {}}', b"{}"),
        ('{"fields": [["a"]], "crs": "garbage", "wkb_type": 99999}', b"not json"),
        ('[["a"]]', b'{"op":"buffer","v":1e400,"par":[],"ns":5,"ttl":-1}'),
        ("\ud800".encode("utf-8", "surrogatepass"), b"\xff"),
    ):
        batch = send(queue, boxes(1))
        client.hset(queue.batch_key(batch), mapping={"details": details, "d": descriptor})
        item = wait_until(lambda batch=batch: row_of(dock, batch))
        dock.batches.tree.setCurrentItem(item)
        before = len(marked())
        dock.batches.buttons["show"].click()
        wait_until(lambda before=before: len(marked()) == before + 1)


NESTED = (b"\x01" + struct.pack("<II", 7, 1)) * 200_000 + shapely.to_wkb(shapely.Point(1, 1))


@pytest.mark.parametrize("wkb", [NESTED, b"\x01" + struct.pack("<II", 2, 10**9), b"not a shape", b""])
def test_zooming_to_a_failed_job_walks_its_bytes_first(dock, queue, client, wait_until, iface, wkb):
    client.xadd(P + "ecartees", {"flux": "flux", "lot": "b", "n": "1", "g0": wkb, "raison": "error"})
    wait_until(lambda: dock.failed.tree.topLevelItemCount() == 1)
    dock.failed.tree.topLevelItem(0).setSelected(True)
    dock.failed.zoom_button.click()
    assert any("no geometry to zoom to" in text for text in iface.bar.take_messages())


def test_zooming_to_a_plain_job_whose_geometry_is_nested_text(dock, queue, client, wait_until, iface):
    client.set("entites:9", "GEOMETRYCOLLECTION(" * 50_000 + "POINT(1 1)" + ")" * 50_000)
    client.xadd(P + "ecartees", {"flux": "flux", "brut": '{"type":"buffer","id":9}', "raison": "error"})
    wait_until(lambda: dock.failed.tree.topLevelItemCount() == 1)
    dock.failed.tree.topLevelItem(0).setSelected(True)
    dock.failed.zoom_button.click()
    wait_until(lambda: any("no geometry to zoom to" in text for text in iface.bar.take_messages()))


def test_a_batch_whose_stream_is_gone_ends_as_lost_and_is_sent_again(
    dock,
    queue,
    client,
    squares,
    worker,
    wait_until,
    iface,
):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 1)
    iface.bar.take_messages()
    client.delete(P + "flux")
    item = dock.batches.tree.topLevelItem(0)
    wait_until(lambda: item.text(STATE) == "ended, 60 lost")
    item.setSelected(True)
    worker()
    wait_until(lambda: dock.batches.buttons["again"].isEnabled())
    dock.batches.buttons["again"].click()
    wait_until(lambda: dock.batches.tree.topLevelItemCount() == 2)
    wait_until(lambda: dock.batches.tree.topLevelItem(0).text(STATE) == "done", 60)
    iface.bar.take_messages()


def test_a_lost_batch_that_another_window_sent_says_what_to_do(dock, queue, client, wait_until, iface):
    batch = send(queue, boxes(2))
    client.delete(P + "flux")
    item = wait_until(lambda: row_of(dock, batch))
    wait_until(lambda: "lost" in item.text(STATE))
    item.setSelected(True)
    dock.batches.buttons["again"].click()
    assert any("send them again" in text for text in iface.bar.take_messages())


def test_collecting_ends_soon_and_counts_what_was_lost(plugin, qgis_processing, queue, client, squares):
    import processing

    QgsProject.instance().addMapLayer(squares)
    sent = processing.run("redisgeo:enqueuejobs", {"INPUT": squares, "OPERATION": "convexhull"})
    client.delete(P + "flux")
    words = Told()
    got = processing.run(
        "redisgeo:collectresults",
        {"BATCH": sent["BATCH"], "TIMEOUT": 600, "OUTPUT": "memory:"},
        feedback=words,
    )
    assert (got["COUNT"], got["FAILED"]) == (0, 60)
    assert any("60 jobs are lost" in text for text in words.warnings)


def test_collecting_a_damaged_batch_names_its_key(plugin, qgis_processing, queue, client):
    import processing

    descriptor = Descriptor("buffer", BUFFER.version, BUFFER.to_job(), "essai", 60)
    batch = queue.create_batch("b", descriptor)
    client.set(queue.batch_key(batch, ":taches"), "rubbish")
    with pytest.raises(QgsProcessingException) as raised:
        processing.run("redisgeo:collectresults", {"BATCH": batch, "TIMEOUT": 600, "OUTPUT": "memory:"})
    assert f"lot:{batch}:taches" in str(raised.value)
