"""The plugin's four jobs at work all day long, each in a thread, each watching that nothing wrong ever comes out."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field

from redis_geo_plugin.core.redis.failures import FailureKind, classify
from redis_geo_plugin.core.redis.server import Server
from tests.support import work
from tests.support.positions import Watched, position

MEMBERS = [b"a", b"b", b"c"]


@dataclass
class Tally:
    """What a job did during one phase. ``failed`` counts failures by kind, ``wrong`` what must not be."""

    good: int = 0
    hits: int = 0
    longest: float = 0.0
    failed: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def fail(self, kind: FailureKind) -> None:
        self.failed[kind.value] = self.failed.get(kind.value, 0) + 1


class Job(threading.Thread):
    """Calls ``once(tally)`` again and again. An exception that is no failure of the server is wrong."""

    def __init__(self, name: str, once, pause: float = 0.05):
        super().__init__(name=f"hostile-{name}", daemon=True)
        self.tally = Tally()
        self.rounds = 0
        self._once = once
        self._pause = pause
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self._pause):
            started, tally = time.monotonic(), self.tally
            try:
                self._once(tally)
            except Exception as error:
                failure = classify(error)
                if failure.kind is FailureKind.OTHER:
                    tally.wrong.append(repr(error))
                tally.fail(failure.kind)
            self.rounds += 1
            tally.longest = max(tally.longest, time.monotonic() - started)

    def turn(self) -> Tally:
        """The tally up to now; a new one begins."""
        tally, self.tally = self.tally, Tally()
        return tally

    def end(self) -> None:
        self._ended.set()
        self.join(60)
        assert not self.is_alive(), f"{self.name} hangs"


class Day:
    """The jobs against ``settings``; the producer of positions writes by ``admin`` settings of its own."""

    def __init__(self, settings, admin_settings):
        self.server = Server(settings)
        self._producer = Server(admin_settings)
        self._seeds = itertools.count(1000)
        self._published: dict[str, set[float]] = {}
        self._counter = itertools.count()
        self._lock = threading.Lock()
        self.feed = Watched(settings, interval=0.1)
        self.jobs = {
            "cache": Job("cache", self._cache),
            "search": Job("search", self._search),
            "feed": Job("feed", self._look),
            "producer": Job("producer", self._publish),
        }

    def start(self) -> None:
        for job in self.jobs.values():
            job.start()

    def turn(self) -> dict[str, Tally]:
        return {name: job.turn() for name, job in self.jobs.items()}

    def rounds(self) -> list[int]:
        """How often each job has come to an end of what it does."""
        return [job.rounds for job in self.jobs.values()]

    def end(self) -> None:
        for job in self.jobs.values():
            job.end()
        self.feed.feed.stop()
        self.server.close()
        self._producer.close()

    def _cache(self, tally: Tally) -> None:
        """Every second run is of shapes that were computed before."""
        seed = next(self._seeds)
        seed = seed if seed % 2 else 1000 + seed % 7
        report, results = work.buffers(self.server, count=40, chunk=20, seed=seed)
        if not work.right(results, seed):
            tally.wrong.append(f"a wrong shape of seed {seed}")
        tally.good += 1
        tally.hits += report.hits
        if report.failure is not None:
            tally.fail(report.failure.kind)

    def _search(self, tally: Tally) -> None:
        found = work.members_near_paris(self.server)
        if found and found != MEMBERS:
            tally.wrong.append(f"found {found}")
        tally.good += bool(found)

    def _publish(self, tally: Tally) -> None:
        number = next(self._counter)
        ident, latitude = f"{number % 5}", 40.0 + number * 0.001
        with self._lock:
            self._published.setdefault(ident, set()).add(latitude)
        self._producer.interactive.set(f"vehicule:{ident}", position(latitude, 2.0))
        tally.good += 1

    def _look(self, tally: Tally) -> None:
        fixes = self.feed.look().fixes
        for ident, fix in fixes.items():
            with self._lock:
                if fix.lat not in self._published.get(ident, ()) and ident in self._published:
                    tally.wrong.append(f"vehicle {ident} was never at {fix.lat}")
        tally.good += self.feed.state in ("live", "late")
        if self.feed.state not in ("live", "late"):
            tally.fail(FailureKind.LOST)

    def is_well(self) -> bool:
        """Whether all four work as if nothing had happened."""
        latest = next(self._counter)
        with self._lock:
            self._published.setdefault("0", set()).add(70.0 + latest * 1e-6)
        try:
            self._producer.interactive.set("vehicule:0", position(70.0 + latest * 1e-6, 2.0))
            report, results = work.buffers(self.server, count=10, seed=3)
            return (
                report.failure is None
                and work.right(results, 3)
                and work.members_near_paris(self.server) == MEMBERS
                and self.feed.state == "live"
            )
        except Exception as error:
            assert classify(error).kind is not FailureKind.OTHER, repr(error)
            return False
