"""What tests of recognition share: the moment they take for now, and records as a stream brings them."""

from __future__ import annotations

NOW = 1795348800.25  # 2026-11-22T12:00:00Z


def stream(vehicles=5, rounds=8, **more):
    """Entries of a stream: the vehicles one after the other, again and again."""
    return [
        {"vehicle_id": f"v{v}", "lat": 48.8 + v / 10 + r / 1e4, "lon": 2.3 + v / 10, "ts": NOW - 500 + r * 10, **{
            name: make(v, r) for name, make in more.items()}}
        for r in range(rounds)
        for v in range(vehicles)
    ]  # fmt: skip
