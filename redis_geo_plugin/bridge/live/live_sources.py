"""What all feeds and all live sets of the project have in common: names, connections, settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable, Optional, Protocol

from qgis.core import QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...core.redis.failures import StoreError
from .. import log
from ..server import connections

if TYPE_CHECKING:
    from ...core.redis.settings import ConnectionSettings
    from .live_source import LiveSource


class LiveSpec(Protocol):
    """The description of a feed or a set."""

    @property
    def uid(self) -> str:
        """What tells it apart."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def connection(self) -> str:
        """The saved connection, empty for the active one."""


class LiveSources(QObject):
    """``listed`` when one came or went, ``changed(uid)`` when the state of one may have changed,
    ``unreadable(name)`` when what a layer of that name shows cannot be read from the project.

    ``is_drawing`` tells whether the canvas draws; who owns the canvas sets it, and calls ``on_drawn``.
    """

    listed = pyqtSignal()
    changed = pyqtSignal(str)
    unreadable = pyqtSignal(str)

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.is_drawing: Callable[[], bool] = lambda: False
        self._told: set[str] = set()  # layers whose description cannot be read
        self._project = QgsProject.instance()
        self._adopting = QTimer(self)
        self._adopting.setSingleShot(True)
        self._adopting.timeout.connect(self.adopt)
        self._project.cleared.connect(self._on_cleared)

    def adopt(self) -> None:
        """Resume what the project's layers show (a project was opened, or the plugin reloaded)."""
        raise NotImplementedError

    def sources(self) -> Iterable[tuple[LiveSpec, LiveSource]]:
        """All of them, each with its description."""
        raise NotImplementedError

    def adopt_later(self) -> None:
        """Resume what the project has once the window is shown."""
        self._adopting.start(0)

    def free_name(self, name: str, uid: str = "") -> str:
        """A name that no other than ``uid`` has: with a number behind it where one does."""
        taken = {spec.name for spec, _ in self.sources() if spec.uid != uid}
        free, number = name, 2
        while free in taken:
            free, number = f"{name} ({number})", number + 1
        return free

    def settings_of(self, spec: LiveSpec) -> Optional[ConnectionSettings]:
        """The connection of one with its secret; None where it does not exist (the lamp says so)."""
        try:
            return connections.resolve(spec.connection)
        except (StoreError, ValueError) as error:
            log.warning(f"{spec.name}: {error}")
            return None

    def connection_changed(self) -> None:
        """Follow a change of the active connection or of its settings."""
        for spec, one in self.sources():
            if one.core is not None:
                one.core.reconnect(self.settings_of(spec))

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        for _, one in self.sources():
            one.on_drawn()

    def _follow(self, uid: str, one: LiveSource) -> None:
        """Pass on what one tells, and tell it whether the canvas draws."""
        one.is_drawing = lambda: self.is_drawing()  # noqa: PLW0108 - who owns the canvas sets it later
        one.changed.connect(lambda: self.changed.emit(uid))
        one.ended.connect(lambda: self._on_ended(uid))

    def _on_ended(self, uid: str) -> None:
        """What one shows was deleted."""
        raise NotImplementedError

    def _on_cleared(self) -> None:
        """The project was closed: its layers, and what they show, are gone already."""
        raise NotImplementedError

    def _let_go(self) -> None:
        """Listen to the project no more."""
        self._adopting.stop()
        self._project.cleared.disconnect(self._on_cleared)

    def _say_unreadable(self, layer: QgsMapLayer, name: str, error: Exception) -> None:
        """Another program or version wrote the property ``name`` of a layer: said once; all others go on."""
        if layer.id() not in self._told:
            self._told.add(layer.id())
            log.warning(f"{layer.name()}: {name}: {error}")
            self.unreadable.emit(layer.name())


def was_running(value: object) -> bool:
    """Whether the value of a layer's property says that what it shows was running."""
    return str(value).lower() not in ("false", "0")
