"""Features as positions to publish: judged by the rules by which they will be read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Optional, Protocol, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsVectorLayer,
)

from ..crs import DEGREES
from ..json_values import to_json

if TYPE_CHECKING:
    from ...core.json_types import JsonObject
    from ...core.live.publish import PositionReport
    from ...core.live.records import Refusal
    from ..sources import FrozenSource

ROW_NUMBERS = frozenset({"fid", "ogc_fid"})  # what drivers number rows by; it says nothing of a vehicle
_LON, _LAT = "\0lon", "\0lat"  # no field of a layer has these names


def row_numbers(fields: QgsFields, layer: Optional[QgsVectorLayer]) -> frozenset[str]:
    """Return the fields that only number the rows of a layer, such as the ``fid`` of a GeoPackage."""
    names = fields.names()
    keys = (
        [] if layer is None else [layer.fields().at(index).name() for index in layer.primaryKeyAttributes()]
    )
    return frozenset(
        name
        for index, name in enumerate(names)
        if name.lower() in ROW_NUMBERS and (name in keys or fields.at(index).isNumeric())
    )


class Choices(Protocol):
    """Which fields of a layer were chosen for what, empty where none was: the algorithm's parameters."""

    @property
    def id(self) -> str: ...
    @property
    def x(self) -> str: ...
    @property
    def y(self) -> str: ...
    @property
    def geometry(self) -> str: ...
    @property
    def time(self) -> str: ...
    @property
    def speed(self) -> str: ...
    @property
    def heading(self) -> str: ...
    @property
    def mapping_values(self) -> JsonObject:
        """The fields of a ``Mapping`` that were chosen."""


def reports_of(
    source: FrozenSource, choices: Choices, left_out: frozenset[str], context: QgsCoordinateTransformContext
) -> Iterator[Union[PositionReport, Refusal]]:
    """Yield a ``PositionReport`` of each feature, or the ``Refusal`` of one that no reader would believe.

    Args:
        source: a ``FrozenSource``.
        choices: ``PositionChoices`` by the names of the source's fields.
        left_out: fields that are not sent along.
        context: for the way from the layer's CRS to degrees.
    """
    from ...core.live.publish import PositionReport
    from ...core.live.records import Decoder, Refusal, RefusalReason, Row, refuse
    from ...core.live.safely import fix_safely
    from ...core.live.spec import Mapping

    values = dict(choices.mapping_values)
    if not (choices.geometry or choices.x):
        values.update(lon=_LON, lat=_LAT)
        values.pop("crs", None)
    values.pop("id", None)
    decoder = Decoder(Mapping(**values))
    way = _Degrees(source.crs, context)
    used = {choices.id, choices.time, choices.x, choices.y, choices.geometry, choices.speed, choices.heading}
    names, now = source.fields.names(), time.time()
    for feature in source.features():
        record = dict(zip(names, map(to_json, feature.attributes())))
        ident = _ident(record.get(choices.id))
        row = Row(ident, b"", record)
        if not ident:
            yield refuse(row, RefusalReason.NO_IDENTITY, now)
            continue
        if choices.time and record.get(choices.time) in (None, ""):
            yield refuse(row, RefusalReason.BAD_TIME, now, ident)
            continue
        place = way.of(feature) if values["lon"] == _LON else None
        if place is not None:
            row.data = {**record, _LON: place[0], _LAT: place[1]}
        found = fix_safely(decoder, row, now)
        if isinstance(found, Refusal):
            yield found
            continue
        attributes = {
            n: v for n, v in record.items() if v is not None and n not in used and n not in left_out
        }
        if choices.speed and found.speed is not None:
            attributes["speed"] = round(found.speed, 6)
        if choices.heading and found.heading is not None:
            attributes["heading"] = found.heading
        yield PositionReport(found.time, ident, found.lon, found.lat, attributes)


def _ident(value: object) -> str:
    """Return the id of a vehicle as text: whole numbers without a point; empty for none."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value)


class _Degrees:
    """The way from a layer's CRS to longitude and latitude."""

    def __init__(self, crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext):
        degrees = QgsCoordinateReferenceSystem(DEGREES)
        self._transform = QgsCoordinateTransform(crs, degrees, context)

    def of(self, feature: QgsFeature) -> Optional[tuple[float, float]]:
        """Return where a feature is, None where it has no position: no geometry, several points, beyond its
        CRS.
        """
        geometry = QgsGeometry(feature.geometry())
        if geometry.isNull() or geometry.isEmpty():
            return None
        try:
            if geometry.isMultipart():
                points = geometry.asMultiPoint()
                if len(points) != 1:
                    return None
                point = points[0]
            else:
                point = geometry.asPoint()
            found = self._transform.transform(point)
        except (TypeError, ValueError, QgsCsException):  # no point, or none of this CRS
            return None
        return found.x(), found.y()
