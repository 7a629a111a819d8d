"""The distance to the nearest as it is offered."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsGeometry

from ..i18n import tr
from .base import Needs, Offered, OwnField, Result


def lines_of(wkb: Optional[bytes]) -> list[tuple[int, QgsGeometry]]:
    """The lines of a result of ``core.operations.Nearest``, multi-part and two-dimensional, each with the
    place of the other feature in its layer."""
    if wkb is None:
        return []
    whole = QgsGeometry()
    whole.fromWkb(wkb)
    lines = []
    for part in whole.asGeometryCollection():
        line = part.get()
        place = int(line.startPoint().z())
        line.dropZValue()
        part.convertToMultiType()
        lines.append((place, part))
    return lines


NEAREST = Offered(
    "nearest",
    label=lambda: tr("Distance to the nearest"),
    what=lambda: tr(
        "Joins to each feature the attributes of the nearest feature of another layer, and draws the "
        "shortest line to it, with its length in the field distance, in the units of the input layer's CRS."
    ),
    needs=Needs.OTHER,
    result=Result.LINE,
    native="native:joinbynearest",
    own_fields=(OwnField("distance"),),
    measure=lambda geometry: (geometry.length(),),
    split=lines_of,
    renames=lambda: True,
)
