"""The plugin's places in QGIS's window: menu under Database, toolbar, docks, message bar. Remembers what it
added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import Qgis
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import QObject, QRegularExpression, Qt
from qgis.PyQt.QtWidgets import QAction, QMenu, QToolBar

from ..bridge.i18n import tr
from ..bridge.plain import tip_of, tool_tip
from ..bridge.tasks import BackgroundTask
from .action_groups import Group, GroupedActions
from .help import close_help
from .icons import icon
from .messages import Button, Message, Messages
from .placing import Placing
from .progress import Progress

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

DOCK_NAMES = QRegularExpression("^redis_geo_")  # their objectNames


class Interface:
    """Adds actions and docks, and removes every one of them in ``close``."""

    def __init__(self, iface: QgisInterface):
        self.iface = iface
        self.menu = QMenu("Redis Geo", iface.mainWindow())
        self.menu.setObjectName("redis_geo_menu")
        self.menu.setIcon(icon("redis_geo"))
        self.toolbar: QToolBar = iface.addToolBar("Redis Geo")
        self.toolbar.setObjectName("redis_geo_toolbar")
        self._in_menu, self._in_toolbar = GroupedActions(self.menu), GroupedActions(self.toolbar)
        self._menu_action = iface.databaseMenu().addMenu(self.menu)
        self._brought_menu = show_database_menu(iface)
        self._actions: list[QAction] = []
        self._registered: list[QAction] = []  # with QGIS's shortcuts
        self.remedies: list[
            tuple[str, str, Callable[[], object]]
        ] = []  # (sentence of an error, button, what it does)
        self._docks: list[QgsDockWidget] = []
        self._placing = Placing(iface)
        self.messages = Messages(iface)
        self._shown = QObject()  # holds the Progress of each task

    def add_action(
        self,
        name: str,
        text: str,
        icon_name: str,
        triggered: Callable[..., object],
        *,
        tip: str = "",
        checkable: bool = False,
        in_toolbar: bool = True,
        group: Group = Group.WORK,
    ) -> QAction:
        """An action in its group of the menu and, unless told otherwise, of the toolbar. ``name`` is its
        objectName."""
        action = QAction(icon(icon_name), text, self.iface.mainWindow())
        action.setObjectName(name)
        action.setCheckable(checkable)
        action.setToolTip(tip_of(text, tip) if tip else tool_tip(text))
        action.triggered.connect(triggered)
        self._in_menu.add(action, group)
        if in_toolbar:
            self._in_toolbar.add(action, group)
        self._register(action)
        self._actions.append(action)
        return action

    def _register(self, action: QAction, shortcut: str = "") -> None:
        """Let the user choose a shortcut (Settings, Keyboard Shortcuts); ``shortcut`` until then."""
        self.iface.registerMainWindowAction(action, shortcut)
        self._registered.append(action)

    def add_dock(
        self,
        dock: QgsDockWidget,
        icon_name: str,
        area: Optional[Qt.DockWidgetArea] = None,
        shortcut: str = "",
    ) -> QAction:
        """Place a dock (where the user last had it, hidden at first) and add the action that brings it to
        the front, and hides it where it stands there already."""
        assert dock.objectName(), "a dock without objectName is not remembered by QGIS"
        window = self.iface.mainWindow()
        self._placing.add(dock, area)
        self._docks.append(dock)
        action = action_of(dock)
        action.setIcon(icon(icon_name))
        action.setText(tr("{panel} (Redis)").format(panel=dock.windowTitle()))  # among all of QGIS's panels
        action.setToolTip(tool_tip(action.text()))
        self._in_menu.add(action, Group.PANELS)
        self._in_toolbar.add(action, Group.PANELS)
        self._register(action, shortcut)
        panels = window.findChild(QMenu, "mPanelMenu")  # View, Panels
        if panels is not None:
            panels.addAction(action)
        return action

    def message(
        self,
        text: str,
        level: Qgis.MessageLevel = Qgis.MessageLevel.Info,
        *,
        details: str = "",
        button: str = "",
        clicked: Optional[Callable[[], object]] = None,
        buttons: Sequence[Button] = (),
        duration: int = -1,
        topic: str = "",
    ) -> Message:
        """A message in the bar above the map, the same in the log; see ``Messages.show``. ``button`` and
        ``clicked`` are for one button."""
        if button and clicked is not None:
            buttons = [*buttons, Button(button, clicked)]
        return self.messages.show(
            text, level, details=details, buttons=buttons, duration=duration, topic=topic
        )

    def error(self, text: str, details: str = "", topic: str = "") -> None:
        """An error; where a part of the plugin knows a remedy for what it says, with a button for it."""
        button, remedy = next(((b, r) for sentence, b, r in self.remedies if sentence in text), ("", None))
        self.message(
            text, Qgis.MessageLevel.Critical, details=details, button=button, clicked=remedy, topic=topic
        )

    def warning(self, text: str, details: str = "", topic: str = "") -> None:
        """A warning in the message bar."""
        self.message(text, Qgis.MessageLevel.Warning, details=details, topic=topic)

    def success(self, text: str, topic: str = "") -> None:
        """Say in the message bar that something is done."""
        self.message(text, Qgis.MessageLevel.Success, topic=topic)

    def forget(self, topic: str) -> None:
        """Remove the messages about a topic that no longer hold."""
        self.messages.forget(topic)

    def show_progress(self, task: BackgroundTask) -> None:
        """Show a task above the map while it runs, once it has run for a second."""
        Progress(self.iface.messageBar(), self.messages.widget, task, self._shown)

    def close(self) -> None:
        """Take everything out of the window again."""
        close_help()
        for shown in self._shown.findChildren(Progress):
            shown.close()
        self.messages.close()
        for action in self._registered:
            self.iface.unregisterMainWindowAction(action)
        self._registered.clear()
        self._placing.close()
        for dock in self.iface.mainWindow().findChildren(QgsDockWidget, DOCK_NAMES):
            self.iface.removeDockWidget(dock)  # also one whose part failed before it was placed
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


def action_of(dock: QgsDockWidget) -> QAction:
    """The action of a dock: Qt's own, but a panel behind another tab comes to the front, where Qt's would
    close it. It is checked while the panel is in front."""
    action = dock.toggleViewAction()
    action.triggered.disconnect()  # Qt's own slot
    action.triggered.connect(lambda _checked: dock.setUserVisible(not dock.isUserVisible()))
    dock.visibilityChanged.connect(action.setChecked)
    return action


def show_database_menu(iface: QgisInterface) -> bool:
    """Put the Database menu into the menu bar, where older versions of QGIS have it only once a plugin asked
    for it. Returns whether it was missing."""
    bar, action = iface.mainWindow().menuBar(), iface.databaseMenu().menuAction()
    if action in bar.actions():
        return False
    bar.insertAction(iface.helpMenu().menuAction(), action)
    return True


def help_text() -> str:
    """The label of help buttons."""
    return tr("Help")
