"""The page "Redis Geo" of QGIS's Options: the saved connections, the local server, general settings."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import QgsSettings
from qgis.gui import QgsOptionsPageWidget, QgsScrollArea
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.server import connections
from ...bridge.server.connections import SavedConnection
from ..cache.options_box import CacheBox
from ..connection_monitor import ConnectionMonitor, ConnectionState
from ..dialogs import confirmed
from ..drawing import lamp
from ..help import open_help
from ..icons import icon
from ..labels import Label, TextRow
from ..live.options_box import LiveBox
from ..row_menu import RowMenu
from ..server.sharing_box import SharingBox
from ..wrapping import room_for_headings
from . import editing, local_server
from .lamp import state_in_words
from .local_server import LocalServerControl

PAGE_NAME = "redis_geo_options"


class OptionsPage(QgsOptionsPageWidget):
    """Changes of the connections are saved at once, those of the settings when the dialog is accepted; then
    ``kept`` is called."""

    def __init__(
        self,
        parent: Optional[QWidget],
        monitor: ConnectionMonitor,
        local: LocalServerControl,
        kept: Callable[[], object] = lambda: None,
    ):
        super().__init__(parent)
        self._kept = kept
        self.setObjectName(PAGE_NAME)
        self._monitor = monitor
        self._local = local
        layout = self._scrolled()
        layout.addWidget(self._connections_box(), 1)
        layout.addWidget(self._local_box())
        self.cache = CacheBox()
        layout.addWidget(self.cache)
        self.live = LiveBox()
        layout.addWidget(self.live)
        self.sharing = SharingBox()
        layout.addWidget(self.sharing)
        layout.addWidget(self._where_from())
        monitor.state_changed.connect(self._refresh)
        monitor.changed.connect(self._refresh)
        monitor.saved.connect(self._refresh)
        local.changed.connect(self._show_local)
        self._refresh()
        self._show_local()
        local.look()

    def _scrolled(self) -> QVBoxLayout:
        """A layout that scrolls where the dialog is low: QGIS does not do that for a page, and would not let
        the user make the dialog lower than all its pages want to be."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = QgsScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        content = QWidget()
        area.setWidget(content)
        outer.addWidget(area)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        return layout

    def apply(self) -> None:
        """QGIS calls this when the dialog is accepted."""
        settings = QgsSettings()
        settings.setValue(local_server.AUTOSTART, self.autostart.isChecked())
        settings.setValue(local_server.MEMORY_MB, self.memory.value())
        self.cache.apply()
        self.live.apply()
        self.sharing.apply()
        self._kept()

    def helpKey(self) -> str:  # noqa: N802 - QGIS's name
        return ""

    # The connections

    def _connections_box(self) -> QGroupBox:
        box = QGroupBox(tr("Connections (changes are saved at once)"))
        row = QHBoxLayout(box)
        self.tree = QTreeWidget()
        self.tree.setObjectName("redis_geo_connections")
        self.tree.setHeaderLabels([tr("Name"), tr("Address"), tr("State")])
        self.tree.setRootIsDecorated(False)
        self.tree.setAlternatingRowColors(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        room_for_headings(header)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(2, 28 * self.fontMetrics().averageCharWidth())
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setMinimumHeight(150)
        self.tree.itemSelectionChanged.connect(self._enable)
        self.tree.itemDoubleClicked.connect(lambda *_: self.edit_button.click())
        row.addWidget(self.tree, 1)
        column = QVBoxLayout()
        self.add_button = self._button(column, "add", tr("Add…"), self.add)
        self.edit_button = self._button(column, "edit", tr("Edit…"), self.edit)
        self.duplicate_button = self._button(column, "duplicate", tr("Duplicate…"), self.duplicate)
        self.remove_button = self._button(column, "remove", tr("Remove"), self.remove)
        column.addSpacing(8)
        self.activate_button = self._button(column, "activate", tr("Make active"), self.activate)
        RowMenu(
            self.tree,
            [
                self.activate_button,
                self.add_button,
                self.edit_button,
                self.duplicate_button,
                self.remove_button,
            ],
        )
        column.addStretch()
        self._button(column, "help", tr("Help"), lambda: open_help("connections"))
        row.addLayout(column)
        return box

    def _button(
        self, column: QVBoxLayout, name: str, text: str, clicked: Callable[[], object]
    ) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"redis_geo_connections_{name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: clicked())
        column.addWidget(button)
        return button

    def selected(self) -> str:
        """The name of the selected connection, or ''."""
        items = self.tree.selectedItems()
        return items[0].data(0, Qt.ItemDataRole.UserRole) if items else ""

    def add(self) -> None:
        self._select(editing.edit(self, self._monitor))

    def edit(self) -> None:
        self._select(editing.edit(self, self._monitor, self.selected()))

    def duplicate(self) -> None:
        self._select(editing.edit(self, self._monitor, self.selected(), copy=True))

    def remove(self) -> None:
        name = self.selected()
        question = tr("Remove the connection “{name}” and its password? Nothing on the server is deleted.")
        if confirmed(self, tr("Redis Geo"), question.format(name=name), tr("Remove")):
            connections.remove(name)
            self._monitor.reload()
            self._monitor.saved.emit()

    def activate(self) -> None:
        self._monitor.activate(self.selected())

    def _refresh(self, *_arguments: object) -> None:
        kept = self.selected() or self._monitor.name
        self.tree.clear()
        for name in connections.names():
            connection = connections.load(name)
            if connection is not None:
                self.tree.addTopLevelItem(self._item(connection))
        if not self.tree.topLevelItemCount():
            empty = TextRow([tr("No connection yet: add one, or start a local server.")])
            empty.setFlags(Qt.ItemFlag.NoItemFlags)
            self.tree.addTopLevelItem(empty)
            empty.setFirstColumnSpanned(True)
        self._select(kept)
        self._enable()

    def _item(self, connection: SavedConnection) -> QTreeWidgetItem:
        address = (
            tr("the local server of this profile") if connection.local_server else connection.settings.url()
        )
        active = connection.name == self._monitor.name
        state = state_in_words(self._monitor) if active else ""
        item = TextRow([connection.name, address, state])
        item.setData(0, Qt.ItemDataRole.UserRole, connection.name)
        item.setToolTip(1, tool_tip(address))
        item.setToolTip(2, tool_tip(state))
        size = self.fontMetrics().height()
        item.setIcon(0, QIcon(lamp(self._monitor.state if active else ConnectionState.NONE, size)))
        if active:
            font = item.font(0)
            font.setBold(True)
            item.setFont(0, font)
        return item

    def _select(self, name: str) -> None:
        """Choose the row of a connection; '' leaves the choice as it is."""
        for row in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(row)
            if item.data(0, Qt.ItemDataRole.UserRole) == name:
                self.tree.setCurrentItem(item)

    def _enable(self) -> None:
        name = self.selected()
        connection = connections.load(name) if name else None
        own = connection is not None and not connection.local_server
        self.edit_button.setEnabled(own)
        self.duplicate_button.setEnabled(own)
        self.remove_button.setEnabled(connection is not None)
        self.activate_button.setEnabled(connection is not None and name != self._monitor.name)

    # The local server

    def _local_box(self) -> QGroupBox:
        box = QGroupBox(tr("Local server of this profile"))
        column, row, form_layout = QVBoxLayout(box), QHBoxLayout(), QFormLayout()
        column.addLayout(row)  # a form would give a text that wraps less than its lines take
        column.addLayout(form_layout)
        self.local_state = Label()
        self.local_state.setObjectName("redis_geo_local_state")
        self.local_state.setWordWrap(True)
        self.local_button = QPushButton()
        self.local_button.setObjectName("redis_geo_local_start_stop")
        self.local_button.setAutoDefault(False)
        self.local_button.clicked.connect(self._start_or_stop)
        row.addWidget(self.local_state, 1)
        row.addWidget(self.local_button)
        self.copy_button = QPushButton(tr("Copy its address…"))
        self.copy_button.setObjectName("redis_geo_local_copy_address")
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(lambda _checked=False: self._local.copy_address())
        row.addWidget(self.copy_button)
        self.autostart = QCheckBox(tr("Start it with QGIS when its connection is the active one"))
        self.autostart.setObjectName("redis_geo_local_autostart")
        self.autostart.setChecked(local_server.autostart())
        form_layout.addRow(self.autostart)
        self.memory = QSpinBox()
        self.memory.setObjectName("redis_geo_local_memory")
        self.memory.setMaximumWidth(140)
        self.memory.setRange(16, 1_000_000)
        self.memory.setSuffix(tr(" MB"))
        self.memory.setValue(local_server.memory_mb())
        self.memory.setToolTip(
            tr("Above this, results that carry a lifetime make room for new ones. Used at the next start.")
        )
        form_layout.addRow(tr("Memory at most"), self.memory)
        return box

    def _start_or_stop(self) -> None:
        if self._local.running:
            self._local.stop()
        else:
            self._local.start()

    def _show_local(self) -> None:
        if self._local.busy:
            text = tr("One moment…")
        elif self._local.running:
            text = tr("Runs on this computer only, with a password of its own; its data survive a restart.")
        else:
            text = tr("Not running. Its data stay in the profile's folder between starts.")
        self.local_state.setText(text)
        self.local_button.setText(tr("Stop") if self._local.running else tr("Start a local server"))
        self.local_button.setIcon(icon("stop" if self._local.running else "start"))
        self.local_button.setEnabled(not self._local.busy)
        self.copy_button.setEnabled(bool(self._local.running))

    def _where_from(self) -> Label:
        label = Label(
            tr("Where to get a server")
            + "\n"
            + tr("Your organisation's: ask its administrator for the address, the user and the password.")
            + "\n"
            + tr("Linux, macOS: the local server above, or the packages valkey or redis of your system.")
            + "\n"
            + tr(
                "Windows: in WSL (“sudo apt install redis-server”) or a container "
                "(“docker run -p 127.0.0.1:6379:6379 valkey/valkey”)."
            )
        )
        label.setObjectName("redis_geo_where_from")
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label
