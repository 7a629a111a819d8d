"""The pages of the Cache dock for operations with at most one setting: simplify, convex hull, dissolve, nearest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsSettings, QgsUnitTypes, QgsVectorLayer
from qgis.gui import QgsDoubleSpinBox, QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QFormLayout, QWidget

from ...bridge import operations
from ...bridge.i18n import tr
from .choices import StoreChoices

NAMES = tuple(name for name in operations.ALL if name not in (operations.BUFFER, operations.INTERSECTION))
TOLERANCE_SETTING = "redis_geo/cache/tolerance"


@dataclass
class SimpleChoices:
    """One of these operations with its setting; ``other`` is the id of the other layer."""

    name: str
    store: StoreChoices = field(default_factory=StoreChoices)
    other: str = ""
    tolerance: float = 1.0
    column: str = ""

    @property
    def algorithm(self) -> str:
        return f"redisgeo:cached{self.name}"

    def remember(self) -> None:
        self.store.remember()
        if self.name == operations.SIMPLIFY:
            QgsSettings().setValue(TOLERANCE_SETTING, self.tolerance)

    def parameters(self, _layer: QgsVectorLayer) -> dict[str, Any]:
        """The parameters of the cached algorithm, and of redisgeo:enqueuejobs, without INPUT and OUTPUT."""
        own: dict[str, Any] = {}
        if self.name == operations.NEAREST:
            own = {"INPUT_2": self.other, "OVERLAY": self.other}
        elif self.name == operations.SIMPLIFY:
            own["TOLERANCE"] = self.tolerance
        elif self.name == operations.DISSOLVE and self.column:
            own["FIELD"] = [self.column]
        return {**own, **self.store.parameters()}

    def title(self, layer: QgsVectorLayer) -> str:
        return tr("{operation} of {layer}").format(operation=operations.label(self.name), layer=layer.name())


def field_tip() -> str:
    """What the field of a dissolve is for."""
    return tr("Features with the same value become one; without a field, all of them")


def units_suffix(layer: Any) -> str:
    """The units of a layer, for behind a number; empty where they are not known."""
    units = layer.crs().mapUnits() if layer is not None else QgsUnitTypes.DistanceUnit.DistanceUnknownUnit
    known = units != QgsUnitTypes.DistanceUnit.DistanceUnknownUnit
    return " " + QgsUnitTypes.toString(units) if known else ""


class SimpleFields(QWidget):
    """The setting of one operation, if it has one. objectNames begin with ``prefix``."""

    def __init__(self, name: str, prefix: str):
        super().__init__()
        self.name = name
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        self.tolerance = QgsDoubleSpinBox()
        self.column = QgsFieldComboBox()
        self.other = QgsMapLayerComboBox()
        if name == operations.SIMPLIFY:
            self.tolerance.setObjectName(f"{prefix}_tolerance")
            self.tolerance.setDecimals(6)
            self.tolerance.setMaximum(1e9)
            self.tolerance.setValue(QgsSettings().value(TOLERANCE_SETTING, 1.0, type=float))
            self.tolerance.setToolTip(tr("In the units of the layer"))
            self.tolerance.setShowClearButton(False)
            form.addRow(tr("Tolerance"), self.tolerance)
        elif name == operations.DISSOLVE:
            self.column.setObjectName(f"{prefix}_field")
            self.column.setAllowEmptyFieldName(True)
            self.column.setToolTip(field_tip())
            form.addRow(tr("Field"), self.column)
        elif name == operations.NEAREST:
            self.other.setObjectName(f"{prefix}_other")
            self.other.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
            form.addRow(tr("Other layer"), self.other)

    def set_layer(self, layer: Any) -> None:
        """The layer whose fields may be chosen."""
        if self.name == operations.DISSOLVE:
            self.column.setLayer(layer)
        elif self.name == operations.SIMPLIFY:
            self.tolerance.setSuffix(units_suffix(layer))

    def problem(self, _layer: QgsVectorLayer) -> str:
        """What is missing, in words; empty where nothing is."""
        if self.name == operations.NEAREST and self.other.currentLayer() is None:
            return tr("Choose the other layer.")
        return ""

    def choices(self) -> SimpleChoices:
        other = self.other.currentLayer()
        return SimpleChoices(
            self.name,
            other=other.id() if other is not None else "",
            tolerance=self.tolerance.value(),
            column=self.column.currentField(),
        )
