"""Watches the active connection: a thread of its own pings it, the window hears of changes by signals."""

from __future__ import annotations

import threading
import time
from enum import Enum
from typing import Any, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..bridge import connections
from ..core.failures import Failure, FailureKind, StoreError, classify
from ..core.settings import ConnectionSettings, InvalidUrl

PING_EVERY = 2.0  # seconds while all is well
FIRST_PAUSE = 1.0  # after a failure, doubled up to
LONGEST_PAUSE = 30.0
STOP_TIMEOUT = 2.0


class State(str, Enum):
    """What the lamp shows."""

    NONE = "none"  # no connection is set up
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    FAILED = "failed"  # waiting will not mend it: wrong password, no rights, ...


class ConnectionMonitor(QObject):
    """Knows the active connection and its state. Emits on the main thread.

    ``changed`` is emitted when another connection becomes active or its settings change, ``state_changed`` with
    (State, Failure or None) when the lamp changes, and ``saved`` when the list of connections changes.
    """

    changed = pyqtSignal()
    saved = pyqtSignal()
    state_changed = pyqtSignal(object, object)
    _heard = pyqtSignal(int, object, object, float)

    def __init__(self) -> None:
        super().__init__()
        self.state = State.NONE
        self.failure: Optional[Failure] = None
        self.latency_ms = 0.0
        self.since = time.time()
        self._settings: Optional[ConnectionSettings] = None
        self._generation = 0
        self._thread: Optional[threading.Thread] = None
        self._wake = threading.Event()
        self._running = False
        self._heard.connect(self._on_heard)

    @property
    def name(self) -> str:
        """The name of the active connection, empty without one."""
        return connections.active_name()

    def settings(self) -> Optional[ConnectionSettings]:
        """The active connection with its secret, for a worker thread; None where none is set up."""
        return self._settings

    def start(self) -> None:
        """Begin to watch. Nothing is connected on the main thread."""
        self._running = True
        self.reload()

    def activate(self, name: str) -> None:
        """Make a saved connection (or none, with an empty name) the active one."""
        connections.set_active(name)
        self.reload()

    def reload(self) -> None:
        """Read the active connection anew, after a change of its settings or of the choice."""
        try:
            self._settings = connections.resolve()
            failure = None
        except StoreError as error:
            self._settings, failure = None, error.failure
        except InvalidUrl as error:
            self._settings, failure = None, Failure(FailureKind.OTHER, str(error))
        self._end_thread()
        self._generation += 1
        self._set_state(State.NONE if self._settings is None else State.CONNECTING, failure)
        self.changed.emit()
        if self._running and self._settings is not None:
            self._wake = threading.Event()
            self._thread = threading.Thread(
                target=_watch,
                args=(self._settings, self._generation, self._wake, self._heard.emit),
                name="redis-geo-monitor",
                daemon=True,
            )
            self._thread.start()

    def retry_now(self) -> None:
        """Do not wait for the end of the pause."""
        if self._settings is not None and self.state is not State.CONNECTED:
            self.reload()

    def stop(self) -> None:
        """End the thread."""
        self._running = False
        self._generation += 1
        self._end_thread()
        self._heard.disconnect(self._on_heard)

    def _end_thread(self) -> None:
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None and not self._running:
            thread.join(STOP_TIMEOUT)

    def _on_heard(self, generation: int, state: Any, failure: Any, latency_ms: float) -> None:
        if generation == self._generation:
            self.latency_ms = latency_ms
            self._set_state(state, failure)

    def _set_state(self, state: State, failure: Optional[Failure]) -> None:
        if (state, failure and failure.kind) != (self.state, self.failure and self.failure.kind):
            if state is not self.state:
                self.since = time.time()
            self.state, self.failure = state, failure
            self.state_changed.emit(state, failure)


def _watch(settings: ConnectionSettings, generation: int, stop: threading.Event, tell: Any) -> None:
    """Ping until told to stop. Runs in its own thread; imports redis-py there, not at the start of QGIS."""
    from ..core.server import Server

    server = Server(settings)
    pause, was_connected = FIRST_PAUSE, False
    while not stop.is_set():
        started = time.perf_counter()
        try:
            server.interactive.ping()
        except Exception as error:
            failure = classify(error)
            state = State.RECONNECTING if failure.passing or was_connected else State.FAILED
            wait, pause = pause, min(pause * 2.0, LONGEST_PAUSE)
            news = (generation, state, failure, 0.0)
        else:
            was_connected, pause, wait = True, FIRST_PAUSE, PING_EVERY
            news = (generation, State.CONNECTED, None, (time.perf_counter() - started) * 1000.0)
        if stop.is_set():
            break
        try:
            tell(*news)
        except RuntimeError:  # the monitor was deleted in the meantime
            break
        stop.wait(wait)
    server.close()
