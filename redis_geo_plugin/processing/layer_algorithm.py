"""What the algorithms on the features of one layer share: they freeze the layer on the main thread."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ..bridge.algorithm_values import Parameters
from ..bridge.sources import FrozenSource
from .base import RedisGeoAlgorithm
from .releasing import releasing

INPUT = "INPUT"


class LayerAlgorithm(RedisGeoAlgorithm):
    """An algorithm on the features of INPUT, which are in ``source`` once it is prepared.

    A subclass reads in ``prepare_layers`` what else only the main thread may read.
    """

    def __init__(self) -> None:
        super().__init__()
        self.source: Optional[FrozenSource] = None

    def prepare_layers(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Read what else is needed from the layers, on the main thread."""

    @releasing
    def prepareAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.source = self.freeze(parameters, INPUT, context)
        self.prepare_layers(parameters, context, feedback)
        return super().prepareAlgorithm(parameters, context, feedback)
