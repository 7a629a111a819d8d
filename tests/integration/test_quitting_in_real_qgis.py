"""QGIS can be left whatever the server does: at once, without a question, with every dock open and work under way."""

from __future__ import annotations

import json
import threading
import time

import pytest

from tests.support.positions import position
from tests.support.real_qgis import ROOT, run_in_qgis
from tests.support.slow_link import SlowLink

# Seconds from the click until QGIS is about to be gone: one where the machine is idle, while here other tests run beside.
UNLOADED = 2.0
GONE = 3.0  # seconds until its process has ended; without the plugin that takes about one


@pytest.mark.slow
@pytest.mark.timed
@pytest.mark.parametrize(
    ("fault", "way"), [("stopped", "window"), ("stopped", "action"), ("drips", "action"), ("cut", "window")]
)
def test_qgis_is_left_at_once(make_server, tmp_path, fault, way):
    server = make_server()
    link = SlowLink((server.host, server.port))
    with server.client() as client:
        for i in range(2000):
            client.set(f"vehicule:{i}", position(48.0 + i * 1e-4, 2.0))
    flag, result = tmp_path / "misbehave", tmp_path / "result.json"
    over = threading.Event()

    def misbehave():
        while not over.wait(0.02):
            if flag.exists():
                {"stopped": server.stop, "cut": link.cut, "drips": lambda: setattr(link, "drip", 0.3)}[
                    fault
                ]()
                flag.unlink()
                return

    threading.Thread(target=misbehave, daemon=True).start()
    try:
        printed = run_in_qgis(
            ROOT / "tests" / "support" / "quit_in_qgis.py",
            tmp_path / "profiles",
            timeout=60,
            RESULT=str(result),
            PORT=str(link.port),
            MISBEHAVE=str(flag),
            WAY=way,
        )
        ended = time.time()
    finally:
        over.set()
        link.close()
    found = json.loads(result.read_text())
    assert "error" not in found, found["error"]
    assert found["failed"] == [] and found["asked"] == [] and found["raised"] == [], printed
    assert found["under way"], "nothing was under way: the test shows nothing"
    assert found["left"] - found["told"] < UNLOADED
    assert ended - found["told"] < GONE
