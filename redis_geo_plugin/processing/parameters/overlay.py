"""The second layer of an operation, and the fields that an intersection takes from both layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterString,
    QgsProcessingUtils,
)

from ...bridge.algorithm_values import Parameters
from ...bridge.cache.pairs import IntersectionFields
from ...bridge.compat import field_names
from ...bridge.i18n import tr
from ...bridge.sources import FrozenSource

if TYPE_CHECKING:
    from ..base import RedisGeoAlgorithm

INPUT_FIELDS, OVERLAY_FIELDS, OVERLAY_FIELDS_PREFIX = (
    "INPUT_FIELDS",
    "OVERLAY_FIELDS",
    "OVERLAY_FIELDS_PREFIX",
)


class OverlayParameters:
    """Another layer of any geometry and CRS. ``key`` is the key of its parameter."""

    def __init__(self, key: str):
        self.key = key
        self.layer: Optional[FrozenSource] = None

    def add(self, algorithm: RedisGeoAlgorithm, label: str, help_text: str, optional: bool = False) -> None:
        """Define the layer."""
        kinds = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        algorithm.add(
            QgsProcessingParameterFeatureSource(self.key, label, kinds, optional=optional), help_text
        )

    def prepare(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> None:
        """Freeze the features of the layer, if one was given, on the main thread."""
        self.layer = (
            algorithm.freeze(parameters, self.key, context)
            if algorithm.is_given(parameters, self.key)
            else None
        )

    def required_layer(self) -> FrozenSource:
        """Return the layer. Raises QgsProcessingException if none was given."""
        if self.layer is None:
            raise QgsProcessingException(tr("This operation needs an overlay layer."))
        return self.layer

    def transform(self, source: FrozenSource, context: QgsProcessingContext) -> QgsCoordinateTransform:
        """Return the transformation from the CRS of the layer to that of the features it is used on."""
        return QgsCoordinateTransform(self.required_layer().crs, source.crs, context.transformContext())


class ChosenFields:
    """INPUT_FIELDS, OVERLAY_FIELDS and OVERLAY_FIELDS_PREFIX of native:intersection."""

    def add(self, algorithm: RedisGeoAlgorithm, source: str, overlay: str) -> None:
        """Define them. ``source`` and ``overlay`` are the keys of the layers."""
        for name, parent, text in (
            (INPUT_FIELDS, source, tr("Input fields to keep (leave empty to keep all fields)")),
            (OVERLAY_FIELDS, overlay, tr("Overlay fields to keep (leave empty to keep all fields)")),
        ):
            field = QgsProcessingParameterField(name, text, None, parent, allowMultiple=True, optional=True)
            algorithm.add_advanced(field, tr("Attributes that the result carries."))
        prefix = QgsProcessingParameterString(
            OVERLAY_FIELDS_PREFIX, tr("Overlay fields prefix"), None, False, optional=True
        )
        algorithm.add_advanced(prefix, tr("Put before the names of the overlay's attributes."))

    def read(
        self,
        algorithm: RedisGeoAlgorithm,
        layers: tuple[FrozenSource, FrozenSource],
        parameters: Parameters,
        context: QgsProcessingContext,
    ) -> IntersectionFields:
        """Return the fields that were chosen of both layers."""
        prefix = algorithm.parameterAsString(parameters, OVERLAY_FIELDS_PREFIX, context)
        own = field_names(algorithm, parameters, INPUT_FIELDS, context)
        others = field_names(algorithm, parameters, OVERLAY_FIELDS, context)
        return combined_fields(*layers, own, others, prefix)


def combined_fields(
    source: FrozenSource,
    overlay: FrozenSource,
    own: Optional[list[str]] = None,
    others: Optional[list[str]] = None,
    prefix: str = "",
) -> IntersectionFields:
    """Return the fields of an intersection: the chosen ones of both layers, or all if none is chosen."""
    mine, theirs = _indices(source.fields, own or []), _indices(overlay.fields, others or [])
    fields = QgsProcessingUtils.combineFields(
        _subset(source.fields, mine), _subset(overlay.fields, theirs), prefix
    )
    return IntersectionFields(fields, mine, theirs)


def _indices(fields: QgsFields, names: list[str]) -> list[int]:
    if not names:
        return list(range(fields.count()))
    return [index for index in (fields.lookupField(name) for name in names) if index >= 0]


def _subset(fields: QgsFields, indices: list[int]) -> QgsFields:
    result = QgsFields()
    for index in indices:
        result.append(fields.at(index))
    return result
