"""The lower half of the Cache dock: what the cache holds, by namespace, and purging it after a count and a
question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QLocale, Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...bridge.words.namespaces import namespace_on_screen, with_left
from ...bridge.words.quantities import about_size
from ..component import Context
from ..connection_monitor import ConnectionState
from ..dialogs import confirmed
from ..icons import icon
from ..labels import Label, TextRow
from ..row_menu import RowMenu
from ..wrapping import Tall, room_for_headings

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.cache.namespaces import Namespace
    from ...core.cache.written import Tally
    from ...core.redis.failures import Failure
    from ...core.redis.settings import ConnectionSettings

_WHERE = Qt.ItemDataRole.UserRole


class ContentsPanel(Tall):
    """A table of namespaces. Everything that asks the server runs in the background."""

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._task: Optional[BackgroundTask] = None
        self._again = False
        self._build()
        context.connections.changed.connect(self.refresh)
        context.connections.state_changed.connect(self._state_changed)

    def close_panel(self) -> None:
        """Stop the updates and disconnect from the connection's signals."""
        self._context.connections.changed.disconnect(self.refresh)
        self._context.connections.state_changed.disconnect(self._state_changed)
        if self._task is not None:
            self._task.forget()
            self._task = None

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        head = QHBoxLayout()
        self.title = Label(tr("In the cache"), bold=True)
        self.title.setObjectName("redis_geo_cache_contents_title")
        self.refresh_button = QToolButton()
        self.refresh_button.setObjectName("redis_geo_cache_refresh")
        self.refresh_button.setText(tr("Refresh"))
        self.refresh_button.setAutoRaise(True)
        self.refresh_button.clicked.connect(self.refresh)
        head.addWidget(self.title, 1)
        head.addWidget(self.refresh_button)
        layout.addLayout(head)
        self.table = QTreeWidget()
        self.table.setObjectName("redis_geo_cache_contents")
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setHeaderLabels([tr("Namespace"), tr("Operation"), tr("Results"), tr("Size"), tr("Hits")])
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.header().setStretchLastSection(False)
        room_for_headings(self.table.header())
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._selection_changed)
        self.table.setMinimumHeight(64)
        layout.addWidget(self.table, 1)
        foot = QHBoxLayout()
        self.note = Label()
        self.note.setObjectName("redis_geo_cache_contents_note")
        self.note.setWordWrap(True)
        self.purge_button = QPushButton(icon("purge"), tr("Purge…"))
        self.purge_button.setObjectName("redis_geo_cache_purge")
        self.purge_button.setEnabled(False)
        self.purge_button.clicked.connect(self.purge)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.purge_button)
        layout.addLayout(foot)
        RowMenu(self.table, [self.purge_button])

    def refresh(self, *_ignored: object) -> None:
        """Count again; the shown counts stay until the new ones are there."""
        if self._task is not None:
            self._again = True
            return
        settings = self._context.connections.settings()
        if settings is None:
            self._show([])
            self.note.setText(tr("No connection is set up."))
            return
        if not self.isVisible():
            return

        def count_results(task: BackgroundTask) -> list[Namespace]:
            from ...core.cache.namespaces import survey
            from ...core.redis.server import open_server

            return survey(open_server(settings), watch_of(task))

        self._task = self._context.tasks.start(
            tr("Redis Geo: counting the cache"), count_results, self._surveyed
        )

    def _surveyed(self, found: list[Namespace], error: Optional[BaseException]) -> None:
        self._task = None
        if error is not None:
            self.note.setText(_why(error))
        elif found is not None:
            self._show(found)
        if self._again:
            self._again = False
            self.refresh()

    def _show(self, found: list[Namespace]) -> None:
        chosen = self._chosen()
        self.table.clear()
        locale = QLocale()
        for entry in found:
            rate = "" if entry.hit_rate is None else locale.toString(100.0 * entry.hit_rate, "f", 0) + " %"
            item = TextRow(
                [
                    namespace_on_screen(entry.name),
                    _operation(entry.operation),
                    locale.toString(entry.entries),
                    tr("unknown") if entry.bytes is None else about_size(entry.bytes, entry.exact),
                    rate,
                ]
            )
            for column in (2, 3, 4):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setData(0, _WHERE, (entry.name, entry.operation))
            spared = locale.toString(entry.spared_s, "f", 1)
            item.setToolTip(
                4,
                tool_tip(
                    tr("{hits} of {asked} found, {spared} s of computing spared for all who use it").format(
                        hits=locale.toString(entry.hits),
                        asked=locale.toString(entry.hits + entry.misses),
                        spared=spared,
                    )
                ),
            )
            self.table.addTopLevelItem(item)
            item.setSelected((entry.name, entry.operation) == chosen)
        entries, size = sum(e.entries for e in found), sum(e.bytes or 0 for e in found)
        exact = all(entry.exact for entry in found)
        self.note.setText(
            tr("Results: {count}, {size}").format(
                count=locale.toString(entries), size=about_size(size, exact) if size else tr("size unknown")
            )
            if found
            else tr("Nothing yet. The first run fills it.")
        )
        self._selection_changed()

    def purge(self) -> None:
        """Count what would go, ask, and delete it."""
        chosen, settings = self._chosen(), self._context.connections.settings()
        if chosen is None or settings is None:
            return
        namespace, operation = chosen
        self.purge_button.setEnabled(False)

        def count_chosen(task: BackgroundTask) -> Tally:
            from ...core.cache.namespaces import count
            from ...core.redis.server import open_server

            return count(open_server(settings), namespace, operation, watch_of(task))

        def counted(total: Tally, error: Optional[BaseException]) -> None:
            self._selection_changed()
            if error is not None:
                self._context.ui.error(_why(error))
            elif total is not None:
                QTimer.singleShot(
                    0, lambda: ask(total)
                )  # the count has ended: QGIS must not take it for a long task

        def ask(total: Tally) -> None:
            if not total.ours:
                self._context.ui.message(with_left(tr("There are no results here to delete."), total.left))
            elif self._confirmed(namespace, operation, total):
                self._purge(settings, namespace, operation, total.ours)

        self._context.tasks.start(tr("Redis Geo: counting"), count_chosen, counted)

    def _confirmed(self, namespace: str, operation: str, total: Tally) -> bool:
        question = tr(
            "Delete {count} results ({operation}) of the namespace “{namespace}”? Everyone who uses this "
            "server will have to compute them again."
        ).format(
            count=QLocale().toString(total.ours),
            operation=_operation(operation),
            namespace=namespace_on_screen(namespace),
        )
        question = with_left(question, total.left)
        return confirmed(self, tr("Purge the cache"), question, tr("Delete"))

    def _purge(self, settings: ConnectionSettings, namespace: str, operation: str, total: int) -> None:
        def purge_results(task: BackgroundTask) -> Tally:
            from ...core.cache.namespaces import purge
            from ...core.redis.server import open_server

            return purge(open_server(settings), namespace, operation, watch_of(task), total)

        def purged(deleted: Tally, error: Optional[BaseException]) -> None:
            if error is not None:
                self._context.ui.error(_why(error))
            elif deleted is not None:
                text = tr("Deleted results: {count}").format(count=QLocale().toString(deleted.ours))
                self._context.ui.success(text)
            self.refresh()

        self._context.tasks.start(tr("Redis Geo: purging the cache"), purge_results, purged)

    def _chosen(self) -> Optional[tuple[str, str]]:
        items = self.table.selectedItems()
        return tuple(items[0].data(0, _WHERE)) if items else None

    def _selection_changed(self) -> None:
        self.purge_button.setEnabled(self._chosen() is not None)

    def _state_changed(self, state: ConnectionState, failure: Failure) -> None:
        if state is ConnectionState.CONNECTED:
            self.refresh()
        elif failure is not None:
            self.note.setText(failures.in_words(failure))


def _why(error: BaseException) -> str:
    from ...core.redis.failures import classify

    return failures.with_server_words(classify(error))


def _operation(name: str) -> str:
    from ...bridge.operations import label

    return label(name)
