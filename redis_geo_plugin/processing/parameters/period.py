"""From when until when what is stored is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProcessingContext, QgsProcessingParameterDateTime

from ...bridge.algorithm_values import Parameters
from ...bridge.i18n import tr
from ...bridge.moments import seconds_of

if TYPE_CHECKING:
    from ..base import RedisGeoAlgorithm

START, END = "START", "END"


class PeriodParameters:
    """Two moments in UTC; each may stay empty."""

    @staticmethod
    def add(algorithm: RedisGeoAlgorithm, start_help: str, end_help: str) -> None:
        """Define START and END."""
        for name, label, text in (
            (START, tr("From (UTC)"), start_help),
            (END, tr("Until (UTC)"), end_help),
        ):
            algorithm.add(QgsProcessingParameterDateTime(name, label, optional=True), text)

    @staticmethod
    def read(
        algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[Optional[float], Optional[float]]:
        """Return both in seconds since 1970 UTC; None for what is empty."""
        start, end = (algorithm.parameterAsDateTime(parameters, name, context) for name in (START, END))
        return seconds_of(start), seconds_of(end)
