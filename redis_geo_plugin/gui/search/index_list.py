"""The list of indexes in the form, looked for in the background when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from ...bridge.geo import search_words
from ...bridge.i18n import tr
from ...bridge.words import failures
from ..component import Context
from .form import SearchForm

if TYPE_CHECKING:
    from ...core.features.indexes import Index
    from ...core.redis.settings import ConnectionSettings


class IndexList:
    """Fills the rows of an index; what the user typed or chose stays."""

    def __init__(self, context: Context, form: SearchForm, say: Callable[[str], None]):
        self.context, self.form, self.say = context, form, say
        self.count = 0  # of the indexes; 0 until they were looked for
        self.counted: Callable[[], object] = lambda: None  # called when it is another
        self._asked = False  # of the active connection
        self._task: Any = None
        form.indexes.refresh.clicked.connect(self.refresh)
        form.kind.currentIndexChanged.connect(self.look)
        self.look()

    def look(self, *_: Any) -> None:
        """Look for the indexes, if an index is what is searched and they were not looked for yet."""
        if not self._asked and self.form.search_kind().of_index:
            self.refresh()

    def forget(self) -> None:
        """The connection is another one: what is listed is not of it."""
        self._asked = False
        if self._task is not None:
            self._task.forget()
            self._task = None
            self.form.indexes.refresh.setEnabled(True)
        self.count = 0
        self.form.indexes.show_indexes([])
        self.form.indexes.say("")
        self.look()

    def refresh(self, *_: Any) -> None:
        """Look for the indexes of the active connection."""
        settings = self.context.connections.settings()
        if settings is None or self._task is not None:
            return
        self._asked = True
        self.form.indexes.refresh.setEnabled(False)
        self._task = self.context.tasks.start(
            tr("Looking for indexes"), lambda _task: find(settings), self._found
        )

    def _found(self, found: Optional[list[Index]], error: Optional[BaseException]) -> None:
        self._task = None
        self.form.indexes.refresh.setEnabled(True)
        self.count = len(found or [])
        self.counted()
        if error is None:
            self.form.indexes.show_indexes(found or [])
            self.form.indexes.say("" if found else tr("No index with a place found on this server"))
            return
        from ...core.redis.failures import classify

        self.form.indexes.show_indexes([])
        self.say(search_words.why_not(error) or failures.in_words(classify(error)))


def find(settings: ConnectionSettings) -> list[Index]:
    """The indexes that have a place, in a background thread; imports what the searches need on the way."""
    from ...core.features import index_search, indexes  # noqa: F401
    from ...core.optional import shapely_problem
    from ...core.redis.server import open_server

    shapely_problem()
    return indexes.find(open_server(settings))
