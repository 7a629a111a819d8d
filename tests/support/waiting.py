"""Waiting in tests that run in the main thread of a window."""

from __future__ import annotations

import time

from qgis.PyQt.QtCore import QCoreApplication, QEvent

from tests.support.patience import at_least


def spin(seconds=0.0):
    """Let the event loop work, deferred deletions included."""
    deadline = time.monotonic() + seconds
    while True:
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if time.monotonic() >= deadline:
            return
        time.sleep(0.005)


def wait_until(predicate, seconds=30.0):
    """Spin the event loop until ``predicate()`` is true and return what it returned. Fails where it never is."""
    deadline = time.monotonic() + at_least(seconds)
    while True:
        spin()
        result = predicate()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {at_least(seconds)} s: {_source(predicate)}"
        time.sleep(0.005)


def _source(predicate):
    code = getattr(predicate, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else repr(predicate)
