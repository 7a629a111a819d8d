"""All feeds of the project: started, stopped, stored with their layers, resumed when a project is opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsMapLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .density_layer import density_layers
from .layer import FEED_PROPERTY, RUNNING_PROPERTY, leave
from .leaving import copied_name, following_layer
from .live_sources import LiveSources, was_running
from .mapped_layer import forget_file, keep_as_memory, show_memory, shows_pictures
from .refused import refused_layer
from .trail_layer import new_trail_layer, trail_layer

if TYPE_CHECKING:
    from qgis.PyQt.QtXml import QDomDocument, QDomElement

    from ...core.live.spec import FeedSpec
    from ...core.live.view import Extent
    from .live_feed import LiveFeed


class FeedManager(LiveSources):
    """Feeds by their uid.

    ``ticked(uid)`` when the layer of one was written, ``left(uid, name, new)`` when its layer was given
    another data source: what is called ``name`` is the user's now, and the feed goes on in the layer ``new``.
    ``rewound(uid)`` when one shows another moment or is live again, ``trails_removed(name)`` when the trails
    of a feed went with its layer, ``densities_removed(name)`` when its densities did.
    """

    ticked = pyqtSignal(str)
    left = pyqtSignal(str, str, str)
    rewound = pyqtSignal(str)
    trails_removed = pyqtSignal(str)
    densities_removed = pyqtSignal(str)

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.feeds: dict[str, LiveFeed] = {}
        self._view: Optional[Extent] = None
        self._project.layersAdded.connect(self._on_layers_added)
        self._project.writeMapLayer.connect(self._on_layer_written)
        self._project.writeProject.connect(self._on_project_written)
        self._trails_without: list[tuple[str, str]] = []  # uid, name of a feed whose layer was removed
        self._clearing = QTimer(self)
        self._clearing.setSingleShot(True)
        self._clearing.timeout.connect(self._remove_trails)
        self._left_layers: list[tuple[str, str]] = []  # uid, id of a layer that is the user's now
        self._going_on = QTimer(self)
        self._going_on.setSingleShot(True)
        self._going_on.timeout.connect(self._go_on)

    def add(
        self,
        spec: FeedSpec,
        start: bool = True,
        place: Optional[Callable[[QgsVectorLayer], object]] = None,
    ) -> LiveFeed:
        """Add a feed with its layer to the project; ``place`` puts the layer where new layers go.

        A name that another feed has gets a number.
        """
        spec = spec.changed(name=self.free_name(spec.name, spec.uid))
        feed = self._make(spec, None)
        self._take_up(feed)
        (place or self._project.addMapLayer)(feed.layer)
        if start:
            self.start(spec.uid)
        return feed

    def sources(self) -> Iterable[tuple[FeedSpec, LiveFeed]]:
        """All feeds, each with its description."""
        return [(feed.spec, feed) for feed in self.feeds.values()]

    def start(self, uid: str) -> None:
        feed = self.feeds[uid]
        feed.start(self.settings_of(feed.spec))
        trails = trail_layer(self._project, uid)
        if feed.trail is None and trails is not None:
            feed.show_trails(trails)

    def change(self, uid: str, spec: FeedSpec) -> None:
        """Change the settings of a feed; it restarts where it reads something else now."""
        feed, spec = self.feeds[uid], spec.changed(name=self.free_name(spec.name, uid))
        anew, was_paused = feed.running and feed.spec.reads_otherwise(spec), feed.is_paused
        if anew:
            feed.stop()
        feed.update_spec(spec)
        if anew:
            self.start(uid)
        if anew and was_paused:
            feed.pause()

    def add_trails(self, uid: str) -> None:
        """Add the layer of a feed's trails, below its positions."""
        feed = self.feeds[uid]
        layer = trail_layer(self._project, uid)
        if layer is None:
            layer = new_trail_layer(feed.spec)
            self._project.addMapLayer(layer, False)
            root = self._project.layerTreeRoot()
            node = root.findLayer(feed.layer_id)
            group = node.parent() if node is not None else root
            position = group.children().index(node) + 1 if node is not None else len(group.children())
            group.insertLayer(position, layer)
        if feed.trail is None or feed.trail.layer is None:
            feed.show_trails(layer)

    def stop(self, uid: str) -> None:
        self.feeds[uid].stop()

    def remove(self, uid: str) -> None:
        """Take the feed and its layers (positions, trails, refused, densities) out of the project."""
        feed = self.feeds.get(uid)
        if feed is not None and feed.layer is not None:
            others = [trail_layer(self._project, uid), refused_layer(self._project, uid)]
            others += density_layers(self._project, uid)
            self._project.removeMapLayers(
                [feed.layer_id, *(layer.id() for layer in others if layer is not None)]
            )

    def look_at(self, view: Optional[Extent]) -> None:
        """What the map shows now: feeds that are restricted to it follow."""
        self._view = view
        for feed in self.feeds.values():
            feed.look_at(view)

    def adopt(self) -> None:
        """Resume the feeds of the project's layers (a project was opened, or the plugin reloaded)."""
        from ...core.live.sources import KINDS
        from ...core.live.spec import from_json

        for layer in self._project.mapLayers().values():
            text = layer.customProperty(FEED_PROPERTY, "")
            if not text or not isinstance(layer, QgsVectorLayer) or self._has(layer):
                continue
            if shows_pictures(layer):  # a copy of a mapped layer, or one whose file has gone
                show_memory(layer)
            if layer.providerType() != "memory":  # made permanent while nobody looked: the user's
                leave(layer)
                continue
            try:
                spec = from_json(str(text))
                if spec.kind not in KINDS:
                    raise ValueError(f"no position source of kind {spec.kind!r}")
                self._adopt_layer(spec, layer)
            except ValueError as error:
                self._say_unreadable(layer, FEED_PROPERTY, error)

    def _adopt_layer(self, spec: FeedSpec, layer: QgsVectorLayer) -> None:
        if spec.uid in self.feeds:  # the layer was duplicated: a second feed of the same source
            import uuid

            spec = spec.changed(uid=uuid.uuid4().hex)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        name = self.free_name(spec.name, spec.uid)
        if name != spec.name:
            spec = spec.changed(name=name)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        running = was_running(layer.customProperty(RUNNING_PROPERTY, True))
        feed = self._make(spec, layer)
        self._take_up(feed)
        if running:
            self.start(spec.uid)

    def close(self) -> None:
        """Stop everything; layers stay in the project."""
        self._let_go()
        self._going_on.stop()
        self._clearing.stop()
        self._project.layersAdded.disconnect(self._on_layers_added)
        self._project.writeMapLayer.disconnect(self._on_layer_written)
        self._project.writeProject.disconnect(self._on_project_written)
        for feed in list(self.feeds.values()):
            feed.close(wait=0.3)
            feed.deleteLater()
        self.feeds.clear()

    def _make(self, spec: FeedSpec, layer: Optional[QgsVectorLayer]) -> LiveFeed:
        from .live_feed import LiveFeed  # what a feed needs is imported with the first, not when QGIS starts

        return LiveFeed(spec, layer, self)

    def _take_up(self, feed: LiveFeed) -> None:
        uid = feed.spec.uid
        self.feeds[uid] = feed
        self._follow(uid, feed)
        feed.look_at(self._view)
        feed.ticked.connect(lambda: self.ticked.emit(uid))
        feed.rewound.connect(lambda: self.rewound.emit(uid))
        feed.left.connect(lambda: self._on_left(uid, feed.layer_id))
        feed.trails_left.connect(lambda: self._going_on.start(0))
        self.listed.emit()

    def _has(self, layer: QgsMapLayer) -> bool:
        return any(feed.layer_id == layer.id() for feed in self.feeds.values())

    def _on_layers_added(self, layers: list[QgsMapLayer]) -> None:
        if any(layer.customProperty(FEED_PROPERTY, "") for layer in layers):
            self._adopting.start(0)

    def _on_layer_written(self, layer: QgsMapLayer, element: QDomElement, document: QDomDocument) -> None:
        """The project is being saved: a mapped layer's file does not outlive its feed."""
        for feed in self.feeds.values():
            if feed.is_mapped and isinstance(layer, QgsVectorLayer) and feed.layer_id == layer.id():
                keep_as_memory(layer, feed.columns, element, document)

    def _on_project_written(self, document: QDomDocument) -> None:
        for feed in self.feeds.values():
            if feed.is_mapped:
                forget_file(feed.layer_id, document)

    def _on_cleared(self) -> None:
        self._trails_without.clear()
        self.listed.emit()

    def _on_left(self, uid: str, layer_id: str) -> None:
        self._left_layers.append((uid, layer_id))
        self._going_on.start(0)  # QGIS is still at work on the layer

    def _go_on(self) -> None:
        """Feeds whose layers, or whose trails, are the user's now go on in new ones."""
        left, self._left_layers = self._left_layers, []
        for uid, layer_id in left:
            feed, layer = self.feeds.get(uid), self._project.mapLayer(layer_id)
            if feed is not None and isinstance(layer, QgsVectorLayer):
                self._follow_on(feed, layer)
            elif feed is not None:  # removed in the meantime
                feed.stop()
                self._on_ended(uid)
        for uid, feed in self.feeds.items():
            if feed.trail is not None and feed.trail.layer is None:
                self.add_trails(uid)

    def _follow_on(self, feed: LiveFeed, layer: QgsVectorLayer) -> None:
        if layer.name() == feed.spec.name:
            layer.setName(copied_name(layer.name()))
        new = following_layer(layer, feed.spec.name)
        self._project.addMapLayer(new, False)
        node = self._project.layerTreeRoot().findLayer(layer.id())
        group = node.parent() if node is not None else self._project.layerTreeRoot()
        group.insertLayer(group.children().index(node) if node is not None else 0, new)
        feed.go_on_in(new)
        feed.look_at(self._view)
        trails = trail_layer(self._project, feed.spec.uid)
        if trails is not None:
            feed.show_trails(trails)
        self.left.emit(feed.spec.uid, layer.name(), new.name())

    def _on_ended(self, uid: str) -> None:
        feed = self.feeds.pop(uid, None)
        if feed is not None:
            self._trails_without.append((uid, feed.spec.name))
            self._clearing.start(0)  # QGIS is still at work on the layers
            feed.deleteLater()
            self.listed.emit()

    def _remove_trails(self) -> None:
        """Trails and densities whose positions were removed stand for nothing: they go too."""
        without, self._trails_without = self._trails_without, []
        for uid, name in without:
            if uid in self.feeds:
                continue
            layer = trail_layer(self._project, uid)
            densities = [one.id() for one in density_layers(self._project, uid)]
            if densities:
                self._project.removeMapLayers(densities)
                self.densities_removed.emit(name)
            if layer is not None:
                self._project.removeMapLayer(layer.id())
                self.trails_removed.emit(name)
