"""Positions and trails of the last minutes as a GeoPackage that the Temporal Controller understands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsLineString,
    QgsMultiLineString,
    QgsPointXY,
    QgsProject,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ...core.watch import Watch
from ..compat import DATETIME, DOUBLE, NULL, STRING, field, temporal_mode
from ..moments import moment
from ..saving import replacing, write_layer

if TYPE_CHECKING:
    from ...core.live.trails import Trails

POSITIONS, TRAILS = "positions", "trails"
Thing = TypeVar("Thing")


def save_history(trails: Trails, gap: float, path: str, watch: Watch) -> int:
    """Write the layers ``positions`` (a point each fix) and ``trails`` (lines whose M is the time in seconds
    since 1970) to a new file, which takes the place of ``path`` when it is complete.

    Runs in a background thread. Returns the number of positions. Raises SaveFailed where the file could not
    be written whole, and Cancelled once ``watch`` says so; the earlier file then stays as it was.
    """
    lines: list[QgsFeature] = []
    crs = QgsCoordinateReferenceSystem("EPSG:4326")
    with replacing(path) as partial:
        points = _points(trails, gap, lines, watch)
        kind = QgsWkbTypes.Type.Point
        count = write_layer(partial, POSITIONS, _position_fields(), kind, crs, points, first=True)
        kind = QgsWkbTypes.Type.MultiLineStringM
        write_layer(partial, TRAILS, _trail_fields(), kind, crs, _unless_cancelled(lines, watch), first=False)
    return count


def _points(trails: Trails, gap: float, lines: list[QgsFeature], watch: Watch) -> Iterator[QgsFeature]:
    """The fixes of all vehicles; the ways that they make up are put into ``lines``."""
    from ...core.live.trails import parts

    fields, lines_fields = _position_fields(), _trail_fields()
    for ident in _unless_cancelled(trails.ids(), watch):
        way = trails.way(ident)
        for time, lon, lat, speed, heading in way:
            feature = QgsFeature(fields)
            feature.setAttributes([ident, moment(time), _or_null(speed), _or_null(heading)])
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(lon, lat)))
            yield feature
        cut = parts(way, gap)
        if cut:
            feature = QgsFeature(lines_fields)
            feature.setAttributes([ident, moment(cut[0][0][2]), moment(cut[-1][-1][2])])
            feature.setGeometry(measured_lines(cut))
            lines.append(feature)


def _unless_cancelled(things: Iterable[Thing], watch: Watch) -> Iterator[Thing]:
    """Each of them. Raises Cancelled once ``watch`` says so, also after the last."""
    for thing in things:
        watch.check()
        yield thing
    watch.check()


def measured_lines(lines: list[list[tuple[float, float, float]]]) -> QgsGeometry:
    """Lines of (lon, lat, time) as a multi-line with the time as M."""
    collection = QgsMultiLineString()
    for line in lines:
        xs, ys, ms = ([p[i] for p in line] for i in range(3))
        collection.addGeometry(QgsLineString(xs, ys, [], ms))
    return QgsGeometry(collection)


def add_saved_layers(path: str) -> list[QgsVectorLayer]:
    """Add both layers to the project, with their time set. Main thread."""
    added = []
    for name in (TRAILS, POSITIONS):
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        if not layer.isValid():
            continue
        set_time(layer)
        QgsProject.instance().addMapLayer(layer)
        added.append(layer)
    _set_project_time(added)
    return added


def _set_project_time(layers: list[QgsVectorLayer]) -> None:
    """Set the time range of a project that has none to that of the saved data. Otherwise QGIS's map would
    show only the current hour, and none of the data."""
    settings = QgsProject.instance().timeSettings()
    if settings.temporalRange().begin().isValid():
        return
    for layer in layers:
        column = layer.fields().lookupField("time")
        if column >= 0 and layer.featureCount():
            settings.setTemporalRange(
                QgsDateTimeRange(layer.minimumValue(column), layer.maximumValue(column))
            )


def set_time(layer: QgsVectorLayer) -> None:
    """Tell the Temporal Controller which fields hold the time."""
    properties = layer.temporalProperties()
    if layer.fields().lookupField("time") >= 0:
        properties.setMode(temporal_mode("FeatureDateTimeInstantFromField"))
        properties.setStartField("time")
        properties.setFixedDuration(60)
        properties.setDurationUnits(QgsUnitTypes.TemporalUnit.TemporalSeconds)
    else:
        properties.setMode(temporal_mode("FeatureDateTimeStartAndEndFromFields"))
        properties.setStartField("start")
        properties.setEndField("end")
    properties.setIsActive(True)


def _position_fields() -> QgsFields:
    return _fields(("id", STRING), ("time", DATETIME), ("speed_ms", DOUBLE), ("heading", DOUBLE))


def _trail_fields() -> QgsFields:
    return _fields(("id", STRING), ("start", DATETIME), ("end", DATETIME))


def _fields(*pairs: tuple[str, Any]) -> QgsFields:
    fields = QgsFields()
    for name, kind in pairs:
        fields.append(field(name, kind))
    return fields


def _or_null(value: float) -> Any:
    return NULL if math.isnan(value) else value
