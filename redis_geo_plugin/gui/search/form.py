"""The upper half of the Search dock: what is searched, where, how far."""

from __future__ import annotations

from typing import Optional

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
    QVBoxLayout,
    QWidget,
)

from ...bridge.geo import kinds
from ...bridge.geo.kinds.kind import OF_LAYERS, Kind, Place, Where
from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.plain import tool_tip
from ...bridge.settings import kept
from ...core.geo.units import UNITS
from ..icons import icon
from ..labels import Label
from ..toolbox.pick_list import show_value
from ..wrapping import WrapLayout
from .index_fields import IndexFields

ROOT = "redis_geo/search/"


class RadiusBox(QgsDoubleSpinBox):
    """Shows no zeros behind the last digit that says something."""

    def textFromValue(self, value: float) -> str:  # noqa: N802 - Qt's name
        locale = QLocale()
        text = locale.toString(value, "f", self.decimals())
        point = locale.decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text


class SearchForm(QWidget):
    """Emits ``wanted`` when Enter is pressed in a field, ``figure_changed`` when the circle on the map should
    follow."""

    wanted = pyqtSignal()
    figure_changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.drawn: Optional[Place] = None  # the polygon that was drawn on the map
        self._usual_limit = 0  # of the kind that is shown
        self._limits = {False: 0, True: 0}  # the limit of kinds that keep all, and of those that do not
        self._build()
        self._restore()
        self._show_rows()

    # -- building ------------------------------------------------------------------------------------------

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
        self.indexes = IndexFields(self)
        self.sets_row = self._part((tr("GEO set"), self._row(self.sets, self.refresh)))
        self.index_row = self._part(
            (tr("Index"), self._row(self.indexes.box, self.indexes.refresh)),
            (tr("Place"), self.indexes.place_box),
            (tr("Filter"), self.indexes.filter),
        )
        searched = QWidget(self)  # one of the two at a time: hidden rows would leave gaps in the form
        column = QVBoxLayout(searched)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self.sets_row, self.index_row):
            column.addWidget(part)
        self.layout_.addRow(searched)
        self._build_where()
        self._build_how()
        self._align()
        for combo in (self.kind, self.metric):  # their texts must not make the dock wide
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(16)
        self.kind.currentIndexChanged.connect(self._show_rows)
        self.indexes.changed.connect(self._show_index_rows)
        self.indexes.wanted.connect(self.wanted)
        for box in (self.radius, self.unit, self.metric):
            signal = box.valueChanged if box is self.radius else box.currentIndexChanged
            signal.connect(lambda *_: self.figure_changed.emit())
        for edit in (self.sets.lineEdit(), self.center, self.radius.lineEdit(), self.limit.lineEdit()):
            edit.returnPressed.connect(self.wanted)

    def _build_where(self) -> None:
        self.kind = QComboBox(self)
        self.kind.setObjectName("redis_geo_search_kind")
        for _, ask in kinds.asks():
            self.kind.addItem(ask.label(), ask.name)
        self.layout_.addRow(tr("Search"), self.kind)

        self.center = QLineEdit(self)
        self.center.setObjectName("redis_geo_search_center")
        self.center.setClearButtonEnabled(True)
        self.pick = self._button(
            "search_pick", tr("Click on the map, or drag the radius"), "redis_geo_search_pick"
        )
        self.pick.setCheckable(True)
        self.center_row = self._row(self.center, self.pick)
        self.meant = Label(parent=self)
        self.meant.setObjectName("redis_geo_search_meant")
        self.meant.setWordWrap(True)
        self.polygon_text = Label(parent=self)
        self.polygon_text.setWordWrap(True)
        self.draw = self._button(
            "/mActionCapturePolygon.svg",
            tr("Draw the polygon on the map: right click ends, Backspace takes a corner back"),
            "redis_geo_search_draw",
        )
        self.draw.setCheckable(True)
        self.polygon_row = self._row(self.polygon_text, self.draw)

        self.where_label = Label(tr("Center"))
        places = QWidget(self)  # one of these at a time: hidden rows would leave gaps in the form
        column = QVBoxLayout(places)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.center_row, self.meant, self.polygon_row):
            column.addWidget(widget)
        self.places_row = places
        self.layout_.addRow(self.where_label, places)

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

    def _build_how(self) -> None:
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

    def _part(self, *rows: tuple[str, QWidget]) -> QWidget:
        """Rows that come and go together."""
        holder = QWidget(self)
        form = QFormLayout(holder)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for title, widget in rows:
            form.addRow(title, widget)
        return holder

    def _align(self) -> None:
        """Let the fields of all parts begin below each other."""
        forms = (self.layout_, self.sets_row.layout(), self.index_row.layout())
        role = QFormLayout.ItemRole.LabelRole
        items = [form.itemAt(row, role) for form in forms for row in range(form.rowCount())]
        labels = [item.widget() for item in items if item is not None and item.widget() is not None]
        widest = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setMinimumWidth(widest)

    def _button(self, icon_name: str, tip: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setToolTip(tool_tip(tip))
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

    def _show_rows(self, *_: object) -> None:
        kind = self.search_kind()
        self.sets_row.setVisible(not kind.of_index)
        self._show_index_rows()
        self.center.setPlaceholderText(
            tr("x, y in the project's CRS") if kind.of_index else tr("x, y in the project's CRS, or a member")
        )
        self._show_where(self.where())
        self._show_limit(kind.usual_limit)
        self._set_visible(self.radius_row, kind.takes_radius)
        self._set_visible(self.metric, kind.measured)
        self.live.setVisible(self.around_point())
        self.figure_changed.emit()

    def _show_index_rows(self) -> None:
        of_index = self.search_kind().of_index
        self.index_row.setVisible(of_index)
        self.indexes.place_box.setVisible(self.indexes.has_places())
        self.index_row.layout().labelForField(self.indexes.place_box).setVisible(self.indexes.has_places())

    def _show_where(self, where: Where) -> None:
        shown = {Where.POINT: (self.center_row, tr("Center")), Where.DRAWN: (self.polygon_row, tr("Polygon"))}
        shown.update(dict.fromkeys(OF_LAYERS, (self.meant, tr("Layer"))))
        chosen, title = shown.get(where, (None, ""))
        for widget in (self.center_row, self.meant, self.polygon_row):
            widget.setVisible(widget is chosen)
        self.where_label.setText(title)
        self._set_visible(self.places_row, chosen is not None)

    def _show_limit(self, usual: int) -> None:
        """A kind that never keeps all has a limit of its own, and no word for all."""
        if usual == self._usual_limit:
            return
        self._limits[bool(self._usual_limit)] = self.limit.value()
        self._usual_limit = usual
        self.limit.setMinimum(1 if usual else 0)
        self.limit.setSpecialValueText("" if usual else tr("all"))
        self.limit.setClearValue(usual)
        self.limit.setValue(self._limits[bool(usual)] or usual)

    def set_drawn(self, polygon: Optional[Place], corners: int = 0) -> None:
        """The polygon that was drawn on the map; None for none."""
        self.drawn = polygon
        if polygon is None:
            self.polygon_text.setText(tr("none drawn yet"))
        else:
            text = tr("drawn, with {count} corners").format(count=QLocale().toString(corners))
            self.polygon_text.setText(text)

    def _set_visible(self, widget: QWidget, visible: bool) -> None:
        widget.setVisible(visible)
        label = self.layout_.labelForField(widget)
        if isinstance(label, QLabel):
            label.setVisible(visible)

    # -- values --------------------------------------------------------------------------------------------

    def search_kind(self) -> Kind:
        """The kind of search that is chosen."""
        return kinds.of_ask(str(self.kind.currentData()))[0]

    def where(self) -> Where:
        """Where its places come from."""
        return kinds.of_ask(str(self.kind.currentData()))[1].where

    def around_point(self) -> bool:
        """Whether a centre is typed or clicked."""
        return self.where() is Where.POINT

    def choose_around_point(self) -> None:
        """Choose the first kind of search that has a centre, unless one is chosen."""
        if not self.around_point():
            of_index = self.search_kind().of_index
            name = next(
                ask.name
                for kind, ask in kinds.asks()
                if ask.where is Where.POINT and kind.of_index == of_index
            )
            self.kind.setCurrentIndex(self.kind.findData(name))

    def key(self) -> str:
        """The set's key without the tenant's prefix, or the index, as chosen or typed."""
        if self.search_kind().of_index:
            return self.indexes.name()
        return self.set_key()

    def set_key(self) -> str:
        """The set's key, whether a set is searched or not."""
        text = self.sets.currentText().strip()
        index = self.sets.findText(text, Qt.MatchFlag.MatchExactly)
        return str(self.sets.itemData(index)) if index >= 0 else text

    def metres(self) -> float:
        """The radius in metres."""
        return self.radius.value() * float(self.unit.currentData())

    def set_metres(self, metres: float) -> None:
        """Show a radius in the chosen unit, to three digits of what a mouse can mean."""
        value = metres / float(self.unit.currentData())
        digits = max(0, 3 - len(str(int(value))))
        self.radius.setValue(round(value, digits) or value)

    def on_sphere(self) -> bool:
        """Whether distances are measured on the sphere, as Redis does."""
        return self.metric.currentData() == 1

    def center_point(self) -> Optional[tuple[float, float]]:
        """Two numbers of the centre field, or None where it holds something else (the name of a member)."""
        return parse_point(self.center.text())

    def set_center(self, x: float, y: float, degrees: bool) -> None:
        """Show a centre, with as many digits as degrees or metres need."""
        digits = 6 if degrees else 2
        self.center.setText(f"{x:.{digits}f}, {y:.{digits}f}")

    # -- memory --------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Keep the choices for the next session."""
        self._limits[bool(self._usual_limit)] = self.limit.value()
        choices = {
            "set": self.set_key(),
            "index": self.indexes.name(),
            "filter": self.indexes.filter.text(),
            "kind": self.kind.currentData(),
            "radius": self.radius.value(),
            "unit": self.unit.currentText(),
            "limit": self._limits[False],
            "nearest_limit": self._limits[True],
            "metric": self.metric.currentData(),
            "live": self.live.isChecked(),
        }
        keep({ROOT + name: value for name, value in choices.items()})

    def _restore(self) -> None:
        self.sets.setEditText(kept(ROOT + "set", ""))
        show_value(self.indexes.box, kept(ROOT + "index", ""))
        self.indexes.filter.setText(kept(ROOT + "filter", ""))
        for key, never_all in (("limit", False), ("nearest_limit", True)):
            self._limits[never_all] = kept(ROOT + key, 0)
        self.limit.setValue(self._limits[False])
        self.kind.setCurrentIndex(max(0, self.kind.findData(kept(ROOT + "kind", ""))))
        self.radius.setValue(kept(ROOT + "radius", 5.0))
        self.unit.setCurrentIndex(max(0, self.unit.findText(kept(ROOT + "unit", "km"))))
        self.metric.setCurrentIndex(max(0, self.metric.findData(kept(ROOT + "metric", 0))))
        self.live.setChecked(kept(ROOT + "live", False))
        self.set_drawn(None)


def parse_point(text: str) -> Optional[tuple[float, float]]:
    """``x, y``, ``x; y`` or ``x y`` with decimal points, or with decimal commas where a semicolon or a space
    parts them."""
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
