"""What the result of every step depends on beside its inputs and parameters."""

from __future__ import annotations

import platform
from functools import lru_cache
from itertools import permutations

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsDatumTransform,
    QgsProcessingContext,
    QgsProjUtils,
)
from qgis.PyQt.QtCore import QLocale, QTimeZone

from ...core.json_types import JsonValue
from .. import crs as crs_texts
from ..compat import number

VERSION = 1  # raised whenever a way gives another result than before


@lru_cache(maxsize=1)
def versions() -> list[JsonValue]:
    """Of what computes: the engine, QGIS, GEOS, PROJ, the machine, whose floating point may differ."""
    qgis = [Qgis.QGIS_VERSION, str(getattr(Qgis, "QGIS_DEV_VERSION", "")), Qgis.geosVersion()]
    return [
        VERSION,
        *qgis,
        QgsProjUtils.projVersionMajor(),
        QgsProjUtils.projVersionMinor(),
        platform.machine(),
    ]


def of_context(context: QgsProcessingContext) -> list[JsonValue]:
    """Ellipsoid, units, what happens to invalid geometries, language and time zone."""
    return [
        *versions(),
        context.ellipsoid(),
        number(context.distanceUnit()),
        number(context.areaUnit()),
        number(context.invalidGeometryCheck()),
        QLocale().name(),
        bytes(QTimeZone.systemTimeZoneId()).decode("ascii", "replace"),
    ]


def of_project(context: QgsProcessingContext) -> list[JsonValue]:
    """What expressions take from the project to measure with."""
    project = context.project()
    if project is None:
        return []
    units = [number(project.distanceUnits()), number(project.areaUnits())]
    return [project.ellipsoid(), crs_texts.key_text(project.crs()), *units]


def of_transformations(
    systems: list[QgsCoordinateReferenceSystem], context: QgsCoordinateTransformContext
) -> list[JsonValue]:
    """The PROJ pipelines between these CRS, as they are really used: they differ with the grids that are
    installed and with the project's choice."""
    distinct = {crs_texts.key_text(one): one for one in systems if one.isValid()}
    found: list[JsonValue] = []
    for (a, source), (b, target) in permutations(sorted(distinct.items(), key=lambda pair: pair[0]), 2):
        used = QgsCoordinateTransform(source, target, context).instantiatedCoordinateOperationDetails().proj
        chosen = context.calculateCoordinateOperation(source, target)
        found.append([a, b, used, chosen, context.allowFallbackTransform(source, target), _operations(a, b)])
    return found


@lru_cache(maxsize=200)
def _operations(a: str, b: str) -> list[JsonValue]:
    """The operations that PROJ knows from one CRS to another, and whether their grids are there."""
    known = QgsDatumTransform.operations(crs_texts.from_text(a), crs_texts.from_text(b))
    return [[one.proj, one.isAvailable] for one in known]
