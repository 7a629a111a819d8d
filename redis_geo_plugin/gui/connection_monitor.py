"""Monitoring the active connection: a thread pings it, and signals tell the window of changes."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..bridge.relay import Relay
from ..bridge.server import connections
from ..core.redis.failures import Failure, FailureKind, StoreError, classify
from ..core.redis.settings import ConnectionSettings, InvalidUrl

if TYPE_CHECKING:
    from ..core.json_types import JsonObject
    from ..core.redis.server import Server

PING_EVERY = 2.0  # seconds while all is well
FIRST_PAUSE = 1.0  # after a failure, doubled up to
LONGEST_PAUSE = 30.0
STOP_TIMEOUT = 0.25  # unloading waits no longer for a thread that hangs in a name server


class ConnectionState(str, Enum):
    """What the lamp shows."""

    NONE = "none"  # no connection is set up
    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    FAILED = "failed"  # waiting will hardly mend it: wrong password, no rights, ...


@dataclass(frozen=True)
class News:
    """The result of one ping."""

    state: ConnectionState
    failure: Optional[Failure] = None
    latency_ms: float = 0.0
    product: str = ""
    version: str = ""
    read_only: bool = False
    next_try: float = 0.0  # seconds of time.time() when it will try again by itself


class ConnectionMonitor(QObject):
    """Knows the active connection and its state. Emits on the main thread.

    ``changed`` is emitted when another connection becomes active or its settings change (never for a
    reconnection, so nothing in hand is dropped by one), ``state_changed`` with (ConnectionState, Failure or
    None) when the lamp changes, ``heard`` after every ping, and ``saved`` when the list of connections
    changes.
    """

    changed = pyqtSignal()
    saved = pyqtSignal()
    heard = pyqtSignal()
    state_changed = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.news = News(ConnectionState.NONE)
        self.since = time.time()
        self._settings: Optional[ConnectionSettings] = None
        self._watcher: Optional[_Watcher] = None
        self._running = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.reload)

    @property
    def name(self) -> str:
        """The name of the active connection, empty without one."""
        return connections.active_name()

    @property
    def state(self) -> ConnectionState:
        """What the lamp shows."""
        return self.news.state

    @property
    def failure(self) -> Optional[Failure]:
        """Why there is no connection; None while there is one."""
        return self.news.failure

    @property
    def latency_ms(self) -> float:
        """The round trip of the newest PING, in milliseconds."""
        return self.news.latency_ms

    def settings(self) -> Optional[ConnectionSettings]:
        """The active connection with its secret, for a worker thread; None where none is set up."""
        return self._settings

    def start(self) -> None:
        """Begin to watch. Nothing is connected on the main thread; where QGIS would ask for its master
        password, that waits until the window stands."""
        self._running = True
        if connections.may_ask_for_password():
            self._later.start(0)
        else:
            self.reload()

    def activate(self, name: str) -> None:
        """Make a saved connection (or none, with an empty name) the active one."""
        connections.set_active(name)
        self.reload()

    def reload(self) -> None:
        """Read the active connection anew, after a change of its settings or of the choice."""
        before, failure = self._settings, None
        try:
            self._settings = connections.resolve()
        except StoreError as error:
            self._settings = None
            failure = error.failure if error.failure.kind is not FailureKind.NO_CONNECTION else None
        except (InvalidUrl, ValueError) as error:
            self._settings, failure = None, Failure(FailureKind.OTHER, str(error))
        if self._settings is not None and self._settings == before and self._watcher is not None:
            self._watcher.wake()
            return
        self._end_watcher()
        if self._settings is None:
            self._take(News(ConnectionState.FAILED if failure else ConnectionState.NONE, failure))
        else:
            self._take(News(ConnectionState.CONNECTING))
            if self._running:
                self._watcher = _Watcher(self._settings, Relay(self._on_news))
                # When the window stands: at its start the thread would compete with QGIS for Python's lock.
                QTimer.singleShot(0, self._watcher.begin)
        self.changed.emit()

    def retry_now(self) -> None:
        """Do not wait for the end of the pause; asks for the master password again where it was refused."""
        if self._watcher is not None:
            self._watcher.wake()
        else:
            self.reload()

    def stop(self) -> None:
        """End the thread."""
        self._running = False
        self._later.stop()
        self._end_watcher(STOP_TIMEOUT)

    def _end_watcher(self, wait: float = 0.0) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.end()
            if watcher.is_alive():
                watcher.join(wait)

    def _on_news(self, news: News) -> None:
        self._take(news)
        if news.failure is not None and connections.local_server_moved(self._settings):
            self.reload()

    def _take(self, news: News) -> None:
        before, self.news = self.news, news
        if news.state is not before.state:
            self.since = time.time()
        if (news.state, _kind(news)) != (before.state, _kind(before)):
            self.state_changed.emit(news.state, news.failure)
        self.heard.emit()


def _kind(news: News) -> Optional[FailureKind]:
    return news.failure.kind if news.failure else None


class _Watcher(threading.Thread):
    """Pings until it is stopped. Imports redis-py in its own thread, not at the start of QGIS."""

    def __init__(self, settings: ConnectionSettings, relay: Relay):
        super().__init__(name="redis-geo-monitor", daemon=True)
        self._settings = settings
        self._relay = relay
        self._wake = threading.Event()
        self._ended = False
        self._server: Server = None
        self._pause = FIRST_PAUSE
        self._identity: JsonObject = {}

    def begin(self) -> None:
        """Start, unless it was ended before."""
        if not self._ended:
            self.start()

    def wake(self) -> None:
        """Try now, and with short pauses again."""
        self._pause = FIRST_PAUSE
        self._wake.set()

    def end(self) -> None:
        """Do not wait for it: a ping under way is broken off."""
        self._relay.mute()
        self._ended = True
        self._wake.set()
        if self._server is not None:
            self._server.close()

    def run(self) -> None:
        try:
            from ..core.redis.server import Server
        except ImportError as error:  # a checkout without redis-py; the built plugin carries its own
            self._relay.send(News(ConnectionState.FAILED, Failure(FailureKind.MISSING_PACKAGE, str(error))))
            return
        self._server = Server(self._settings)
        while not self._ended:
            self._wake.clear()
            news, wait = self._look()
            if self._ended:
                break
            self._relay.send(news)
            self._wake.wait(wait)
        self._server.close()

    def _look(self) -> tuple[News, float]:
        try:
            latency = self._ping() * 1000.0
        except Exception as error:
            failure = classify(error)
            wait, self._pause = self._pause, min(self._pause * 2.0, LONGEST_PAUSE)
            state = ConnectionState.RECONNECTING if failure.passing else ConnectionState.FAILED
            self._identity = {}
            return News(state, failure, next_try=time.time() + wait), wait
        self._pause = FIRST_PAUSE
        return News(ConnectionState.CONNECTED, latency_ms=latency, **self._identity), PING_EVERY

    def _ping(self) -> float:
        """Ping, and return how long that took in seconds (without the time to connect)."""
        client = self._server.interactive
        if not self._identity:
            client.ping()
            self._identity = self._who()
        started = time.perf_counter()
        try:
            client.ping()
        except Exception as error:
            if classify(error).kind is not FailureKind.LOST:
                raise
            # the server was restarted between two pings: the old socket is dead, a new one works
            client.ping()
        return time.perf_counter() - started

    def _who(self) -> JsonObject:
        from ..core.redis.probing import identity

        known = identity(self._server)
        known.pop("clustered", None)
        return known or {"product": "Redis"}
