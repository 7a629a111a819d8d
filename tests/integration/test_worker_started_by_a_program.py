"""A worker that a program has started by ``--stdin`` ends with it, however that ends, and tells nobody the address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import assert_right, send, squares, wait_finished, wait_until
from tests.support.patience import PATIENCE

COMMAND = [sys.executable, "-m", "redis_geo_plugin.worker", "--stdin", "--processes", "1", "--grace", "5"]
STARTER = f"""
import subprocess, sys, time
worker = subprocess.Popen({COMMAND!r}, stdin=subprocess.PIPE)
worker.stdin.write((sys.argv[1] + "\\n\\n").encode())
worker.stdin.flush()
print(worker.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def queue(one_server):
    return JobQueue(open_server(one_server.settings()))


def test_it_works_what_it_is_told_and_ends_when_its_input_closes(queue, one_server):
    batch = send(queue, squares(20))
    worker = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        worker.stdin.write(f"{one_server.url}\n\n".encode())
        worker.stdin.flush()
        wait_finished(queue, batch)
        assert_right(queue, batch, squares(20))
        assert worker.poll() is None, "it waits for more"
        worker.stdin.close()
        assert worker.wait(PATIENCE) == 0
        assert not queue.alive()
    finally:
        worker.kill()
        worker.wait()
        worker.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="reads /proc")
def test_a_program_that_is_killed_leaves_no_worker_behind(queue, one_server):
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, one_server.url], stdout=subprocess.PIPE, text=True
    )
    try:
        pid = int(starter.stdout.readline())
        wait_until(queue.alive, 60)
        starter.send_signal(signal.SIGKILL)
        starter.wait()
        deadline = time.monotonic() + PATIENCE
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not os.path.exists(f"/proc/{pid}")
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()


def test_an_input_that_says_nothing_sensible_is_wrong_usage():
    done = subprocess.run(COMMAND, input=b"no address\n\n", capture_output=True, check=False, timeout=60)
    assert done.returncode == 2 and b"not a Redis address" in done.stderr
