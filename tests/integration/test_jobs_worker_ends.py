"""How workers start and end: exit codes, SIGTERM, a cluster that is away, a group that is asked to end, their logs."""

from __future__ import annotations

import json
import signal
import time

import psutil
import pytest
import redis
import shapely

from redis_geo_plugin.core.jobs.listing import being_computed
from tests.support.jobs import (
    assert_right,
    send,
    squares,
    wait_finished,
    wait_until,
)
from tests.support.patience import PATIENCE
from tests.support.slow_operations import SlowBuffer
from tests.support.worker_jobs import MANY, SQUARE, queue_of, slow_work

SLOW = ("--operations", "tests.support.slow_operations")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--geometry-file", "absent.gpkg"), 5),
        (("--geometry-file", "layer.shp"), 5),
        (("--url", "redis://127.0.0.1:1/0", "--no-wait"), 3),
        (("--url", "redis://:wrong@{address}/0"), 4),
        (("--url", "redis://:right@{address}/99"), 4),
        (("--url", "gopher://x"), 2),
        (("--queue", "a{b"), 2),
        (("--processes", "0"), 2),
    ],
)
def test_exit_codes(one_server, make_worker, words, code):
    words = [word.replace("{address}", f"{one_server.host}:{one_server.port}") for word in words]
    with one_server.client() as client:
        client.config_set("requirepass", "right")
    try:
        worker = make_worker(f"redis://:right@{one_server.host}:{one_server.port}/0", *words)
        assert worker.process.wait(PATIENCE) == code, worker.read_log()
    finally:
        with one_server.client(password="right") as client:
            client.config_set("requirepass", "")


DIES_AT_ONCE = """
import os, sys
if "child" in sys.argv[0]:  # a computing process
    os._exit(9)
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [("1 / 0", "ZeroDivisionError"), (DIES_AT_ONCE, "code 9")],
    ids=["worker", "computing process"],
)
def test_a_worker_that_cannot_compute_ends_with_1_and_leaves_the_jobs_to_others(
    one_server, make_worker, tmp_path, text, why
):
    queue = queue_of(one_server)
    shapes = squares(20)
    batch = send(queue, shapes)
    (tmp_path / "broken_operations.py").write_text(text)
    broken = make_worker(one_server.url, "--operations", "broken_operations", PYTHONPATH=str(tmp_path))
    assert broken.process.wait(PATIENCE) == 1, broken.read_log()
    assert 'ERROR   cannot start why="' in broken.read_log() and why in broken.read_log()
    assert "Traceback" not in broken.read_log() and not queue.alive()
    assert make_worker(one_server.url, "--burst").process.wait(PATIENCE) == 0
    assert wait_finished(queue, batch).failed == 0
    assert_right(queue, batch, shapes)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis+cluster://127.0.0.1:1,127.0.0.1:2/0"])
def test_sigterm_while_it_waits_for_a_server(make_worker, url):
    worker = make_worker(url)
    wait_until(lambda: "why=refused" in worker.read_log())
    assert worker.terminate() == 0, worker.read_log()
    assert "Traceback" not in worker.read_log()


def test_a_cluster_that_refuses_or_is_away(make_cluster, make_worker):
    """As a single server: told by the exit code, waited for, and worked on when it is there again."""
    real = make_cluster(persistent=True)
    absent = make_worker("redis+cluster://127.0.0.1:1,127.0.0.1:2/0", "--no-wait")
    assert absent.process.wait(PATIENCE) == 3, absent.read_log()
    for node in real.nodes:
        with node.client() as client:
            client.config_set("requirepass", "right")
    refused = make_worker(real.url.replace("://", "://:wrong@"))
    assert refused.process.wait(PATIENCE) == 4, refused.read_log()
    for node in real.nodes:
        node.kill()
    queue = queue_of(real)
    early = make_worker(real.url, *SLOW, take_over=1.0)
    wait_until(lambda: "why=refused" in early.read_log())
    for node in real.nodes:
        node.start()
    shapes = squares(400)
    batch = wait_until(lambda: _sent(queue, shapes))
    wait_until(lambda: queue.progress([batch])[batch].done > 20)
    for node in real.nodes:
        node.kill()
    time.sleep(1.0)
    for node in real.nodes:
        node.start()
    assert wait_finished(queue, batch).failed == 0
    assert_right(queue, batch, shapes, operation=SlowBuffer())
    assert early.process.poll() is None and early.terminate() == 0


def _sent(queue, shapes):
    """The batch; nothing while the cluster finds itself."""
    try:
        return send(queue, shapes, operation=SlowBuffer())
    except redis.RedisError:
        return None


def test_sigterm_finishes_or_hands_back_and_twice_means_now(place, make_worker):
    queue = queue_of(place)
    shapes = squares(MANY)
    batch = send(queue, shapes)
    worker = make_worker(place.url, take_over=60.0)
    wait_until(lambda: queue.progress([batch])[batch].done > 100)
    assert worker.terminate() == 0
    done = queue.progress([batch])[batch].done
    busy = make_worker(place.url, "--operations", "tests.support.slow_operations", take_over=60.0)
    wait_finished(queue, batch)
    assert done <= queue.progress([batch])[batch].done == MANY
    assert_right(queue, batch, shapes)
    slow = send(queue, [SQUARE], operation=slow_work(30))
    wait_until(lambda: any("sleep" in job["job"] for line in queue.alive() for job in line["current"]))
    busy.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert busy.process.poll() is None, "it finishes what it computes"
    assert busy.terminate() == 6
    assert queue.progress([slow])[slow].done == 0
    queue.cancel_batch(slow)
    slow = send(queue, [shapely.box(0, 0, 3, 3)], operation=slow_work(30))
    other = make_worker(place.url, "--operations", "tests.support.slow_operations", take_over=60.0)
    wait_until(lambda: any("sleep" in job["job"] for line in queue.alive() for job in line["current"]))
    queue.cancel_batch(slow)
    assert wait_finished(queue, slow).cancelled_jobs == 1
    assert other.terminate() == 0


def test_a_whole_process_group_asked_to_end_finishes_what_it_computes(place, make_worker):
    """As the end of a service does where all its processes are asked."""
    queue = queue_of(place)
    batch = send(queue, [SQUARE], operation=slow_work(1.5))
    worker = make_worker(place.url, "--operations", "tests.support.slow_operations", take_over=60.0)
    wait_until(lambda: batch in being_computed(queue.workers()))
    for child in psutil.Process(worker.process.pid).children():
        child.send_signal(signal.SIGTERM)
    assert worker.terminate() == 0
    assert queue.progress([batch])[batch].computed == 1


def test_logs_as_json_and_no_password_in_the_process_list(one_server, make_worker, tmp_path):
    address = tmp_path / "url"
    address.write_text(one_server.url + "\n")
    worker = make_worker("redis://ignored", "--url-file", str(address), "--log-format", "json", "--burst")
    assert worker.process.wait(PATIENCE) == 0
    events = [json.loads(line) for line in worker.read_log().splitlines()]
    assert [event["event"] for event in events] == ["started", "ended"]
    assert all(event["time"].endswith("Z") and event["level"] == "info" for event in events)
