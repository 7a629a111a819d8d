"""The worker out of the built zip, and as the console script of "pip install ."."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import assert_right, send, squares, wait_finished

ROOT = Path(__file__).resolve().parents[2]


def environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "REDIS_GEO_URL")}
    return {**kept, **variables}


def test_the_worker_runs_from_the_zip(plugin_zip, place, tmp_path):
    works_a_batch(plugin_zip, place, tmp_path)


def test_the_worker_runs_from_the_unpacked_zip(unpacked, one_server, tmp_path):
    works_a_batch(unpacked, one_server, tmp_path)


def works_a_batch(path, place, folder):
    """A worker that is found under this path alone works a batch and ends in order."""
    queue = JobQueue(open_server(place.settings()))
    shapes = squares(100)
    batch = send(queue, shapes)
    done = subprocess.run(
        [sys.executable, "-m", "redis_geo_plugin.worker", "--url", place.url, "--processes", "1", "--burst"],
        cwd=folder,
        env=environment(PYTHONPATH=str(path)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert wait_finished(queue, batch).computed == 100
    assert_right(queue, batch, shapes)


def test_the_console_script_is_installed_and_works(one_server, tmp_path):
    source = tmp_path / "source"
    shutil.copytree(
        ROOT,
        source,
        symlinks=False,
        ignore=shutil.ignore_patterns(".*", "build", "tests", "docs", "node_modules", "__pycache__"),
    )
    target = tmp_path / "installed"
    words = [
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--disable-pip-version-check",
        "--target",
        str(target),
    ]
    built = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", *words, str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert not list(target.rglob("gui")), "only what a worker needs"
    with one_server.client() as client:
        client.set("entites:1", "POINT (0 0)")
        client.lpush("taches_spatiales", '{"type":"buffer","id":1,"distance":2}')
        done = subprocess.run(
            [str(target / "bin" / "redis-geo-worker"), "--processes", "1", "--burst"],
            env=environment(PYTHONPATH=str(target), REDIS_GEO_URL=one_server.url),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert client.hexists("taches_spatiales:resultats:buffer:1:distance=2", "wkb")


def test_the_worker_has_the_plugins_version():
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^version = "([^"]+)"', project, re.MULTILINE)[1] == metadata["general"]["version"]
