"""A warning when the cache, put to the test, was found to hold a wrong result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject

from ...bridge.cache import sharing
from ...bridge.i18n import tr
from ...bridge.relay import Relay
from ...core.readable import name_on_screen
from ..component import Context

if TYPE_CHECKING:
    from ...core.cache.proof import ProofOutcome


class Differences(QObject):
    """Warns once for each connection and session; every difference stands in the log and in the list of
    recent results."""

    def __init__(self, context: Context, show_recents: Callable[[], object]):
        super().__init__()
        self._context = context
        self._show_recents = show_recents
        self._warned: set[str] = set()  # names of connections
        self._relay = Relay(self._differed)
        sharing.tell_differences(self._relay.send)

    def close(self) -> None:
        """Disconnect from the connection's signals."""
        sharing.tell_differences(None)
        self._relay.mute()

    def _differed(self, outcome: ProofOutcome) -> None:
        name = self._context.connections.name
        if name in self._warned:
            return
        self._warned.add(name)
        self._context.ui.message(
            tr(
                "The cache held wrong results: of {proved} computed anew as a test, {differed} were "
                "different. They were replaced. Purge the namespace before you rely on its other results."
            ).format(differed=outcome.differed, proved=outcome.proved),
            Qgis.MessageLevel.Warning,
            details="\n".join(name_on_screen(key) for key in outcome.keys),
            button=tr("Show the cache"),
            clicked=self._show_recents,
        )
