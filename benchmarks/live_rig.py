"""What the live benchmarks share: a server, a producer in a process of its own, a feed with its layer on a real canvas."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any, Optional

from benchmarks.harness import ROOT, StallMeter, qgis_application, resident_bytes, spin_until


class Rig:
    """A running feed of ``vehicles``. ``run(seconds)`` lets it work and returns what was seen.

    Ages are those of positions when the canvas has finished drawing them: now minus the time of their writing by the
    producer, which runs on the same clock.
    """

    def __init__(self, vehicles: int, changes: int, duration: float, interval: float = 1.0, unrelated: int = 0):
        from qgis.core import QgsProject, QgsRectangle
        from qgis.gui import QgsMapCanvas
        from qgis.PyQt.QtGui import QColor

        from redis_geo_plugin.bridge.live.live_feed import LiveFeed
        from redis_geo_plugin.core.live.spec import FeedSpec
        from tests.support.servers import RealServer

        qgis_application()
        self.server = RealServer("valkey")
        if unrelated:
            self._fill(unrelated)
        self.producer = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.live_producer",
                str(self.server.port),
                str(vehicles),
                str(changes),
                str(duration),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.producer.stdout is not None
        assert self.producer.stdout.readline() == "ready\n"
        self.feed = LiveFeed(FeedSpec(name="bench", interval=interval, max_speed=0.0, trail_points=50))
        QgsProject.instance().addMapLayer(self.feed.layer)
        self.canvas = QgsMapCanvas()
        self.canvas.setCanvasColor(QColor("white"))
        self.canvas.resize(1200, 800)
        self.canvas.setDestinationCrs(self.feed.layer.crs())
        self.canvas.setLayers([self.feed.layer])
        self.canvas.setExtent(QgsRectangle(-180, -70, 180, 70))
        self.canvas.show()
        self.feed.is_drawing = self.canvas.isDrawing
        self.canvas.mapCanvasRefreshed.connect(self._on_drawn)
        self.canvas.renderStarting.connect(self._on_render)
        self.feed.ticked.connect(self._on_ticked)
        self.ticks: list[Any] = []
        self.ages: list[float] = []
        self.delays: list[float] = []
        self._written: list[tuple[float, float]] = []
        self._drawing: list[tuple[float, float]] = []
        self._oldest: Optional[float] = None
        self.reads: list[float] = []
        self._watch_writer()
        self.feed.start(self.server.settings())
        spin_until(lambda: self.feed.layer.featureCount() == vehicles and not self.feed.writer.busy)
        self._watch_reads()

    def _fill(self, count: int) -> None:
        with self.server.client() as client:
            for start in range(0, count, 20_000):
                client.mset({f"other:{i}": "x" for i in range(start, min(start + 20_000, count))})

    def _watch_writer(self) -> None:
        """Note the oldest and all delays of what each tick writes."""
        writer = self.feed.writer
        offer = writer.offer

        def noted(changed: dict, gone: dict, kinds: dict) -> None:
            if changed:
                times = [fix.time for fix in changed.values()]
                oldest = min(times)
                self._oldest = oldest if self._oldest is None else min(oldest, self._oldest)
                if len(times) < 2000:
                    self.delays += times
            offer(changed, gone, kinds)

        writer.offer = noted

    def _watch_reads(self) -> None:
        """Note the processor seconds that the feed's thread takes for each refresh."""
        core = self.feed.core
        read = core._read_changes

        def noted(*words: Any) -> None:
            started = time.thread_time()
            read(*words)
            self.reads.append(time.thread_time() - started)

        core._read_changes = noted

    def _on_ticked(self) -> None:
        if self._oldest is not None:
            self.ticks.append(self.feed.tick)
            self._written.append((time.time(), self._oldest))
            now = time.time()
            self.delays = [now - t if t > 1e6 else t for t in self.delays]
            self._oldest = None

    def _on_render(self) -> None:
        self._drawing += self._written
        self._written = []

    def _on_drawn(self) -> None:
        now = time.time()
        self.ages += [now - oldest for _, oldest in self._drawing]
        self._drawing = []
        self.feed.on_drawn()

    def run(self, seconds: float) -> dict[str, Any]:
        """Let the producer move the fleet for a while."""
        spin_until(lambda: not self.canvas.isDrawing())
        assert self.producer.stdin is not None
        self.producer.stdin.write("go\n")
        self.producer.stdin.flush()
        self.settle(2.0)
        self.ticks, self.ages, self.delays, self.reads = [], [], [], []
        memory = [resident_bytes()]
        deadline = time.monotonic() + seconds
        with StallMeter() as meter:
            started = time.process_time()
            while time.monotonic() < deadline:
                end = min(time.monotonic() + 5.0, deadline)
                spin_until(lambda end=end: time.monotonic() >= end)
                memory.append(resident_bytes())
            cpu = time.process_time() - started
        return {
            "stall_ms": meter.longest_ms,
            "age_s": max(self.ages, default=float("inf")),
            "memory_mb": [m / 1e6 for m in memory],
            "tick_ms": [tick.seconds * 1000 for tick in self.ticks],
            "rows": [tick.rows for tick in self.ticks],
            "delays": list(self.delays),
            "reads_cpu_s": list(self.reads),
            "cpu_s": cpu,
        }

    def settle(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        spin_until(lambda: time.monotonic() >= end)

    def close(self) -> None:
        from qgis.core import QgsProject

        self.producer.kill()
        self.producer.wait()
        self.feed.close()
        self.canvas.mapCanvasRefreshed.disconnect(self._on_drawn)
        self.canvas.stopRendering()
        self.canvas.close()
        QgsProject.instance().clear()
        self.canvas.deleteLater()
        self.settle(0.1)
        self.server.close()
