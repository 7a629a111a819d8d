"""The plugin in a real QGIS: it loads, is reloaded by QGIS's own function many times, and leaves nothing."""

from __future__ import annotations

import json
import time

import pytest

from tests.support.patience import PATIENCE
from tests.support.real_qgis import ROOT, run_in_qgis

TIMES = 20
MOST_MB = 20.0  # that as many reloads may take, with every dock built and used at each fifth


@pytest.mark.slow
def test_reloading_in_a_real_qgis_leaves_nothing(make_server, tmp_path):
    server = make_server()
    result = tmp_path / "result.json"
    printed = run_in_qgis(
        ROOT / "tests" / "support" / "reload_in_qgis.py",
        tmp_path / "profiles",
        RESULT=str(result),
        timeout=300,
        TIMES=str(TIMES),
        PORT=str(server.port),
    )
    assert result.is_file(), printed
    found = json.loads(result.read_text())
    assert "error" not in found, found["error"]
    assert found["grown"] == {}
    assert found["grown_mb"] < MOST_MB
    assert found["left"] == {"threads of the plugin": 0, "QObjects of the plugin": 0}
    assert found["menu"] == []
    with server.client() as client:
        deadline = time.monotonic() + PATIENCE
        while any(c["name"].startswith("redis-geo") for c in client.client_list()):
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.slow
def test_docks_remember_their_place_over_a_restart(tmp_path):
    profiles = tmp_path / "profiles"
    ini = profiles / "profiles" / "default" / "QGIS" / "QGIS3.ini"
    ini.parent.mkdir(parents=True)
    ini.write_text("[PythonPlugins]\nredis_geo_plugin=true\n")
    seen = []
    for place in ("no", "yes", "tell"):
        result = tmp_path / f"{place}.json"
        printed = run_in_qgis(
            ROOT / "tests" / "support" / "docks_in_qgis.py", profiles, RESULT=str(result), PLACE=place
        )
        assert result.is_file(), printed
        seen.append(json.loads(result.read_text()))
        assert "error" not in seen[-1], seen[-1]["error"]
        assert seen[-1].pop("failed") == []
    first, placed, again = seen
    assert first and not any(visible for _, visible in first.values())  # hidden until asked for
    assert all(area == "1" for area, _ in placed.values())  # the left side
    assert again == placed
