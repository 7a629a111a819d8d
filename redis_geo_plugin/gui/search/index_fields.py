"""The rows of the Search dock for an index of the query engine: its name, which place, which documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QModelIndex, QObject, QStringListModel, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QCompleter, QLineEdit, QToolButton, QWidget

from ...bridge.geo import search_words
from ...bridge.i18n import tr
from ...bridge.plain import tip_of, tool_tip
from ...core.readable import one_line, printable
from ..icons import icon
from ..toolbox.pick_list import new_box, offer, show_value, value_of
from ..toolbox.server_lists import ListEntry

if TYPE_CHECKING:
    from ...core.features.indexes import Index, IndexField

_TYPED = re.compile(r"@(?:\\.|[^\s@:{}\[\]()|\\])*\Z")  # the name of a field that is being typed
_OPENINGS = {"TAG": ":{", "NUMERIC": ":["}
_EXAMPLES = {"TAG": ":{…}", "NUMERIC": ":[0 +inf]"}
MOST_EXAMPLES = 2


class FieldCompleter(QCompleter):
    """Completes the name of a field behind the last ``@`` of a query."""

    def __init__(self, parent: QObject):
        super().__init__(parent)
        self._fields = QStringListModel(self)
        self.setModel(self._fields)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def offer(self, words: list[str]) -> None:
        """Complete by these words from now on."""
        self._fields.setStringList(words)

    def splitPath(self, text: str) -> list[str]:  # noqa: N802 - Qt's name
        """What is completed of a text."""
        typed = _TYPED.search(text)
        return [typed[0]] if typed is not None else ["\0"]

    def pathFromIndex(self, index: QModelIndex) -> str:  # noqa: N802 - Qt's name
        """The whole text with a word completed."""
        edit = self.widget()
        text = edit.text() if isinstance(edit, QLineEdit) else ""
        typed = _TYPED.search(text)
        return (text[: typed.start()] if typed is not None else text) + super().pathFromIndex(index)


class IndexFields(QObject):
    """Its widgets stand in the rows of a form. ``changed`` when another index was chosen, ``wanted`` when
    Enter was pressed."""

    changed = pyqtSignal()
    wanted = pyqtSignal()

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self._known: dict[str, Index] = {}
        self.box = new_box(tr("Name of an index"))
        self.box.setParent(parent)
        self.box.setObjectName("redis_geo_search_index")
        self.refresh = QToolButton(parent)
        self.refresh.setIcon(icon("refresh"))
        self.refresh.setToolTip(tool_tip(tr("Look for indexes again")))
        self.refresh.setObjectName("redis_geo_search_index_refresh")
        self.refresh.setAutoRaise(True)
        self.place_box = QComboBox(parent)
        self.place_box.setObjectName("redis_geo_search_place")
        self.filter = QLineEdit(parent)
        self.filter.setObjectName("redis_geo_search_filter")
        self.filter.setClearButtonEnabled(True)
        self.completer = FieldCompleter(self)
        self.filter.setCompleter(self.completer)
        self.box.currentTextChanged.connect(self._show_index)
        for edit in (self.box.lineEdit(), self.filter):
            edit.returnPressed.connect(self.wanted)
        self._show_index()

    def name(self) -> str:
        """The index, as chosen or typed."""
        return value_of(self.box)

    def place(self) -> str:
        """The field that is searched; empty for the only one."""
        return str(self.place_box.currentData() or "") if self.has_places() else ""

    def has_places(self) -> bool:
        """Whether there is a choice of places."""
        return self.place_box.count() > 1

    def show_indexes(self, found: list[Index]) -> None:
        """List these; what is chosen or typed stays."""
        self._known = {index.name: index for index in found}
        typed = self.name()
        offer(
            self.box,
            [ListEntry(i.name, one_line(printable(i.name)), search_words.index_tip(i)) for i in found],
        )
        if not typed and found:
            show_value(self.box, found[0].name)
        self._show_index()

    def say(self, why: str) -> None:
        """Show why there is nothing to choose from; an empty text shows nothing."""
        self.box.lineEdit().setPlaceholderText(why or tr("Name of an index"))

    def _show_index(self, *_: object) -> None:
        """What depends on the index: its places, its fields, an example of a query."""
        index = self._known.get(self.name())
        before = self.place_box.currentData()
        self.place_box.clear()
        for field in index.geometries if index is not None else ():
            self.place_box.addItem(one_line(printable(field.name)), field.name)
        self.place_box.setCurrentIndex(max(0, self.place_box.findData(before)))
        fields = [field for field in index.fields if not field.is_geometry] if index is not None else []
        self.completer.offer([_opening(field) for field in fields])
        self.filter.setPlaceholderText(_example(fields))
        self.filter.setToolTip(tip_of(*_about(index)))
        self.box.setToolTip(tip_of(search_words.index_tip(index)) if index is not None else "")
        self.changed.emit()


def _opening(field: IndexField) -> str:
    from ...core.features.indexes import escaped

    return f"@{escaped(field.name)}{_OPENINGS.get(field.type, ':')}"


def _example(fields: list[IndexField]) -> str:
    """A query by the first fields of an index, as a hint."""
    from ...core.features.indexes import escaped

    named = [field for field in fields if field.type in _EXAMPLES][:MOST_EXAMPLES]
    said = " ".join(f"@{escaped(field.name)}{_EXAMPLES[field.type]}" for field in named)
    return tr("all documents; or {example}").format(example=said or "@state:{…}")


def _about(index: Optional[Index]) -> list[str]:
    """What can be asked of an index, as the lines of a tip."""
    lines = [
        tr(
            "Which documents, in the query language of the server: @state:{free} a tag, @seats:[4 +inf] a "
            "number."
        ),
    ]
    if index is not None:
        lines.append(", ".join(f"@{printable(one.name)} ({one.type})" for one in index.fields))
    return lines
