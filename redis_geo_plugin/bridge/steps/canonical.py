"""The parameters of an algorithm as they stand in a key: what two runs of the same meaning share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qgis.core import (
    QgsExpressionContext,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorLayer,
    QgsProperty,
)

from ...core.json_types import JsonValue
from .. import crs as crs_texts
from ..compat import field_names
from ..i18n import tr
from .expressions import dependencies
from .uncached import Uncached

Parameters = Mapping[str, Any]
ParameterValues = dict[str, Any]  # the same, as Processing takes them
LAYERS = (
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterVectorLayer,
    QgsProcessingParameterMultipleLayers,
)
Reader = Callable[[QgsProcessingAlgorithm, ParameterValues, str, QgsProcessingContext], Any]

_READERS: dict[str, Reader] = {
    **dict.fromkeys(
        ("number", "distance", "duration", "scale", "area", "volume"),
        lambda a, p, n, c: a.parameterAsDouble(p, n, c),
    ),
    "boolean": lambda a, p, n, c: a.parameterAsBool(p, n, c),
    "string": lambda a, p, n, c: a.parameterAsString(p, n, c),
    "enum": lambda a, p, n, c: [a.parameterAsEnums(p, n, c), a.parameterAsEnumStrings(p, n, c)],
    "field": field_names,
    "crs": lambda a, p, n, c: crs_texts.key_text(a.parameterAsCrs(p, n, c)),
    "extent": lambda a, p, n, c: [
        _rectangle(a.parameterAsExtent(p, n, c)),
        crs_texts.key_text(a.parameterAsExtentCrs(p, n, c)),
    ],
    "point": lambda a, p, n, c: [
        str(a.parameterAsPoint(p, n, c).asWkt()),
        crs_texts.key_text(a.parameterAsPointCrs(p, n, c)),
    ],
    "range": lambda a, p, n, c: a.parameterAsRange(p, n, c),
    "matrix": lambda a, p, n, c: [str(one) for one in a.parameterAsMatrix(p, n, c)],
    "coordinateoperation": lambda a, p, n, c: a.parameterAsString(p, n, c),
}


class CanonicalParameters:
    """The parameters that are no layers and no outputs, in an order of their own.

    ``values`` is JSON. ``uses_attributes`` says that the result may depend on the attributes of a feature,
    through an expression or a field; ``has_expressions`` that expressions are evaluated.

    Raises:
        Uncached: a parameter is of a kind whose meaning is not known, or an expression is volatile.
    """

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: Parameters,
        context: QgsProcessingContext,
        expressions: QgsExpressionContext,
    ):
        self._algorithm, self._parameters, self._context = algorithm, dict(parameters), context
        self._expressions = expressions
        self.values: list[JsonValue] = []
        self.uses_attributes = self.has_expressions = False
        for definition in algorithm.parameterDefinitions():
            if not definition.isDestination() and not isinstance(definition, LAYERS):
                self.values.append([definition.name(), self._value(definition)])

    def _value(self, definition: QgsProcessingParameterDefinition) -> Any:
        name, kind = definition.name(), definition.type()
        value = self._parameters.get(name, definition.defaultValue())
        if isinstance(value, QgsProperty):
            text = value.asExpression()
            return ["property", text, self._dependencies(text), self._read(kind, name)]
        if kind == "expression":
            text = self._algorithm.parameterAsExpression(self._parameters, name, self._context)
            return [text, self._dependencies(text)] if text else None
        if kind in ("fields_mapping", "aggregates"):
            return [self._mapped(row) for row in value or ()]
        if kind == "field":
            self.uses_attributes = self.uses_attributes or value not in (None, "", [])
        if kind not in _READERS and value in (None, "", []):
            return None
        return self._read(kind, name)

    def _read(self, kind: str, name: str) -> Any:
        if kind not in _READERS:
            raise Uncached(tr("A parameter of the kind “{kind}” is not cached.").format(kind=kind))
        return _READERS[kind](self._algorithm, self._parameters, name, self._context)

    def _mapped(self, row: Any) -> Any:
        """A field that is computed: where it comes from, and everything that says what it becomes."""
        if not isinstance(row, dict):
            raise Uncached(
                tr("A parameter of the kind “{kind}” is not cached.").format(kind=type(row).__name__)
            )
        text = str(row.get("expression", row.get("input", "")))
        also = str(row.get("input", ""))
        found = [[str(key), str(one)] for key, one in sorted(row.items())]
        return [found, self._dependencies(text), self._dependencies(also) if also else None]

    def _dependencies(self, text: str) -> dict[str, object]:
        self.uses_attributes = self.has_expressions = True
        return dependencies(text, self._expressions)


def _rectangle(box: Any) -> list[float]:
    return [box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum()]
