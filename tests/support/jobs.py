"""Batches and real worker processes for the tests of the queue."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from redis_geo_plugin.core.cache import codec
from redis_geo_plugin.core.cache.digests import item_digests, key
from redis_geo_plugin.core.jobs.model import Descriptor, Job
from redis_geo_plugin.core.jobs.names import Priority
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.operations import Buffer, Operation
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from tests.support.patience import PATIENCE, at_least
from tests.support.servers import RealServer

ROOT = Path(__file__).resolve().parents[2]
BUFFER = Buffer(segments=8, crs="EPSG:32618")
NAMESPACE = "essai"


@contextmanager
def without_scripts(settings: ConnectionSettings, *nodes: RealServer) -> Iterator[ConnectionSettings]:
    """The settings of a user who may do everything on these nodes but run scripts."""
    for node in nodes:
        with node.client() as client:
            client.execute_command("ACL SETUSER plain on >word ~* &* +@all -@scripting")
    try:
        yield replace(settings, username="plain", password="word")
    finally:
        for node in nodes:
            with node.client() as client:
                client.execute_command("ACL DELUSER plain")


class WorkerProcess:
    """A worker as an administrator starts it."""

    def __init__(
        self,
        url: str,
        *words: str,
        processes: int = 1,
        take_over: float = 2.0,
        prefix: tuple = (),
        **environment: str,
    ):
        self.words = [
            *prefix,
            *(sys.executable, "-m", "redis_geo_plugin.worker", "--url", url),
            *("--processes", str(processes), "--take-over", str(take_over), *words),
        ]
        self.environment = {**os.environ, **environment}
        self.log = b""
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.words, cwd=ROOT, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environment
        )
        os.set_blocking(self.process.stderr.fileno(), False)

    def read_log(self) -> str:
        try:
            while part := self.process.stderr.read():
                self.log += part
        except ValueError:
            pass
        return self.log.decode("utf-8", "replace")

    def kill(self) -> None:
        """kill -9, as a power cut would: nothing is handed back."""
        self.process.kill()
        self.process.wait()
        self.read_log()

    def restart(self) -> None:
        self.kill()
        self.start()

    def terminate(self, timeout: float = PATIENCE) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.read_log()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self.process.stderr.close()


def squares(count: int, seed: int = 1) -> np.ndarray:
    """Distinct small squares."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 10_000, count), rng.uniform(0, 10_000, count)
    return shapely.box(x, y, x + 5 + np.arange(count) % 7, y + 5)


def send(
    queue: JobQueue,
    geometries,
    distance: float = 10.0,
    operation: Operation = BUFFER,
    priority: Priority = Priority.NORMAL,
    ttl: int = 3600,
    chunk: int = 1000,
    version: int = 0,
) -> str:
    """Enqueue one job per geometry and return the batch."""
    descriptor = Descriptor(operation.name, version or operation.version, operation.to_job(), NAMESPACE, ttl)
    batch = queue.create_batch("essai", descriptor, priority=priority)
    wkbs = list(shapely.to_wkb(np.asarray(geometries), byte_order=1, output_dimension=2))
    for start in range(0, len(wkbs), chunk):
        part = wkbs[start : start + chunk]
        numbers = [distance] * len(part) if operation.number_name else None
        digests = item_digests(operation, [part], numbers)
        number = distance if numbers else None
        jobs = [
            Job(start + i, digest, (wkb,), number, attributes=[start + i])
            for i, (digest, wkb) in enumerate(zip(digests, part))
        ]
        queue.enqueue(batch, descriptor, jobs, start // chunk, priority)
    queue.seal(batch, len(wkbs))
    return batch


def wait_finished(queue: JobQueue, batch: str, timeout: float = 60.0):
    """The batch when its last job has ended."""
    deadline = time.monotonic() + at_least(timeout)
    while True:
        try:
            state = queue.progress([batch])[batch]
            if state.finished:
                return state
        except Exception:  # the server of the test may be away just now
            state = None
        assert time.monotonic() < deadline, (state, queue.depths(), queue.workers())
        time.sleep(0.05)


def wait_until(condition, timeout: float = 30.0, what: str = ""):
    """The condition's first true value."""
    deadline = time.monotonic() + at_least(timeout)
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, what or condition
        time.sleep(0.02)


def results(queue: JobQueue, batch: str, count: int, operation: Operation = BUFFER) -> list:
    """The cached result of every job of the batch, None where there is none or where it does not check out."""
    server: Server = queue.server
    tasks = queue.tasks(batch, range(count))
    digests = [tasks[i][0] for i in range(count)]
    raws = server.mget([server.key(key(operation, NAMESPACE, digest)) for digest in digests])
    values = [codec.decode(digest, raw) for digest, raw in zip(digests, raws)]
    return [value.wkb if value else None for value in values]


def expected(geometries, distance: float = 10.0, operation: Buffer = BUFFER) -> np.ndarray:
    return operation.planar(np.asarray(geometries, dtype=object), np.full(len(geometries), distance))


def assert_right(queue: JobQueue, batch: str, geometries, distance: float = 10.0, operation=BUFFER) -> None:
    """Every job of the batch has exactly one right result."""
    found = shapely.from_wkb(np.array(results(queue, batch, len(geometries), operation), dtype=object))
    wanted = expected(geometries, distance, operation)
    assert not any(geometry is None for geometry in found)
    assert shapely.equals_exact(shapely.normalize(found), shapely.normalize(wanted), 1e-9).all()
