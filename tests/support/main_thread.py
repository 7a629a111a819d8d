"""What keeps the main thread from its event loop: turn by turn, what it computes, and what it waits for.

    with MainThread() as main:
        main.turn("show the dock", dock.show)
        main.spin(0.3)
    assert main.longest("waited") < 0.1

A turn is a call of the test's own (a click), or one round of the event loop. The time that the thread computed (``computed``) and
the time that it asked to wait (``waited``) say what the plugin does to the window also where other programs take the machine's
cores; the time on the wall (``lasted``) only where it is idle.
"""

from __future__ import annotations

import select
import socket
import subprocess
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, Callable
from unittest import mock

from pytest_qgis.utils import process_events
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QThread

# What waits, where its timeout stands among the arguments (-1: it takes none), and whether it talks to a network.
WAITS = (
    (threading.Condition, "wait", 1, False),
    (threading.Thread, "join", 1, False),
    (time, "sleep", 0, False),
    (subprocess.Popen, "wait", 1, False),
    (QThread, "wait", -1, False),
    (select, "select", 3, True),
    (socket, "getaddrinfo", -1, True),
    (socket, "create_connection", -1, True),
    *((socket.socket, name, -1, True) for name in ("connect", "recv", "recv_into", "send", "sendall")),
)
BEAT = 0.002


@dataclass
class Turn:
    """One turn, in seconds. ``waits`` names what it waited for, and from where; ``network`` what of it talked to a server."""

    name: str
    lasted: float = 0.0
    computed: float = 0.0
    waited: float = 0.0
    waits: list[str] = field(default_factory=list)
    network: list[str] = field(default_factory=list)


class MainThread:
    """The meter, while it is entered. For the main thread only."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._turn: Turn | None = None
        self._waiting = False
        self._patches: list[Any] = []
        self._has_rounds = False
        self._sleep = time.sleep

    def __enter__(self) -> MainThread:
        assert threading.current_thread() is threading.main_thread()
        for owner, name, timeout, network in WAITS:
            self._patch(owner, name, self._wrapped(getattr(owner, name), name, timeout, network))
        self._patch(threading.Thread, "start", self._starting(threading.Thread.start))
        # Of pytest-qgis: rounds of events within the turn that adds a layer, which QGIS has not.
        self._has_rounds = _is_done(
            lambda: QgsProject.instance().legendLayersAdded.disconnect(process_events)
        )
        return self

    def _patch(self, owner: Any, name: str, wrapped: Callable[..., Any]) -> None:
        patch = mock.patch.object(owner, name, wrapped)
        patch.start()
        self._patches.append(patch)

    def __exit__(self, *_error: object) -> None:
        for patch in reversed(self._patches):
            patch.stop()
        if self._has_rounds:
            QgsProject.instance().legendLayersAdded.connect(process_events)

    def turn(self, name: str, call: Callable[[], Any]) -> Any:
        """Call it, and keep what that took."""
        if self._turn is not None:  # within a turn: a modal dialog's
            return call()
        turn = self._turn = Turn(name)
        began, computed = time.monotonic(), time.thread_time()
        try:
            return call()
        finally:
            turn.lasted, turn.computed = time.monotonic() - began, time.thread_time() - computed
            self._turn = None
            self.turns.append(turn)

    def spin(self, seconds: float, name: str = "event loop") -> None:
        """Rounds of the event loop, deferred deletions included."""
        deadline = time.monotonic() + seconds
        while True:
            self.turn(name, _round)
            if time.monotonic() >= deadline:
                return
            self._sleep(BEAT)

    def longest(self, what: str) -> Turn:
        """The turn that took longest of ``lasted``, ``computed`` or ``waited``."""
        return max(self.turns, key=lambda turn: getattr(turn, what))

    def _starting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Starting a thread waits until it has begun, which a busy machine puts off."""

        def call(thread: threading.Thread) -> None:
            mine = self._is_measured()
            self._waiting = self._waiting or mine
            try:
                original(thread)
            finally:
                if mine:
                    self._waiting = False

        return call

    def _is_measured(self) -> bool:
        main = threading.current_thread() is threading.main_thread()
        return main and self._turn is not None and not self._waiting

    def _wrapped(
        self, original: Callable[..., Any], name: str, timeout: int, network: bool
    ) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            turn = self._turn
            if turn is None or not self._is_measured():
                return original(*args, **named)
            self._waiting = True
            began = time.monotonic()
            try:
                return original(*args, **named)
            finally:
                self._waiting = False
                asked = named.get("timeout", args[timeout] if 0 <= timeout < len(args) else None)
                took = time.monotonic() - began
                took = took if asked is None else min(took, max(0.0, float(asked)))
                turn.waited += took
                where = "".join(traceback.format_list(traceback.extract_stack(limit=4)[:-1]))
                turn.waits.append(f"{name} for {took * 1000:.0f} ms\n{where}")
                if network:
                    turn.network.append(turn.waits[-1])

        return call


def _is_done(call: Callable[[], Any]) -> bool:
    """Whether a signal was disconnected: it was not where nobody had connected it."""
    try:
        call()
    except TypeError:
        return False
    return True


def _round() -> None:
    QCoreApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
