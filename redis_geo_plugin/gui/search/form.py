"""The upper half of the Search dock: what is searched, where, how far."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsSettings
from qgis.gui import QgsDoubleSpinBox, QgsSpinBox
from qgis.PyQt.QtCore import QLocale, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QWidget,
)

from ...bridge.i18n import tr
from ...core.geo.units import UNITS
from ..interface import icon
from ..wrapping import WrapLayout

ROOT = "redis_geo/search/"

RADIUS, RADIUS_FEATURES, NEAREST, NEAREST_FEATURES, EXTENT, POLYGONS, CORRIDOR = (
    "radius",
    "radius_features",
    "nearest",
    "nearest_features",
    "extent",
    "polygons",
    "corridor",
)
AROUND_POINT = (RADIUS, NEAREST)
WITH_RADIUS = (RADIUS, RADIUS_FEATURES, CORRIDOR)
MEASURED = (RADIUS, RADIUS_FEATURES, NEAREST, NEAREST_FEATURES)


class RadiusBox(QgsDoubleSpinBox):
    """Shows no zeros behind the last digit that says something."""

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        locale = QLocale()
        text = locale.toString(value, "f", self.decimals())
        point = locale.decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text


class SearchForm(QWidget):
    """Emits ``wanted`` when Enter is pressed in a field, ``figure_changed`` when the circle on the map should follow."""

    wanted = pyqtSignal()
    figure_changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._build()
        self._restore()
        self._show_rows()

    # -- building ---------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.layout_ = QFormLayout(self)
        self.layout_.setContentsMargins(0, 0, 0, 0)
        self.layout_.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.sets = QComboBox(self)
        self.sets.setObjectName("redis_geo_search_set")
        self.sets.setEditable(True)
        self.sets.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.sets.lineEdit().setPlaceholderText(tr("Name of a GEO set"))
        self.refresh = self._button("refresh", tr("Look for GEO sets again"), "redis_geo_search_refresh")
        self.layout_.addRow(tr("GEO set"), self._row(self.sets, self.refresh))

        self.kind = QComboBox(self)
        self.kind.setObjectName("redis_geo_search_kind")
        for value, label in self._kinds():
            self.kind.addItem(label, value)
        self.layout_.addRow(tr("Search"), self.kind)

        self.center = QLineEdit(self)
        self.center.setObjectName("redis_geo_search_center")
        self.center.setClearButtonEnabled(True)
        self.center.setPlaceholderText(tr("x, y in the project's CRS, or a member"))
        self.pick = self._button("search_pick", tr("Click on the map, or drag the radius"), "redis_geo_search_pick")
        self.pick.setCheckable(True)
        self.center_row = self._row(self.center, self.pick)
        self.layout_.addRow(tr("Center"), self.center_row)

        self.radius = RadiusBox(self)
        self.radius.setObjectName("redis_geo_search_radius")
        self.radius.setRange(0.0, 25_000_000.0)
        self.radius.setDecimals(3)
        self.radius.setClearValue(1.0)
        self.radius.setShowClearButton(False)
        self.unit = QComboBox(self)
        self.unit.setObjectName("redis_geo_search_unit")
        for name, factor in UNITS.items():
            self.unit.addItem(name, factor)
        self.radius_row = self._row(self.radius, self.unit)
        self.layout_.addRow(tr("Radius"), self.radius_row)

        self.limit = QgsSpinBox(self)
        self.limit.setObjectName("redis_geo_search_limit")
        self.limit.setRange(0, 10_000_000)
        self.limit.setSpecialValueText(tr("all"))
        self.limit.setClearValue(0)
        self.layout_.addRow(tr("At most"), self.limit)

        self.metric = QComboBox(self)
        self.metric.setObjectName("redis_geo_search_metric")
        self.metric.addItem(tr("on the project's ellipsoid"), 0)
        self.metric.addItem(tr("on the sphere, as Redis does"), 1)
        self.layout_.addRow(tr("Measured"), self.metric)

        self.live = QCheckBox(tr("Search while dragging"), self)
        self.live.setObjectName("redis_geo_search_live")
        self.add = QCheckBox(tr("Add to the results"), self)
        self.add.setObjectName("redis_geo_search_add")
        boxes = QWidget(self)
        boxes.setLayout(WrapLayout(self.live, self.add))
        self.layout_.addRow(boxes)

        for combo in (self.kind, self.metric):  # their texts must not make the dock wide
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(16)
        self.kind.currentIndexChanged.connect(self._show_rows)
        for box in (self.radius, self.unit, self.metric):
            signal = box.valueChanged if box is self.radius else box.currentIndexChanged
            signal.connect(lambda *_: self.figure_changed.emit())
        for edit in (self.sets.lineEdit(), self.center, self.radius.lineEdit(), self.limit.lineEdit()):
            edit.returnPressed.connect(self.wanted)

    def _button(self, icon_name: str, tip: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setToolTip(tip)
        button.setObjectName(name)
        button.setAutoRaise(True)
        return button

    def _row(self, wide: QWidget, narrow: QWidget) -> QWidget:
        holder = QWidget(self)
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(wide, 1)
        line.addWidget(narrow)
        return holder

    def _kinds(self) -> tuple[tuple[str, str], ...]:
        return (
            (RADIUS, tr("within a radius of a point")),
            (RADIUS_FEATURES, tr("within a radius of each selected feature")),
            (NEAREST, tr("nearest to a point")),
            (NEAREST_FEATURES, tr("nearest to each selected feature")),
            (EXTENT, tr("in the map's extent")),
            (POLYGONS, tr("in the selected polygons")),
            (CORRIDOR, tr("along the selected lines")),
        )

    def _show_rows(self, *_: Any) -> None:
        kind = self.search_kind()
        self._set_visible(self.center_row, kind in AROUND_POINT)
        self._set_visible(self.radius_row, kind in WITH_RADIUS)
        self._set_visible(self.metric, kind in MEASURED)
        self.live.setVisible(kind in AROUND_POINT)
        self.figure_changed.emit()

    def _set_visible(self, widget: QWidget, visible: bool) -> None:
        widget.setVisible(visible)
        label = self.layout_.labelForField(widget)
        if isinstance(label, QLabel):
            label.setVisible(visible)

    # -- values -----------------------------------------------------------------------------------------------

    def search_kind(self) -> str:
        return str(self.kind.currentData())

    def key(self) -> str:
        """The set's key without the tenant's prefix, as chosen or typed."""
        text = self.sets.currentText().strip()
        index = self.sets.findText(text, Qt.MatchFlag.MatchExactly)
        return str(self.sets.itemData(index)) if index >= 0 else text

    def metres(self) -> float:
        return self.radius.value() * float(self.unit.currentData())

    def set_metres(self, metres: float) -> None:
        """Show a radius in the chosen unit, to three digits of what a mouse can mean."""
        value = metres / float(self.unit.currentData())
        digits = max(0, 3 - len(str(int(value))))
        self.radius.setValue(round(value, digits) or value)

    def on_sphere(self) -> bool:
        return self.metric.currentData() == 1

    def center_point(self) -> Optional[tuple[float, float]]:
        """Two numbers of the centre field, or None where it holds something else (the name of a member)."""
        return parse_point(self.center.text())

    def set_center(self, x: float, y: float, degrees: bool) -> None:
        digits = 6 if degrees else 2
        self.center.setText(f"{x:.{digits}f}, {y:.{digits}f}")

    # -- memory -----------------------------------------------------------------------------------------------

    def save(self) -> None:
        store = QgsSettings()
        store.setValue(ROOT + "set", self.key())
        store.setValue(ROOT + "kind", self.search_kind())
        store.setValue(ROOT + "radius", self.radius.value())
        store.setValue(ROOT + "unit", self.unit.currentText())
        store.setValue(ROOT + "limit", self.limit.value())
        store.setValue(ROOT + "metric", self.metric.currentData())
        store.setValue(ROOT + "live", self.live.isChecked())

    def _restore(self) -> None:
        store = QgsSettings()
        self.sets.setEditText(str(store.value(ROOT + "set", "") or ""))
        self.kind.setCurrentIndex(max(0, self.kind.findData(str(store.value(ROOT + "kind", RADIUS)))))
        self.radius.setValue(float(store.value(ROOT + "radius", 5.0)))
        self.unit.setCurrentIndex(max(0, self.unit.findText(str(store.value(ROOT + "unit", "km")))))
        self.limit.setValue(int(store.value(ROOT + "limit", 0)))
        self.metric.setCurrentIndex(max(0, self.metric.findData(int(store.value(ROOT + "metric", 0)))))
        self.live.setChecked(store.value(ROOT + "live", False, type=bool))


def parse_point(text: str) -> Optional[tuple[float, float]]:
    """``x, y``, ``x; y`` or ``x y`` with decimal points, or with decimal commas where a semicolon or a space parts them."""
    text = text.strip()
    for separator in (";", ",", None):
        parts = [p for p in text.split(separator) if p.strip()]
        if len(parts) == 2:
            numbers = [_number(p) for p in parts]
            if None not in numbers:
                return numbers[0], numbers[1]  # type: ignore[return-value]
    return None


def _number(text: str) -> Optional[float]:
    text = text.strip()
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value, good = QLocale().toDouble(text)
        if not good:
            return None
    return value if abs(value) < 1e12 else None
