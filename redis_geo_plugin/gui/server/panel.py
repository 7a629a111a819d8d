"""What the Server dock holds: figures above, keys below, and what may be done with a selected branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...core.redis import production
from ..component import Context
from ..connection_monitor import ConnectionState
from ..help import open_help
from ..icons import icon
from ..interface import help_text
from ..labels import Label
from ..row_menu import RowMenu
from ..wrapping import Scrolled
from . import wording
from .head import HeadPanel
from .key_actions import KeyActions
from .keys_view import KeysView, name_of
from .recents_view import RecentsView
from .watcher import HealthWatcher

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.admin.survey import Survey
    from ...core.redis.failures import Failure
    from .latency import LatencyLog


HEAD_HEIGHT = 300  # pixels at first; the splitter is the user's


class ServerPanel(QWidget):
    """Asks while it is active (the dock is seen), and never on the main thread. ``looked`` is emitted when
    ``survey`` is another."""

    looked = pyqtSignal()

    def __init__(self, context: Context, latencies: LatencyLog):
        super().__init__()
        self._context = context
        self._active = False
        self._watcher: Optional[HealthWatcher] = None
        self._task: BackgroundTask = None
        self._again = False
        self.survey: Optional[Survey] = None
        self.head = HeadPanel(latencies)
        self.keys = KeysView()
        self.recents = RecentsView(context)
        self.keys.addTab(self.recents, tr("Recent results"))
        self.changes = KeyActions(self, context)
        self._build()
        self.changes.done.connect(self.look)
        self.keys.chosen.connect(self._chosen)
        connections = context.connections
        connections.changed.connect(self._connection_changed)
        connections.state_changed.connect(self._state_changed)
        connections.heard.connect(self._heard)

    def close_panel(self) -> None:
        """Stop the updates and disconnect from the connection's signals."""
        connections = self._context.connections
        connections.changed.disconnect(self._connection_changed)
        connections.state_changed.disconnect(self._state_changed)
        connections.heard.disconnect(self._heard)
        self.set_active(False)

    def _build(self) -> None:
        below = QWidget()
        layout = QVBoxLayout(below)
        layout.setContentsMargins(6, 6, 6, 6)
        top = QHBoxLayout()
        self.looked_at = Label()
        self.looked_at.setObjectName("redis_geo_server_looked_at")
        self.looked_at.setWordWrap(True)
        self.look_button = _tool("redis_geo_server_look", tr("Look again"))
        self.look_button.clicked.connect(self.look)
        self.help_button = _tool("redis_geo_server_help", help_text())
        self.help_button.clicked.connect(lambda: open_help("server"))
        top.addWidget(self.looked_at, 1)
        top.addWidget(self.look_button)
        top.addWidget(self.help_button)
        layout.addLayout(top)
        layout.addWidget(self.keys, 1)
        self.unlock = QCheckBox(tr("Allow changes to this production server"))
        self.unlock.setToolTip(tr("Until QGIS closes"))
        self.unlock.setObjectName("redis_geo_server_unlock")
        self.unlock.toggled.connect(self._unlock)
        layout.addWidget(self.unlock)
        layout.addLayout(self._buttons())
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(Scrolled(self.head))
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([HEAD_HEIGHT, 3 * HEAD_HEIGHT])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)
        buttons = [self.ttl_button, self.export_button, self.origin_button, self.purge_button]
        for table in (self.keys.tree, self.keys.biggest, self.keys.unexpiring):
            RowMenu(table, buttons, name_of)
        self._show_lock()
        self._chosen()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.ttl_button = QPushButton(tr("Set TTL…"))
        self.ttl_button.setObjectName("redis_geo_server_ttl")
        self.export_button = QPushButton(tr("Export…"))
        self.export_button.setObjectName("redis_geo_server_export")
        self.origin_button = QPushButton(tr("Origin…"))
        self.origin_button.setObjectName("redis_geo_server_origin")
        self.purge_button = QPushButton(icon("purge"), tr("Purge…"))
        self.purge_button.setObjectName("redis_geo_server_purge")
        for button, act in (
            (self.ttl_button, self.changes.set_ttl),
            (self.export_button, self.changes.export),
            (self.origin_button, self.changes.origin),
            (self.purge_button, self.changes.purge),
        ):
            button.clicked.connect(lambda _checked=False, act=act: act(self.keys.selected()))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def sizeHint(self) -> QSize:
        return QSize(480, 760)

    # --- what comes in ---

    def set_active(self, active: bool) -> None:
        """Begin to ask when the dock is seen, stop when it is hidden."""
        if active == self._active:
            return
        self._active = active
        if active:
            self._watch()
            if self.survey is None or not self.survey.total:  # what was empty may have been filled meanwhile
                self.look()
        else:
            self._end()

    def _watch(self) -> None:
        settings = self._context.connections.settings()
        if settings is None:
            self.head.clear(tr("No connection is set up."))
            return
        self._watcher = HealthWatcher(settings, self.head.show_figures)
        self._watcher.start()

    def _end(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.end()
        task, self._task = self._task, None
        if task is not None:
            task.forget()
        self.recents.close_view()
        self.look_button.setEnabled(True)

    def _connection_changed(self) -> None:
        self._end()
        self.survey = None
        self.keys.clear_all()
        self.recents.clear()
        self.looked_at.clear()
        self.head.clear(tr("Asking the server…"))
        self.head.show_mean_results({})
        self._show_lock()
        if self._active:
            self._watch()
            self.look()

    def _state_changed(self, state: ConnectionState, _failure: Failure) -> None:
        if state is ConnectionState.CONNECTED and self._active and self.survey is None:
            self.look()

    def _heard(self) -> None:
        if self._active:
            self.head.show_latency()

    def look(self, *_ignored: object) -> None:
        """Look at the keys, in the background; what is on screen stays until then."""
        settings = self._context.connections.settings()
        if settings is None or not self._active:
            return
        if self._task is not None:
            self._again = True  # what it finds may be older than the wish
            return
        self._again = False
        self.recents.look()
        self.look_button.setEnabled(False)
        self.looked_at.setText(tr("Looking at the keys…"))

        def survey_keys(task: BackgroundTask) -> Optional[Survey]:
            from ...core.admin.survey import survey
            from ...core.redis.server import open_server
            from ...core.watch import Cancelled

            try:
                return survey(open_server(settings), watch_of(task))
            except Cancelled:
                return None

        self._task = self._context.tasks.start(
            tr("Redis Geo: looking at the keys"), survey_keys, self._looked
        )

    def _looked(self, found: Optional[Survey], error: Optional[BaseException]) -> None:
        self._task = None
        self.look_button.setEnabled(True)
        if error is not None:
            from ...core.redis.failures import classify

            self.looked_at.setText(failures.in_words(classify(error)))
        elif found is None:
            self.looked_at.setText(tr("Cancelled."))
        else:
            self.survey = found
            self.looked_at.setText(wording.looked_at(found))
            self.head.show_mean_results(found.mean_results())
            self.keys.show_survey(found)
            self.looked.emit()
        if self._again:
            self.look()

    # --- what may be done ---

    def _unlock(self, on: bool) -> None:
        production.allow(self._context.connections.name, on)
        self._chosen()

    def _show_lock(self) -> None:
        settings = self._context.connections.settings()
        self.unlock.setVisible(settings is not None and settings.production)
        self.unlock.setChecked(
            settings is not None and settings.production and not production.is_locked(settings)
        )

    def _chosen(self) -> None:
        name = self.keys.selected()
        for button, why in (
            (self.ttl_button, self.changes.why_not_change(name)),
            (self.purge_button, self.changes.why_not_change(name)),
            (self.export_button, self.changes.why_not_export(name)),
            (self.origin_button, self.changes.why_no_origin(name)),
        ):
            button.setEnabled(not why)
            button.setToolTip(tool_tip(why))


def _tool(name: str, text: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setAutoRaise(True)
    return button
