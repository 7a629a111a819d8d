"""The plugin's places in QGIS's window: menu under Database, toolbar, docks, message bar. Remembers what it added."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import Qgis
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMenu, QPushButton, QToolBar

from ..bridge import log
from ..bridge.i18n import RESOURCES, tr


def icon(name: str) -> QIcon:
    """An icon of resources/icons by its name without ending."""
    return QIcon(str(RESOURCES / "icons" / f"{name}.svg"))


class Interface:
    """Adds actions and docks, and removes every one of them in ``close``."""

    def __init__(self, iface: Any):
        self.iface = iface
        self.menu = QMenu("Redis Geo", iface.mainWindow())
        self.menu.setObjectName("redis_geo_menu")
        self.menu.setIcon(icon("redis_geo"))
        self.toolbar: QToolBar = iface.addToolBar("Redis Geo")
        self.toolbar.setObjectName("redis_geo_toolbar")
        self._menu_action = iface.databaseMenu().addMenu(self.menu)
        self._brought_menu = show_database_menu(iface)
        self._actions: list[QAction] = []
        self.remedies: list[tuple[str, str, Callable[[], Any]]] = []  # (sentence of an error, button, what it does)
        self._docks: list[QDockWidget] = []
        self._messages: list[Any] = []

    def add_action(
        self,
        name: str,
        text: str,
        icon_name: str,
        triggered: Callable[..., Any],
        *,
        tip: str = "",
        checkable: bool = False,
        in_toolbar: bool = True,
    ) -> QAction:
        """An action in the menu and, unless told otherwise, in the toolbar. ``name`` is its objectName."""
        action = QAction(icon(icon_name), text, self.iface.mainWindow())
        action.setObjectName(name)
        action.setCheckable(checkable)
        action.setToolTip(f"<b>{text}</b><br>{tip}" if tip else text)
        action.triggered.connect(triggered)
        self.menu.addAction(action)
        if in_toolbar:
            self.toolbar.addAction(action)
        self._actions.append(action)
        return action

    def add_dock(self, dock: QDockWidget, icon_name: str, area: Optional[Qt.DockWidgetArea] = None) -> QAction:
        """Place a dock (where the user last had it, hidden at first) and add the action that shows and hides it."""
        assert dock.objectName(), "a dock without objectName is not remembered by QGIS"
        window = self.iface.mainWindow()
        dock.hide()
        if not window.restoreDockWidget(dock):
            # Not iface.addDockWidget: it shows the dock at once, which would build its content at every start of QGIS.
            self._place(dock, area or Qt.DockWidgetArea.RightDockWidgetArea)
        self._docks.append(dock)
        action = dock.toggleViewAction()
        action.setIcon(icon(icon_name))
        action.setText(tr("{panel} (Redis)").format(panel=dock.windowTitle()))  # among all of QGIS's panels
        action.setToolTip(action.text())
        self.menu.addAction(action)
        self.toolbar.addAction(action)
        panels = window.findChild(QMenu, "mPanelMenu")  # View, Panels
        if panels is not None:
            panels.addAction(action)
        return action

    def _place(self, dock: QDockWidget, area: Qt.DockWidgetArea) -> None:
        """Behind the plugin's other docks: stacked, five of them would be higher than the screen."""
        window = self.iface.mainWindow()
        window.addDockWidget(area, dock)
        for other in reversed(self._docks):
            if window.dockWidgetArea(other) == area and not other.isFloating():
                window.tabifyDockWidget(other, dock)
                return

    def message(
        self,
        text: str,
        level: Qgis.MessageLevel = Qgis.MessageLevel.Info,
        *,
        details: str = "",
        button: str = "",
        clicked: Optional[Callable[[], Any]] = None,
        duration: int = -1,
    ) -> None:
        """A message in the bar above the map, the same in the log, and optionally one button. ``details`` (the server's
        own words) go to the log and to the tool tip."""
        bar = self.iface.messageBar()
        widget = bar.createMessage("Redis Geo", text)
        if details:
            widget.setToolTip(details)
        if button and clicked is not None:
            push = QPushButton(button)
            push.clicked.connect(lambda: (bar.popWidget(widget), clicked()))
            widget.layout().addWidget(push)
        if duration < 0:
            duration = 0 if level in (Qgis.MessageLevel.Critical, Qgis.MessageLevel.Warning) else 8
        bar.pushWidget(widget, level, duration)
        self._messages = [m for m in self._messages if not sip.isdeleted(m)]
        self._messages.append(widget)
        line = f"{text} {details}".strip()
        if level == Qgis.MessageLevel.Critical:
            log.error(line)
        elif level == Qgis.MessageLevel.Warning:
            log.warning(line)
        else:
            log.info(line)

    def error(self, text: str, details: str = "") -> None:
        """An error; where a part of the plugin knows a remedy for what it says, with a button for it."""
        button, remedy = next(((b, r) for sentence, b, r in self.remedies if sentence in text), ("", None))
        self.message(text, Qgis.MessageLevel.Critical, details=details, button=button, clicked=remedy)

    def warning(self, text: str, details: str = "") -> None:
        self.message(text, Qgis.MessageLevel.Warning, details=details)

    def success(self, text: str) -> None:
        self.message(text, Qgis.MessageLevel.Success)

    def close(self) -> None:
        """Take everything out of the window again."""
        from .help import close_help

        close_help()
        for widget in self._messages:  # their buttons would call parts that are gone
            if not sip.isdeleted(widget):
                self.iface.messageBar().popWidget(widget)
        self._messages.clear()
        for dock in self._docks:
            self.iface.removeDockWidget(dock)
            dock.close()
            dock.setParent(None)
            dock.deleteLater()
        for action in self._actions:
            self.menu.removeAction(action)
            self.toolbar.removeAction(action)
            action.deleteLater()
        self.iface.databaseMenu().removeAction(self._menu_action)
        if self._brought_menu and not self.iface.databaseMenu().actions():
            self.iface.mainWindow().menuBar().removeAction(self.iface.databaseMenu().menuAction())
        self.menu.deleteLater()
        self.iface.mainWindow().removeToolBar(self.toolbar)
        self.toolbar.deleteLater()
        self._docks.clear()
        self._actions.clear()


def show_database_menu(iface: Any) -> bool:
    """Put the Database menu into the menu bar, where older versions of QGIS have it only once a plugin asked for it. Returns
    whether it was missing."""
    bar, action = iface.mainWindow().menuBar(), iface.databaseMenu().menuAction()
    if action in bar.actions():
        return False
    bar.insertAction(iface.helpMenu().menuAction(), action)
    return True


def help_text() -> str:
    """The label of help buttons."""
    return tr("Help")
