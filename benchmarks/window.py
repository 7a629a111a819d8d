"""A benchmark in a real QGIS window: ``run_in_window`` starts it; its script measures with ``metered`` and ends with ``tell``."""

from __future__ import annotations

import gc
import json
import os
import sysconfig
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, Callable

from benchmarks.harness import ROOT, StallMeter, spin_until
from tests.support.real_qgis import run_in_qgis

SCREEN = "1600x1000"
SETTINGS = "[PythonPlugins]\nredis_geo_plugin=true\nprocessing=true\n"


def run_in_window(script: str, url: str, timeout: float = 280.0) -> dict[str, Any]:
    """What ``benchmarks/<script>`` told. QGIS has an empty profile with the plugin, connected to ``url``."""
    with tempfile.TemporaryDirectory(prefix="redis-geo-bench-") as folder:
        profiles, result = Path(folder) / "profiles", Path(folder) / "result.json"
        ini = profiles / "profiles" / "default" / "QGIS" / "QGIS3.ini"
        ini.parent.mkdir(parents=True)
        ini.write_text(SETTINGS)
        said = run_in_qgis(
            ROOT / "benchmarks" / script,
            profiles,
            timeout,
            SCREEN,
            PYTHONPATH=os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]]),
            REDIS_GEO_URL=url,
            BENCH_RESULT=str(result),
        )
        assert result.is_file(), said
        found = dict(json.loads(result.read_text()))
    assert "error" not in found, found["error"]
    return found


def tell(measure: Callable[[], dict[str, Any]]) -> None:
    """In the script: write what ``measure`` returns, or its failure, to where ``run_in_window`` looks, and end QGIS."""
    try:
        found = measure()
    except BaseException:
        found = {"error": traceback.format_exc()}
    Path(os.environ["BENCH_RESULT"]).write_text(json.dumps(found))
    os._exit(0)


def spin(seconds: float) -> None:
    """Let the event loop run."""
    until = time.monotonic() + seconds
    spin_until(lambda: time.monotonic() > until)


def metered(start: Callable[[], Any], ended: Callable[[], Any]) -> dict[str, Any]:
    """The longest stall in ms from ``start()`` until ``ended()``, half a second for what is drawn afterwards included, and the
    seconds between the two."""
    gc.collect()  # or the collector walks what the script has made (a million features) in the middle of what is measured
    spin(0.5)
    started = time.perf_counter()
    with StallMeter() as meter:
        start()
        spin_until(ended, 200)
        taken = time.perf_counter() - started
        spin(0.5)
    return {"stall_ms": meter.longest_ms, "seconds": taken}
