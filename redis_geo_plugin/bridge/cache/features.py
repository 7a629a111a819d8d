"""Reading and writing features off the main thread, and geometries as plain WKB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Callable, Optional

from qgis.core import (
    QgsAbstractGeometry,
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsPolygon,
    QgsProcessingException,
    QgsWkbTypes,
)

from ..i18n import tr

# Little-endian WKB of a point, line, polygon and their multi-forms, without Z and M: nothing to convert.
_PLAIN = frozenset(bytes((1, code, 0, 0, 0)) for code in range(1, 7))
_SOLID = frozenset(b"\x01" + (1000 + code).to_bytes(4, "little") for code in range(1, 7))  # the same with Z
_WITH_Z = _PLAIN | _SOLID
_RINGS_WITH_Z = frozenset(b"\x01" + (1000 + code).to_bytes(4, "little") for code in (3, 6))
_OLD_Z = frozenset(
    getattr(QgsWkbTypes.Type, f"{many}{name}25D")
    for many in ("", "Multi")
    for name in ("Point", "LineString", "Polygon")
)
# What stands before a single line or polygon in a multi-part geometry of one.
_MULTI = {bytes((1, code, 0, 0, 0)): bytes((1, code + 3, 0, 0, 0, 1, 0, 0, 0)) for code in (2, 3)}
NAMED = 5  # how many features words name
_NONE = bytes(4)  # how WKB counts no rings, points or parts


def chunked(
    features: Iterator[QgsFeature], items: int, size: int, with_z: bool = False
) -> Iterator[tuple[list[QgsFeature], list[Optional[bytes]]]]:
    """Features and their WKB in lists of at most ``items``, or until ``size`` bytes have come together."""
    batch: list[QgsFeature] = []
    wkbs: list[Optional[bytes]] = []
    total, usual = 0, _WITH_Z if with_z else _PLAIN
    for feature in features:
        geometry = feature.geometry()
        wkb: Optional[bytes] = geometry.asWkb().data()
        if wkb[:5] not in usual:  # a call for each feature is felt in a layer of many
            wkb = plain_wkb(geometry, with_z)
        batch.append(feature)
        wkbs.append(wkb)
        total += len(wkb) if wkb else 0
        if len(batch) >= items or total >= size:
            yield batch, wkbs
            batch, wkbs, total = [], [], 0
    if batch:
        yield batch, wkbs


def plain_wkb(geometry: QgsGeometry, with_z: bool = False) -> Optional[bytes]:
    """WKB without M and curves (segmentised as QGIS does by default), with Z where that is wanted and the
    geometry has it; None for NULL."""
    wkb = geometry.asWkb().data()
    if wkb[:5] in (_WITH_Z if with_z else _PLAIN):
        return wkb
    if geometry.isNull():
        return None
    abstract = geometry.constGet().segmentize()
    abstract.dropMValue()
    kind = abstract.wkbType()
    if not with_z:
        abstract.dropZValue()
    elif kind in _OLD_Z:
        abstract.convertTo(QgsWkbTypes.addZ(QgsWkbTypes.flatType(kind)))
    return abstract.asWkb().data()


def finite(
    wkbs: Sequence[Optional[bytes]], ids: Sequence[int], inform: Callable[[str], object]
) -> list[Optional[bytes]]:
    """The geometries of another layer, without those that have a coordinate which is not a finite number: of
    what lies far away, reprojecting makes such. As in native algorithms, whose spatial index does not take
    them, they meet nobody and are nobody's nearest. ``inform`` is given words on the first of them."""
    import numpy as np
    import shapely

    from ...core.geometry import wkb
    from ...core.geometry.walk import NOT_FINITE

    coordinates, owners = shapely.get_coordinates(wkb.read(wkbs), return_index=True)
    broken = np.unique(owners[~np.isfinite(coordinates).all(axis=1)]).tolist()
    found = list(wkbs)
    for place in broken:
        found[place] = None
    for place in broken[:NAMED]:
        inform(f"{ids[place]}: {NOT_FINITE}")
    return found


def from_wkb(wkb: bytes) -> QgsGeometry:
    """A result as QGIS takes it from GEOS: it closes rings whose ends differ in Z only by another vertex,
    which WKB alone does not."""
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    if wkb[:5] in _RINGS_WITH_Z:
        shape = geometry.get()
        parts = [shape.geometryN(i) for i in range(shape.partCount())] if geometry.isMultipart() else [shape]
        for polygon in parts:
            _close_rings(polygon)
    return geometry


def _close_rings(polygon: QgsAbstractGeometry) -> None:
    assert isinstance(polygon, QgsPolygon)
    rings = [polygon.interiorRing(i) for i in range(polygon.numInteriorRings())]
    if polygon.isEmpty() or all(ring.isClosed() for ring in (polygon.exteriorRing(), *rings)):
        return
    inner = [ring.clone() for ring in rings]
    polygon.setExteriorRing(polygon.exteriorRing().clone())  # setting and adding it closes a ring
    polygon.removeInteriorRings()
    for ring in inner:
        polygon.addInteriorRing(ring)


def set_geometry(feature: QgsFeature, wkb: Optional[bytes], multi: bool = True) -> None:
    """Give a feature the geometry of its WKB, as a multi-part geometry (an empty one too) unless ``multi`` is
    off; None leaves it without."""
    geometry = QgsGeometry()
    if wkb is not None:  # first what nearly all results are, since a layer has many
        before = _MULTI.get(wkb[:5]) if multi else None
        if before is not None and wkb[5:9] != _NONE:
            geometry.fromWkb(before + wkb)
        else:
            geometry = from_wkb(wkb)
            if multi and not geometry.isMultipart():
                geometry.convertToMultiType()
    feature.setGeometry(geometry)


def is_empty(feature: QgsFeature, wkb: bytes) -> bool:
    """Whether a feature's geometry, of which this is the WKB, holds no coordinates. Only what may be empty is
    asked."""
    if wkb[5:9] == _NONE or (wkb[1] > 3 and len(wkb) < 64):
        return bool(feature.geometry().isEmpty())
    return False


def write(sink: QgsFeatureSink, features: Sequence[QgsFeature]) -> None:
    """Add features to a sink. Raises QgsProcessingException with the sink's message where it refuses them."""
    if not features:
        return
    added = sink.addFeatures(list(features), QgsFeatureSink.Flag.FastInsert)
    if not (
        added[0] if isinstance(added, tuple) else added
    ):  # a layer's provider gives the features back too
        raise refusal(sink)


def write_fitting(
    sink: QgsFeatureSink, features: Sequence[QgsFeature], fits: Callable[[QgsGeometry], bool]
) -> None:
    """Write features of which some have a geometry that does not fit the layer, or an id that it has already.
    Those are offered one by one: the sink reports what it refuses, and the run goes on without it, as those
    of the native algorithms do."""
    offer = getattr(sink, "offer", sink.addFeature)
    for fitting, some in groupby(features, lambda feature: fits(feature.geometry())):
        if fitting and getattr(sink, "to_file", False):
            for feature in some:
                if not sink.take(feature, QgsFeatureSink.Flag.FastInsert):  # type: ignore[attr-defined]
                    raise refusal(sink)
        elif fitting:
            write(sink, list(some))
        else:
            for feature in some:
                offer(feature, QgsFeatureSink.Flag.FastInsert)


def write_each(sink: QgsFeatureSink, features: Sequence[QgsFeature]) -> None:
    """Add features one by one, as native algorithms do whose words tell of the first that the sink refuses.
    Raises QgsProcessingException with these words."""
    for feature in features:
        if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            words = getattr(sink, "native_refusal", None)
            raise QgsProcessingException(words()) if words is not None else refusal(sink)


def adder(sink: QgsFeatureSink) -> Callable[..., None]:
    """``addFeature`` of a sink, for features that come one by one; raises what ``write`` raises."""

    def add(feature: QgsFeature, flags: QgsFeatureSink.Flag = QgsFeatureSink.Flag.FastInsert) -> None:
        if not sink.addFeature(feature, flags):
            raise refusal(sink)

    return add


def refusal(sink: QgsFeatureSink) -> QgsProcessingException:
    """Make the exception for a sink that refused a feature, with the sink's message."""
    words = sink.lastError() if hasattr(sink, "lastError") else ""
    return QgsProcessingException(tr("The output layer refuses the features. {words}").format(words=words))
