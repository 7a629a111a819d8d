"""A soak of live positions: 1,000 changes a second, and what has grown in the end.

SOAK_MINUTES is its length (``make soak``: an hour); half a minute otherwise.
"""

from __future__ import annotations

import os

from benchmarks.harness import figure
from benchmarks.live_rig import Rig, growth

SECONDS = float(os.environ.get("SOAK_MINUTES", "0.5")) * 60.0


def benchmarks():
    yield soak


def soak():
    """Rows: 1,000 changes a second for a while; what has grown since it had settled."""
    rig = Rig(5_000, 1_000, SECONDS + 60.0)
    try:
        rig.settle(2.0)
        before = rig.counts()
        run = rig.run(SECONDS, settle=10.0)
        after = rig.counts()
    finally:
        rig.close()
    given = f"1,000 changes a second, {SECONDS / 60:g} min"
    rows = [
        figure(
            "soak: memory growth in the last two thirds",
            given,
            growth(run.memory_mb, 1 / 3),
            "MB",
            at_most=10,
        )
    ]
    for name in before:
        rows.append(figure(f"soak: {name} more", given, max(after[name] - before[name], 0), "", at_most=0))
    rows.append(figure("soak: longest stall", given, run.stall_ms, "ms"))
    return rows
