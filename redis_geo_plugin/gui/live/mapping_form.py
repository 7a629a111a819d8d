"""The form that says what a feed is: its name, kind and keys, and what the fields of its records mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Optional

from qgis.gui import QgsProjectionSelectionWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from ...bridge import crs
from ...bridge.i18n import tr
from ...bridge.live.words import kind_text
from ...core.live.key_patterns import readable_name
from ...core.live.sources import KINDS
from .boxes import choice, narrow, select

if TYPE_CHECKING:
    from ...core.json_types import JsonObject
    from ...core.live.spec import FeedSpec, Mapping


FIELDS = ("id", "lon", "lat", "pair", "date", "time", "heading", "speed")


class MappingForm(QWidget):
    """Edits a FeedSpec, also from nothing.

    ``edited`` whenever something changed that alters the preview, ``moved`` when the feed reads other keys,
    or reads them otherwise.
    """

    edited = pyqtSignal()
    moved = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._spec: Optional[FeedSpec] = None
        self._answered: set[str] = set()  # roles that the analyst has settled
        self._scale = 0.0  # of integers, as the analyst has said; 0: not said
        self.name_edit = QLineEdit()
        self.name_edit.setObjectName("redis_geo_find_name")
        self.kind_box = choice("redis_geo_find_kind", [(kind, kind_text(kind)) for kind in KINDS])
        self.pattern_edit = QLineEdit()
        self.pattern_edit.setObjectName("redis_geo_find_keys")
        self.boxes = {field: self._field_box(field) for field in FIELDS}
        self.order_box = choice("redis_geo_find_order", _orders())
        self.time_unit_box = choice("redis_geo_find_time_unit", _time_forms())
        self.time_unit_box.setEditable(True)
        self.time_unit_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.unit_box = choice(
            "redis_geo_find_unit",
            (("m/s", tr("m/s")), ("km/h", tr("km/h")), ("kn", tr("knots")), ("mph", tr("mph"))),
        )
        self.crs_box = QgsProjectionSelectionWidget()
        self.crs_box.setObjectName("redis_geo_find_crs")
        self.crs_box.setNotSetText(tr("degrees (EPSG:4326)"))
        self.crs_box.setOptionVisible(QgsProjectionSelectionWidget.CrsOption.CrsNotSet, True)
        self.place_box = QCheckBox(tr("These fields are the vehicle's own position"))
        self.place_box.setObjectName("redis_geo_find_place")
        self._layout()
        for box in self.findChildren(QComboBox):  # that of the CRS among them
            narrow(box)
        self._connect()

    def _layout(self) -> None:
        labels = {
            "id": tr("Id"),
            "lon": tr("Longitude"),
            "lat": tr("Latitude"),
            "pair": tr("Or both in"),
            "date": tr("Date, if apart"),
            "time": tr("Time of report"),
            "heading": tr("Heading"),
            "speed": tr("Speed"),
        }
        after = {
            "pair": ((tr("Order of both"), self.order_box), (tr("CRS"), self.crs_box), ("", self.place_box)),
            "time": ((tr("Form of time"), self.time_unit_box),),
            "speed": ((tr("Unit of speed"), self.unit_box),),
        }
        self._form = QFormLayout(self)
        self._form.setVerticalSpacing(4)
        self._form.addRow(tr("Name"), self.name_edit)
        self._form.addRow(tr("Kind"), self.kind_box)
        self._form.addRow(tr("Keys"), self.pattern_edit)
        for field in FIELDS:
            self._form.addRow(labels[field], self.boxes[field])
            for label, widget in after.get(field, ()):
                self._form.addRow(label, widget)
        self.boxes["id"].lineEdit().setPlaceholderText(tr("from the key"))
        self.time_unit_box.setToolTip(
            tr("Or a pattern such as %d.%m.%Y %H:%M:%S (day, month, year, hour, minute, second)")
        )

    def _connect(self) -> None:
        for field, box in self.boxes.items():
            box.currentTextChanged.connect(self._on_edited)
            if field == "time":
                box.activated.connect(lambda *_: self._answer("time"))
                box.lineEdit().textEdited.connect(lambda *_: self._answer("time"))
            if field in ("lon", "lat", "pair"):
                box.activated.connect(lambda *_: self._answer("place"))
                box.lineEdit().textEdited.connect(lambda *_: self._answer("place"))
        self.order_box.currentIndexChanged.connect(lambda *_: self._answer("order"))
        self.unit_box.currentIndexChanged.connect(lambda *_: self._answer("speed_unit"))
        self.crs_box.crsChanged.connect(lambda *_: self._answer("crs"))
        self.place_box.toggled.connect(lambda *_: self._answer("place"))
        self.time_unit_box.currentTextChanged.connect(self._on_edited)
        self.kind_box.currentIndexChanged.connect(self._on_moved)
        self.pattern_edit.textEdited.connect(self._on_moved)

    def _field_box(self, field: str) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setObjectName(f"redis_geo_find_{field}")
        return box

    def show_spec(self, spec: FeedSpec) -> None:
        """Fill the form. What is not certain is left open: the analyst has to choose it."""
        self._spec, mapping = None, spec.mapping
        self._answered, self._scale = set(), 0.0
        self.name_edit.setText(spec.name)
        self.pattern_edit.setText(spec.pattern)
        select(self.kind_box, spec.kind)
        for field, box in self.boxes.items():
            box.clear()
            box.setEditText(getattr(mapping, field))
        unsure = mapping.unsure.split()
        select(self.order_box, None if "order" in unsure else mapping.pair_order)
        select(self.unit_box, None if "speed_unit" in unsure else mapping.speed_unit)
        select(self.time_unit_box, mapping.time_unit, editable=True)
        self.crs_box.setCrs(crs.from_text(mapping.crs))
        self.place_box.setChecked(False)
        self.place_box.setVisible("place" in unsure)
        self._spec = spec

    def offer(self, field_names: list[str]) -> None:
        """Offer these fields in the lists; what is written stays."""
        for box in self.boxes.values():
            text = box.currentText()
            box.blockSignals(True)
            box.clear()
            box.addItems(["", *field_names])
            box.setEditText(text)
            box.blockSignals(False)

    def show_recognised(self, mapping: Mapping) -> None:
        """Show in empty boxes what the records are taken for."""
        for field, box in self.boxes.items():
            found = getattr(mapping, field)
            box.lineEdit().setPlaceholderText(found or (tr("from the key") if field == "id" else ""))

    def answer(self, role: str, values: JsonObject) -> None:
        """Take over what the analyst said to a question about a role."""
        for name in ("lon", "lat"):
            if name in values:
                self.boxes[name].setEditText(values[name])
        if "pair_order" in values:
            select(self.order_box, values["pair_order"])
        if "speed_unit" in values:
            select(self.unit_box, values["speed_unit"])
        if "crs" in values:
            self.crs_box.setCrs(crs.from_text(values["crs"]))
        self._scale = values.get("scale", self._scale)
        self.place_box.setChecked(self.place_box.isChecked() or role == "place")
        self._answer(role)

    def spec(self) -> FeedSpec:
        """Return the feed as it was said."""
        assert self._spec is not None, "show_spec comes first"
        pattern = self.pattern_edit.text().strip() or self._spec.pattern
        return self._spec.changed(
            name=self.name_edit.text().strip() or self._spec.name or readable_name(pattern),
            kind=self.kind_box.currentData(),
            pattern=pattern,
            mapping=self._mapping(self._spec.mapping),
        )

    def _mapping(self, before: Mapping) -> Mapping:
        """Return the mapping as it was said; what is not certain and was not chosen stays so."""
        values = {field: box.currentText().strip() for field, box in self.boxes.items()}
        text = self.time_unit_box.currentText().strip()
        row = self.time_unit_box.findText(text)
        values["time_unit"] = self.time_unit_box.itemData(row) if row >= 0 else text
        values["crs"] = crs.pyproj_text(self.crs_box.crs()) if self.crs_box.crs().isValid() else ""
        values["pair_order"] = self.order_box.currentData() or before.pair_order
        values["speed_unit"] = self.unit_box.currentData() or before.speed_unit
        moved = any(values[name] != getattr(before, name) for name in ("lon", "lat", "pair"))
        if moved and before.format:  # the fields of another form of record than the program's
            before = replace(before, format="", scale=1.0)
        values["scale"] = self._scale or before.scale
        left = [role for role in before.unsure.split() if role not in self._answered]
        return replace(before, **values, unsure=" ".join(left))

    def _answer(self, role: str) -> None:
        if self._spec is not None:
            self._answered.add(role)
            self.edited.emit()

    def _on_edited(self, *_args: object) -> None:
        if self._spec is not None:
            self.edited.emit()

    def _on_moved(self, *_args: object) -> None:
        if self._spec is not None:
            self.moved.emit()


def _orders() -> tuple[tuple[str, str], ...]:
    return (
        ("lonlat", tr("longitude, latitude")),
        ("latlon", tr("latitude, longitude")),
        ("geohash", tr("geohash")),
        ("h3", tr("H3 cell")),
    )


def _time_forms() -> tuple[tuple[str, str], ...]:
    return (
        ("", tr("as it looks")),
        ("s", tr("seconds")),
        ("ms", tr("milliseconds")),
        ("us", tr("microseconds")),
        ("ns", tr("nanoseconds")),
        ("dmy", tr("day, month, year")),
        ("mdy", tr("month, day, year")),
        ("iso", tr("ISO 8601")),
    )
