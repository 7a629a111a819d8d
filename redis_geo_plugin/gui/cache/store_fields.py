"""The input fields of the Cache dock, one widget per operation, and one for where results are kept."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsMapLayerProxyModel, QgsProperty, QgsPropertyDefinition, QgsVectorLayer
from qgis.gui import (
    QgsCollapsibleGroupBox,
    QgsDoubleSpinBox,
    QgsMapLayerComboBox,
    QgsPropertyOverrideButton,
    QgsSpinBox,
)
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from ...bridge.i18n import tr
from ...bridge.words.namespaces import namespace_of, namespace_on_screen
from ..selected_only import SelectedOnly
from .settings import LAYER_UNITS, BufferChoices, IntersectionChoices, StoreChoices, units

_DISTANCE_PROPERTY = 1


class BufferFields(QWidget):
    """Distance with unit or expression, segments, styles, dissolve, ellipsoid. objectNames begin with
    ``prefix``; where each feature is computed by itself, nothing is dissolved (``dissolves``)."""

    def __init__(self, prefix: str = "redis_geo_cache", *, dissolves: bool = True) -> None:
        super().__init__()
        self._prefix, self._dissolves = prefix, dissolves
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(tr("Distance"), self._distance_row())
        self.geodesic = QCheckBox(tr("Measure on the ellipsoid"))
        self.geodesic.setObjectName(f"{self._prefix}_geodesic")
        self.geodesic.setToolTip(tr("True metres, across the 180 degree meridian and near the poles too."))
        form.addRow("", self.geodesic)
        self.dissolve = QCheckBox(tr("Dissolve the result"))
        self.dissolve.setObjectName(f"{self._prefix}_dissolve")
        self.dissolve.setVisible(dissolves)
        if dissolves:
            form.addRow("", self.dissolve)
        else:
            self.dissolve.setParent(self)
        form.addRow(self._styles())
        self._layer: Optional[QgsVectorLayer] = None
        self._wants_geodesic = False  # what the user chose, also while the layer or the unit decides
        self._show(BufferChoices.remembered())
        self.unit.currentIndexChanged.connect(self._unit_changed)
        self.geodesic.clicked.connect(self._geodesic_chosen)
        self.join.currentIndexChanged.connect(self._join_changed)
        self._join_changed()

    def _distance_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.distance = QgsDoubleSpinBox()
        self.distance.setObjectName(f"{self._prefix}_distance")
        self.distance.setRange(-1e9, 1e9)
        self.distance.setDecimals(4)
        self.distance.setShowClearButton(False)
        self.unit = QComboBox()
        self.unit.setObjectName(f"{self._prefix}_unit")
        for code, name in units():
            self.unit.addItem(name, code)
        self.override = QgsPropertyOverrideButton()
        self.override.setObjectName(f"{self._prefix}_distance_expression")
        definition = QgsPropertyDefinition(
            "distance", tr("Buffer distance"), QgsPropertyDefinition.StandardPropertyTemplate.Double
        )
        self.override.init(_DISTANCE_PROPERTY, QgsProperty(), definition)
        self.override.registerEnabledWidget(self.distance, False)
        self.override.setToolTip(
            tr(
                "Take the distance of each feature from a field or an expression; where it gives no number, "
                "the distance beside it is taken."
            )
        )
        row.addWidget(self.distance, 3)
        row.addWidget(self.unit, 2)
        row.addWidget(self.override)
        return row

    def _styles(self) -> QgsCollapsibleGroupBox:
        group = QgsCollapsibleGroupBox(tr("Shape"))
        group.setObjectName(f"{self._prefix}_shape_group")
        form = QFormLayout(group)
        self.segments = QgsSpinBox()
        self.segments.setObjectName(f"{self._prefix}_segments")
        self.segments.setRange(1, 1000)
        self.segments.setShowClearButton(False)
        self.cap = _combo(f"{self._prefix}_cap", tr("Round"), tr("Flat"), tr("Square"))
        self.join = _combo(f"{self._prefix}_join", tr("Round"), tr("Miter"), tr("Bevel"))
        self.mitre = QgsDoubleSpinBox()
        self.mitre.setObjectName(f"{self._prefix}_mitre_limit")
        self.mitre.setRange(1.0, 1000.0)
        self.mitre.setShowClearButton(False)
        form.addRow(tr("Segments"), self.segments)
        form.addRow(tr("End cap style"), self.cap)
        form.addRow(tr("Join style"), self.join)
        form.addRow(tr("Miter limit"), self.mitre)
        group.setCollapsed(True)
        return group

    def set_layer(self, layer: Optional[QgsVectorLayer]) -> None:
        """The layer whose fields the expression may use, and whose CRS says what a unit means."""
        self._layer = layer
        self.override.setVectorLayer(layer)
        self._unit_changed()

    def choices(self) -> BufferChoices:
        """What is chosen in the fields."""
        prop = self.override.toProperty()
        return BufferChoices(
            distance=self.distance.value(),
            unit=self.unit.currentData(),
            expression=prop.asExpression() if prop.isActive() else "",
            segments=self.segments.value(),
            cap=self.cap.currentIndex(),
            join=self.join.currentIndex(),
            mitre_limit=self.mitre.value(),
            dissolve=self._dissolves and self.dissolve.isChecked(),
            geodesic=self._wants_geodesic,
            store=StoreChoices.remembered(),
        )

    def problem(self, layer: QgsVectorLayer) -> str:
        """What keeps this from being run, in words; empty where nothing does."""
        return self.choices().problem(layer)

    def _show(self, choices: BufferChoices) -> None:
        self.distance.setValue(choices.distance)
        self.unit.setCurrentIndex(max(0, self.unit.findData(choices.unit)))
        if choices.expression:
            self.override.setToProperty(QgsProperty.fromExpression(choices.expression))
        self.segments.setValue(choices.segments)
        self.cap.setCurrentIndex(choices.cap)
        self.join.setCurrentIndex(choices.join)
        self.mitre.setValue(choices.mitre_limit)
        self.dissolve.setChecked(choices.dissolve)
        self._wants_geodesic = choices.geodesic
        self._unit_changed()

    def _unit_changed(self) -> None:
        """On a layer in degrees, metres are always measured on the ellipsoid; its own units never are."""
        own_units = self.unit.currentData() == LAYER_UNITS
        degrees = self._layer is not None and self._layer.crs().isGeographic()
        self.geodesic.setEnabled(not own_units and not degrees)
        self.geodesic.setChecked(not own_units and (degrees or self._wants_geodesic))

    def _geodesic_chosen(self, chosen: bool) -> None:
        self._wants_geodesic = chosen

    def _join_changed(self) -> None:
        self.mitre.setEnabled(self.join.currentIndex() == 1)


class IntersectionStoreFields(QWidget):
    """The overlay layer. objectNames begin with ``prefix``."""

    def __init__(self, prefix: str = "redis_geo_cache") -> None:
        super().__init__()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        self.overlay = QgsMapLayerComboBox()
        self.overlay.setObjectName(f"{prefix}_overlay")
        self.overlay.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
        form.addRow(tr("Overlay layer"), self.overlay)
        self.selected_only = SelectedOnly(f"{prefix}_overlay_selected_only", self.overlay)
        form.addRow("", self.selected_only)

    def choices(self) -> IntersectionChoices:
        """What is chosen in the fields."""
        layer = self.overlay.currentLayer()
        return IntersectionChoices(
            layer.id() if layer is not None else "",
            self.selected_only.isChecked(),
            StoreChoices.remembered(),
        )

    def problem(self, layer: QgsVectorLayer) -> str:  # noqa: ARG002 - as its twins
        """What keeps a run from being started, in words; empty where nothing does."""
        if self.overlay.currentLayer() is None:
            return tr("Choose the overlay layer to intersect with.")
        return self.selected_only.problem()


class StoreFields(QWidget):
    """Namespace and how long results are kept. ``prefix`` begins the names of the widgets."""

    def __init__(self, prefix: str = "redis_geo_cache") -> None:
        super().__init__()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        self.namespace = QLineEdit()
        self.namespace.setObjectName(f"{prefix}_namespace")
        self.namespace.setToolTip(
            tr("A part of the cache of its own, such as a project's name: letters, digits, - and _")
        )
        self.ttl = QComboBox()
        self.ttl.setObjectName(f"{prefix}_ttl")
        for text, seconds in _durations():
            self.ttl.addItem(text, seconds)
        form.addRow(tr("Namespace"), self.namespace)
        form.addRow(tr("Keep for"), self.ttl)
        self.show_remembered()

    def show_remembered(self, *, unless_edited: bool = False) -> None:
        """Show what is set, here, in another panel or on the Options page; ``unless_edited`` leaves what was
        typed and not used yet."""
        if unless_edited and self.namespace.isModified():
            return
        choices = StoreChoices.remembered()
        self.namespace.setText(namespace_on_screen(choices.namespace))
        index = self.ttl.findData(choices.ttl)
        if index < 0:
            self.ttl.addItem(tr("{seconds} seconds").format(seconds=choices.ttl), choices.ttl)
            index = self.ttl.count() - 1
        self.ttl.setCurrentIndex(index)

    def choices(self) -> StoreChoices:
        """What is chosen in the fields."""
        return StoreChoices(namespace_of(self.namespace.text()), int(self.ttl.currentData()))

    def problem(self) -> str:
        """Why the choices cannot be used, in words; empty where they can."""
        return self.choices().problem()


def _durations() -> list[tuple[str, int]]:
    day = 24 * 3600
    return [
        (tr("one hour"), 3600),
        (tr("one day"), day),
        (tr("one week"), 7 * day),
        (tr("30 days"), 30 * day),
        (tr("one year"), 365 * day),
        (tr("until purged"), 0),
    ]


def _combo(name: str, *texts: str) -> QComboBox:
    combo = QComboBox()
    combo.setObjectName(name)
    combo.addItems(texts)
    return combo
