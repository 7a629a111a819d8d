"""The built zip, made once, and an empty profile of QGIS with the plugin installed from it."""

from __future__ import annotations

import json
import os
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_PYTHON = "/usr/bin/python3"  # QGIS's own, without the venv's packages
HELPERS = (ROOT / "tests" / "support" / "qgis_iface.py", ROOT / "tests" / "packaging" / "in_profile.py")


@pytest.fixture(scope="session")
def plugin_zip(tmp_path_factory) -> Path:
    from tools import package

    return package.build(tmp_path_factory.mktemp("zip") / "redis_geo_plugin.zip")


@pytest.fixture(scope="session")
def unpacked(plugin_zip, tmp_path_factory) -> Path:
    """A folder that holds what the zip holds."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(plugin_zip) as archive:
        archive.extractall(folder)
    return folder


@dataclass
class Profile:
    """An empty profile into which the zip was installed, as QGIS's plugin manager does: unpacked into python/plugins."""

    folder: Path

    def run(self, task: str, *, hide: str = "", **variables: str) -> dict:
        """Run a task of in_profile.py with the system's Python and return what it found."""
        kept = (
            "PATH",
            "HOME",
            "LANG",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
        )
        environment = {k: v for k, v in os.environ.items() if k in kept or k.startswith(("PIP_", "SSL_"))}
        environment["PATH"] = "/usr/bin:/bin:" + environment.get("PATH", "")
        environment.update(
            QT_QPA_PLATFORM="offscreen",
            QGIS_CUSTOM_CONFIG_PATH=str(self.folder),
            PYTHONNOUSERSITE="1",
            PYTHONDONTWRITEBYTECODE="1",
            HIDE=hide,
            **variables,
        )
        answer = self.folder.parent / f"{task}.json"
        answer.unlink(missing_ok=True)
        done = subprocess.run(
            [SYSTEM_PYTHON, str(self.folder.parent / "in_profile.py"), task, str(answer)],
            env=environment,
            cwd=self.folder.parent,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )
        assert answer.is_file(), f"status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        found = json.loads(answer.read_text(encoding="utf-8"))
        assert not found.get("error"), found["error"]
        return found


@pytest.fixture
def profile(plugin_zip, tmp_path) -> Profile:
    folder = tmp_path / "profile"
    plugins = folder / "python" / "plugins"
    plugins.mkdir(parents=True)
    with zipfile.ZipFile(plugin_zip) as archive:
        archive.extractall(plugins)
    for helper in HELPERS:
        (tmp_path / helper.name).write_bytes(helper.read_bytes())
    return Profile(folder)
