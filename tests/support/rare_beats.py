"""Workers whose beat comes once an hour: ``--operations tests.support.rare_beats``. What they tell is told out of turn."""

from __future__ import annotations

from redis_geo_plugin.worker.timing import Timer

_due = Timer.due


def _rarely(timer: Timer, what: str, every: float) -> bool:
    return _due(timer, what, 3600.0 if what == "beat" else every)


Timer.due = _rarely  # type: ignore[method-assign]
