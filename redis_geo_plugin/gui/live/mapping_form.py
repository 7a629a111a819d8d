"""The form in which the analyst corrects and names a proposed feed."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QLineEdit, QWidget

from ...bridge.i18n import tr
from .boxes import choice

FIELDS = ("id", "lon", "lat", "pair", "time", "heading", "speed")


class MappingForm(QWidget):
    """Edits a FeedSpec. ``edited`` whenever something changed that alters the preview."""

    edited = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._spec: Optional[Any] = None
        self.name_edit = QLineEdit()
        self.name_edit.setObjectName("redis_geo_find_name")
        self.pattern_edit = QLineEdit()
        self.pattern_edit.setObjectName("redis_geo_find_keys")
        self.boxes: dict[str, QComboBox] = {}
        layout = QFormLayout(self)
        layout.setVerticalSpacing(4)
        layout.addRow(tr("Name"), self.name_edit)
        layout.addRow(tr("Keys"), self.pattern_edit)
        labels = {
            "id": tr("Id"),
            "lon": tr("Longitude"),
            "lat": tr("Latitude"),
            "pair": tr("Or both in"),
            "time": tr("Time of report"),
            "heading": tr("Heading"),
            "speed": tr("Speed"),
        }
        for field in FIELDS:
            box = QComboBox()
            box.setEditable(True)
            box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            box.setObjectName(f"redis_geo_find_{field}")
            box.currentTextChanged.connect(self._on_edited)
            self.boxes[field] = box
            layout.addRow(labels[field], box)
        self.order_box = choice(
            "redis_geo_find_order", (("lonlat", tr("longitude, latitude")), ("latlon", tr("latitude, longitude")))
        )
        self.time_unit_box = choice(
            "redis_geo_find_time_unit",
            (("", tr("as it looks")), ("s", tr("seconds")), ("ms", tr("milliseconds")), ("iso", tr("ISO 8601"))),
        )
        self.unit_box = choice(
            "redis_geo_find_unit", (("m/s", tr("m/s")), ("km/h", tr("km/h")), ("kn", tr("knots")), ("mph", tr("mph")))
        )
        layout.addRow(tr("Order of both"), self.order_box)
        layout.addRow(tr("Form of time"), self.time_unit_box)
        layout.addRow(tr("Unit of speed"), self.unit_box)
        for box in (self.order_box, self.time_unit_box, self.unit_box):
            box.currentIndexChanged.connect(self._on_edited)

    def show_spec(self, spec: Any) -> None:
        """Fill the form."""
        self._spec = None
        self.name_edit.setText(spec.name)
        self.pattern_edit.setText(spec.pattern)
        for field, box in self.boxes.items():
            box.clear()
            box.setEditText(getattr(spec.mapping, field))
        self.boxes["id"].lineEdit().setPlaceholderText(tr("from the key"))
        self.order_box.setCurrentIndex(self.order_box.findData(spec.mapping.pair_order))
        self.time_unit_box.setCurrentIndex(max(self.time_unit_box.findData(spec.mapping.time_unit), 0))
        self.unit_box.setCurrentIndex(max(self.unit_box.findData(spec.mapping.speed_unit), 0))
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

    def spec(self) -> Any:
        """The feed as corrected."""
        from dataclasses import replace

        assert self._spec is not None, "show_spec comes first"
        mapping = replace(
            self._spec.mapping,
            **{field: box.currentText().strip() for field, box in self.boxes.items()},
            pair_order=self.order_box.currentData(),
            time_unit=self.time_unit_box.currentData(),
            speed_unit=self.unit_box.currentData(),
        )
        return self._spec.changed(
            name=self.name_edit.text().strip() or self._spec.name,
            pattern=self.pattern_edit.text().strip() or self._spec.pattern,
            mapping=mapping,
        )

    def _on_edited(self, *_args: Any) -> None:
        if self._spec is not None:
            self.edited.emit()
