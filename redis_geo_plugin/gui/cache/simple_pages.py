"""The pages of the Cache dock for operations with at most one setting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional, Union

from qgis.core import QgsMapLayerProxyModel, QgsProject, QgsUnitTypes, QgsVectorLayer
from qgis.gui import QgsDoubleSpinBox, QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QFormLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.operations import Needs, NumberParameter, Offered
from ...bridge.plain import tool_tip
from ...bridge.settings import kept
from ..selected_only import SelectedOnly
from .settings import ROOT, StoreChoices, source_of

if TYPE_CHECKING:
    from qgis.core import QgsProcessingFeatureSourceDefinition

    from ...bridge.algorithm_values import Parameters
    from ...core.json_types import JsonObject


def remembered_number(number: NumberParameter) -> float:
    """The number of an operation as it was last used."""
    return kept(ROOT + number.key.lower(), number.default, high=number.most)


def remember_number(number: NumberParameter, value: float) -> None:
    """Keep it for next time."""
    keep({ROOT + number.key.lower(): value})


@dataclass
class SimpleChoices:
    """One of these operations with its setting; ``other`` is the id of the other layer, ``other_selected``
    whether only its selected features are meant."""

    offered: Offered
    store: StoreChoices = field(default_factory=StoreChoices)
    other: str = ""
    number: float = 1.0
    column: str = ""
    other_selected: bool = False

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return self.offered.name

    @property
    def algorithm(self) -> str:
        """The id of the algorithm that does the operation."""
        return self.offered.algorithm

    def remember(self) -> None:
        """Keep the choices for the next time."""
        self.store.remember()
        if self.offered.number is not None:
            remember_number(self.offered.number, self.number)

    def parameters(self, _layer: QgsVectorLayer) -> Parameters:
        """The parameters of the cached algorithm, without INPUT and OUTPUT."""
        other = {"INPUT_2": self._other()} if self.offered.needs is Needs.OTHER else {}
        return {**other, **self._own(), **self.store.parameters()}

    def for_jobs(self, _layer: QgsVectorLayer) -> JsonObject:
        """The parameters of redisgeo:enqueuejobs, without INPUT."""
        other = {"OVERLAY": self._other()} if self.offered.needs is Needs.OTHER else {}
        return {**other, **self._own(), **self.store.parameters()}

    def _other(self) -> Union[str, QgsProcessingFeatureSourceDefinition]:
        return source_of(self.other, self.other_selected)

    def _own(self) -> Parameters:
        if self.offered.number is not None:
            return {self.offered.number.key: self.number}
        if self.offered.needs is Needs.GROUPS and self.column:
            return {"FIELD": [self.column]}
        return {}

    def title(self, layer: QgsVectorLayer) -> str:
        """The name of the result of a layer."""
        names = {"operation": self.offered.label(), "layer": layer.name()}
        other = QgsProject.instance().mapLayer(self.other) if self.other else None
        if self.offered.number is not None:
            number = f"{self.number:g}{units_suffix(layer)}"
            return tr("{operation} {number} of {layer}").format(number=number, **names)
        if self.offered.needs is Needs.GROUPS and self.column:
            return tr("{operation} “{field}” of {layer}").format(field=self.column, **names)
        if other is not None:
            return tr("{operation} from {layer} to {other}").format(other=other.name(), **names)
        return tr("{operation} of {layer}").format(**names)


def field_tip() -> str:
    """What the field of a dissolve is for."""
    return tr("Features with the same value become one; without a field, all of them")


def units_suffix(layer: QgsVectorLayer) -> str:
    """The units of a layer, for behind a number; empty where they are not known."""
    units = layer.crs().mapUnits() if layer is not None else QgsUnitTypes.DistanceUnit.DistanceUnknownUnit
    known = units != QgsUnitTypes.DistanceUnit.DistanceUnknownUnit
    return " " + QgsUnitTypes.toString(units) if known else ""


def number_box(number: NumberParameter, name: str) -> QgsDoubleSpinBox:
    """A field for the number of an operation, of this objectName, with the value of last time."""
    box = QgsDoubleSpinBox()
    box.setObjectName(name)
    box.setDecimals(6)
    box.setMaximum(1e9)
    box.setValue(remembered_number(number))
    box.setToolTip(tr("In the units of the layer"))
    box.setShowClearButton(False)
    return box


class SimpleFields(QWidget):
    """The setting of one operation, if it has one. objectNames begin with ``prefix``."""

    def __init__(self, offered: Offered, prefix: str):
        super().__init__()
        self.offered = offered
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        self.number: Optional[QgsDoubleSpinBox] = None
        self.column = QgsFieldComboBox()
        self.other = QgsMapLayerComboBox()
        self.other_selected: Optional[SelectedOnly] = None
        if offered.number is not None:
            self.number = number_box(offered.number, f"{prefix}_{offered.number.key.lower()}")
            form.addRow(offered.number.label(), self.number)
        if offered.needs is Needs.GROUPS:
            self.column.setObjectName(f"{prefix}_field")
            self.column.setAllowEmptyFieldName(True)
            self.column.setToolTip(tool_tip(field_tip()))
            form.addRow(tr("Field"), self.column)
        elif offered.needs is Needs.OTHER:
            self.other.setObjectName(f"{prefix}_other")
            self.other.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
            form.addRow(tr("Other layer"), self.other)
            self.other_selected = SelectedOnly(f"{prefix}_other_selected_only", self.other)
            form.addRow("", self.other_selected)

    def set_layer(self, layer: QgsVectorLayer) -> None:
        """The layer whose fields may be chosen."""
        if self.offered.needs is Needs.GROUPS:
            self.column.setLayer(layer)
        if self.number is not None:
            self.number.setSuffix(units_suffix(layer))

    def problem(self, _layer: QgsVectorLayer) -> str:
        """What is missing, in words; empty where nothing is."""
        if self.other_selected is None:
            return ""
        if self.other.currentLayer() is None:
            return tr("Choose the other layer.")
        return self.other_selected.problem()

    def choices(self) -> SimpleChoices:
        """What is chosen here."""
        other = self.other.currentLayer()
        return SimpleChoices(
            self.offered,
            other=other.id() if other is not None else "",
            number=self.number.value() if self.number is not None else 1.0,
            column=self.column.currentField(),
            other_selected=self.other_selected is not None and self.other_selected.isChecked(),
        )
