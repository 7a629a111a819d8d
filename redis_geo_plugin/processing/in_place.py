"""Edits a layer in place where the native algorithm changes feature by feature: each feature keeps its id.

QGIS gives such an algorithm one feature after the other (``processFeature``). With the first of them, all
chosen features are computed, so that one request to the server serves them all.
"""

from __future__ import annotations

from typing import Any, Optional, Protocol

from qgis.core import (
    QgsFeature,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureBasedAlgorithm,
    QgsProcessingFeedback,
    QgsProcessingUtils,
)

from ..bridge.sources import FrozenSource

OUTPUT = "OUTPUT"


class Editing(Protocol):
    """An algorithm whose layers and parameters are ready."""

    source: Optional[FrozenSource]
    given: dict[str, Any]

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Compute the layer of results."""
        raise NotImplementedError


def by_feature(native: Optional[QgsProcessingAlgorithm]) -> bool:
    """Return whether a native algorithm edits in place feature by feature."""
    in_place = QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits
    return isinstance(native, QgsProcessingFeatureBasedAlgorithm) and bool(native.flags() & in_place)


def attach(algorithm: Any) -> None:
    """Give an algorithm the methods that QGIS calls on one that edits feature by feature."""
    algorithm.processFeature = FeatureByFeature(algorithm)
    algorithm.outputFields = algorithm.outputWkbType = algorithm.outputCrs = lambda of_layer: of_layer


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
        layer = QgsProcessingUtils.mapLayerFromString(done[OUTPUT], context)
        ids = [feature.id() for feature in algorithm.source.features()]
        return dict(zip(ids, layer.getFeatures()))
