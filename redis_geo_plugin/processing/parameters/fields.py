"""What an operation may need beside its layer: a number, a method, or fields to group by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterDistance,
    QgsProcessingParameterEnum,
    QgsProcessingParameterField,
)

from ...bridge.algorithm_values import Parameters
from ...bridge.cache import run
from ...bridge.compat import field_names
from ...bridge.i18n import tr
from ...bridge.operations import MethodParameter, NumberParameter
from .data_defined import DataDefinedNumber

if TYPE_CHECKING:
    from ...core.operations import Operation
    from ..base import RedisGeoAlgorithm

FIELD = "FIELD"


class GroupParameters:
    """FIELD of native:dissolve: features with equal values in these fields are one group."""

    def add(self, algorithm: RedisGeoAlgorithm, layer: str, help_text: str) -> None:
        """Define it. ``layer`` is the key of the parameter of the layer."""
        field = QgsProcessingParameterField(
            FIELD, tr("Dissolve fields"), None, layer, allowMultiple=True, optional=True
        )
        algorithm.add(field, help_text)

    def read(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> list[str]:
        """Return the names of the fields. None chosen: all features are one group."""
        return field_names(algorithm, parameters, FIELD, context)


class NumberParameters:
    """The number of an operation, under the name of its descriptor. Each feature may have its own.

    ``layer`` is the key of the parameter whose layer gives the units and the features.
    """

    def __init__(self, number: NumberParameter, layer: str):
        self.number = number
        self._layer = layer
        self._value = DataDefinedNumber(layer)

    def add(self, algorithm: RedisGeoAlgorithm, help_text: str) -> None:
        """Define it."""
        number = self.number
        distance = QgsProcessingParameterDistance(
            number.key, number.label(), number.default, self._layer, minValue=0.0, maxValue=number.most
        )
        algorithm.add(self._value.define(distance, number.label()), help_text)

    def prepare(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> None:
        """Read what a data-defined number needs, on the main thread."""
        self._value.prepare(algorithm, parameters, context)

    def read(
        self, operation: Operation, parameters: Parameters, context: QgsProcessingContext
    ) -> run.BufferRequest:
        """Return the operation with its number, or with the number of each feature."""
        return run.BufferRequest(operation, self._value.value(parameters, context), self._value.of)

    def tell(self, warning: Callable[[str], object], native: str) -> None:
        """Report for how many features the default was used."""
        self._value.tell(warning, native)


def add_method(algorithm: RedisGeoAlgorithm, method: MethodParameter) -> None:
    """Define the choice of a method; the first is the default."""
    choice = QgsProcessingParameterEnum(method.key, method.label(), method.names(), defaultValue=0)
    algorithm.add(choice, method.help())
