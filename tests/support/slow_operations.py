"""The odd operations, registered: for workers, ``--operations tests.support.slow_operations``, and for tests that have no list
of all operations to look at."""

from __future__ import annotations

from redis_geo_plugin.core.operations import OPERATIONS

from .odd_operations import ODD, Crash, CrashRead, Devour, DevourRead, Sleep, SlowBuffer

OPERATIONS.update(ODD)

__all__ = ["Crash", "CrashRead", "Devour", "DevourRead", "Sleep", "SlowBuffer"]
