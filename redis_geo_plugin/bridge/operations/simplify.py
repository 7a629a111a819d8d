"""Simplifying as it is offered."""

from __future__ import annotations

from typing import Callable

from qgis.core import Qgis, QgsGeometry, QgsMapToPixelSimplifier

from ..i18n import native_tr, tr
from .base import MethodParameter, Needs, NumberParameter, Offered

_ALGORITHMS = ("Distance", "SnapToGrid", "Visvalingam")


def _by_qgis(method: int) -> Callable[[QgsGeometry, float], QgsGeometry]:
    """What native:simplifygeometries does by the method of this number, which is not the first."""
    simplifier = QgsMapToPixelSimplifier
    moved = getattr(Qgis, "VectorSimplificationAlgorithm", None)  # since QGIS 3.38
    kind = getattr(moved or simplifier.SimplifyAlgorithm, _ALGORITHMS[method])
    only_geometry = simplifier.SimplifyFlag.SimplifyGeometry

    def simplified(geometry: QgsGeometry, tolerance: float) -> QgsGeometry:
        return simplifier(only_geometry, tolerance, kind).simplify(geometry)

    return simplified


SIMPLIFY = Offered(
    "simplify",
    label=lambda: tr("Simplify"),
    what=lambda: tr(
        "Removes vertices that lie closer than a tolerance to the simplified line (Douglas-Peucker)."
    ),
    needs=Needs.NUMBER,
    native="native:simplifygeometries",
    number=NumberParameter(
        "TOLERANCE",
        label=lambda: tr("Tolerance"),
        help=lambda: tr("How far the result may lie from the original, in the units of the layer."),
        most=10_000_000.0,
    ),
    method=MethodParameter(
        "METHOD",
        label=lambda: tr("Simplification method"),
        help=lambda: tr(
            "Results by distance are kept in the cache. Snapping to a grid and simplifying by area take less "
            "time than asking for a result: they are computed on the spot, by QGIS itself."
        ),
        names=lambda: [
            native_tr("Distance (Douglas-Peucker)"),
            native_tr("Snap to grid"),
            native_tr("Area (Visvalingam)"),
        ],
        by_qgis=_by_qgis,
    ),
    by_qgis=lambda geometry, tolerance: geometry.simplify(tolerance),
    checks_validity=False,
    # A newer GEOS of Shapely's own stands in for that of an older QGIS: see core.operations.Simplify.
    options=lambda: {"ring_ends": Qgis.geosVersionInt() < 31200},
)
