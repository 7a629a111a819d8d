"""The list of GEO sets in the form: found in the background, each with its count and a preview."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtWidgets import QCompleter

from ...bridge import words
from ...bridge.geo.requests import TaskWatch
from ...bridge.i18n import tr
from ..component import Context
from .form import SearchForm

MOST_SETS = 2000


class SetsList:
    """Fills the form's combo box; what the user typed or chose stays."""

    def __init__(self, context: Context, form: SearchForm, say: Callable[[str], None]):
        self.context, self.form, self.say = context, form, say
        form.refresh.clicked.connect(self.refresh)
        form.sets.currentTextChanged.connect(self._tip)
        form.sets.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        form.sets.completer().setFilterMode(Qt.MatchFlag.MatchContains)

    def refresh(self, *_: Any) -> None:
        """Look for the sets of the active connection."""
        settings = self.context.connections.settings()
        if settings is None:
            self._show([])
            return
        self.form.refresh.setEnabled(False)
        self.context.tasks.start(tr("Looking for GEO sets"), lambda task: find(settings, task), self._found)

    def _found(self, sets: Optional[list[Any]], error: Optional[BaseException]) -> None:
        self.form.refresh.setEnabled(True)
        if error is not None:
            from ...core.failures import classify

            self.say(words.in_words(classify(error)))
            return
        self._show(sets or [])

    def _show(self, sets: list[Any]) -> None:
        box = self.form.sets
        key = self.form.key()
        settings = self.context.connections.settings()
        prefix = settings.key_prefix if settings else ""
        box.blockSignals(True)
        box.clear()
        for geo in sorted(sets, key=lambda s: s.key):
            name = geo.name(prefix)
            box.addItem(name, name)
            box.setItemData(box.count() - 1, tip_of(geo, name), Qt.ItemDataRole.ToolTipRole)
        box.setEditText(key or (box.itemText(0) if box.count() else ""))
        box.lineEdit().setPlaceholderText(
            tr("Name of a GEO set") if box.count() else tr("No GEO set found on this server")
        )
        box.blockSignals(False)
        index = box.findText(box.currentText())
        if index >= 0:
            box.setCurrentIndex(index)
        self._tip()

    def _tip(self, *_: Any) -> None:
        box = self.form.sets
        index = box.findText(box.currentText(), Qt.MatchFlag.MatchExactly)
        box.setToolTip(str(box.itemData(index, Qt.ItemDataRole.ToolTipRole)) if index >= 0 else "")


def find(settings: Any, task: Any) -> list[Any]:
    """The GEO sets, in a background thread; imports what the searches need on the way, so that the first one is quick."""
    from ...core.geo import areas, search, sets  # noqa: F401
    from ...core.optional import shapely_problem
    from ...core.server import open_server

    shapely_problem()  # imports it; where it is missing, only the areas need it

    found = []
    for geo in sets.find(open_server(settings), TaskWatch(task)):
        found.append(geo)
        if len(found) >= MOST_SETS:
            break
    return found


def tip_of(geo: Any, name: str) -> str:
    """Count and preview of a set, as a rich tool tip."""
    from html import escape

    from ...core.geo.hits import text

    lines = [f"<b>{escape(name)}</b>", tr("Members: {count}").format(count=QLocale().toString(geo.count))]
    lines.append(", ".join(escape(text(m)[:40]) for m in geo.preview) + (", …" if geo.count > len(geo.preview) else ""))
    if geo.has_attributes:
        lines.append(tr("With attributes and exact coordinates."))
    if geo.lost:
        lines.append(
            tr("Members that Redis itself loses (at longitude 180° or the latitude limit): {count}").format(
                count=geo.lost
            )
        )
    return "<br>".join(lines)
