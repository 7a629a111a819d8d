"""The trails of a feed: one multi-line a vehicle, in a memory layer; gaps are gaps, and the 180 degree
meridian cuts.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsLineString,
    QgsMultiLineString,
    QgsProject,
    QgsVectorLayer,
)

from ..compat import DATETIME, LONG, STRING, field
from ..i18n import tr
from ..moments import moment
from ..plain import plain_map_tip
from .style import apply_trail_style

if TYPE_CHECKING:
    from ...core.live.spec import FeedSpec
    from ...core.live.trails import Trails

TRAIL_PROPERTY = "redis_geo/trail_of"
REDRAW_ALL = 30.0  # seconds: what has become too old goes also from vehicles that stand still


def new_trail_layer(spec: FeedSpec) -> QgsVectorLayer:
    """An empty trail layer of a feed, in EPSG:4326."""
    layer = QgsVectorLayer(
        "MultiLineString?crs=EPSG:4326", tr("{feed}: trails").format(feed=spec.name), "memory"
    )
    layer.dataProvider().addAttributes(
        [field("id", STRING), field("start", DATETIME), field("end", DATETIME), field("points", LONG)]
    )
    layer.updateFields()
    layer.setCustomProperty(TRAIL_PROPERTY, spec.uid)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)
    plain_map_tip(layer)
    layer.setReadOnly(True)
    apply_trail_style(layer)
    return layer


def trail_layer(project: QgsProject, uid: str) -> Optional[QgsVectorLayer]:
    """The trail layer of a feed, None where there is none. One that the user made permanent is none."""
    return next(
        (
            layer
            for layer in project.mapLayers().values()
            if layer.customProperty(TRAIL_PROPERTY, "") == uid and layer.providerType() == "memory"
        ),
        None,
    )


class TrailWriter:
    """Writes the trails that changed, in slices of bounded time. Main thread only.

    ``left`` is called when the layer is given another data source, and so is the user's.
    """

    def __init__(self, layer: QgsVectorLayer, gap: float, left: Callable[[], object] = lambda: None):
        self._tell_left = left
        self.layer: Optional[QgsVectorLayer] = layer
        self._provider = layer.dataProvider()
        self._gap = gap
        self._waiting: dict[str, None] = {}
        self._all_at = 0.0
        request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
        self._fids = {str(f.attributes()[0]): f.id() for f in self._provider.getFeatures(request)}
        layer.willBeDeleted.connect(self._on_deleted)
        layer.dataSourceChanged.connect(self._on_source_changed)

    def write(self, trails: Trails, budget: float) -> bool:
        """Take the changes and write for at most about ``budget`` seconds. Returns True while something is
        left."""
        if self.layer is None:
            return False
        from ...core.live.trails import parts

        self._waiting.update(dict.fromkeys(trails.take_changed()))
        now = time.monotonic()
        if now - self._all_at > REDRAW_ALL:
            self._all_at = now
            self._waiting.update(dict.fromkeys((*self._fids, *trails.ids())))
        deadline, wrote = time.perf_counter() + budget, False
        while self._waiting and time.perf_counter() < deadline:
            ident = next(iter(self._waiting))
            del self._waiting[ident]
            points = trails.way(ident, time.time())
            self._put(ident, parts(points, self._gap))
            wrote = True
        if wrote and not self._waiting:
            self.layer.triggerRepaint()
        return bool(self._waiting)

    def set_gap(self, gap: float) -> None:
        """Set the gap in seconds without a fix at which all trails are cut."""
        if gap != self._gap:
            self._gap, self._all_at = gap, 0.0

    def close(self) -> None:
        if self.layer is not None:
            self.layer.willBeDeleted.disconnect(self._on_deleted)
            self.layer.dataSourceChanged.disconnect(self._on_source_changed)
            self.layer = None

    def _put(self, ident: str, lines: list[list[tuple[float, float, float]]]) -> None:
        fid = self._fids.get(ident)
        if not lines:
            if fid is not None:
                self._provider.deleteFeatures([fid])
                del self._fids[ident]
            return
        geometry = multi_line(lines)
        values = [ident, moment(lines[0][0][2]), moment(lines[-1][-1][2]), sum(map(len, lines))]
        if fid is None:
            feature = QgsFeature(self._provider.fields())
            feature.setAttributes(values)
            feature.setGeometry(geometry)
            _, (added,) = self._provider.addFeatures([feature])
            self._fids[ident] = added.id()
        else:
            self._provider.changeGeometryValues({fid: geometry})
            self._provider.changeAttributeValues({fid: dict(enumerate(values))})

    def _on_source_changed(self) -> None:
        layer = self.layer
        if layer is not None:
            self.close()
            for name in (TRAIL_PROPERTY, "skipMemoryLayersCheck"):
                layer.removeCustomProperty(name)
            layer.setReadOnly(False)
            self._tell_left()

    def _on_deleted(self) -> None:
        self.layer = None


def multi_line(lines: list[list[tuple[float, float, float]]]) -> QgsGeometry:
    """Lines of (lon, lat, time) as a multi-line."""
    collection = QgsMultiLineString()
    for line in lines:
        collection.addGeometry(QgsLineString([p[0] for p in line], [p[1] for p in line]))
    return QgsGeometry(collection)
