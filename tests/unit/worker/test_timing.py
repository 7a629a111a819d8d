"""What a loop does now and then."""

from __future__ import annotations

from redis_geo_plugin.worker import timing


def test_each_thing_is_due_at_once_and_then_after_its_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(timing.time, "monotonic", lambda: now[0])
    timer = timing.Timer()
    assert timer.due("beat", 1.0) and timer.due("trim", 10.0)
    assert not timer.due("beat", 1.0)
    now[0] += 1.0
    assert timer.due("beat", 1.0) and not timer.due("trim", 10.0)
    now[0] += 60.0
    assert timer.due("beat", 1.0), "what was missed is not made up for"
    assert not timer.due("beat", 1.0)
