"""Looking up in a thread where a fleet was: of many vehicles that takes longer than the window may stand."""

from __future__ import annotations

import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

from qgis.PyQt.QtCore import QObject

from .. import log
from ..relay import Relay
from .row_values import make_ready

if TYPE_CHECKING:
    from ...core.live.feed import Feed
    from ...core.live.fleet import Fixes


@dataclass(frozen=True)
class Past:
    """Where vehicles were at a moment (seconds since 1970 UTC); ``absent`` are those of the layer of whom
    that is not known, ``strangers`` those that the layer does not have."""

    moment: float
    fixes: Fixes
    absent: list[str]
    strangers: list[str]


class Rewinding(QObject):
    """Main thread only. ``show(past)`` is called for what ``ask`` asked; of moments that were asked for
    while one was looked up, as when a slider is dragged, only the last one is looked up."""

    def __init__(self, show: Callable[[Past], object], parent: Optional[QObject] = None):
        super().__init__(parent)
        self._show = show
        self._relay = Relay(self._arrived)
        self._under_way = False
        self._next: Optional[tuple[Feed, float, list[str]]] = None
        self._wanted = False

    def ask(self, core: Feed, moment: float, idents: list[str]) -> None:
        """Look up where a feed's vehicles were; ``idents`` are those that the layer has."""
        self._wanted = True
        self._next = (core, moment, idents)
        self._begin()

    def drop(self) -> None:
        """Leave the past: what is still being looked up is not shown."""
        self._wanted, self._next = False, None

    def _begin(self) -> None:
        if self._next is None or self._under_way:
            return
        asked, self._next, self._under_way = self._next, None, True
        threading.Thread(
            target=_run, args=(self._relay.send, *asked), name="redis-geo-rewinding", daemon=True
        ).start()

    def _arrived(self, past: object) -> None:
        self._under_way = False
        if self._wanted and isinstance(past, Past):
            self._show(past)
        self._begin()


def _run(send: Callable[[object], None], core: Feed, moment: float, idents: list[str]) -> None:
    past = None
    try:
        past = _look_up(core, moment, idents)
    except Exception:  # the next moment is looked up all the same
        log.error(traceback.format_exc())
    send(past)


def _look_up(core: Feed, moment: float, idents: list[str]) -> Past:
    fixes = core.fixes_at(moment)
    fixes.ready = make_ready(fixes)
    there, known = set(fixes.idents), set(idents)
    absent = [ident for ident in idents if ident not in there]
    return Past(moment, fixes, absent, [ident for ident in fixes.idents if ident not in known])
