"""Positions and trails of the last minutes as a GeoPackage whose layers the Temporal Controller understands."""

from __future__ import annotations

import math
from typing import Any, Callable

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDateTimeRange,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsLineString,
    QgsMultiLineString,
    QgsPointXY,
    QgsProject,
    QgsUnitTypes,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from ..compat import DATETIME, DOUBLE, NULL, STRING, field, temporal_mode
from .ready import moment

POSITIONS, TRAILS = "positions", "trails"


def save_history(trails: Any, gap: float, path: str, alive: Callable[[], bool] = lambda: True) -> int:
    """Write the layers ``positions`` (a point each fix) and ``trails`` (lines whose M is the time in seconds since
    1970); returns the number of positions. Runs in a background thread. Raises OSError where it cannot be written."""
    from ...core.live.trails import parts

    count = 0
    points = _writer(path, POSITIONS, _position_fields(), QgsWkbTypes.Type.Point, True)
    lines_fields = _trail_fields()
    lines: list[QgsFeature] = []
    for ident in trails.ids():
        if not alive():
            break
        way = trails.way(ident)
        for time, lon, lat, speed, heading in way:
            feature = QgsFeature(_position_fields())
            feature.setAttributes([ident, moment(time), _or_null(speed), _or_null(heading)])
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(lon, lat)))
            points.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
            count += 1
        cut = parts(way, gap)
        if cut:
            feature = QgsFeature(lines_fields)
            feature.setAttributes([ident, moment(cut[0][0][2]), moment(cut[-1][-1][2])])
            feature.setGeometry(measured_lines(cut))
            lines.append(feature)
    _finish(points)
    del points  # the file stays locked as long as a writer lives
    trail_writer = _writer(path, TRAILS, lines_fields, QgsWkbTypes.Type.MultiLineStringM, False)
    for feature in lines:
        trail_writer.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
    _finish(trail_writer)
    return count


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
    """Let a project without a time of its own span what was saved: reopened, QGIS's map would show the current hour only, and
    so none of it."""
    settings = QgsProject.instance().timeSettings()
    if settings.temporalRange().begin().isValid():
        return
    for layer in layers:
        column = layer.fields().lookupField("time")
        if column >= 0 and layer.featureCount():
            settings.setTemporalRange(QgsDateTimeRange(layer.minimumValue(column), layer.maximumValue(column)))


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


def _writer(path: str, name: str, fields: QgsFields, kind: Any, is_first: bool) -> QgsVectorFileWriter:
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    actions = QgsVectorFileWriter.ActionOnExistingFile
    options.actionOnExistingFile = actions.CreateOrOverwriteFile if is_first else actions.CreateOrOverwriteLayer
    crs = QgsCoordinateReferenceSystem("EPSG:4326")
    writer = QgsVectorFileWriter.create(path, fields, kind, crs, QgsCoordinateTransformContext(), options)
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise OSError(writer.errorMessage())
    return writer


def _finish(writer: QgsVectorFileWriter) -> None:
    if not writer.flushBuffer() or writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise OSError(writer.errorMessage())


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
