"""What the benchmarks share: rows, the table, build/bench.json, meters for stalls of the main thread and for memory.

A module ``bench_<area>.py`` has a function ``benchmarks()`` that returns (or yields) rows, or functions that return
one or several. A row is made with :func:`compare` (two times, measured in one run) or :func:`figure` (one number and its
limit)::

    def benchmarks():
        yield lambda: compare("second run", "240 countries, 1 degree", ours=1.2, other=30.0, at_least=10)
        yield lambda: figure("stall", "240 countries", 42.0, "ms", at_most=100)
"""

from __future__ import annotations

import gc
import json
import os
import platform
import statistics
import threading
import time
import traceback
from collections.abc import Iterable
from itertools import cycle, islice, permutations
from pathlib import Path
from typing import Any, Callable, Optional

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "build" / "bench.json"
Row = dict[str, Any]


def compare(
    name: str,
    given: str,
    *,
    ours: float,
    other: float,
    at_least: float,
    unit: str = "s",
    higher_is_better: bool = False,
) -> Row:
    """A row of two measures. ``ratio`` is how many times better ours is; it is right when it reaches ``at_least``."""
    ratio = (ours / other if higher_is_better else other / ours) if ours and other else 0.0
    return {
        "name": name,
        "input": given,
        "ours": ours,
        "other": other,
        "unit": unit,
        "ratio": ratio,
        "limit": at_least,
        "rule": f"ratio >= {at_least:g}",
        "ok": ratio >= at_least,
    }


def figure(
    name: str,
    given: str,
    value: float,
    unit: str,
    *,
    at_most: Optional[float] = None,
    at_least: Optional[float] = None,
) -> Row:
    """A row of one number that must stay under ``at_most`` or reach ``at_least``; neither: for information."""
    rule, limit, ok = "", None, True
    if at_most is not None:
        rule, limit, ok = f"<= {at_most:g} {unit}", at_most, value <= at_most
    elif at_least is not None:
        rule, limit, ok = f">= {at_least:g} {unit}", at_least, value >= at_least
    return {
        "name": name,
        "input": given,
        "ours": value,
        "other": None,
        "unit": unit,
        "ratio": None,
        "limit": limit,
        "rule": rule,
        "ok": ok,
    }


def seconds(work: Callable[[], Any], repeat: int = 1, before: Optional[Callable[[], Any]] = None) -> float:
    """The median wall-clock time of ``work`` over ``repeat`` runs; ``before`` runs, unmeasured, ahead of each."""
    times = []
    for _ in range(repeat):
        if before is not None:
            before()
        gc.collect()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def in_turn(turns: int, *measured: Callable[[], float]) -> list[float]:
    """The median of what each returns, called in turn, so that the machine's moods meet all alike. Turn by turn the order is
    another one, through all that there are, so that none always follows the same one, whose memory it takes over."""
    times: list[list[float]] = [[] for _ in measured]
    orders = cycle(permutations(range(len(measured))))
    for order in islice(orders, turns):
        for which in order:
            times[which].append(measured[which]())
    return [statistics.median(column) for column in times]


class StallMeter:
    """How long the main thread's event loop stood still at most, by a heartbeat timer. Needs a QApplication.

    ::

        with StallMeter() as meter:
            ...                     # work that spins or enters the event loop
        meter.longest_ms
    """

    def __init__(self, beat_ms: int = 5):
        from qgis.PyQt.QtCore import QTimer

        self.longest_ms = 0.0
        self.beats = 0
        self._beat_ms = beat_ms
        self._last = 0.0
        self._timer = QTimer()
        self._timer.setInterval(beat_ms)
        self._timer.timeout.connect(self._beat)

    def __enter__(self) -> StallMeter:
        self._last = time.perf_counter()
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._beat()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000.0 - self._beat_ms)
        self._last = now
        self.beats += 1


class MemoryMeter:
    """By how many bytes the resident memory of this process grew at most, sampled in a thread of its own.

    ::

        with MemoryMeter() as meter:
            ...
        meter.added_mb
    """

    def __init__(self, every: float = 0.01):
        self.before = self.peak = 0
        self._every = every
        self._stop = threading.Event()
        self._thread: Optional[threading.Thread] = None

    @property
    def added_mb(self) -> float:
        return (self.peak - self.before) / 1e6

    def __enter__(self) -> MemoryMeter:
        gc.collect()
        self.before = self.peak = resident_bytes()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.peak = max(self.peak, resident_bytes())

    def _watch(self) -> None:
        while not self._stop.wait(self._every):
            self.peak = max(self.peak, resident_bytes())


def resident_bytes() -> int:
    """The resident memory of this process."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def spin_until(done: Callable[[], bool], timeout: float = 120.0) -> None:
    """Run the event loop until ``done()``, which is asked every 20 ms. Raises TimeoutError.

    An event loop that sleeps: ``processEvents`` with a time limit never waits, and would take a core and Python's lock.
    """
    from qgis.PyQt.QtCore import QEventLoop, QTimer

    if done():
        return
    loop, timer, deadline = QEventLoop(), QTimer(), time.monotonic() + timeout

    def look() -> None:
        if done() or time.monotonic() > deadline:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(20)
    loop.exec()
    timer.stop()
    if not done():
        raise TimeoutError("the benchmark's work did not end in time")


_qgis: Any = None


def qgis_application() -> Any:
    """A QgsApplication with the native algorithms and the plugin's provider, made once. Uses a throw-away profile."""
    global _qgis
    if _qgis is None:
        import sys
        import tempfile

        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QGIS_CUSTOM_CONFIG_PATH", tempfile.mkdtemp(prefix="redis-geo-bench-"))
        from qgis.core import QgsApplication

        _qgis = QgsApplication([], True)
        _qgis.initQgis()
        sys.path.append(str(Path(_qgis.pkgDataPath()) / "python" / "plugins"))
        from processing.core.Processing import Processing

        Processing.initialize()
        from redis_geo_plugin.processing.provider import RedisGeoProvider

        _qgis.redis_geo_provider = RedisGeoProvider()  # QGIS does not keep the Python half of it alive
        _qgis.processingRegistry().addProvider(_qgis.redis_geo_provider)
    return _qgis


def machine() -> Row:
    """What the figures were measured on."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        "",
    )
    memory = next(
        (int(line.split()[1]) // 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0
    )
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "memory_mb": memory,
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """The versions that matter for the figures."""
    found = {"python": platform.python_version()}
    for name in ("redis", "shapely", "pyproj", "numpy"):
        try:
            found[name] = str(__import__(name).__version__)
        except ImportError:
            found[name] = "none"
    try:
        from qgis.core import Qgis

        found["qgis"] = str(Qgis.QGIS_VERSION)
    except ImportError:
        found["qgis"] = "none"
    try:
        import shapely

        found["geos"] = ".".join(map(str, shapely.geos_version))
    except (ImportError, AttributeError):
        pass
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def collect(area: str, made: Iterable[Any]) -> list[Row]:
    """Run an area's benchmarks. One that fails becomes a row that is not ok and says why; the others still run."""
    rows: list[Row] = []
    iterator = iter(made)
    while True:
        try:
            item = next(iterator)
            outcome = item() if callable(item) else item
        except StopIteration:
            return rows
        except Exception as error:
            traceback.print_exc()
            outcome = figure(f"failed: {type(error).__name__}", str(error)[:80], 0.0, "")
            outcome["ok"] = False
        for row in [outcome] if isinstance(outcome, dict) else outcome:
            row = {**figure(row["name"], row.get("input", ""), 0.0, ""), **row, "area": area}
            for short in ("ours", "other"):  # rows made by hand may name seconds
                if f"{short}_s" in row:
                    row[short] = row.pop(f"{short}_s")
                    row["unit"] = row["unit"] or "s"
            rows.append(row)
            print(line_of(row), flush=True)


HEAD = f"{'':4} {'area':10} {'figure':44} {'ours':>12} {'other':>12} {'ratio':>8}  rule"


def line_of(row: Row) -> str:
    """One row of the table."""
    ours, other = _number(row["ours"], row["unit"]), _number(row["other"], row["unit"])
    return (
        f"{'ok' if row['ok'] else 'FAIL':4} {row['area'][:10]:10} {row['name'][:44]:44} {ours:>12} {other:>12} "
        f"{_number(row['ratio'], 'x'):>8}  {row['rule'] or row['limit'] or ''}"
        f"  ({row['input']})"
    )


def _number(value: Optional[float], unit: str) -> str:
    if value is None:
        return ""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}" if unit not in ("", "x") else text + unit


def write(rows: list[Row], path: Path = RESULT) -> None:
    """Write the result. Rows of areas that did not run this time are kept from the last."""
    areas = {row["area"] for row in rows}
    try:
        kept = [r for r in json.loads(path.read_text(encoding="utf-8"))["rows"] if r["area"] not in areas]
    except (OSError, ValueError, KeyError):
        kept = []
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine(),
        "versions": versions(),
        "rows": sorted(kept + rows, key=lambda r: r["area"]),
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
