"""Actions in the menu that QGIS shows for a layer in the Layers panel, under *Redis Geo*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsMapLayer
from qgis.PyQt.QtWidgets import QAction

from ..bridge import compat
from .icons import icon

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

MENU = "Redis Geo"


class LayerMenu:
    """Adds actions to the menu of every vector layer, or of one; ``close`` takes them away again."""

    def __init__(self, iface: QgisInterface, layer: Optional[QgsMapLayer] = None):
        self._iface = iface
        self._layer = layer
        self._actions: list[QAction] = []

    def add(self, name: str, text: str, icon_name: str, triggered: Callable[[], object]) -> QAction:
        """Add an action; ``name`` is its objectName."""
        action = QAction(icon(icon_name), text, self._iface.mainWindow())
        action.setObjectName(name)
        action.triggered.connect(lambda _checked=False: triggered())
        self._iface.addCustomActionForLayerType(action, MENU, compat.VECTOR_LAYER, self._layer is None)
        if self._layer is not None:
            self._iface.addCustomActionForLayer(action, self._layer)
        self._actions.append(action)
        return action

    def close(self) -> None:
        """Take the actions away."""
        actions, self._actions = self._actions, []
        for action in actions:
            self._iface.removeCustomActionForLayerType(action)
            action.deleteLater()
