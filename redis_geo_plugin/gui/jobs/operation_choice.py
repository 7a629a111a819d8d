"""The list of operations in the form of an algorithm: the user's words on screen, the names of the API as values.

QGIS shows the strings of a static list as they are, which are values too and so are in no language. It loads this module by
name, and only to show a form.
"""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition, QgsProcessingParameters
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsGui, QgsProcessingGui
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from ...bridge import operations


class OperationChoice:
    """What QGIS takes for the class of the list: makes the one of a dialog, of a batch, or of the model designer."""

    def __new__(cls, parameter: QgsProcessingParameterDefinition, dialog: Any, *_place: int) -> Any:
        kind = type(dialog).__name__
        if kind == "ModelerParametersDialog":
            return _in_model(parameter, dialog)
        batch = kind == "BatchAlgorithmDialog"
        return OperationList(
            parameter, QgsProcessingGui.WidgetType.Batch if batch else QgsProcessingGui.WidgetType.Standard
        )


class OperationList(QgsAbstractProcessingParameterWidgetWrapper):
    """A list whose data are the values."""

    def createWidget(self) -> QWidget:
        box = QComboBox()  # QGIS takes it over: later on it is only to be had by wrappedWidget()
        for name in self.parameterDefinition().options():
            box.addItem(operations.label(name), name)
        box.setToolTip(self.parameterDefinition().toolTip())
        box.currentIndexChanged.connect(lambda _index: self.widgetValueHasChanged.emit(self))
        return box

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        name = QgsProcessingParameters.parameterAsEnumString(self.parameterDefinition(), value, context)
        box = self.wrappedWidget()
        box.setCurrentIndex(box.findData(name))

    def widgetValue(self) -> Any:
        return self.wrappedWidget().currentData()


def _in_model(parameter: QgsProcessingParameterDefinition, dialog: Any) -> QWidget:
    """QGIS's own, which also takes an expression or an input of the model, with our words."""
    widget = QgsGui.processingGuiRegistry().createModelerParameterWidget(
        dialog.model, dialog.childId, parameter, dialog.context
    )
    widget.setDialog(dialog)
    for box in widget.findChildren(QComboBox):
        for row in range(box.count()):
            if box.itemData(row) in parameter.options():
                box.setItemText(row, operations.label(box.itemData(row)))
    return widget
