"""What the plugin adds to the start of QGIS: whole QGIS processes, in turn without and with the plugin enabled.

The limit is on the wall-clock time of importing and starting the plugin (``qgis.utils.loadPlugin``, ``startPlugin``) in a
QGIS that has just started without it, with a saved connection; the whole starts, without and with the plugin enabled,
stand beside it for information, since they vary by more than the plugin takes.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path

from benchmarks.harness import ROOT, figure

RUNS = 3
LIMIT_MS = 150.0
PACKAGE = "redis_geo_plugin"

SCRIPT = """
import json, os, time
import qgis.utils

whole = time.time() - float(os.environ["BENCH_STARTED"])
at_start = {package!r} in qgis.utils.plugins
started = time.perf_counter()
if not at_start:
    qgis.utils.loadPlugin({package!r}) and qgis.utils.startPlugin({package!r})
alone = time.perf_counter() - started
plugin = qgis.utils.plugins.get({package!r})
with open(os.environ["BENCH_RESULT"], "w") as file:
    json.dump({{"whole_s": whole, "plugin_s": alone, "at_start": at_start, "loaded": plugin is not None,
               "failed": plugin.failed if plugin else []}}, file)
os._exit(0)
"""


def benchmarks():
    yield startup


def startup():
    """Rows: the plugin's own time, and the whole start without and with it."""
    with tempfile.TemporaryDirectory(prefix="redis-geo-bench-") as folder:
        runs = {enabled: [] for enabled in (False, True)}
        for _ in range(RUNS + 1):
            for enabled, times in runs.items():
                times.append(start_qgis(Path(folder), enabled))
        without, with_it = (
            runs[False][1:],
            runs[True][1:],
        )  # the first of each compiles and fills the disk's cache
    for run in (*without, *with_it):
        assert run["loaded"] and not run["failed"], run
    given, fastest = f"QGIS process, median of {RUNS}", f"QGIS process, fastest of {RUNS}"
    return [
        figure("plugin: load and start", given, _median(without, "plugin_s") * 1000, "ms", at_most=LIMIT_MS),
        figure("QGIS start without the plugin", fastest, min(r["whole_s"] for r in without) * 1000, "ms"),
        figure("QGIS start with the plugin", fastest, min(r["whole_s"] for r in with_it) * 1000, "ms"),
    ]


def start_qgis(folder: Path, enabled: bool) -> dict:
    """Start QGIS in an empty profile, on a virtual screen, until it is complete; what it measured."""
    profiles = folder / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    ini = profiles / "profiles" / "default" / "QGIS" / "QGIS3.ini"
    ini.parent.mkdir(parents=True)
    ini.write_text(
        f"[PythonPlugins]\n{PACKAGE}={str(enabled).lower()}\nprocessing=true\n\n"
        "[redis_geo]\nactive_connection=local\nconnections\\local\\host=127.0.0.1\nconnections\\local\\port=6379\n"
    )
    script, result = folder / "tell.py", folder / "result.json"
    script.write_text(SCRIPT.format(package=PACKAGE))
    result.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": sysconfig.get_paths()["purelib"],  # redis-py, which the built zip carries with it
        "QGIS_PLUGINPATH": str(ROOT),
        "BENCH_RESULT": str(result),
        "BENCH_STARTED": str(time.time()),
    }
    program = shutil.which("qgis")
    assert program, "no qgis on PATH"
    words = [program, "--nologo", "--noversioncheck", "--profiles-path", str(profiles), "--code", str(script)]
    if not os.environ.get("DISPLAY"):
        words = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", *words]
    environment.pop("QT_QPA_PLATFORM", None)  # QGIS refuses to start off screen
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as for every user
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "pycache")
    subprocess.run(words, env=environment, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads(result.read_text())


def _median(runs: list[dict], key: str) -> float:
    return statistics.median(run[key] for run in runs)
