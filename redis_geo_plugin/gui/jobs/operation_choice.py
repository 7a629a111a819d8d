"""The list of operations in the form of an algorithm: the user's words on screen, the names of the API as
values.

QGIS shows the strings of a static list as they are, which are values too and so are in no language. The
component registers the widget (``bridge.widgets``).
"""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition, QgsProcessingParameters
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from ...bridge import operations
from ..toolbox.pick_list import in_model, widget_kind


class OperationChoice:
    """What QGIS takes for the class of the list: makes the one of a dialog, of a batch, or of the model
    designer."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, *_place: int) -> Any:
        widget = in_model(parameter, dialog)
        if widget is None:
            return OperationList(parameter, widget_kind(dialog))
        _in_words(widget, parameter)
        return widget


class OperationList(QgsAbstractProcessingParameterWidgetWrapper):
    """A list whose data are the values."""

    def createWidget(self) -> QWidget:
        box = QComboBox()  # QGIS takes it over: later on it is only to be had by wrappedWidget()
        for name in self.parameterDefinition().options():
            box.addItem(operations.label(name), name)
        box.setToolTip(self.parameterDefinition().toolTip())  # QGIS's own, of our own words
        box.currentIndexChanged.connect(lambda _index: self.widgetValueHasChanged.emit(self))
        return box

    def setWidgetValue(self, value: object, context: QgsProcessingContext) -> None:
        name = QgsProcessingParameters.parameterAsEnumString(self.parameterDefinition(), value, context)
        box = self.wrappedWidget()
        box.setCurrentIndex(box.findData(name))

    def widgetValue(self) -> object:
        return self.wrappedWidget().currentData()


def _in_words(widget: QWidget, parameter: QgsProcessingParameterDefinition) -> None:
    """Put our words into QGIS's list in the model designer."""
    for box in widget.findChildren(QComboBox):
        for row in range(box.count()):
            if box.itemData(row) in parameter.options():
                box.setItemText(row, operations.label(box.itemData(row)))
