"""The plugin in a real QGIS: it loads, is reloaded by QGIS's own function many times, and leaves nothing."""

from __future__ import annotations

import json
import time

from tests.support.real_qgis import ROOT, run_in_qgis

TIMES = 50


def test_reloading_in_a_real_qgis_leaves_nothing(make_server, tmp_path):
    server = make_server()
    result = tmp_path / "result.json"
    printed = run_in_qgis(
        ROOT / "tests" / "support" / "reload_in_qgis.py",
        tmp_path / "profiles",
        RESULT=str(result),
        TIMES=str(TIMES),
        PORT=str(server.port),
    )
    assert result.is_file(), printed
    found = json.loads(result.read_text())
    assert "error" not in found, found["error"]
    assert found["grown"] == {}
    assert found["left"] == {"threads of the plugin": 0, "QObjects of the plugin": 0}
    assert found["menu"] == []
    with server.client() as client:
        deadline = time.monotonic() + 10
        while any(c["name"].startswith("redis-geo") for c in client.client_list()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
