"""What nothing in the records decides is asked here, each role with the answers that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsCoordinateReferenceSystem
from qgis.gui import QgsProjectionSelectionWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QWidget

from ...bridge.i18n import tr
from ..labels import Label
from .boxes import choice

if TYPE_CHECKING:
    from ...core.json_types import JsonObject
    from ...core.live.records import Row
    from ...core.live.spec import Mapping

ROLES = ("order", "crs", "place", "scale", "time", "speed_unit")
UNITS = ("m/s", "km/h", "kn", "mph")


class Questions(QWidget):
    """A row for each role that has to be asked; none where all is sure.

    ``answered(role, fields)`` after each answer, with the fields of the mapping that it says.
    """

    answered = pyqtSignal(str, object)

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("redis_geo_find_questions")
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.boxes: dict[str, QWidget] = {}
        self.hide()

    def ask(self, mapping: Mapping, rows: list[Row]) -> None:
        """Ask what a mapping leaves open; ``rows`` are sampled records, their numbers make answers plain."""
        self.clear()
        for role in mapping.asks:
            if role in ROLES:
                box = self._crs_box() if role == "crs" else self._choice(role, _answers(role, mapping, rows))
                self.boxes[role] = box
                self._layout.addRow(Label(_question(role, mapping)), box)
        self.setVisible(bool(self.boxes))

    def clear(self) -> None:
        """Remove the questions."""
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self.boxes.clear()
        self.hide()

    def _choice(self, role: str, answers: list[tuple[Any, str]]) -> QComboBox:
        box = choice(f"redis_geo_find_ask_{role}", [(None, tr("Please choose")), *answers])
        box.currentIndexChanged.connect(lambda _index: self._answer(role, box.currentData()))
        return box

    def _crs_box(self) -> QWidget:
        box = QgsProjectionSelectionWidget()
        box.setObjectName("redis_geo_find_ask_crs")
        box.setOptionVisible(QgsProjectionSelectionWidget.CrsOption.CrsNotSet, True)
        box.setCrs(QgsCoordinateReferenceSystem())
        box.crsChanged.connect(lambda crs: self._answer("crs", {"crs": crs.authid() or crs.toWkt()}))
        return box

    def _answer(self, role: str, values: Optional[JsonObject]) -> None:
        if values is not None:
            self.answered.emit(role, values)


def _question(role: str, mapping: Mapping) -> str:
    where = mapping.pair or f"{mapping.lon}, {mapping.lat}"
    return {
        "order": tr("Which comes first in {field}?").format(field=where),
        "crs": tr("In which CRS is {field}?").format(field=where),
        "place": tr("Is {field} where the vehicle is?").format(field=where),
        "scale": tr("How many of the integers in “{field}” make one degree?").format(field=where),
        "time": tr("Is “{field}” the time of the report?").format(field=mapping.time),
        "speed_unit": tr("In which unit is {field}?").format(field=mapping.speed),
    }[role]


def _answers(role: str, mapping: Mapping, rows: list[Row]) -> list[tuple[Any, str]]:
    """(fields of the mapping, text) of each answer."""
    if role == "speed_unit":
        words = {"m/s": tr("m/s"), "km/h": tr("km/h"), "kn": tr("knots"), "mph": tr("mph")}
        return [({"speed_unit": unit}, words[unit]) for unit in UNITS]
    if role == "place":
        return [({}, tr("yes, show it"))]
    if role == "time":
        return [({}, _newest(mapping, rows))]
    if role == "scale":
        return _scales(mapping, rows)
    first, second = _example(mapping, rows)
    lonlat = tr("longitude {first}, latitude {second}").format(first=first, second=second)
    latlon = tr("latitude {first}, longitude {second}").format(first=first, second=second)
    if mapping.pair:
        return [({"pair_order": "lonlat"}, lonlat), ({"pair_order": "latlon"}, latlon)]
    return [
        ({"lon": mapping.lon, "lat": mapping.lat}, latlon if mapping.lat < mapping.lon else lonlat),
        ({"lon": mapping.lat, "lat": mapping.lon}, lonlat if mapping.lat < mapping.lon else latlon),
    ]


def _newest(mapping: Mapping, rows: list[Row]) -> str:
    """The answer that a field is the time, with the newest moment that it then says."""
    from datetime import datetime, timezone

    from ...core.live.limits import is_moment
    from ...core.live.paths import lookup
    from ...core.live.values import Times

    times = Times(mapping.time_unit)
    said = (times.read(lookup(row.data, mapping.time)) for row in rows if row.data is not None)
    known = [moment for moment in said if moment is not None and is_moment(moment)]
    if not known:
        return tr("yes")
    newest = datetime.fromtimestamp(max(known), timezone.utc)
    return tr("yes, the newest is of {day}").format(day=f"{newest:%Y-%m-%d %H:%M} UTC")


def _scales(mapping: Mapping, rows: list[Row]) -> list[tuple[Any, str]]:
    """The factors of integers, each with the place that it makes of the first record."""
    from dataclasses import replace

    from ...core.live.limits import is_place
    from ...core.live.place_reader import PlaceReader
    from ...core.live.scales import FACTORS

    found = []
    for factor in FACTORS:
        reader = PlaceReader(replace(mapping, scale=factor))
        place = next((p for p in (reader.read(row.data) for row in rows if row.data is not None) if p), None)
        if place is not None and is_place(*place):
            text = tr("{n}: longitude {first}, latitude {second}")
            words = text.format(n=round(1 / factor), first=f"{place[0]:.4f}", second=f"{place[1]:.4f}")
            found.append(({"scale": factor}, words))
    return found


def _example(mapping: Mapping, rows: list[Row]) -> tuple[str, str]:
    """The two numbers of the first record that has them, in the order in which they stand there."""
    from ...core.live.paths import lookup
    from ...core.live.places import read_pair

    for row in rows:
        if row.data is None:
            continue
        if mapping.pair:
            pair = read_pair(lookup(row.data, mapping.pair))
            if pair is not None:
                return f"{pair.first:g}", f"{pair.second:g}"
        else:
            values = [lookup(row.data, path) for path in sorted((mapping.lat, mapping.lon))]
            if None not in values:
                return str(values[0])[:20], str(values[1])[:20]
    return "", ""
