"""What the live benchmarks share: a server, a producer in a process of its own, a feed with its layer on a real canvas."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Callable

from benchmarks.harness import ROOT, StallMeter, qgis_application, resident_bytes, spin_until

FILLED = 20_000  # keys a command
SAMPLED = 1_000  # vehicles of which the delay on the screen is measured


@dataclass
class Seen:
    """What a run showed. Times in seconds but for ``stall_ms``; ``memory_mb`` once every 5 s."""

    stall_ms: float = 0.0
    # the longest time from a change's writing until the canvas had drawn it or a newer one
    behind: float = float("inf")
    memory_mb: list[float] = field(default_factory=list)
    rows: int = 0  # written into the layer
    delays: list[float] = field(default_factory=list)  # from a change's writing until the layer held it
    reads_cpu: float = 0.0  # processor time of the feed's thread for its readings
    writes_cpu: float = 0.0  # processor time of the window's thread for taking over and writing

    @property
    def delay(self) -> float:
        return statistics.median(self.delays)


class Rig:
    """A running feed of ``vehicles``, of which ``changes`` move each second. ``run(seconds)`` lets it work and returns
    what was seen. Producer and QGIS run on the same clock."""

    def __init__(
        self, vehicles: int, changes: int, duration: float, interval: float = 1.0, mapped: bool = False
    ):
        from tests.support.servers import RealServer

        qgis_application()
        self._mapped = mapped
        self._map_fleets(mapped)
        self._vehicles = vehicles
        self._turn = (
            vehicles / changes if changes else float("inf")
        )  # seconds between two changes of one vehicle
        self.server = RealServer("valkey")
        self.producer: Any = None
        try:
            self._start_producer(vehicles, changes, duration)
            self._start_feed(interval)
        except BaseException:
            self._stop_processes()
            raise

    def fill(self, count: int) -> None:
        """Put so many keys into the database that are no vehicles."""
        with self.server.client() as client:
            for start in range(0, count, FILLED):
                client.mset({f"other:{i}": "x" for i in range(start, min(start + FILLED, count))})

    def empty(self, count: int) -> None:
        """Take them out again."""
        with self.server.client() as client:
            for start in range(0, count, FILLED):
                client.unlink(*(f"other:{i}" for i in range(start, min(start + FILLED, count))))

    def _start_producer(self, *words: float) -> None:
        command = [sys.executable, "-m", "benchmarks.live_producer", str(self.server.port), *map(str, words)]
        self.producer = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, bufsize=1
        )
        if self.producer.stdout.readline() != "ready\n":
            raise RuntimeError("the producer did not begin")

    def _start_feed(self, interval: float) -> None:
        from qgis.core import QgsProject, QgsRectangle
        from qgis.gui import QgsMapCanvas
        from qgis.PyQt.QtGui import QColor

        from redis_geo_plugin.bridge.live.live_feed import LiveFeed
        from redis_geo_plugin.core.live.spec import FeedSpec

        self.feed = LiveFeed(FeedSpec(name="bench", interval=interval, max_speed=0.0, trail_points=50))
        QgsProject.instance().addMapLayer(self.feed.layer)
        self.canvas = QgsMapCanvas()
        self.canvas.setParallelRenderingEnabled(True)  # as QGIS's own
        self.canvas.setCachingEnabled(True)
        self.canvas.setCanvasColor(QColor("white"))
        self.canvas.resize(1200, 800)
        self.canvas.setDestinationCrs(self.feed.layer.crs())
        self.canvas.setLayers([self.feed.layer])
        self.canvas.setExtent(QgsRectangle(-180, -70, 180, 70))
        self.canvas.show()
        self.feed.is_drawing = self.canvas.isDrawing
        self._screen = Screen(self.feed, self._vehicles, self._turn)
        self.canvas.renderStarting.connect(self._screen.on_render)
        self.canvas.mapCanvasRefreshed.connect(self._on_drawn)
        self.feed.ticked.connect(self._on_ticked)
        self.seen = Seen()
        self._written: list[float] = []
        self._tick: Any = None  # the last one counted
        self.feed.start(self.server.settings())
        if self._mapped:
            spin_until(lambda: self.feed.is_mapped and self.feed.layer.featureCount() == self._vehicles)
            return
        spin_until(lambda: self.feed.layer.featureCount() == self._vehicles and not self.feed.writer.busy)
        core, feed = self.feed.core, self.feed
        reading = core._reading
        reading._read_changes = self._timed("reads_cpu", reading._read_changes)
        feed.filling.take = self._timed("writes_cpu", feed.filling.take)
        feed.writer.write = self._timed("writes_cpu", feed.writer.write)

    @staticmethod
    def _map_fleets(mapped: bool) -> None:
        """Whether a large fleet is read by a process of its own."""
        from qgis.core import QgsSettings

        from redis_geo_plugin.bridge.settings import MAPPED

        QgsSettings().setValue(MAPPED, mapped)

    def watch_delays(self) -> None:
        """Note how long each change takes until the layer holds it; for few changes, as it costs the main thread."""
        writer = self.feed.writer
        offer = writer.offer

        def noted(changed: Any, gone: Any, kinds: dict) -> None:
            self._written += changed.time.tolist()
            offer(changed, gone, kinds)

        writer.offer = noted

    def _timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same, its processor time added to what was seen under this name (by one thread only)."""

        def noted(*words: Any) -> Any:
            started = time.thread_time()
            result = work(*words)
            setattr(self.seen, name, getattr(self.seen, name) + time.thread_time() - started)
            return result

        return noted

    def _on_ticked(self) -> None:
        if self.feed.tick is not self._tick:  # it also ticks when there was nothing to write
            self._tick = self.feed.tick
            self.seen.rows += self._tick.rows
        now = time.time()
        self.seen.delays += [now - moment for moment in self._written]
        self._written.clear()

    def _on_drawn(self) -> None:
        self._screen.on_drawn()
        self.feed.on_drawn()

    def run(self, seconds: float, settle: float = 3.0) -> Seen:
        """Let the producer move the fleet for a while; the first seconds do not count."""
        spin_until(lambda: not self.canvas.isDrawing())
        self.producer.stdin.write("go\n")
        self.producer.stdin.flush()
        self.settle(settle)
        self.seen = seen = Seen()
        self._screen.begin()
        seen.memory_mb.append(resident_bytes() / 1e6)
        deadline = time.monotonic() + seconds
        with StallMeter() as meter:
            while time.monotonic() < deadline:
                self.settle(min(5.0, deadline - time.monotonic()))
                seen.memory_mb.append(resident_bytes() / 1e6)
        if self.producer.poll() is not None:
            raise RuntimeError("the producer ended too early")
        seen.stall_ms, seen.behind = meter.longest_ms, self._screen.behind
        return seen

    def settle(self, seconds: float) -> None:
        """Let the event loop run."""
        end = time.monotonic() + seconds
        spin_until(lambda: time.monotonic() >= end, seconds + 10.0)

    def counts(self) -> dict[str, int]:
        """Threads and file descriptors of this process, connections of the server, features of the layer."""
        import psutil

        with self.server.client() as client:
            connections = len(client.client_list())
        process = psutil.Process()
        return {
            "threads": threading.active_count(),
            "descriptors": process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
            "connections": connections,
            "features": int(self.feed.layer.featureCount()),
        }

    def close(self) -> None:
        from qgis.core import QgsProject

        self.feed.close()
        self.canvas.mapCanvasRefreshed.disconnect(self._on_drawn)
        self.canvas.renderStarting.disconnect(self._screen.on_render)
        self.canvas.stopRendering()
        self.canvas.close()
        QgsProject.instance().clear()
        self.canvas.deleteLater()
        self.settle(0.1)
        self._map_fleets(mapped=False)
        self._stop_processes()

    def _stop_processes(self) -> None:
        if self.producer is not None:
            self.producer.kill()
            self.producer.wait()
            for pipe in (self.producer.stdin, self.producer.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
        self.server.close()


class Screen:
    """How far what is drawn is behind. A map shows what the layer held when its drawing began.

    ``behind`` is strict: a change that a newer one of the same vehicle replaced before it was drawn counts from its own
    time until that newer one is on the screen. As each vehicle changes once every ``turn`` seconds, the first change that
    a drawing lacks was written ``turn`` after the one that it shows.
    """

    def __init__(self, feed: Any, vehicles: int, turn: float):
        self._feed = feed
        self._turn = turn
        self._sample = [str(i) for i in range(0, vehicles, max(vehicles // SAMPLED, 1))]
        self._drawing: dict[str, float] = {}
        self._drawn: dict[str, float] = {}
        self.begin()

    def begin(self) -> None:
        """Count from here on."""
        self.behind = 0.0
        self._drawing, self._drawn = {}, {}

    def on_render(self) -> None:
        shown = self._feed.writer.shown
        slots = shown.find(self._sample)
        fixes = shown.at(slots[slots >= 0])
        self._drawing = dict(zip(fixes.idents, fixes.time.tolist()))

    def on_drawn(self) -> None:
        now, drawing, drawn = time.time(), self._drawing, self._drawn
        for ident, moment in drawing.items():
            before = drawn.get(ident, moment)
            if moment > before:
                self.behind = max(self.behind, now - before - self._turn)
        self._drawn = drawing


def growth(memory_mb: list[float], after: float) -> float:
    """By how much the memory grew after this share of the run: the median of the later half of what followed against
    that of the earlier, as single samples catch what is about to be freed."""
    late = memory_mb[int(len(memory_mb) * after) :]
    half = len(late) // 2
    return max(statistics.median(late[half:]) - statistics.median(late[: half or 1]), 0.0)
