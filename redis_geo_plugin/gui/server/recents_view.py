"""The tab of recent results: who computed what, when; each can be taken as a layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional, Union

from qgis.core import Qgis, QgsUnitTypes
from qgis.PyQt.QtCore import QDateTime, QLocale, Qt
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
)

from ...bridge.cache import attribution, sharing
from ...bridge.crs import from_text
from ...bridge.i18n import tr
from ...bridge.operations import label as operation_title
from ...bridge.plain import tool_tip
from ...bridge.styles import style_result
from ...bridge.tasks import BackgroundTask, watch_of
from ...bridge.words import failures
from ...bridge.words.namespaces import namespace_on_screen
from ...bridge.words.times import when
from ...core.cache.recents import MODEL, Recent
from .. import new_layers
from ..component import Context
from ..jobs.queue_in_use import queue_name
from ..labels import Label, TextRow
from ..row_menu import RowMenu
from ..wrapping import Tall, room_for_headings
from . import wording

if TYPE_CHECKING:
    from ...core.jobs.records import Batch
    from ...core.redis.server import Server

_ENTRY = Qt.ItemDataRole.UserRole
Looked = tuple[list["Recent"], tuple[int, int], list["Batch"]]  # runs, (proved, wrong), batches
Taken = tuple[list[Optional[bytes]], "attribution.Attribution"]
MOST_BATCHES = 50
KILOMETRE = 1000  # metres: longer distances are told in kilometres, as the panels name them


class RecentsView(Tall):
    """Filled by ``look``, in the background."""

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._task: BackgroundTask = None
        self._again = False
        self.table = QTreeWidget()
        self.table.setObjectName("redis_geo_server_recents")
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setHeaderLabels([tr("What"), tr("Who"), tr("When")])
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        room_for_headings(header)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._chosen)
        self.table.itemDoubleClicked.connect(lambda *_args: self.take())
        self.note = Label()
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
        RowMenu(self.table, [self.take_button])

    def close_view(self) -> None:
        if self._task is not None:
            self._task.forget()
            self._task = None

    def look(self) -> None:
        """Read the list anew."""
        settings = self._context.connections.settings()
        if settings is None:
            return
        if self._task is not None:
            self._again = True  # what is being read may be older than what this was called for
            return

        queue = queue_name()

        def read_runs(_task: BackgroundTask) -> Looked:
            from ...core.cache.presence import runs_with_results
            from ...core.cache.recents import recent
            from ...core.cache.statistics import proofs
            from ...core.redis.server import open_server

            server = open_server(settings)
            return runs_with_results(server, recent(server)), proofs(server), batches_of(server, queue)

        self._task = self._context.tasks.start(tr("Redis Geo: recent results"), read_runs, self._looked)

    def _looked(self, found: Looked, error: Optional[BaseException]) -> None:
        self._task = None
        if error is not None:
            self.note.setText(_why(error))
        elif found is not None:
            self.show_entries(*found)
        again, self._again = self._again, False
        if again:
            self.look()

    def show_entries(
        self, entries: list[Recent], proofs: tuple[int, int], batches: Sequence[Batch] = ()
    ) -> None:
        """Show runs and batches of jobs, the newest first."""
        self.table.clear()
        rows: list[tuple[float, Union[Recent, Batch], list[str], str]] = [
            (entry.when, entry, [what(entry), entry.who], details(entry)) for entry in entries
        ]
        rows += [(one.created, one, [batch_text(one), sender(one)], batch_tip(one)) for one in batches]
        for moment, entry, texts, tip in sorted(rows, key=lambda row: row[0], reverse=True):
            item = TextRow([*texts, when(moment)])
            item.setData(0, _ENTRY, entry)
            item.setToolTip(0, tool_tip(tip))
            self.table.addTopLevelItem(item)
        proved, differed = proofs
        text = (
            tr("Nothing yet: what anyone computes with the cache stands here for 30 days.")
            if not rows
            else ""
        )
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

    def chosen(self) -> Union[Recent, Batch, None]:
        items = self.table.selectedItems()
        return items[0].data(0, _ENTRY) if items else None

    def _chosen(self) -> None:
        entry = self.chosen()
        takeable = _takeable(entry)
        self.take_button.setEnabled(takeable)
        model = isinstance(entry, Recent) and entry.operation == MODEL
        self.take_button.setToolTip(
            tr("Run the model to have its layers: its steps are read from the cache.")
            if model
            else tr("This run had too many results, or some that were not worth caching.")
            if entry is not None and not takeable
            else ""
        )

    def take(self) -> None:
        """The results of the chosen run or batch as a layer, with attributes where the project has the layer
        that they were made of."""
        entry, settings = self.chosen(), self._context.connections.settings()
        if entry is None or not _takeable(entry) or settings is None:
            return
        if not isinstance(entry, Recent):
            if self._context.services.show_batch is not None:
                self._context.services.show_batch(entry)
            return
        layers = attribution.candidates(entry)

        def read_results(task: BackgroundTask) -> Taken:
            from ...core.cache.recents import items, results
            from ...core.redis.server import open_server

            server = open_server(settings)
            digests = items(server, entry)
            wkbs = results(server, entry, digests)
            return wkbs, attribution.attribute(entry, digests, layers, watch_of(task))

        def taken(found: Taken, error: Optional[BaseException]) -> None:
            if error is not None:
                self._context.ui.error(_why(error))
            elif found is not None:
                self._add(entry, *found)

        self._context.tasks.start(tr("Redis Geo: taking results as a layer"), read_results, taken)

    def _add(self, entry: Recent, wkbs: list[Optional[bytes]], origin: attribution.Attribution) -> None:
        gone = sum(wkb is None for wkb in wkbs)
        if gone == len(wkbs):
            self._context.ui.warning(tr("These results are no longer in the cache."))
            return
        layer = sharing.layer_of(entry, wkbs, what(entry), origin)
        style_result(layer)
        before = self._context.iface.activeLayer()
        new_layers.add([layer], self._context.iface)
        said, level = new_layers.in_words(layer), Qgis.MessageLevel.Success
        if origin.found:
            said += " " + tr("With the attributes of “{layer}”.").format(layer=origin.layer)
        if gone:
            words = tr("{count} of these results are no longer in the cache.")
            said, level = f"{said} {words.format(count=wording.number(gone))}", Qgis.MessageLevel.Warning
        new_layers.say_added(self._context, [layer], said, before=before, level=level)


def _takeable(entry: Union[Recent, Batch, None]) -> bool:
    return entry.takeable if isinstance(entry, Recent) else entry is not None and not entry.damaged


def batches_of(server: Server, queue: str) -> list[Batch]:
    """The batches of jobs in the queue that have results, the newest first; none where this user may not read
    them."""
    from ...core.cache.presence import batches_with_results
    from ...core.jobs.queue import JobQueue
    from ...core.redis.failures import FailureKind, classify
    from ...core.redis.redispy import exceptions

    try:
        known = JobQueue(server, queue)
        return batches_with_results(known, known.batches(MOST_BATCHES))
    except exceptions.ResponseError as error:
        if classify(error).kind is not FailureKind.NO_RIGHTS:
            raise
        return []


def sender(batch: Batch) -> str:
    """Who sent a batch, empty where that is not shared."""
    return str(batch.details.get("who", ""))[:200]


def batch_text(batch: Batch) -> str:
    """ "Buffer 1000 m of Parcels, batch of jobs: 240"."""
    count = wording.number(batch.total or batch.sent)
    return tr("{name}, batch of jobs: {count}").format(name=batch.name, count=count)


def batch_tip(batch: Batch) -> str:
    """Everything that is known of a batch, one line each."""
    return "\n".join(
        [
            batch_text(batch),
            tr("Sent by {who}").format(who=sender(batch) or tr("someone who shares no name")),
            tr("{done} of {total} jobs are done.").format(
                done=wording.number(batch.done), total=wording.number(batch.total or batch.sent)
            ),
        ]
    )


def what(entry: Recent) -> str:
    """ "Buffer 1000 m of Parcels: 240"."""
    if entry.operation == MODEL:
        text = tr("Model {title}: {kept} of {steps} steps from the cache")
        kept = wording.number(max(0, entry.total - entry.computed))
        return text.format(title=entry.title, kept=kept, steps=wording.number(entry.total))
    name = f"{operation_title(entry.operation)} {_number(entry)}".strip()
    count = wording.number(entry.total)
    if entry.title:
        return tr("{operation} of {layer}: {count}").format(operation=name, layer=entry.title, count=count)
    return tr("{operation}: {count}").format(operation=name, count=count)


def _number(entry: Recent) -> str:
    """The distance or tolerance of a run with its unit; empty where it has none. Others may have written
    it."""
    value = entry.parameters.get("distance", entry.parameters.get("tolerance"))
    if value is None or isinstance(value, bool):
        return ""
    if entry.parameters.get("geodesic") is True and isinstance(value, (int, float)) and value >= KILOMETRE:
        return f"{value / KILOMETRE:.12g} km"
    text = f"{value:g}" if isinstance(value, float) else str(value)[:40]
    if entry.parameters.get("geodesic") is True:
        return f"{text} m"
    crs = from_text(str(entry.parameters.get("crs", "")))
    return f"{text} {QgsUnitTypes.toAbbreviatedString(crs.mapUnits())}" if crs.isValid() else text


def details(entry: Recent) -> str:
    """Everything that is known of a run, one line each."""
    parameters = ", ".join(f"{name}={value}" for name, value in entry.parameters.items())
    return "\n".join(
        [
            *(_of_a_batch(entry) if entry.worker else _of_a_run(entry)),
            *([tr("Parameters: {parameters}").format(parameters=parameters)] if parameters else []),
            tr("With {version}").format(version=entry.geos),
        ]
    )


def _of_a_run(entry: Recent) -> list[str]:
    return [
        what(entry),
        tr("Computed by {who}, {when}").format(who=entry.who, when=_moment(entry)),
        tr("{computed} of {total} were new; namespace {namespace}").format(
            computed=wording.number(entry.computed),
            total=wording.number(entry.total),
            namespace=namespace_on_screen(entry.namespace),
        ),
    ]


def _of_a_batch(entry: Recent) -> list[str]:
    return [
        tr("{operation}, from the batch {name}").format(
            operation=operation_title(entry.operation), name=entry.title
        ),
        tr("Sent by {who}; computed by the worker {worker}, {when}").format(
            who=entry.who or tr("another program, or someone who shares no name"),
            worker=entry.worker,
            when=_moment(entry),
        ),
        tr("Namespace {namespace}").format(namespace=namespace_on_screen(entry.namespace)),
    ]


def _moment(entry: Recent) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(entry.when)), QLocale.FormatType.LongFormat)


def _why(error: BaseException) -> str:
    from ...core.redis.failures import classify

    return failures.in_words(classify(error))
