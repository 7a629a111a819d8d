"""Dissolving by attribute as it is offered."""

from __future__ import annotations

from typing import Callable

from qgis.core import QgsGeometry, QgsProcessingException, QgsWkbTypes

from ..i18n import native_tr, tr
from .base import Needs, Offered, Result

DISSOLVE = Offered(
    "dissolve",
    label=lambda: tr("Dissolve by attribute"),
    what=lambda: tr("Unites the features that have the same values in some fields, or all of them."),
    needs=Needs.GROUPS,
    result=Result.MULTI,
    native="native:dissolve",
    disjoint=True,
)


def united(collection: bytes, report: Callable[[str, bool], object]) -> QgsGeometry:
    """The union of a collection's members (WKB) that GEOS fails to unite at once, as native:dissolve goes on:
    one after the other. What is left is not the union of all, and ``report`` is given GEOS's words, as an
    error that ends the run, where not even the last step succeeds.

    Raises QgsProcessingException where nothing is left.
    """
    whole = QgsGeometry()
    whole.fromWkb(collection)
    parts = whole.asGeometryCollection()
    result = _merged(QgsGeometry.unaryUnion(parts))
    if result.lastError() and len(parts) > 2:
        result = QgsGeometry()
        for part in parts:
            result = _merged(QgsGeometry.unaryUnion([result, part]))
    if result.lastError():
        report(result.lastError(), True)
        if result.isEmpty():
            raise QgsProcessingException(native_tr("The algorithm returned no output."))
    return result


def _merged(union: QgsGeometry) -> QgsGeometry:
    lines = QgsWkbTypes.GeometryType.LineGeometry
    return union.mergeLines() if QgsWkbTypes.geometryType(union.wkbType()) == lines else union
