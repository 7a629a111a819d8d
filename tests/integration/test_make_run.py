"""``make run`` without a display, from nothing and again: it ends well, shows the window, and finds its data again."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What the second start plays: with the scenes of the first it takes minutes.
AGAIN = {} if os.environ.get("REDIS_GEO_FULL") else {"REDIS_GEO_DEMO_SCENES": "connections server"}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_plays_to_its_end_twice(tmp_path):
    keys = []
    for again in ({}, AGAIN):
        done = run(tmp_path, **again)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        found = re.search(r"(\d+) keys from earlier, (\d+) now", done.stdout)
        keys.append(tuple(map(int, found.groups())))
        assert "FAILED" not in done.stdout
    assert keys[0][0] == 0 and keys[0][1] > 0
    assert keys[1][0] >= keys[0][1]  # what the first start wrote is there at the second
    pictures = sorted(p.name for p in tmp_path.glob("*.png"))
    assert "00-window.png" in pictures and len(pictures) > 1
    assert all(p.stat().st_size > 5_000 for p in tmp_path.glob("*.png"))  # a menu is small
    assert [
        p for p in (tmp_path / "home").rglob("*") if p.is_file() and "QGIS" in str(p)
    ] == []  # the user's own profile


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    done = run(tmp_path, REDIS_GEO_DEMO_DIR=str(tmp_path / "file" / "demo"))
    assert done.returncode != 0
    assert "demo: FAILED" in done.stderr and "cannot be written" in done.stderr


@pytest.mark.slow
def test_a_demo_that_hangs_is_ended_with_a_clear_word(tmp_path):
    done = run(tmp_path, REDIS_GEO_DEMO_LIMIT="1")
    assert done.returncode != 0
    assert "demo: FAILED" in done.stderr and "limit: 1 s" in done.stderr


def run(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess:
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    environment["REDIS_GEO_DEMO_DIR"] = str(tmp_path / "demo")
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    environment.update(variables, HOME=str(home))
    return subprocess.run(
        [str(ROOT / "tools" / "run.sh")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=540,
        check=False,
    )
