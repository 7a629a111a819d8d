"""A number that may be data-defined: one for all features, or one for each by a field or an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsFeature,
    QgsProcessingContext,
    QgsProcessingParameterDistance,
    QgsProcessingParameters,
    QgsPropertyDefinition,
)

from ...bridge.algorithm_values import Parameters
from ...bridge.i18n import tr

if TYPE_CHECKING:
    from ..base import RedisGeoAlgorithm


class DataDefinedNumber:
    """The number of a parameter. Each feature of the parameter ``layer`` may have its own."""

    def __init__(self, layer: str):
        self._layer = layer
        self._definition: Optional[QgsProcessingParameterDistance] = None
        self._of: Optional[Callable[[QgsFeature], float]] = None
        self._without = 0  # features whose value was not a number

    def define(
        self, definition: QgsProcessingParameterDistance, label: str
    ) -> QgsProcessingParameterDistance:
        """Allow a parameter to be data-defined."""
        kind = QgsPropertyDefinition.StandardPropertyTemplate.Double
        definition.setIsDynamic(True)
        definition.setDynamicPropertyDefinition(QgsPropertyDefinition(definition.name(), label, kind))
        definition.setDynamicLayerParameterName(self._layer)
        self._definition = definition
        return definition

    def prepare(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> None:
        """Read what a data-defined value needs, on the main thread."""
        assert self._definition is not None
        self._without, self._of = 0, None
        name = self._definition.name()
        if not QgsProcessingParameters.isDynamic(parameters, name):
            return
        source = algorithm.source_of(parameters, self._layer, context)
        expressions = algorithm.createExpressionContext(parameters, context, source)
        given, default = parameters[name], self.value(parameters, context)

        def value_of(feature: QgsFeature) -> float:
            expressions.setFeature(feature)
            value, ok = given.valueAsDouble(expressions, default)
            self._without += not ok
            return float(value) if ok else default

        self._of = value_of

    def value(self, parameters: Parameters, context: QgsProcessingContext) -> float:
        """Return the number of the features that have none of their own.

        As in native algorithms, the default of the parameter replaces a value that is not a number.
        """
        return float(QgsProcessingParameters.parameterAsDouble(self._definition, parameters, context))

    @property
    def of(self) -> Optional[Callable[[QgsFeature], float]]:
        """Return the number of a feature, where it is data-defined."""
        return self._of

    def tell(self, warning: Callable[[str], object], native: str) -> None:
        """Report for how many features the default was used. The algorithm ``native`` uses it silently."""
        if self._without:
            warning(
                tr(
                    "Features whose {parameter} is NULL or no number: {count}. The default of the parameter "
                    "was taken for them, as {native} does."
                ).format(parameter=self._definition.name(), count=self._without, native=native)
            )
