"""Reading the features of an algorithm's input.

QGIS 3.22 dies where its own check of geometries raises within a Python loop, so geometries are checked here,
as the options of Processing or the parameter itself ask for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Callable, Optional, Union

from qgis.core import (
    Qgis,
    QgsCoordinateTransform,
    QgsCsException,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from .i18n import native_tr, tr

# What QGIS itself says of an invalid geometry, which ends the run or is skipped, before and since the option
# that decides about it is named as it is in its dialog.
_OPTION_NAMED = 33400
_INVALID = {
    False: (
        "Feature (%1) from “%2” has invalid geometry. Please fix the geometry or change the Processing "
        "setting to the “Ignore invalid input features” option.",
        "Feature (%1) from “%2” has invalid geometry. Please fix the geometry or change the “Invalid "
        "features filtering” option for this input or globally in Processing settings.",
    ),
    True: (
        "Feature (%1) from “%2” has invalid geometry and has been skipped. Please fix the geometry or "
        "change the Processing setting to the “Ignore invalid input features” option.",
        "Feature (%1) from “%2” has invalid geometry and has been skipped. Please fix the geometry or "
        "change the “Invalid features filtering” option for this input or globally in Processing settings.",
    ),
}
_NOT_REPROJECTED = "Encountered a transform error when reprojecting feature with id %1."
_CHECKS = QgsFeatureRequest.InvalidGeometryCheck
SKIP_CHECKS = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks


def source_of(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> QgsProcessingFeatureSource:
    """The source of a parameter, for its fields and its CRS; its features are read by ``freeze``.

    Raises:
        QgsProcessingException: there is no such layer; the message names it (in a model nobody looked
            before).
    """
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    return source


def freeze(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    name: str,
    context: QgsProcessingContext,
    warn: Optional[Callable[[str], object]] = None,
) -> FrozenSource:
    """The features of a parameter, safe to read in any thread.

    Args:
        algorithm: whose parameter it is.
        parameters: as given to ``prepareAlgorithm``, where this is called.
        name: the parameter's key.
        context: the context of the run.
        warn: is given words about each invalid feature that is skipped. Without it, geometries are not
            checked until ``check_validity`` is called.

    Raises:
        QgsProcessingException: there is no such layer.
    """
    source = source_of(algorithm, parameters, name, context)
    definition = parameters.get(name)
    if isinstance(definition, QgsProcessingFeatureSourceDefinition):  # parameterAsVectorLayer knows none
        text, _ = definition.source.valueAsString(context.expressionContext())
        layer = QgsProcessingUtils.mapLayerFromString(text, context)
    else:
        layer = algorithm.parameterAsVectorLayer(parameters, name, context)
    frozen = FrozenSource(source, layer if isinstance(layer, QgsVectorLayer) else None, definition)
    if warn is not None:
        frozen.check_validity(geometry_check(definition, context), warn)
    return frozen


def geometry_check(
    definition: object, context: QgsProcessingContext
) -> QgsFeatureRequest.InvalidGeometryCheck:
    """What is to be done with invalid geometries: as the parameter says, else as the options of Processing
    do.

    Returns:
        A ``QgsFeatureRequest.InvalidGeometryCheck``.
    """
    if isinstance(definition, QgsProcessingFeatureSourceDefinition):
        override = QgsProcessingFeatureSourceDefinition.Flag.FlagOverrideDefaultGeometryCheck
        if definition.flags & override:
            return definition.geometryCheck
    return context.invalidGeometryCheck()


def _state(layer: QgsVectorLayer) -> Optional[tuple[object, ...]]:
    """What is another as soon as a temporary layer was changed, or nearly always; None for a layer of
    another kind, which others may change."""
    if layer.providerType() != "memory":
        return None
    extent = layer.dataProvider().extent()
    return layer.id(), layer.featureCount(), layer.undoStack().index(), extent.toString(17)


class FrozenSource:
    """The features of an algorithm's input, safe to read in a thread even when the layer is deleted
    meanwhile. ``state`` tells whether it was changed between two runs, where that is known.

    Made on the thread that owns the layer (``prepareAlgorithm``). A layer is replaced by a copy of its
    provider's state; ``selected only``, a filter expression and a limit of the parameter are kept.
    """

    def __init__(
        self, source: QgsProcessingFeatureSource, layer: Optional[QgsVectorLayer], definition: object
    ):
        self.fields = source.fields()
        self.crs = source.sourceCrs()
        self.wkb_type = source.wkbType()
        self.name = source.sourceName()
        self.count = source.featureCount()
        self.state: Optional[tuple[object, ...]] = None
        self._filter = ""
        self._limit = -1
        self._ids: Optional[list[int]] = None
        self._check = _CHECKS.GeometryNoCheck
        self._warn: Callable[[str], object] = lambda _text: None
        self._as_native = False
        self._source: Union[QgsProcessingFeatureSource, QgsVectorLayerFeatureSource] = source
        self._flags: tuple[object, ...] = (SKIP_CHECKS,)
        self._scopes = QgsExpressionContext()
        self._definition = definition
        self._layer_id = layer.id() if layer is not None else ""
        if layer is not None:
            self._source, self._flags = QgsVectorLayerFeatureSource(layer), ()
            self.state = _state(layer)
            if isinstance(definition, QgsProcessingFeatureSourceDefinition):
                self._take_options(definition, layer)

    def _take_options(self, definition: QgsProcessingFeatureSourceDefinition, layer: QgsVectorLayer) -> None:
        if definition.selectedFeaturesOnly:
            self._ids = layer.selectedFeatureIds()
            self.count = len(self._ids)
        self._filter = getattr(definition, "filterExpression", "") or ""  # since QGIS 3.32
        if self._filter:  # the project is asked for its variables, which only the main thread should
            self._scopes = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
        self._limit = int(getattr(definition, "featureLimit", -1))
        if self._limit >= 0:
            self.count = min(self.count, self._limit)

    @property
    def is_whole(self) -> bool:
        """Whether every feature of the layer is taken, so that ``count`` is exact."""
        chosen = self._ids is not None or self._filter or self._limit >= 0
        return not chosen and self._check != _CHECKS.GeometrySkipInvalid

    def request(self) -> QgsFeatureRequest:
        """A request that keeps to the parameter's options. Made in the thread that reads."""
        request = QgsFeatureRequest()
        if self._ids is not None:
            chosen = sorted(self._chosen(self._ids))
            request.setFilterFids(chosen[: self._limit] if self._limit >= 0 else chosen)
            return request
        if self._filter:
            request.setFilterExpression(self._filter)
            request.setExpressionContext(self._scopes)
        if self._limit >= 0:
            request.setLimit(self._limit)
        return request

    def _chosen(self, selected: list[int]) -> list[int]:
        """Those of the selected features that the filter lets through (a request holds the one or the other,
        not both)."""
        if not self._filter:
            return selected
        expression, context = QgsExpression(self._filter), QgsExpressionContext(self._scopes)
        context.setFields(self.fields)
        expression.prepare(context)
        request = QgsFeatureRequest().setFilterFids(selected)
        if not expression.needsGeometry():
            request.setFlags(QgsFeatureRequest.Flag.NoGeometry)
        chosen = []
        for feature in self._source.getFeatures(request):
            context.setFeature(feature)
            if expression.evaluate(context):
                chosen.append(feature.id())
        return chosen

    def check_validity(
        self,
        check: QgsFeatureRequest.InvalidGeometryCheck,
        warn: Callable[[str], object],
        as_native: bool = False,
    ) -> None:
        """Set what to do with invalid geometries from now on.

        Args:
            check: a ``QgsFeatureRequest.InvalidGeometryCheck``.
            warn: is given words about each feature that is skipped, or cannot be reprojected.
            as_native: whether the words are those of QGIS's own algorithms.
        """
        self._check, self._warn, self._as_native = check, warn, as_native

    def features(self, request: Optional[QgsFeatureRequest] = None) -> Iterator[QgsFeature]:
        """Iterate; in the thread that calls. Raises QgsProcessingException where an invalid geometry is to
        end the run."""
        request = request or self.request()
        features = self._source.getFeatures(request, *self._flags)
        if self._check == _CHECKS.GeometryNoCheck or request.flags() & QgsFeatureRequest.Flag.NoGeometry:
            yield from features
            return
        for feature in features:
            if not feature.hasGeometry() or feature.geometry().isGeosValid():
                yield feature
            else:
                self._refuse(feature)

    def features_in(self, transform: QgsCoordinateTransform) -> Iterator[QgsFeature]:
        """The same in the CRS that ``transform`` leads to. As in native algorithms validity is that of the
        geometry in the layer, before it is reprojected; what cannot be reprojected has no geometry, which is
        told as there."""
        if transform.isShortCircuited():
            yield from self.features()
            return
        for feature in self.features():
            geometry = feature.geometry()
            try:
                geometry.transform(transform)
                feature.setGeometry(geometry)
            except QgsCsException:
                feature.clearGeometry()
                self._warn(native_tr(_NOT_REPROJECTED).replace("%1", str(feature.id())))
            yield feature

    def is_same(self, other: FrozenSource) -> bool:
        """Whether both parameters name the same features of the same layer."""
        if self._definition == other._definition:
            return True
        mine, theirs = (
            (one._layer_id, one._filter, one._limit, None if one._ids is None else sorted(one._ids))
            for one in (self, other)
        )
        return bool(self._layer_id) and mine == theirs

    def _refuse(self, feature: QgsFeature) -> None:
        """Skip an invalid geometry, or end the run. (A callback of QgsFeatureRequest crashes when it is
        Python's.)"""
        skipped = self._check == _CHECKS.GeometrySkipInvalid
        if self._as_native:
            words = native_tr(_INVALID[skipped][Qgis.QGIS_VERSION_INT >= _OPTION_NAMED])
            words = words.replace("%1", str(feature.id())).replace("%2", self.name)
        else:
            words = _refusal(skipped).format(id=feature.id(), name=self.name)
        if not skipped:
            raise QgsProcessingException(words)
        self._warn(words)


def _refusal(skipped: bool) -> str:
    if skipped:
        return tr("Feature {id} of “{name}” has an invalid geometry and was skipped.")
    return tr(
        "Feature {id} of “{name}” has an invalid geometry. Mend it, or change “Invalid features "
        "filtering” in the options of Processing."
    )
