"""QGIS's panel of log messages, shown at the plugin's tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtWidgets import QDockWidget, QTabWidget

from ..bridge import log

if TYPE_CHECKING:
    from qgis.gui import QgisInterface


def show_log(iface: QgisInterface) -> None:
    """Open the panel, and bring the plugin's tab to the front where it has one: QGIS takes no name of a tab
    before 3.40, and makes a tab at its first message."""
    iface.openMessageLog()
    dock = iface.mainWindow().findChild(QDockWidget, "MessageLog")
    for tabs in dock.findChildren(QTabWidget) if dock is not None else ():
        for place in range(tabs.count()):
            if tabs.tabText(place) == log.TAB:
                tabs.setCurrentIndex(place)
