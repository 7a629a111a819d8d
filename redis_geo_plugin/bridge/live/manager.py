"""All feeds of the project: started, stopped, stored with their layers, resumed when a project is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...core.redis.failures import StoreError
from ...core.redis.settings import ConnectionSettings
from .. import log
from ..server import connections
from .layer import FEED_PROPERTY, RUNNING_PROPERTY, leave
from .leaving import copied_name, following_layer
from .refused import refused_layer
from .trail_layer import new_trail_layer, trail_layer

if TYPE_CHECKING:
    from ...core.live.spec import FeedSpec
    from ...core.live.view import Extent
    from .live_feed import LiveFeed


class FeedManager(QObject):
    """Feeds by their uid.

    ``listed`` when one came or went, ``changed(uid)`` when the state of one may have changed, ``ticked(uid)``
    when its layer was written, ``unreadable(name)`` when the feed of a layer of that name cannot be,
    ``left(uid, name, new)`` when its layer was given another data source: what is called ``name`` is the
    user's now, and the feed goes on in the layer ``new``. ``rewound(uid)`` when one shows another moment or
    is live again, ``trails_removed(name)`` when the trails of a feed went with its layer.
    """

    listed = pyqtSignal()
    unreadable = pyqtSignal(str)
    changed = pyqtSignal(str)
    ticked = pyqtSignal(str)
    left = pyqtSignal(str, str, str)
    rewound = pyqtSignal(str)
    trails_removed = pyqtSignal(str)

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.feeds: dict[str, LiveFeed] = {}
        self.is_drawing: Callable[[], bool] = lambda: False
        self._view: Optional[Extent] = None
        self._told: set[str] = set()  # layers whose feed cannot be read
        self._project = QgsProject.instance()
        self._project.layersAdded.connect(self._on_layers_added)
        self._project.cleared.connect(self._on_cleared)
        self._adopting = QTimer(self)
        self._adopting.setSingleShot(True)
        self._adopting.timeout.connect(self.adopt)
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

    def free_name(self, name: str, uid: str = "") -> str:
        """A name that no other feed than ``uid`` has: with a number behind it where one does."""
        taken = {feed.spec.name for feed in self.feeds.values() if feed.spec.uid != uid}
        free, number = name, 2
        while free in taken:
            free, number = f"{name} ({number})", number + 1
        return free

    def start(self, uid: str) -> None:
        feed = self.feeds[uid]
        feed.start(self.settings_of(feed.spec))
        trails = trail_layer(self._project, uid)
        if feed.trail is None and trails is not None:
            feed.show_trails(trails)

    def change(self, uid: str, spec: FeedSpec) -> None:
        """Change the settings of a feed; it restarts where it reads something else now."""
        feed, spec = self.feeds[uid], spec.changed(name=self.free_name(spec.name, uid))
        anew = feed.running and feed.spec.reads_otherwise(spec)
        if anew:
            feed.stop()
        feed.update_spec(spec)
        if anew:
            self.start(uid)

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
        """Take the feed and its layers (positions, trails, refused) out of the project."""
        feed = self.feeds.get(uid)
        if feed is not None and feed.layer is not None:
            others = (trail_layer(self._project, uid), refused_layer(self._project, uid))
            self._project.removeMapLayers(
                [feed.layer_id, *(layer.id() for layer in others if layer is not None)]
            )

    def settings_of(self, spec: FeedSpec) -> Optional[ConnectionSettings]:
        """The connection of a feed with its secret; None where it does not exist (the lamp says so)."""
        try:
            return connections.resolve(spec.connection)
        except (StoreError, ValueError) as error:
            log.warning(f"{spec.name}: {error}")
            return None

    def connection_changed(self) -> None:
        """Follow a change of the active connection or of its settings."""
        for feed in self.feeds.values():
            if feed.core is not None:
                feed.core.reconnect(self.settings_of(feed.spec))

    def look_at(self, view: Optional[Extent]) -> None:
        """What the map shows now: feeds that are restricted to it follow."""
        self._view = view
        for feed in self.feeds.values():
            feed.look_at(view)

    def on_drawn(self) -> None:
        for feed in self.feeds.values():
            feed.on_drawn()

    def adopt_later(self) -> None:
        """Resume the project's feeds once the window is shown."""
        self._adopting.start(0)

    def adopt(self) -> None:
        """Resume the feeds of the project's layers (a project was opened, or the plugin reloaded)."""
        from ...core.live.sources import KINDS
        from ...core.live.spec import from_json

        for layer in self._project.mapLayers().values():
            text = layer.customProperty(FEED_PROPERTY, "")
            if not text or not isinstance(layer, QgsVectorLayer) or self._has(layer):
                continue
            if layer.providerType() != "memory":  # made permanent while nobody looked: the user's
                leave(layer)
                continue
            try:
                spec = from_json(str(text))
                if spec.kind not in KINDS:
                    raise ValueError(f"no position source of kind {spec.kind!r}")
                self._adopt_layer(spec, layer)
            except ValueError as error:  # another program or version wrote it: said, and all others go on
                if layer.id() not in self._told:
                    self._told.add(layer.id())
                    log.warning(f"{layer.name()}: {FEED_PROPERTY}: {error}")
                    self.unreadable.emit(layer.name())

    def _adopt_layer(self, spec: FeedSpec, layer: QgsVectorLayer) -> None:
        if spec.uid in self.feeds:  # the layer was duplicated: a second feed of the same source
            import uuid

            spec = spec.changed(uid=uuid.uuid4().hex)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        name = self.free_name(spec.name, spec.uid)
        if name != spec.name:
            spec = spec.changed(name=name)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        running = str(layer.customProperty(RUNNING_PROPERTY, True)).lower() not in ("false", "0")
        feed = self._make(spec, layer)
        self._take_up(feed)
        if running:
            self.start(spec.uid)

    def close(self) -> None:
        """Stop everything; layers stay in the project."""
        self._adopting.stop()
        self._going_on.stop()
        self._clearing.stop()
        self._project.layersAdded.disconnect(self._on_layers_added)
        self._project.cleared.disconnect(self._on_cleared)
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
        feed.is_drawing = lambda: self.is_drawing()  # noqa: PLW0108 - who owns the canvas sets it later
        feed.look_at(self._view)
        feed.changed.connect(lambda: self.changed.emit(uid))
        feed.ticked.connect(lambda: self.ticked.emit(uid))
        feed.ended.connect(lambda: self._on_ended(uid))
        feed.rewound.connect(lambda: self.rewound.emit(uid))
        feed.left.connect(lambda: self._on_left(uid, feed.layer_id))
        feed.trails_left.connect(lambda: self._going_on.start(0))
        self.listed.emit()

    def _has(self, layer: QgsMapLayer) -> bool:
        return any(feed.layer_id == layer.id() for feed in self.feeds.values())

    def _on_layers_added(self, layers: list[QgsMapLayer]) -> None:
        if any(layer.customProperty(FEED_PROPERTY, "") for layer in layers):
            self._adopting.start(0)

    def _on_cleared(self) -> None:
        """The project was closed: its layers, and so their feeds, are gone already."""
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
        """Trails whose positions were removed stand for nothing: they go too."""
        without, self._trails_without = self._trails_without, []
        for uid, name in without:
            layer = trail_layer(self._project, uid) if uid not in self.feeds else None
            if layer is not None:
                self._project.removeMapLayer(layer.id())
                self.trails_removed.emit(name)
