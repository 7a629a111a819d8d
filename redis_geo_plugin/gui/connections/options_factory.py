"""The place of the plugin's page in QGIS's Options, which is imported when the dialog opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget

from ..connection_monitor import ConnectionMonitor
from ..icons import icon

if TYPE_CHECKING:
    from .local_server import LocalServerControl
    from .options_page import OptionsPage


class OptionsFactory(QgsOptionsWidgetFactory):
    """Registers the page; QGIS asks for a new page each time the dialog opens."""

    def __init__(self, monitor: ConnectionMonitor, local: LocalServerControl, kept: Callable[[], object]):
        super().__init__("Redis Geo", icon("redis_geo"))
        self._monitor = monitor
        self._local = local
        self._kept = kept
        self._page: Optional[OptionsPage] = None

    def icon(self) -> QIcon:
        return icon("redis_geo")

    def createWidget(self, parent: QWidget) -> QgsOptionsPageWidget:  # noqa: N802 - QGIS's name
        from .options_page import OptionsPage

        self._page = OptionsPage(parent, self._monitor, self._local, self._kept)
        return self._page
