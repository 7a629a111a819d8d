"""Names that stand on a server, for lists to choose from: looked up in the background, kept for a moment."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from qgis.PyQt.QtCore import QLocale, QObject

from ...bridge import widgets
from ...bridge.geo import search_words
from ...bridge.i18n import tr
from ...bridge.server import connections
from ...bridge.tasks import BackgroundTask, watch_of
from ...bridge.words import failures
from ...bridge.words.namespaces import namespace_on_screen
from ...bridge.words.times import when
from ...core.readable import one_line, printable
from ...core.redis.failures import StoreError, classify

if TYPE_CHECKING:
    from ...core.redis.settings import ConnectionSettings
    from ...core.watch import Watch
    from ..component import Context

FRESH = 15.0  # seconds for which a list is not looked up again
MOST = 1000  # names in a list


class ListEntry(NamedTuple):
    """A line of a list: the value of the parameter, how it is shown, and what its tip says."""

    value: str
    shown: str
    tip: str = ""


ListEntries = list[ListEntry]
Answer = Callable[[ListEntries, str], object]  # the list, and why there is none in words


@dataclass
class _Lookup:
    """A list, asked for or known."""

    waiting: list[Answer] = field(default_factory=list)
    entries: ListEntries = field(default_factory=list)
    at: float = float("-inf")


class ServerLists(QObject):
    """What stands on the servers, by kind (a name of ``bridge.widgets``), connection and queue."""

    def __init__(self, context: Context):
        super().__init__()
        self._context: Optional[Context] = context
        self._lookups: dict[tuple[str, str, str], _Lookup] = {}

    def close(self) -> None:
        """Answer nobody any more."""
        self._context = None
        self._lookups.clear()

    def ask(self, kind: str, connection: str, queue: str, answer: Answer) -> None:
        """Call ``answer`` with a list, at once or soon. An empty connection is the active one."""
        if self._context is None:
            return
        settings, why = self._settings(connection)
        if settings is None:
            answer([], why)
            return
        name = connection or self._context.connections.name
        lookup = self._lookups.setdefault((kind, name, queue), _Lookup())
        if time.monotonic() - lookup.at < FRESH:
            answer(lookup.entries, "")
            return
        lookup.waiting.append(answer)
        if len(lookup.waiting) == 1:
            self._look(lookup, kind, settings, queue)

    def _settings(self, connection: str) -> tuple[Optional[ConnectionSettings], str]:
        """The settings of a connection, or why there are none. May ask for QGIS's master password, as running
        the algorithm would."""
        assert self._context is not None
        if not connection:
            settings = self._context.connections.settings()
            return settings, "" if settings is not None else tr("No connection is set up.")
        try:
            return connections.resolve(connection), ""
        except StoreError as error:
            return None, failures.in_words(error.failure)

    def _look(self, lookup: _Lookup, kind: str, settings: ConnectionSettings, queue: str) -> None:
        assert self._context is not None

        def find_names(task: BackgroundTask) -> ListEntries:
            return _FIND[kind](settings, queue, watch_of(task))

        def done(found: Optional[ListEntries], error: Optional[BaseException]) -> None:
            waiting, lookup.waiting = lookup.waiting, []
            if error is None:
                lookup.entries, lookup.at = found or [], time.monotonic()
            why = _why(error) if error is not None else ""
            for answer in waiting:
                answer(found or [], why)

        self._context.tasks.start(tr("Redis Geo: names for a list"), find_names, done)


def _why(error: BaseException) -> str:
    return search_words.why_not(error) or failures.in_words(classify(error))


def _geo_sets(settings: ConnectionSettings, _queue: str, watch: Watch) -> ListEntries:
    from ...core.geo import sets
    from ...core.redis.server import open_server

    found = []
    for one in sets.find(open_server(settings), watch):
        name = one.name(settings.key_prefix)
        tip = tr("Members: {count}").format(count=_number(one.count))
        found.append(ListEntry(name, one_line(printable(name)), tip))
        if len(found) >= MOST:
            break
    return sorted(found, key=lambda entry: entry.shown)


def _indexes(settings: ConnectionSettings, _queue: str, _watch: Watch) -> ListEntries:
    from ...core.features import indexes
    from ...core.redis.server import open_server

    return [
        ListEntry(one.name, one_line(printable(one.name)), search_words.index_tip(one))
        for one in indexes.find(open_server(settings))[:MOST]
    ]


def _namespaces(settings: ConnectionSettings, _queue: str, watch: Watch) -> ListEntries:
    from ...core.cache.namespaces import entries_by_name
    from ...core.redis.server import open_server

    counts = entries_by_name(open_server(settings), watch)
    tip = tr("Results: {count}")
    found = sorted(counts)[:MOST]
    return [
        ListEntry(name, namespace_on_screen(name), tip.format(count=_number(counts[name]))) for name in found
    ]


def _batches(settings: ConnectionSettings, queue: str, _watch: Watch) -> ListEntries:
    from ...core.jobs.queue import JobQueue
    from ...core.redis.server import open_server

    found = []
    for one in JobQueue(open_server(settings), queue).batches():
        shown = tr("{batch}, sent {time}").format(batch=one_line(printable(one.name)), time=when(one.created))
        tip = tr("{done} of {total} jobs are done.").format(
            done=_number(one.done), total=_number(one.total or one.sent)
        )
        found.append(ListEntry(one.id, shown, tip))
    return found


def _number(value: int) -> str:
    return QLocale().toString(value)


_FIND: dict[str, Callable[[ConnectionSettings, str, Watch], ListEntries]] = {
    widgets.GEO_SETS: _geo_sets,
    widgets.INDEXES: _indexes,
    widgets.NAMESPACES: _namespaces,
    widgets.BATCHES: _batches,
}
