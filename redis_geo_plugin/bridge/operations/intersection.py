"""The intersection of two layers as it is offered."""

from __future__ import annotations

from ..i18n import tr
from .base import Needs, Offered, Result

INTERSECTION = Offered(
    "intersection",
    label=lambda: tr("Intersection"),
    what=lambda: tr("Takes from every feature the parts that lie within the features of another layer."),
    needs=Needs.PAIRS,
    result=Result.MULTI,
    native="native:intersection",
)
