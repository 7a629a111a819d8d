"""Tests a connection in a thread and says in words what it found."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QLocale, QObject, pyqtSignal

from ...bridge.i18n import tr
from ...bridge.relay import Relay
from ...bridge.words import failures
from ...core.redis.failures import FailureKind
from ...core.redis.settings import ConnectionSettings

if TYPE_CHECKING:
    from ...core.redis.probing import Probe


class Tester(QObject):
    """``tested`` is emitted on the main thread with the Probe of the newest test; older ones are dropped."""

    tested = pyqtSignal(object)

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self._relay: Optional[Relay] = None

    def test(self, settings: ConnectionSettings) -> None:
        """Ask the server; the answer comes within a second."""
        self.forget()
        self._relay = Relay(self._on_answered)
        threading.Thread(
            target=_ask, args=(settings, self._relay), name="redis-geo-test", daemon=True
        ).start()

    def forget(self) -> None:
        """Nobody waits for the answer any more."""
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.mute()

    def _on_answered(self, probe: Probe) -> None:
        self.tested.emit(probe)


def _ask(settings: ConnectionSettings, relay: Relay) -> None:
    from ...core.redis.probing import probe

    relay.send(probe(settings))


def milliseconds(value: float) -> str:
    """A latency in the user's notation, with the digits that mean something."""
    return QLocale().toString(value, "f", 0 if value >= 10 else 1 if value >= 1 else 2)


def probe_in_words(probe: Probe, settings: ConnectionSettings) -> tuple[bool, str]:
    """(whether the connection can be used, what to tell the user)."""
    if probe.failure is not None:
        text = failures.in_words(probe.failure)
        if probe.failure.kind is FailureKind.LOST and settings.tls:
            text = tr("The connection broke at once. If this server does not use TLS, switch TLS off.")
        elif probe.failure.kind is FailureKind.TOO_SLOW and settings.tls:
            text = tr(
                "No secure connection came about in time. If this server does not use TLS, switch TLS off."
            )
        return False, text
    product = f"{probe.product} {probe.version}".strip() or tr("the server")
    told = [
        tr("Connected to {product} in {ms} ms.").format(product=product, ms=milliseconds(probe.latency_ms))
    ]
    if probe.read_only:
        told.append(tr("It is a read-only replica: results can be read, not stored."))
    if probe.limited:
        told.append(tr("This user may not read the keys of the cache (calculs:buffers:…)."))
    if probe.clustered:
        told.append(tr("It is part of a cluster: choose “Cluster” as deployment."))
    return True, " ".join(told)
