"""A part of the user interface that the plugin installs and takes away again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qgis.PyQt.QtWidgets import QToolBar

if TYPE_CHECKING:
    from ..bridge.tasks import TaskKeeper
    from .connection_monitor import ConnectionMonitor
    from .interface import Interface


@dataclass
class Context:
    """What every component is given: QGIS, the places for actions and docks, messages, connections and tasks.

    ``services`` are functions by name that one component offers to the others, who look them up when they need them
    (``add_feed(spec)``, ``search_set(name)``), and do without where the component is not there.
    """

    iface: Any
    ui: Interface
    connections: ConnectionMonitor
    tasks: TaskKeeper
    services: dict[str, Any] = field(default_factory=dict)

    @property
    def toolbar(self) -> QToolBar:
        return self.ui.toolbar


class Component:
    """One feature's window side. ``install`` builds and connects; ``uninstall`` undoes all of it, and never raises
    for a part that was not built. Docks fill themselves when first shown, so that QGIS starts quickly."""

    def __init__(self, context: Context):
        self.context = context

    def install(self) -> None:
        raise NotImplementedError

    def uninstall(self) -> None:
        raise NotImplementedError
