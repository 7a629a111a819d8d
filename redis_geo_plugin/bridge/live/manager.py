"""All feeds of the project: started, stopped, kept with their layers, and taken up again when a project is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...core.failures import StoreError
from ...core.settings import ConnectionSettings
from .. import connections, log
from .layer import FEED_PROPERTY
from .live_feed import RUNNING_PROPERTY, LiveFeed
from .refused import refused_layer
from .trail_layer import new_trail_layer, trail_layer

if TYPE_CHECKING:
    from ...core.live.view import Extent


class FeedManager(QObject):
    """Feeds by their uid. ``listed`` when one came or went, ``changed(uid)`` when the state of one may have changed,
    ``ticked(uid)`` when its layer was written."""

    listed = pyqtSignal()
    changed = pyqtSignal(str)
    ticked = pyqtSignal(str)

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.feeds: dict[str, LiveFeed] = {}
        self.is_drawing: Callable[[], bool] = lambda: False
        self._view: Optional[Extent] = None
        self._project = QgsProject.instance()
        self._project.layersAdded.connect(self._on_layers_added)
        self._project.cleared.connect(self._on_cleared)
        self._adopting = QTimer(self)
        self._adopting.setSingleShot(True)
        self._adopting.timeout.connect(self.adopt)

    def add(self, spec: Any, start: bool = True) -> LiveFeed:
        """A new feed with a layer of its own in the project."""
        feed = LiveFeed(spec, None, self)
        self._take_up(feed)
        self._project.addMapLayer(feed.layer)
        if start:
            self.start(spec.uid)
        return feed

    def start(self, uid: str) -> None:
        feed = self.feeds[uid]
        feed.start(self.settings_of(feed.spec))
        trails = trail_layer(self._project, uid)
        if feed.trail is None and trails is not None:
            feed.show_trails(trails)

    def change(self, uid: str, spec: Any) -> None:
        """Other settings of a feed, from now on; where it reads something else now, it starts anew."""
        feed = self.feeds[uid]
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
            position = root.children().index(node) + 1 if node in root.children() else len(root.children())
            root.insertLayer(position, layer)
        if feed.trail is None or feed.trail.layer is None:
            feed.show_trails(layer)

    def stop(self, uid: str) -> None:
        self.feeds[uid].stop()

    def remove(self, uid: str) -> None:
        """Take the feed and its layers (positions, trails, refused) out of the project."""
        feed = self.feeds.get(uid)
        if feed is not None and feed.layer is not None:
            others = (trail_layer(self._project, uid), refused_layer(self._project, uid))
            self._project.removeMapLayers([feed.layer_id, *(layer.id() for layer in others if layer is not None)])

    def settings_of(self, spec: Any) -> Optional[ConnectionSettings]:
        """The connection of a feed with its secret; None where it does not exist (the lamp says so)."""
        try:
            return connections.resolve(spec.connection)
        except (StoreError, ValueError) as error:
            log.warning(f"{spec.name}: {error}")
            return None

    def connection_changed(self) -> None:
        """Another connection is active, or its settings changed: running feeds follow."""
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
        """Take up the project's feeds once the window is up."""
        self._adopting.start(0)

    def adopt(self) -> None:
        """Take up the layers of the project that carry a feed (a project was opened, the plugin reloaded)."""
        from ...core.live.spec import from_json

        for layer in self._project.mapLayers().values():
            text = layer.customProperty(FEED_PROPERTY, "")
            if not text or not isinstance(layer, QgsVectorLayer) or self._has(layer):
                continue
            try:
                spec = from_json(str(text))
            except ValueError:
                log.warning(f"{layer.name()}: {FEED_PROPERTY}")
                continue
            self._adopt_layer(spec, layer)

    def _adopt_layer(self, spec: Any, layer: QgsVectorLayer) -> None:
        if spec.uid in self.feeds:  # the layer was duplicated: a second feed of the same source
            import uuid

            spec = spec.changed(uid=uuid.uuid4().hex)
            layer.setCustomProperty(FEED_PROPERTY, spec.to_json())
        running = str(layer.customProperty(RUNNING_PROPERTY, True)).lower() not in ("false", "0")
        feed = LiveFeed(spec, layer, self)
        self._take_up(feed)
        if running:
            self.start(spec.uid)

    def close(self) -> None:
        """Stop everything; layers stay in the project."""
        self._adopting.stop()
        self._project.layersAdded.disconnect(self._on_layers_added)
        self._project.cleared.disconnect(self._on_cleared)
        for feed in list(self.feeds.values()):
            feed.close(wait=0.3)
            feed.deleteLater()
        self.feeds.clear()

    def _take_up(self, feed: LiveFeed) -> None:
        uid = feed.spec.uid
        self.feeds[uid] = feed
        feed.is_drawing = lambda: self.is_drawing()
        feed.look_at(self._view)
        feed.changed.connect(lambda: self.changed.emit(uid))
        feed.ticked.connect(lambda: self.ticked.emit(uid))
        feed.ended.connect(lambda: self._on_ended(uid))
        self.listed.emit()

    def _has(self, layer: QgsMapLayer) -> bool:
        return any(feed.layer_id == layer.id() for feed in self.feeds.values())

    def _on_layers_added(self, layers: list[QgsMapLayer]) -> None:
        if any(layer.customProperty(FEED_PROPERTY, "") for layer in layers):
            self._adopting.start(0)

    def _on_cleared(self) -> None:
        """The project was closed: its layers, and so their feeds, are gone already."""
        self.listed.emit()

    def _on_ended(self, uid: str) -> None:
        feed = self.feeds.pop(uid, None)
        if feed is not None:
            feed.deleteLater()
            self.listed.emit()
