"""The buffer as it is offered."""

from __future__ import annotations

from ..i18n import tr
from .base import Needs, Offered, Result

BUFFER = Offered(
    "buffer",
    label=lambda: tr("Buffer"),
    what=lambda: tr("Computes a buffer around every feature."),
    needs=Needs.BUFFER,
    result=Result.POLYGON,
    native="native:buffer",
    icon="buffer_selected",
)
