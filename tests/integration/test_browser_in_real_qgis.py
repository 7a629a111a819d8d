"""The Browser panel of a real QGIS by a real mouse: a GEO set dropped on the map, a layer dropped on a GEO set."""

from __future__ import annotations

import json

import pytest

from tests.support.real_qgis import ROOT, run_in_qgis


@pytest.mark.slow
def test_dragged_by_the_mouse(one_server, tmp_path):
    with one_server.client() as client:
        client.geoadd(
            "locations", [-74.0445, 40.6892, "Statue of Liberty", -73.9857, 40.7484, "Empire State, #1"]
        )
    result = tmp_path / "result.json"
    script = ROOT / "tests" / "support" / "drag_in_qgis.py"
    printed = run_in_qgis(script, tmp_path / "profiles", RESULT=str(result), REDIS_GEO_URL=one_server.url)
    assert result.is_file(), printed
    found = json.loads(result.read_text())
    assert "error" not in found, found["error"]
    assert found["layer"] == ["Empire State, #1", "Statue of Liberty"]
    assert found["dialog"].endswith("Load a layer into a GEO set")  # newer QGIS puts the group before it
    assert found["set"] == ["Battery Park", "Empire State, #1", "Statue of Liberty"]
