"""The meter sees a main thread that stands still, and none where the loop runs."""

from __future__ import annotations

import time

from benchmarks.harness import StallMeter, spin_until


def test_a_stall_is_seen(qgis_app):
    with StallMeter() as meter:
        end = time.monotonic() + 0.1
        spin_until(lambda: time.monotonic() > end)
        time.sleep(0.3)
        spin_until(lambda: time.monotonic() > end + 0.45)
    assert meter.longest_ms > 250
    assert meter.beats > 5
