"""Asks the server for its figures every few seconds, in a thread that lives while the dock is seen."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

from ...bridge.relay import Relay
from ...core.redis.failures import Failure
from ...core.redis.settings import ConnectionSettings

if TYPE_CHECKING:
    from ...core.admin.health import ServerHealth
    from ...core.redis.server import Server

EVERY = 5.0  # seconds; one INFO and one CONFIG GET each time


@dataclass(frozen=True)
class Figures:
    """What one round found: figures, or why there are none."""

    health: Optional[ServerHealth] = None
    failure: Optional[Failure] = None


class HealthWatcher(threading.Thread):
    """``listener`` gets Figures on the main thread."""

    def __init__(self, settings: ConnectionSettings, listener: Callable[[Figures], object]):
        super().__init__(name="redis-geo-health", daemon=True)
        self._settings = settings
        self._relay = Relay(listener)
        self._ended = threading.Event()
        self._server: Server = None

    def end(self) -> None:
        """Do not wait for it: a question under way is broken off by its time limit of a second."""
        self._relay.mute()
        self._ended.set()

    def run(self) -> None:
        from ...core.admin.health import read_health
        from ...core.redis.failures import classify
        from ...core.redis.server import Server

        server = Server(self._settings)
        try:
            while not self._ended.is_set():
                try:
                    figures = Figures(read_health(server))
                except Exception as error:
                    figures = Figures(failure=classify(error))
                if self._ended.is_set():
                    break
                self._relay.send(figures)
                self._ended.wait(EVERY)
        finally:
            server.close()
