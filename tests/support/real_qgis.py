"""Starts a real QGIS with a script, in an empty profile and on a virtual screen where there is none."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_in_qgis(
    script: Path, profiles: Path, timeout: float = 120.0, screen: str = "1400x900", **environment: str
) -> str:
    """Run the script with ``--code``; returns what QGIS printed. The script ends QGIS itself."""
    program = shutil.which("qgis")
    assert program, "no qgis on PATH: run make setup"
    words = [program, "--nologo", "--noversioncheck", "--profiles-path", str(profiles), "--code", str(script)]
    if not os.environ.get("DISPLAY"):
        # Each run looks for a free screen from a number of its own: two that begin at once would both find the same one.
        words = ["xvfb-run", "-n", str(100 + os.getpid() % 900), "-a", "-s", f"-screen 0 {screen}x24", *words]
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "QGIS_CUSTOM_CONFIG_PATH")
    }
    inherited.pop("QGIS_OPTIONS_PATH", None)
    # Mesa writes its cache of shaders in a thread of the lowest priority, which on a busy machine keeps QGIS from ending.
    inherited.update(MESA_SHADER_CACHE_DISABLE="true", MESA_GLSL_CACHE_DISABLE="true")
    environment = {**inherited, "PYTHONPATH": sysconfig.get_paths()["purelib"], "QGIS_PLUGINPATH": str(ROOT),
                   "CHECKOUT": str(ROOT), **environment}  # fmt: skip
    process = subprocess.Popen(
        words,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=timeout)[0]
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)  # QGIS and the screen too: both are children of xvfb-run
        process.communicate()
        raise
