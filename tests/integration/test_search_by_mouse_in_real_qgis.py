"""The Search dock in a real QGIS, used by a real mouse and keys."""

from __future__ import annotations

import json

import pytest

from tests.support.real_qgis import ROOT, run_in_qgis

PLACES = {
    "Central Park": (-73.9665, 40.7812),
    "Times Square": (-73.9855, 40.7580),
    "Statue of Liberty": (-74.0445, 40.6892),
}


@pytest.mark.slow
def test_seen_by_the_user(one_server, tmp_path):
    with one_server.client() as client:
        for name, (lon, lat) in PLACES.items():
            client.geoadd("locations", (lon, lat, name))
    result = tmp_path / "result.json"
    script = ROOT / "tests" / "support" / "search_by_mouse_in_qgis.py"
    printed = run_in_qgis(script, tmp_path / "profiles", RESULT=str(result), REDIS_GEO_URL=one_server.url)
    assert result.is_file(), printed
    seen = json.loads(result.read_text())
    assert "error" not in seen, seen["error"]
    assert "3" in seen["preview"] and "Central Park" in seen["preview"]
    assert min(seen["flash"]) > 300, seen["flash"]  # pixels that change, much more than the dot of a hit has
    assert abs(seen["double_click"][0] + 8236028) < 50
    assert seen["drag"] == [1, 2, 3]  # all before the button was let go
    assert abs(seen["locator"][0] + 8233913) < 50
