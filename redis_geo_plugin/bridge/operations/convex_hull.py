"""The convex hull as it is offered."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsGeometry, QgsWkbTypes

from ..i18n import native_tr, tr
from .base import Offered, OwnField, Result
from .habits import renames_own_fields


def _settled(before: QgsGeometry, after: QgsGeometry) -> tuple[QgsGeometry, Optional[str]]:
    """native:convexhull has no hull for a single point, and says so; of an empty polygon there is none
    either, about which GEOS has no words."""
    if QgsWkbTypes.flatType(before.wkbType()) == QgsWkbTypes.Type.Point:
        return QgsGeometry(), native_tr(
            "Cannot calculate convex hull for a single Point feature (try 'Minimum bounding geometry' "
            "algorithm instead)."
        )
    return after, after.lastError() if after.isNull() else None


CONVEX_HULL = Offered(
    "convexhull",
    label=lambda: tr("Convex hull"),
    what=lambda: tr("Draws the smallest convex area around each feature, with its area and perimeter."),
    result=Result.SINGLE_POLYGON,
    native="native:convexhull",
    own_fields=(OwnField("area", 20, 6), OwnField("perimeter", 20, 6)),
    measure=lambda geometry: (geometry.constGet().area(), geometry.constGet().perimeter()),
    by_qgis=lambda geometry, _number: geometry.convexHull(),
    settle=_settled,
    renames=renames_own_fields,
)
