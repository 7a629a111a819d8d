"""Writing the contents of a namespace to a GeoPackage, off the main thread."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsVectorFileWriter,
    QgsWkbTypes,
)

from . import compat
from .i18n import tr

if TYPE_CHECKING:
    from ..core.admin.export import Entry

DRIVER = "GPKG"
ENDING = ".gpkg"


class ExportFailed(Exception):
    """The file could not be written; the text says why."""


def write(entries: Iterable[Entry], path: str, crs: QgsCoordinateReferenceSystem, told: Callable[[int], Any]) -> int:
    """Write entries to a new file at ``path`` (replaced when complete) and return how many. Raises ExportFailed."""
    partial = path + ".part" + ENDING
    fields = QgsFields()
    for field in (
        compat.field("key", compat.STRING),
        compat.field("ttl_s", compat.DOUBLE),
        compat.field("value", compat.STRING),
    ):
        fields.append(field)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = DRIVER
    options.layerName = os.path.splitext(os.path.basename(path))[0]
    writer = QgsVectorFileWriter.create(
        partial, fields, QgsWkbTypes.Type.Unknown, crs, QgsCoordinateTransformContext(), options
    )
    try:
        count = _write_all(writer, entries, fields, told)
        del writer  # closes the file
        os.replace(partial, path)
    except OSError as error:
        raise ExportFailed(tr("The file could not be written: {why}").format(why=error)) from error
    finally:
        if os.path.exists(partial):
            os.remove(partial)
    return count


def _write_all(
    writer: QgsVectorFileWriter, entries: Iterable[Entry], fields: QgsFields, told: Callable[[int], Any]
) -> int:
    count = 0
    for entry in entries:
        feature = QgsFeature(fields)
        ttl = compat.NULL if entry.ttl is None else entry.ttl
        feature.setAttributes([entry.name.decode("utf-8", "backslashreplace"), ttl, entry.text])
        feature.setGeometry(_geometry(entry))
        if writer.hasError() or not writer.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise ExportFailed(tr("The file could not be written: {why}").format(why=writer.errorMessage()))
        count += 1
        if count % 500 == 0:
            told(count)
    if writer.hasError():
        raise ExportFailed(tr("The file could not be written: {why}").format(why=writer.errorMessage()))
    return count


def _geometry(entry: Entry) -> QgsGeometry:
    if entry.point is not None:
        return QgsGeometry.fromPointXY(QgsPointXY(*entry.point))
    geometry = QgsGeometry()
    if entry.wkb is not None:
        geometry.fromWkb(entry.wkb)
    return geometry
