"""Two processes of QGIS that ask for the same at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTRIES = 240


def qgis_that_buffers(url: str, gate: str, profile: Path) -> subprocess.Popen:
    """A QGIS that has started, and waits for the gate to begin."""
    environment = {**os.environ, "REDIS_GEO_URL": url, "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "support" / "buffer_in_qgis.py"), gate],
        env={**environment, "QGIS_CUSTOM_CONFIG_PATH": str(profile)},
        stdout=subprocess.PIPE,
        text=True,
    )
    while True:
        line = process.stdout.readline()
        assert line, f"QGIS ended with status {process.wait()}"
        if line == "ready\n":
            return process


@pytest.mark.slow
@pytest.mark.parametrize("flavour", ["redis", "valkey"])
def test_two_qgis_that_ask_for_the_same_countries_at_once_compute_each_once(make_server, flavour, tmp_path):
    server = make_server(flavour)
    both = [qgis_that_buffers(server.url, "gate", tmp_path / str(n)) for n in range(2)]
    with server.client() as client:
        client.set("gate", "open")
    told = [json.loads(process.communicate(timeout=180)[0].splitlines()[-1]) for process in both]
    assert [t["HITS"] + t["MISSES"] for t in told] == [COUNTRIES, COUNTRIES]
    assert sum(t["COMPUTED"] for t in told) == COUNTRIES
    assert sum(t["STORED"] for t in told) == COUNTRIES
    assert [(t["FAILED"], t["features"]) for t in told] == [(0, COUNTRIES), (0, COUNTRIES)]
    assert told[0]["shapes"] == told[1]["shapes"]
    with server.client() as client:
        assert not list(client.scan_iter("calculs:verrous:*"))
        assert sum(1 for _ in client.scan_iter("calculs:buffers:*")) == COUNTRIES
