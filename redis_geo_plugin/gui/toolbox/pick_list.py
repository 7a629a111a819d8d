"""A parameter that is a text, as a list to choose from in which one can also type: what stands on the server
of the connection that the same form names."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition, QgsProcessingParameters
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsGui, QgsProcessingGui
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QComboBox, QCompleter, QWidget

from ...bridge import widgets
from ...bridge.i18n import tr
from ...bridge.operations import OFFERED, kept_by_steps
from ...bridge.plain import tip_of
from ...bridge.server import connections
from ...bridge.words.namespaces import namespace_of, namespace_on_screen
from ...core import keys
from .server_lists import ListEntries, ListEntry, ServerLists

# What is known without asking a server.
_KNOWN_HERE: dict[str, Callable[[], ListEntries]] = {
    widgets.CONNECTIONS: lambda: [ListEntry(name, name) for name in connections.names()],
    widgets.OPERATION_NAMES: lambda: [
        *(ListEntry(one.name, one.label()) for one in OFFERED.values()),
        *(ListEntry(name, label) for name, label in kept_by_steps().items()),
    ],
}
CONNECTION, QUEUE = "CONNECTION", "QUEUE"  # parameters that say where to look


def widget_kind(dialog: Any) -> Any:
    """Whether a widget is for a single form or for a cell of a batch, by the dialog it is made for."""
    batch = type(dialog).__name__ == "BatchAlgorithmDialog"
    return QgsProcessingGui.WidgetType.Batch if batch else QgsProcessingGui.WidgetType.Standard


def in_model(parameter: QgsProcessingParameterDefinition, dialog: Any) -> Optional[QWidget]:
    """QGIS's own widget in the model designer, which also takes an expression or an input of the model; None
    for other dialogs."""
    if type(dialog).__name__ != "ModelerParametersDialog":
        return None
    widget = QgsGui.processingGuiRegistry().createModelerParameterWidget(
        dialog.model, dialog.childId, parameter, dialog.context
    )
    widget.setDialog(dialog)
    return widget


def pick_list(kind: str, lists: ServerLists) -> type:
    """The class that QGIS is given for parameters that offer ``kind``, a name of ``bridge.widgets``."""

    class Choice:
        def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, *_place: int) -> Any:
            return in_model(parameter, dialog) or PickList(parameter, widget_kind(dialog), kind, lists)

    return Choice


def new_box(placeholder: str) -> QComboBox:
    """An empty list in which one can type."""
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(16)
    box.lineEdit().setPlaceholderText(placeholder)
    box.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    box.completer().setFilterMode(Qt.MatchFlag.MatchContains)
    return box


def value_of(box: QComboBox) -> str:
    """What is chosen or typed."""
    row, text = box.currentIndex(), box.currentText()
    if row < 0 or box.itemText(row) != text:
        row = box.findText(text, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchCaseSensitive)
    return str(box.itemData(row)) if row >= 0 else text.strip()


def show_value(box: QComboBox, value: str, words: str = "") -> None:
    """Show a value, in the words of the list where it is in it, else in those given."""
    row = box.findData(value) if value else -1
    box.setCurrentIndex(row)
    if row < 0:
        box.setEditText(words or value)


def offer(box: QComboBox, entries: ListEntries) -> None:
    """Show another list; what is chosen or typed stays."""
    if [box.itemData(row) for row in range(box.count())] == [entry.value for entry in entries]:
        return
    value = value_of(box)
    before = box.blockSignals(True)
    box.clear()
    for entry in entries:
        box.addItem(entry.shown, entry.value)
        box.setItemData(box.count() - 1, tip_of(entry.shown, entry.tip), Qt.ItemDataRole.ToolTipRole)
    show_value(box, value)
    box.blockSignals(before)


class _Sight(QObject):
    """Calls ``seen`` when a widget comes to sight or is pressed: time to look."""

    def __init__(self, seen: Callable[[], object]):
        super().__init__()
        self._seen = seen

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Qt calls this for each event of the widget."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress):
            self._seen()
        return False


class PickList(QgsAbstractProcessingParameterWidgetWrapper):
    """Its value is the text of the parameter, as a script gives it."""

    def __init__(
        self, parameter: QgsProcessingParameterDefinition, dialog_kind: Any, kind: str, lists: ServerLists
    ):
        super().__init__(parameter, dialog_kind)
        self._kind, self._lists = kind, lists
        self._sight = _Sight(self.look)
        self._others: dict[str, QgsAbstractProcessingParameterWidgetWrapper] = {}
        self._place: tuple[str, str] = ("", "")  # connection and queue that were asked last

    def createWidget(self) -> QWidget:
        box = new_box(self._placeholder())  # no class of ours: QGIS takes it over, without what Python adds
        box.setObjectName(f"redis_geo_pick_{self.parameterDefinition().name().lower()}")
        box.setToolTip(self.parameterDefinition().toolTip())
        box.installEventFilter(self._sight)
        box.currentTextChanged.connect(lambda _text: self.widgetValueHasChanged.emit(self))
        return box

    def postInitialize(self, wrappers: list[QgsAbstractProcessingParameterWidgetWrapper]) -> None:
        """QGIS calls this when all widgets of the form are there: a list follows the connection."""
        super().postInitialize(wrappers)
        for other in wrappers:
            name = other.parameterDefinition().name()
            if name in (CONNECTION, QUEUE) and other is not self:
                self._others[name] = other
                other.widgetValueHasChanged.connect(lambda _wrapper: self.look())

    def setWidgetValue(self, value: object, context: QgsProcessingContext) -> None:
        text = QgsProcessingParameters.parameterAsString(self.parameterDefinition(), value, context)
        show_value(self.wrappedWidget(), text, self._in_words(text))

    def widgetValue(self) -> object:
        value = value_of(self.wrappedWidget())
        return namespace_of(value) if self._kind == widgets.NAMESPACES and value else value

    def look(self) -> None:
        """Fill the list, from the settings or in the background from the server."""
        box = self.wrappedWidget()
        if box is None or not box.isVisible():
            return
        known = _KNOWN_HERE.get(self._kind)
        if known is not None:
            offer(box, known())
            return

        place = self._other(CONNECTION), self._other(QUEUE) or keys.JOB_LIST
        self._place = place

        def answered(entries: ListEntries, why: str) -> None:
            if not sip.isdeleted(box) and self._place == place:  # else another server has been chosen since
                offer(box, entries)
                box.lineEdit().setPlaceholderText(why or self._placeholder())

        self._lists.ask(self._kind, *place, answered)

    def _other(self, name: str) -> str:
        wrapper = self._others.get(name)
        return str(wrapper.parameterValue() or "") if wrapper is not None else ""

    def _in_words(self, value: str) -> str:
        return namespace_on_screen(value) if self._kind == widgets.NAMESPACES else value

    def _placeholder(self) -> str:
        if self._kind == widgets.CONNECTIONS:
            active = connections.active_name()
            return tr("the active one: {name}").format(name=active) if active else tr("the active one")
        return {
            widgets.GEO_SETS: tr("Name of a GEO set"),
            widgets.INDEXES: tr("Name of an index"),
            widgets.BATCHES: tr("Choose a batch"),
            widgets.NAMESPACES: tr("Choose a namespace, or type its name"),
            widgets.OPERATION_NAMES: tr("all operations"),
        }.get(self._kind, "")
