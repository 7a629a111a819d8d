"""A benchmark's script run in a real QGIS window, on a virtual screen where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def run_in_window(script: str, url: str, timeout: float = 280.0) -> dict[str, Any]:
    """What ``benchmarks/<script>`` wrote as JSON to the file named by BENCH_RESULT. QGIS has an empty profile with the plugin,
    connected to ``url``."""
    program = shutil.which("qgis")
    assert program, "no qgis on PATH"
    with tempfile.TemporaryDirectory(prefix="redis-geo-bench-") as folder:
        profiles, result = Path(folder) / "profiles", Path(folder) / "result.json"
        ini = profiles / "profiles" / "default" / "QGIS" / "QGIS3.ini"
        ini.parent.mkdir(parents=True)
        ini.write_text("[PythonPlugins]\nredis_geo_plugin=true\nprocessing=true\n")
        words = [program, "--nologo", "--noversioncheck", "--profiles-path", str(profiles)]
        words += ["--code", str(ROOT / "benchmarks" / script)]
        if not os.environ.get("DISPLAY"):
            words = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *words]
        environment = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "QGIS_CUSTOM_CONFIG_PATH")}
        environment.update(
            PYTHONPATH=os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]]),
            QGIS_PLUGINPATH=str(ROOT),
            REDIS_GEO_URL=url,
            BENCH_RESULT=str(result),
        )
        subprocess.run(words, env=environment, timeout=timeout, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = dict(json.loads(result.read_text()))
    assert "error" not in found, found["error"]
    return found
