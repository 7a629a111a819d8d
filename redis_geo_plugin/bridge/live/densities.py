"""The density layers of the project's feeds: added, found again when a project is opened, fed, and removed
with their feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..crs import DEGREES
from .density_layer import DENSITY_PROPERTY, grid_crs, leave, new_density_layer, place_below, spec_of
from .trail_layer import trail_layer

if TYPE_CHECKING:
    from ...core.live.density import DensitySpec
    from .live_density import LiveDensity
    from .manager import FeedManager


class Densities(QObject):
    """Main thread only. What is counted stands in the layers, and so in the project.

    ``changed(uid)`` when the density of a feed shows something else, came or went.
    """

    changed = pyqtSignal(str)

    def __init__(self, manager: FeedManager, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._manager = manager
        self.layers: dict[str, LiveDensity] = {}  # by the id of their layer
        self._project = QgsProject.instance()
        self._adopting = QTimer(self)
        self._adopting.setSingleShot(True)
        self._adopting.timeout.connect(self.adopt)
        self._project.layersAdded.connect(self._on_layers_added)
        manager.listed.connect(self._on_listed)
        for signal in (manager.ticked, manager.changed):
            signal.connect(self.want)
        manager.rewound.connect(self.want_soon)

    def of(self, uid: str, kind: str = "cells") -> Optional[LiveDensity]:
        """What counts a feed by cells, or by zones; None where there is none."""
        return next(
            (one for one in self.layers.values() if one.spec.of == uid and one.spec.kind == kind), None
        )

    def show(self, spec: DensitySpec) -> LiveDensity:
        """Show the density of a feed: in a new layer below its positions, or in the one it has.

        Cells of a new layer are in the project's CRS of this moment; a layer keeps its own, as the size of
        its cells is in units of that.
        """
        shown = self.of(spec.of, spec.kind)
        if shown is not None and shown.layer is not None:
            shown.change(spec)
            return shown
        is_zones = spec.kind == "zones"
        crs = QgsCoordinateReferenceSystem(DEGREES) if is_zones else grid_crs(self._project)
        from .live_density import first_style

        feed = self._manager.feeds[spec.of]
        layer = new_density_layer(spec, feed.spec.name, crs)
        first_style(layer, is_zones)
        found = self._take_up(layer, spec)
        trails = trail_layer(self._project, spec.of)
        above = [feed.layer_id, *([trails.id()] if trails is not None else [])]
        place_below(self._project, above, layer)
        return found

    def remove(self, uid: str, kind: str = "cells") -> None:
        """Take the density of a feed out of the project."""
        shown = self.of(uid, kind)
        if shown is not None:
            self._project.removeMapLayer(shown.layer_id)

    def want(self, uid: str) -> None:
        """A feed has news."""
        for one in self.layers.values():
            if one.spec.of == uid:
                one.want()

    def want_soon(self, uid: str) -> None:
        """A feed shows another moment, or its polygons are others."""
        for one in self.layers.values():
            if one.spec.of == uid:
                one.want_soon()

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        for one in self.layers.values():
            one.on_drawn()

    def adopt(self) -> None:
        """Take up the density layers of the project (it was opened, or the plugin reloaded)."""
        for layer in self._project.mapLayers().values():
            if layer.id() in self.layers:
                continue
            spec = spec_of(layer)
            if spec is None or not isinstance(layer, QgsVectorLayer) or spec.of not in self._manager.feeds:
                continue
            if self.of(spec.of, spec.kind) is not None:  # it was duplicated: the copy is the user's
                leave(layer)
            else:
                self._take_up(layer, spec)

    def close(self) -> None:
        """Count no longer; the layers stay in the project."""
        self._adopting.stop()
        self._project.layersAdded.disconnect(self._on_layers_added)
        for one in self.layers.values():
            one.close()
        self.layers.clear()

    def _take_up(self, layer: QgsVectorLayer, spec: DensitySpec) -> LiveDensity:
        from .live_density import LiveDensity

        made = LiveDensity(self._manager.feeds[spec.of], layer, spec, self)
        self.layers[layer.id()] = made
        made.counted.connect(lambda: self.changed.emit(made.spec.of))
        made.ended.connect(lambda: self._drop(made.layer_id))
        made.want()
        self.changed.emit(spec.of)
        return made

    def _drop(self, layer_id: str) -> None:
        gone = self.layers.pop(layer_id, None)
        if gone is not None:
            gone.deleteLater()
            self.changed.emit(gone.spec.of)

    def _on_layers_added(self, layers: list[QgsMapLayer]) -> None:
        if any(layer.customProperty(DENSITY_PROPERTY, "") for layer in layers):
            self._adopting.start(0)

    def _on_listed(self) -> None:
        """Feeds came, whose layers may be in the project already, or went."""
        for key, one in list(self.layers.items()):
            if one.spec.of not in self._manager.feeds:
                one.close()
                self._drop(key)
        self._adopting.start(0)
