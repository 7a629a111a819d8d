"""Density of a large fleet: what counting costs its thread, what writing costs the window, and how long that stalls."""

from __future__ import annotations

import statistics
import time
from types import SimpleNamespace
from typing import Any, Callable

from benchmarks.harness import StallMeter, compare, figure, qgis_application, spin_until

VEHICLES = 250_000
SIZE = 700_000.0  # metres of Web Mercator: some 2,600 hexagons
TURNS = 7


def benchmarks():
    yield everything_moves
    yield few_move


class Moving:
    """A fleet over the whole map in a density layer, as the feed's thread keeps it."""

    def __init__(self) -> None:
        import numpy as np
        from qgis.core import QgsCoordinateReferenceSystem, QgsProject

        from redis_geo_plugin.bridge.live import live_density
        from redis_geo_plugin.bridge.live.density_layer import new_density_layer
        from redis_geo_plugin.bridge.live.density_style import density_renderer
        from redis_geo_plugin.bridge.live.live_density import LiveDensity
        from redis_geo_plugin.core.live.density import DensitySpec
        from redis_geo_plugin.core.live.fleet import Fleet
        from redis_geo_plugin.core.live.spec import FeedSpec

        qgis_application()
        self.chance, self.fleet = np.random.default_rng(1), Fleet()
        self.idents = [str(number) for number in range(VEHICLES)]
        self.place = self.chance.uniform((-175.0, -75.0), (175.0, 75.0), (VEHICLES, 2)).T
        self.time = time.time()
        core = SimpleNamespace(positions=SimpleNamespace(latest=self.fleet))
        feed: Any = SimpleNamespace(
            core=core, moment=None, spec=FeedSpec(interval=0.25), is_drawing=lambda: False
        )
        spec = DensitySpec("bench", "cells", "hexagons", SIZE)
        layer = new_density_layer(spec, "bench", QgsCoordinateReferenceSystem("EPSG:3857"))
        layer.setRenderer(density_renderer(1, False))
        QgsProject.instance().addMapLayer(layer)
        self.move(VEHICLES)
        self.density = LiveDensity(feed, layer, spec)
        self.counting = self.writing = 0.0  # processor seconds of the last refresh
        live_density.run = self._timed("counting", live_density.run)
        self.density._writer.write = self._timed("writing", self.density._writer.write)
        self.refresh()

    def _timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same, its processor time added up under this name."""

        def timed(*words: Any) -> Any:
            started = time.thread_time()
            result = work(*words)
            setattr(self, name, getattr(self, name) + time.thread_time() - started)
            return result

        return timed

    def move(self, count: int) -> None:
        """Move so many vehicles by up to two degrees, a second later."""
        import numpy as np

        from redis_geo_plugin.core.live.fleet import Fixes

        self.time += 1.0
        self.place[:, :count] += self.chance.uniform(-2.0, 2.0, (2, count))
        np.clip(self.place[1], -80.0, 80.0, out=self.place[1])
        self.place[0] = (self.place[0] + 180.0) % 360.0 - 180.0
        lon, lat = self.place[:, :count]
        speed = self.chance.uniform(0.0, 30.0, count)
        columns = [lon, lat, np.full(count, self.time), np.full(count, self.time), speed, speed]
        derived = np.zeros(count, np.uint8)
        self.fleet.store(Fixes(self.idents[:count], None, columns, derived, [{}] * count))

    def refresh(self) -> tuple[float, float]:
        """Count and write once; returns the processor seconds of the thread and of the window."""
        seen: list[int] = []
        self.counting = self.writing = 0.0
        self.density.counted.connect(lambda: seen.append(1))
        self.density.want()
        spin_until(lambda: bool(seen))
        self.density.counted.disconnect()
        return self.counting, self.writing

    def run(self, moving: int) -> tuple[float, float, float]:
        """The medians of both over some turns, and the longest stall of the window meanwhile (ms)."""
        times, stalls = [], []
        for _ in range(TURNS):
            self.move(moving)
            with StallMeter() as meter:
                times.append(self.refresh())
            stalls.append(meter.longest_ms)
        thread, window = (statistics.median(column) for column in zip(*times))
        return thread, window, statistics.median(stalls)


_made: list[Moving] = []


def _moving() -> Moving:
    if not _made:
        _made.append(Moving())
    return _made[0]


def everything_moves():
    """Rows: 250,000 vehicles that all moved: the thread's time of a refresh, the window's, and its stall."""
    rig = _moving()
    thread, window, stall = rig.run(VEHICLES)
    given = f"{VEHICLES:,} vehicles, all moved, {rig.density.layer.featureCount():,} hexagons, {TURNS} times"
    return [
        figure("a refresh, background thread", given, thread, "s", at_most=0.4),
        figure("a refresh, the window's time", given, window * 1000.0, "ms", at_most=20),
        figure("longest stall of the window, median", given, stall, "ms", at_most=20),
    ]


def few_move():
    """Row: 100 of them moved, against all."""
    rig = _moving()
    all_moved, few = rig.run(VEHICLES)[0], rig.run(100)[0]
    return compare(
        "a refresh, 100 moved against all",
        f"{VEHICLES:,} vehicles",
        ours=few,
        other=all_moved,
        at_least=2,
    )
