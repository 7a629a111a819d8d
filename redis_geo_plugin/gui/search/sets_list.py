"""The list of GEO sets in the form: found in the background, each with its count and a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QCompleter

from ...bridge.i18n import tr
from ...bridge.plain import tip_of
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...core.readable import cut, name_on_screen, one_line, printable
from ..component import Context
from .form import SearchForm

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.geo.sets import GeoSet
    from ...core.redis.settings import ConnectionSettings


MOST_SETS = 2000


class SetsList:
    """Fills the form's combo box; what the user typed or chose stays."""

    def __init__(self, context: Context, form: SearchForm, say: Callable[[str], None]):
        self.context, self.form, self.say = context, form, say
        self.count: Optional[int] = None  # of the sets; None until they were looked for
        self.counted: Callable[[], object] = lambda: None  # called when it is another
        self._about: dict[str, list[str]] = {}  # of each set, the lines of its tool tip
        form.refresh.clicked.connect(self.refresh)
        form.sets.currentTextChanged.connect(self._tip)
        form.sets.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        form.sets.completer().setFilterMode(Qt.MatchFlag.MatchContains)

    def refresh(self, *_: object) -> None:
        """Look for the sets of the active connection."""
        settings = self.context.connections.settings()
        self.count = None
        if settings is None:
            self._show([])
            return
        self.form.refresh.setEnabled(False)
        self.context.tasks.start(tr("Looking for GEO sets"), lambda task: find(settings, task), self._found)

    def written(self, connection: str, key: str) -> None:
        """The plugin has written a set: it is in the list at once, and what is in it a little later."""
        settings, box = self.context.connections.settings(), self.form.sets
        if settings is None or settings.name != connection:
            return
        shown = one_line(printable(key))
        if box.findText(shown, Qt.MatchFlag.MatchExactly) < 0:
            typed = box.currentText()
            box.blockSignals(True)
            box.addItem(shown, key)
            box.setEditText(typed or shown)
            box.blockSignals(False)
        self.refresh()

    def _found(self, sets: Optional[list[GeoSet]], error: Optional[BaseException]) -> None:
        self.form.refresh.setEnabled(True)
        if error is not None:
            from ...core.redis.failures import classify

            self.say(failures.in_words(classify(error)))
            return
        self._show(sets or [])
        self.count = len(sets or [])
        self.counted()
        if len(sets or []) >= MOST_SETS:
            count = QLocale().toString(MOST_SETS)
            self.say(
                tr("The list shows {count} sets and no more: type the name of another.").format(count=count)
            )

    def _show(self, sets: list[GeoSet]) -> None:
        box = self.form.sets
        key = self.form.set_key()
        settings = self.context.connections.settings()
        prefix = settings.key_prefix if settings else ""
        box.blockSignals(True)
        box.clear()
        self._about.clear()
        for geo in sorted(sets, key=lambda s: s.key):
            name = geo.name(prefix)
            shown = one_line(printable(name))
            box.addItem(shown, name)
            self._about[shown] = about(geo, name)
            box.setItemData(box.count() - 1, tip_of(*self._about[shown]), Qt.ItemDataRole.ToolTipRole)
        box.setEditText(one_line(printable(key)) or (box.itemText(0) if box.count() else ""))
        box.lineEdit().setPlaceholderText(
            tr("Name of a GEO set") if box.count() else tr("No GEO set found on this server")
        )
        box.blockSignals(False)
        index = box.findText(box.currentText())
        if index >= 0:
            box.setCurrentIndex(index)
        self._tip()

    def _tip(self, *_: object) -> None:
        box = self.form.sets
        box.setToolTip(tip_of(*self._about.get(box.currentText(), [""])))


def find(settings: ConnectionSettings, task: BackgroundTask) -> list[GeoSet]:
    """The GEO sets, in a background thread; imports what the searches need on the way, so that the first one
    is quick."""
    from ...core.geo import areas, search, sets  # noqa: F401
    from ...core.optional import shapely_problem
    from ...core.redis.server import open_server

    shapely_problem()  # imports it; where it is missing, only the areas need it

    found = []
    for geo in sets.find(open_server(settings), watch_of(task)):
        found.append(geo)
        if len(found) >= MOST_SETS:
            break
    return found


def about(geo: GeoSet, name: str) -> list[str]:
    """Name, count and preview of a set, as the lines of a tool tip."""
    lines = [name, tr("Members: {count}").format(count=QLocale().toString(geo.count))]
    shown = [cut(name_on_screen(member[:200]), 40) for member in geo.preview]
    lines.append(", ".join(shown) + (", …" if geo.count > len(geo.preview) else ""))
    if geo.has_attributes:
        lines.append(tr("With attributes and exact coordinates."))
    if geo.lost:
        lines.append(
            tr("Members that Redis itself loses (at longitude 180° or the latitude limit): {count}").format(
                count=geo.lost
            )
        )
    return lines
