"""What the algorithms that read positions share: where the positions are, and what their fields mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsProcessingContext, QgsProcessingParameterString

from ..bridge.algorithm_values import Parameters
from ..bridge.i18n import tr
from ..core.live.sources import KINDS
from ..core.redis.settings import ConnectionSettings
from .base import RedisGeoAlgorithm
from .parameters.position_source import PositionSource, source_help, spec_of

if TYPE_CHECKING:
    from ..core.live.spec import FeedSpec

SOURCE = "SOURCE"


class PositionsAlgorithm(RedisGeoAlgorithm):
    """An algorithm on positions. One that writes them sets ``positions`` to the parameters that it offers."""

    GROUP = "live"
    ICON = "live"

    def __init__(self) -> None:
        super().__init__()
        self.positions = PositionSource(tuple(KINDS))

    def add_source(self, default: str) -> None:
        """Add SOURCE, which says where the positions are."""
        self.add(QgsProcessingParameterString(SOURCE, tr("Positions in Redis"), default), source_help())

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        return super().checkParameterValues(self.positions.numbered(parameters), context)

    def spec(
        self, parameters: Parameters, context: QgsProcessingContext, settings: ConnectionSettings
    ) -> FeedSpec:
        """Return the feed of SOURCE. Reads Redis.

        Raises QgsProcessingException if it holds no positions, or if the user has to choose something first.
        """
        choices = self.positions.read(self, parameters, context)
        return spec_of(settings, self.parameterAsString(parameters, SOURCE, context), choices)
