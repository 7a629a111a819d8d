"""Passing news from a plain thread to the main thread, safe even when the listener is deleted.

Emitting a signal of an object that the window has deleted in the meantime crashes QGIS. So a thread never
holds the listener: it holds a Relay, which belongs to nobody else and lives as long as the thread does.
"""

from __future__ import annotations

from typing import Callable

from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal


class Relay(QObject):
    """Made on the main thread; ``send`` may be called from any. ``listener`` is a method of a QObject and is
    called on the main thread, as long as that object lives and ``mute`` was not called."""

    _arrived = pyqtSignal(object)

    def __init__(self, listener: Callable[..., object]):
        super().__init__()
        self._arrived.connect(listener, Qt.ConnectionType.QueuedConnection)

    def send(self, news: object) -> None:
        """Call the listener on the main thread. May be called from any thread."""
        self._arrived.emit(news)

    def mute(self) -> None:
        """Stop calling the listener. Main thread only."""
        try:
            self._arrived.disconnect()
        except TypeError:
            pass  # muted before, or the listener is gone
