"""The tab of recent results: who computed what, when; each can be taken as a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsUnitTypes
from qgis.PyQt.QtCore import QDateTime, QLocale, Qt
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...bridge import sharing, words
from ...bridge.i18n import tr
from ...bridge.operations import label as operation_title
from ...bridge.styles import style_result
from ..component import Context
from ..moments import when
from . import wording

if TYPE_CHECKING:
    from ...core.cache.recents import Recent

_ENTRY = Qt.ItemDataRole.UserRole


class RecentsView(QWidget):
    """Filled by ``look``, in the background."""

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._task: Any = None
        self.table = QTreeWidget()
        self.table.setObjectName("redis_geo_server_recents")
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setHeaderLabels([tr("What"), tr("Who"), tr("When")])
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.table.itemDoubleClicked.connect(lambda *_args: self.take())
        self.note = QLabel()
        self.note.setObjectName("redis_geo_server_recents_note")
        self.note.setWordWrap(True)
        self.take_button = QPushButton(tr("Take as layer"))
        self.take_button.setObjectName("redis_geo_server_take")
        self.take_button.setEnabled(False)
        self.take_button.clicked.connect(self.take)
        row = QHBoxLayout()
        row.addWidget(self.note, 1)
        row.addWidget(self.take_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addLayout(row)

    def close_view(self) -> None:
        if self._task is not None:
            self._task.forget()
            self._task = None

    def look(self) -> None:
        """Read the list anew."""
        settings = self._context.connections.settings()
        if settings is None or self._task is not None:
            return

        def work(task: Any) -> Any:
            from ...core.cache.recents import recent
            from ...core.cache.statistics import proofs
            from ...core.server import open_server

            server = open_server(settings)
            return recent(server), proofs(server)

        self._task = self._context.tasks.start(tr("Redis Geo: recent results"), work, self._looked)

    def _looked(self, found: Any, error: Optional[BaseException]) -> None:
        self._task = None
        if error is not None:
            self.note.setText(_why(error))
        elif found is not None:
            self.show_entries(*found)

    def show_entries(self, entries: list[Recent], proofs: tuple[int, int]) -> None:
        self.table.clear()
        for entry in entries:
            item = QTreeWidgetItem([what(entry), entry.who, when(entry.when)])
            item.setData(0, _ENTRY, entry)
            item.setToolTip(0, details(entry))
            self.table.addTopLevelItem(item)
        proved, differed = proofs
        text = tr("Nothing yet: what anyone computes with the cache stands here for 30 days.") if not entries else ""
        if proved:
            text = tr("Computed anew as a test: {proved} cached results; different: {differed}.").format(
                proved=wording.number(proved), differed=wording.number(differed)
            )
        self.note.setText(text)
        self._chosen()

    def clear(self) -> None:
        self.close_view()
        self.table.clear()
        self.note.clear()

    def chosen(self) -> Optional[Recent]:
        items = self.table.selectedItems()
        return items[0].data(0, _ENTRY) if items else None

    def _chosen(self) -> None:
        entry = self.chosen()
        self.take_button.setEnabled(entry is not None and entry.takeable)
        self.take_button.setToolTip(
            tr("This run had too many results, or some that were not worth caching.")
            if entry is not None and not entry.takeable
            else ""
        )

    def take(self) -> None:
        """The results of the chosen run as a layer."""
        entry, settings = self.chosen(), self._context.connections.settings()
        if entry is None or not entry.takeable or settings is None:
            return

        def work(task: Any) -> Any:
            from ...core.cache.recents import results
            from ...core.server import open_server

            return results(open_server(settings), entry)

        def taken(wkbs: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                self._context.ui.error(_why(error))
            elif wkbs is not None:
                self._add(entry, wkbs)

        self._context.tasks.start(tr("Redis Geo: taking results as a layer"), work, taken)

    def _add(self, entry: Recent, wkbs: list[Optional[bytes]]) -> None:
        gone = sum(wkb is None for wkb in wkbs)
        if gone == len(wkbs):
            self._context.ui.warning(tr("These results are no longer in the cache."))
            return
        layer = sharing.layer_of(entry, wkbs, what(entry))
        style_result(layer)
        QgsProject.instance().addMapLayer(layer)
        if gone:
            self._context.ui.warning(
                tr("{count} of these results are no longer in the cache.").format(count=wording.number(gone))
            )


def what(entry: Recent) -> str:
    """ "Buffer 1000 m of Parcels: 240"."""
    name = f"{operation_title(entry.operation)} {_number(entry)}".strip()
    count = wording.number(entry.total)
    if entry.title:
        return tr("{operation} of {layer}: {count}").format(operation=name, layer=entry.title, count=count)
    return tr("{operation}: {count}").format(operation=name, count=count)


def _number(entry: Recent) -> str:
    """The distance or tolerance of a run with its unit; empty where it has none. Others may have written it."""
    value = entry.parameters.get("distance", entry.parameters.get("tolerance"))
    if value is None or isinstance(value, bool):
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)[:40]
    if entry.parameters.get("geodesic") is True:
        return f"{text} m"
    crs = QgsCoordinateReferenceSystem(str(entry.parameters.get("crs", "")))
    return f"{text} {QgsUnitTypes.toAbbreviatedString(crs.mapUnits())}" if crs.isValid() else text


def details(entry: Recent) -> str:
    """Everything that is known of a run, one line each."""
    parameters = ", ".join(f"{name}={value}" for name, value in entry.parameters.items())
    return "\n".join(
        [
            *(_of_a_batch(entry) if entry.worker else _of_a_run(entry)),
            tr("Parameters: {parameters}").format(parameters=parameters),
            tr("With {version}").format(version=entry.geos),
        ]
    )


def _of_a_run(entry: Recent) -> list[str]:
    return [
        what(entry),
        tr("Computed by {who}, {when}").format(who=entry.who, when=_moment(entry)),
        tr("{computed} of {total} were new; namespace {namespace}").format(
            computed=wording.number(entry.computed), total=wording.number(entry.total), namespace=entry.namespace
        ),
    ]


def _of_a_batch(entry: Recent) -> list[str]:
    return [
        tr("{operation}, from the batch {name}").format(operation=operation_title(entry.operation), name=entry.title),
        tr("Sent by {who}; computed by the worker {worker}, {when}").format(
            who=entry.who or tr("another program, or someone who shares no name"),
            worker=entry.worker,
            when=_moment(entry),
        ),
        tr("Namespace {namespace}").format(namespace=entry.namespace),
    ]


def _moment(entry: Recent) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(entry.when)), QLocale.FormatType.LongFormat)


def _why(error: BaseException) -> str:
    from ...core.failures import classify

    return words.in_words(classify(error))
