"""Edits a layer in place where the native algorithm changes feature by feature: each feature keeps its id.

QGIS gives such an algorithm one feature after the other (``processFeature``). With the first of them, all
chosen features are computed, so that one request to the server serves them all.
"""

from __future__ import annotations

from typing import Optional, Protocol, cast

from qgis.core import (
    QgsFeature,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureBasedAlgorithm,
    QgsProcessingFeedback,
    QgsProcessingUtils,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.sources import FrozenSource

OUTPUT = "OUTPUT"
PROCESS = "processFeature"


class Editing(Protocol):
    """An algorithm whose layers and parameters are ready."""

    source: Optional[FrozenSource]
    given: Parameters

    def processAlgorithm(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Results:
        """Compute the layer of results."""
        raise NotImplementedError


def by_feature(native: Optional[QgsProcessingAlgorithm]) -> bool:
    """Return whether a native algorithm edits in place feature by feature."""
    in_place = QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits
    return isinstance(native, QgsProcessingFeatureBasedAlgorithm) and bool(native.flags() & in_place)


def attach(algorithm: QgsProcessingAlgorithm) -> None:
    """Give an algorithm the methods that QGIS calls on one that edits feature by feature."""
    for name in ("outputFields", "outputWkbType", "outputCrs"):
        setattr(algorithm, name, lambda of_layer: of_layer)
    setattr(algorithm, PROCESS, FeatureByFeature(cast(Editing, algorithm)))


class FeatureByFeature:
    """The results of an algorithm for the features of its input, one at a time."""

    def __init__(self, algorithm: Editing):
        self._algorithm = algorithm
        self._results: Optional[dict[int, QgsFeature]] = None

    def __call__(
        self, feature: QgsFeature, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> list[QgsFeature]:
        """Return the feature that replaces this one, or this one if there is no result."""
        if self._results is None:
            self._results = self._compute(context, feedback)
        return [self._results.get(feature.id(), feature)]

    def _compute(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[int, QgsFeature]:
        algorithm = self._algorithm
        if algorithm.source is None:
            return {}
        done = algorithm.processAlgorithm(algorithm.given, context, feedback)
        if OUTPUT not in done:  # cancelled
            return {}
        layer = QgsProcessingUtils.mapLayerFromString(str(done[OUTPUT]), context)
        ids = [feature.id() for feature in algorithm.source.features()]
        return dict(zip(ids, layer.getFeatures()))
