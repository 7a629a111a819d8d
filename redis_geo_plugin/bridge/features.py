"""Reading and writing features off the main thread, and geometries as plain WKB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Callable, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsGeometry,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
    QgsWkbTypes,
)

from .i18n import tr

_CHECKS = QgsFeatureRequest.InvalidGeometryCheck

# Little-endian WKB of a point, line, polygon and their multi-forms, without Z and M: nothing to convert.
_PLAIN = frozenset(bytes((1, code, 0, 0, 0)) for code in range(1, 7))


class FrozenSource:
    """The features of an algorithm's input, safe to read in a thread even when the layer is deleted meanwhile.

    Made on the thread that owns the layer (``prepareAlgorithm``). A layer is replaced by a copy of its provider's state;
    ``selected only``, a filter expression and a limit of the parameter are kept.
    """

    def __init__(self, source: QgsProcessingFeatureSource, layer: Optional[QgsVectorLayer], definition: Any):
        self.fields = source.fields()
        self.crs = source.sourceCrs()
        self.wkb_type = source.wkbType()
        self.name = source.sourceName()
        self.count = source.featureCount()
        self._filter = ""
        self._limit = -1
        self._ids: Optional[list[int]] = None
        self._check = _CHECKS.GeometryNoCheck
        self._tell: Callable[[str], Any] = lambda text: None
        self._source: Any = source
        if layer is not None:
            self._source = QgsVectorLayerFeatureSource(layer)
            if isinstance(definition, QgsProcessingFeatureSourceDefinition):
                self._take_options(definition, layer)

    def _take_options(self, definition: QgsProcessingFeatureSourceDefinition, layer: QgsVectorLayer) -> None:
        if definition.selectedFeaturesOnly:
            self._ids = layer.selectedFeatureIds()
            self.count = len(self._ids)
        self._filter = getattr(definition, "filterExpression", "") or ""  # since QGIS 3.32
        self._limit = int(getattr(definition, "featureLimit", -1))
        if self._limit >= 0:
            self.count = min(self.count, self._limit)

    def request(self) -> QgsFeatureRequest:
        """A request that keeps to the parameter's options."""
        request = QgsFeatureRequest()
        if self._ids is not None:
            request.setFilterFids(self._ids)
        if self._filter:
            request.combineFilterExpression(self._filter)
        if self._limit >= 0:
            request.setLimit(self._limit)
        return request

    def check_validity(self, check: Any, tell: Callable[[str], Any]) -> None:
        """What to do with invalid geometries from now on: a QgsFeatureRequest.InvalidGeometryCheck. ``tell`` is given
        words about each that is skipped."""
        self._check, self._tell = check, tell

    def features(self, request: Optional[QgsFeatureRequest] = None) -> Iterator[QgsFeature]:
        """Iterate; in the thread that calls. Raises QgsProcessingException where an invalid geometry is to end the run."""
        request = request or self.request()
        if self._check == _CHECKS.GeometryNoCheck:
            yield from self._source.getFeatures(request)
            return
        for feature in self._source.getFeatures(request):
            if not feature.hasGeometry() or feature.geometry().isGeosValid():
                yield feature
            else:
                self._refuse(feature)

    def features_in(self, transform: QgsCoordinateTransform) -> Iterator[QgsFeature]:
        """The same in the CRS that ``transform`` leads to."""
        return self.features(self.request().setDestinationCrs(transform.destinationCrs(), transform.context()))

    def _refuse(self, feature: QgsFeature) -> None:
        """Skip an invalid geometry, or end the run. (A callback of QgsFeatureRequest crashes when it is Python's.)"""
        if self._check == _CHECKS.GeometrySkipInvalid:
            text = tr("Feature {id} of “{name}” has an invalid geometry and was skipped.")
            self._tell(text.format(id=feature.id(), name=self.name))
            return
        raise QgsProcessingException(
            tr(
                "Feature {id} of “{name}” has an invalid geometry. Mend it, or change “Invalid features filtering” in "
                "the options of Processing."
            ).format(id=feature.id(), name=self.name)
        )


def chunked(features: Iterator[QgsFeature], items: int, size: int) -> Iterator[tuple[list[QgsFeature], list]]:
    """Features and their WKB in lists of at most ``items``, or until ``size`` bytes have come together."""
    batch: list[QgsFeature] = []
    wkbs: list[Optional[bytes]] = []
    total = 0
    for feature in features:
        wkb = plain_wkb(feature.geometry())
        batch.append(feature)
        wkbs.append(wkb)
        total += len(wkb) if wkb else 0
        if len(batch) >= items or total >= size:
            yield batch, wkbs
            batch, wkbs, total = [], [], 0
    if batch:
        yield batch, wkbs


def plain_wkb(geometry: QgsGeometry) -> Optional[bytes]:
    """Two-dimensional WKB without curves (segmentised as QGIS does by default); None for NULL."""
    if geometry.isNull():
        return None
    wkb = geometry.asWkb().data()
    if wkb[:5] in _PLAIN:
        return wkb
    abstract = geometry.constGet().segmentize()
    abstract.dropZValue()
    abstract.dropMValue()
    return abstract.asWkb().data()


def set_geometry(feature: QgsFeature, wkb: Optional[bytes]) -> None:
    """Give a feature the geometry of its WKB, as a multi-part geometry (an empty one too); None leaves it without."""
    geometry = QgsGeometry()
    if wkb is not None:
        geometry.fromWkb(wkb)
        if not geometry.isMultipart():
            geometry.convertToMultiType()
    feature.setGeometry(geometry)


def write(sink: QgsFeatureSink, features: Sequence[QgsFeature]) -> None:
    """Add features. Raises QgsProcessingException with the sink's own words where it refuses them."""
    if not features:
        return
    added = sink.addFeatures(list(features), QgsFeatureSink.Flag.FastInsert)
    if not (added[0] if isinstance(added, tuple) else added):  # a layer's provider gives the features back too
        raise refusal(sink)


def adder(sink: QgsFeatureSink) -> Callable[[QgsFeature, Any], None]:
    """``addFeature`` of a sink, for features that come one by one; raises what ``write`` raises."""

    def add(feature: QgsFeature, flags: Any = QgsFeatureSink.Flag.FastInsert) -> None:
        if not sink.addFeature(feature, flags):
            raise refusal(sink)

    return add


def refusal(sink: QgsFeatureSink) -> QgsProcessingException:
    """What to raise where a sink has refused a feature: its own words."""
    words = sink.lastError() if hasattr(sink, "lastError") else ""
    return QgsProcessingException(tr("The output layer refuses the features. {words}").format(words=words))


def multi_type(wkb_type: Any) -> Any:
    """The multi-part, two-dimensional, straight form of a geometry type."""
    return QgsWkbTypes.multiType(QgsWkbTypes.flatType(QgsWkbTypes.linearType(wkb_type)))
