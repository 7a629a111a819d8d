"""An analyst's whole way through the live positions in a real QGIS, on both servers, among producers of every kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.positions import write_everything
from tests.support.real_qgis import ROOT, run_in_qgis


@pytest.mark.slow
def test_from_the_first_look_to_the_deleted_layer(server, tmp_path):
    with server.client() as client:
        write_everything(client)
        client.delete(*client.scan_iter("vehicule:*"))
    result = tmp_path / "result.json"
    harbour = subprocess.Popen(
        [sys.executable, "-m", "tools.demo.feeds.live"],
        cwd=ROOT,
        env={**os.environ, "REDIS_GEO_URL": server.url},
    )
    try:
        printed = run_in_qgis(
            ROOT / "tests" / "support" / "live_in_qgis.py",
            tmp_path / "profiles",
            RESULT=str(result),
            FOLDER=str(tmp_path),
            REDIS_GEO_URL=server.url,
        )
    finally:
        harbour.terminate()
        harbour.wait()
    assert result.is_file(), printed
    found = json.loads(result.read_text())
    assert "error" not in found, found["error"] + printed
    assert {"vehicule:*", "driver:*", "objs", "flux:vehicules", "fleet", "positions.*"} <= set(
        found["proposals"]
    )
    assert found["selected"] > 5 and found["kept"] and found["rows"] > 250
    assert 0 < found["in_view"] < 290
    assert found["saved"] > 290
    assert (found["name"], found["late_after"], found["interval"], found["fenced"]) == (
        "New York",
        120.0,
        0.5,
        True,
    )
