"""Where new panels stand in QGIS's window: as tabs. Stacked, five of them would be higher than the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QObject, Qt
from qgis.PyQt.QtWidgets import QDockWidget

from ..bridge.settings import kept_bytes

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

TOOLBOX = "ProcessingToolbox"  # stands in the same area, and is as high
STATE = "UI/state"  # of the window, as QGIS keeps it


class Placing(QObject):
    """Places the plugin's docks where the user last had them, new ones as tabs beside each other and the
    Processing toolbox.

    QGIS restores the state of its window once all plugins are loaded. A dock that this state does not name,
    as on the first start with the plugin, Qt then puts below the others: it is made a tab again.
    """

    def __init__(self, iface: QgisInterface):
        super().__init__()
        self._iface = iface
        self._docks: list[tuple[QgsDockWidget, Qt.DockWidgetArea]] = []
        iface.initializationCompleted.connect(self._restored)

    def add(self, dock: QgsDockWidget, area: Optional[Qt.DockWidgetArea] = None) -> None:
        """Place a dock, hidden at first."""
        window = self._iface.mainWindow()
        wanted = area or Qt.DockWidgetArea.RightDockWidgetArea
        dock.hide()
        if not window.restoreDockWidget(dock):
            # Not iface.addDockWidget: it shows the dock at once, which would build its content at every start
            # of QGIS.
            window.addDockWidget(wanted, dock)
            self._make_tab(dock, wanted, [other for other, _ in self._docks])
        self._docks.append((dock, wanted))

    def close(self) -> None:
        """Place nothing any more."""
        self._docks.clear()
        self._iface.initializationCompleted.disconnect(self._restored)

    def _restored(self) -> None:
        known = kept_bytes(STATE)
        standing = [dock for dock, _ in self._docks if dock.objectName().encode("utf-16-be") in known]
        for dock, area in self._docks:
            if dock not in standing and dock.isHidden():
                self._make_tab(dock, area, standing)
                standing.append(dock)

    def _make_tab(
        self, dock: QgsDockWidget, area: Qt.DockWidgetArea, standing: Sequence[QDockWidget]
    ) -> None:
        """Beside the last of the docks that stand in the area already, or the toolbox."""
        window = self._iface.mainWindow()
        toolbox = window.findChild(QDockWidget, TOOLBOX)
        for other in [*reversed(standing), *([toolbox] if toolbox is not None else [])]:
            if window.dockWidgetArea(other) == area and not other.isFloating():
                window.tabifyDockWidget(other, dock)
                return
