"""The lamp in the status bar: the state of the active connection at a glance, more in the tip, actions in the
menu."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable

from qgis.PyQt.QtCore import QEvent, QSize, Qt, QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QActionGroup, QMenu, QToolButton

from ...bridge.i18n import tr
from ...bridge.plain import tip_of
from ...bridge.server import connections
from ...bridge.words import failures
from ...core.redis.failures import FailureKind
from ..connection_monitor import ConnectionMonitor, ConnectionState
from ..drawing import lamp
from ..icons import icon
from .local_server import LocalServerControl
from .tester import milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDEST_NAME = 24  # characters of the connection's name in the status bar


def state_in_words(monitor: ConnectionMonitor) -> str:
    """The state of the active connection in a sentence or two, without any secret."""
    news = monitor.news
    if news.state is ConnectionState.NONE:
        return tr("No Redis connection is set up.")
    if news.state is ConnectionState.CONNECTING:
        return tr("Connecting…")
    if news.state is ConnectionState.CONNECTED:
        server = f"{news.product} {news.version}".strip()
        role = " " + tr("(read-only replica)") if news.read_only else ""
        return tr("Connected to {server}").format(server=server) + role
    if news.failure and news.failure.kind is FailureKind.REFUSED and connections.active_is_local():
        return tr("The local server is not running.")
    why = failures.in_words(news.failure) if news.failure else ""
    if news.state is ConnectionState.RECONNECTING:
        return tr("No connection at the moment. {why}").format(why=why)
    return tr("The connection failed. {why}").format(why=why)


def tip(monitor: ConnectionMonitor) -> str:
    """The lamp's tool tip: name, address, state, latency, since when, next try."""
    news, settings = monitor.news, monitor.settings()
    lines = [f"Redis Geo: {monitor.name}" if monitor.name else "Redis Geo"]
    if settings is not None:
        lines.append(settings.url())
    lines.append(state_in_words(monitor))
    if news.state is ConnectionState.CONNECTED:
        lines.append(tr("Answers in {ms} ms").format(ms=milliseconds(news.latency_ms)))
    if news.state is not ConnectionState.NONE:
        lines.append(tr("Since {time}").format(time=time.strftime("%H:%M:%S", time.localtime(monitor.since))))
    pause = news.next_try - time.time()
    if pause > 0:
        lines.append(tr("Next try in {seconds} s").format(seconds=int(pause) + 1))
    return tip_of(*lines)


class Lamp(QToolButton):
    """Built by the component; ``actions`` are the functions that its menu calls, by name."""

    def __init__(
        self,
        monitor: ConnectionMonitor,
        local: LocalServerControl,
        actions: Mapping[str, Callable[..., object]],
    ):
        super().__init__()
        self._monitor = monitor
        self._local = local
        self._actions = actions
        self.setObjectName("redis_geo_lamp")
        self.setAutoRaise(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        side = max(self.fontMetrics().height() - 2, 12)
        self.setIconSize(QSize(side, side))
        self._menu = QMenu(self)
        self._menu.setObjectName("redis_geo_lamp_menu")
        self._menu.aboutToShow.connect(self.fill_menu)
        self.setMenu(self._menu)
        self._soon = QTimer(self)  # many changes at once, as when a server flaps, are drawn once
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.show_state)
        monitor.state_changed.connect(self._soon_changed)
        monitor.changed.connect(self._soon_changed)
        monitor.saved.connect(self._soon_changed)
        self.show_state()

    def detach(self) -> None:
        """Disconnect from the monitor."""
        self._soon.stop()
        for signal in (self._monitor.state_changed, self._monitor.changed, self._monitor.saved):
            signal.disconnect(self._soon_changed)

    def show_state(self) -> None:
        """Draw the lamp as the monitor has it now."""
        name = self._monitor.name or (self._monitor.settings() or _NOBODY).name
        if len(name) > WIDEST_NAME:
            name = name[: WIDEST_NAME - 1] + "…"
        self.setText(name.replace("&", "&&") or "Redis")
        self.setIcon(QIcon(lamp(self._monitor.state, self.iconSize().width())))
        self.setToolTip(tip(self._monitor))
        self.setAccessibleName(f"Redis Geo: {state_in_words(self._monitor)}")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(tip(self._monitor))  # latency and pause are of this moment
        return super().event(event)

    def fill_menu(self) -> None:
        """The menu of this moment."""
        menu = self._menu
        menu.clear()
        for group in menu.findChildren(QActionGroup):
            group.deleteLater()
        title = menu.addAction(state_in_words(self._monitor))
        title.setEnabled(False)
        mark = QIcon()
        mark.addPixmap(lamp(self._monitor.state, 16), QIcon.Mode.Disabled)
        title.setIcon(mark)
        menu.addSeparator()
        self._add_connections()
        retry = self._add("retry", tr("Retry now"))
        retry.setEnabled(self._monitor.state in (ConnectionState.RECONNECTING, ConnectionState.FAILED))
        edit = self._add("edit", tr("Edit this connection…"))
        active = connections.load(self._monitor.name) if self._monitor.name else None
        edit.setEnabled(active is not None and not active.local_server)
        self._add("new", tr("New connection…"))
        menu.addSeparator()
        self._add_local()
        menu.addSeparator()
        self._add("options", tr("Connections and settings…"))
        self._add("log", tr("Show the log"))
        self._add("help", tr("Help"))

    def _add(self, name: str, text: str) -> Any:
        action = self._menu.addAction(text)
        action.setObjectName(f"redis_geo_lamp_{name}")
        action.triggered.connect(lambda _checked=False: self._actions[name]())
        return action

    def _add_connections(self) -> None:
        group = QActionGroup(self._menu)
        for name in connections.names():
            action = self._menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name == self._monitor.name)
            action.setActionGroup(group)
            action.setData(name)
            action.triggered.connect(lambda _checked=False, name=name: self._monitor.activate(name))
        if group.actions():
            self._menu.addSeparator()

    def _add_local(self) -> None:
        if self._local.running:
            action = self._add("stop_local", tr("Stop the local server"))
            action.setIcon(icon("stop"))
        else:
            action = self._add("start_local", tr("Start a local server"))
            action.setIcon(icon("start"))
        action.setEnabled(not self._local.busy)
        copy = self._add("copy_local", tr("Copy the local server's address…"))
        copy.setEnabled(bool(self._local.running))

    def _soon_changed(self, *_arguments: object) -> None:
        self._soon.start()


class _Nobody:
    name = ""


_NOBODY = _Nobody()
