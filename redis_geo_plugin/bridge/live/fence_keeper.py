"""Keeps the geofences of the project's feeds: reads their polygons when a feed starts, reads them again when
they are edited, and gathers what happened at them.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import QObject, pyqtSignal

from .fences import load_fences

if TYPE_CHECKING:
    from ...core.live.feed import Feed
    from ...core.live.fences import Event, Fences
    from ...core.live.spec import Fencing
    from ..tasks import BackgroundTask, TaskKeeper
    from .live_feed import LiveFeed
    from .manager import FeedManager

KEPT = 500  # events a feed


class FenceKeeper(QObject):
    """Main thread only.

    Which polygons a feed watches stands in its spec, and so in the project. ``happened(uid, events)`` when
    something crossed them, ``failed(uid, error)`` when they cannot be read, ``lost(uid)`` when their layer
    was removed from the project,
    ``counted(uid, n)`` when ``n`` polygons were read.
    """

    happened = pyqtSignal(str, list)
    failed = pyqtSignal(str, object)
    lost = pyqtSignal(str)
    counted = pyqtSignal(str, int)

    def __init__(self, manager: FeedManager, tasks: TaskKeeper, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._manager, self._tasks = manager, tasks
        # uid -> (core feed, layer id) whose polygons are read or being read
        self._watched: dict[str, tuple[Feed, str]] = {}
        self._reads: dict[str, BackgroundTask] = {}  # uid -> the task that reads them
        self._events: dict[str, deque[Event]] = {}
        self.counts: dict[str, int] = {}  # uid -> how many polygons are watched
        self._layers: dict[str, QgsVectorLayer] = {}
        self._project = QgsProject.instance()
        self._project.layersAdded.connect(self._on_layers_added)
        self._project.layersWillBeRemoved.connect(self._on_layers_removed)
        manager.changed.connect(self.follow)
        manager.ticked.connect(self._collect)
        manager.listed.connect(self._on_listed)

    def events(self, uid: str) -> deque[Event]:
        """The events, the newest last."""
        return self._events.setdefault(uid, deque(maxlen=KEPT))

    def watch(self, uid: str, fencing: Fencing) -> None:
        """Set the polygons that a feed watches, or none; stored in the project."""
        feed = self._manager.feeds[uid]
        if fencing.reads_otherwise(feed.spec.fencing):
            self._watched.pop(uid, None)
        feed.update_spec(feed.spec.changed(fencing=fencing))
        self.follow(uid)

    def follow(self, uid: str) -> None:
        """Make a running feed watch what its spec says; nothing is done where it does already."""
        feed = self._manager.feeds.get(uid)
        core = feed.core if feed is not None else None
        if feed is None or core is None:
            self._watched.pop(uid, None)
            return
        fencing = feed.spec.fencing
        layer: Any = self._project.mapLayer(fencing.layer) if fencing.watched else None
        if not _has_polygons(layer):
            if self._watched.pop(uid, None) is not None or not fencing.watched:
                core.watch_fences(None)
            return
        known = self._watched.get(uid)
        if known is not None and known[0] is core and known[1] == layer.id():
            core.fence_stream = fencing.stream
            return
        self._watched[uid] = (core, layer.id())
        self._listen(layer)
        self._read(feed, core, layer)

    def close(self) -> None:
        self._project.layersAdded.disconnect(self._on_layers_added)
        self._project.layersWillBeRemoved.disconnect(self._on_layers_removed)
        for key in list(self._layers):
            self._stop_listening(key)

    def _read(self, feed: LiveFeed, core: Feed, layer: QgsVectorLayer) -> None:
        uid = feed.spec.uid
        if uid in self._reads:
            self._reads[uid].cancel()

        def done(found: Optional[Fences], error: Optional[BaseException]) -> None:
            if self._reads.get(uid) is not task:  # they were edited or exchanged since: the newest counts
                return
            del self._reads[uid]
            if error is not None:
                self.failed.emit(uid, error)
            elif found is not None and feed.core is core and uid in self._watched:
                core.watch_fences(found, feed.spec.fencing.stream)
                self.counts[uid] = len(found.names)
                self.counted.emit(uid, len(found.names))

        task = load_fences(self._tasks, layer, feed.spec.fencing.name_field, feed.spec.name, done)
        self._reads[uid] = task

    def _collect(self, uid: str) -> None:
        feed = self._manager.feeds.get(uid)
        events = feed.core.take_events() if feed is not None and feed.core is not None else []
        if events:
            self.events(uid).extend(events)
            self.happened.emit(uid, events)

    # --- the polygons' layers -------------------------------------------------------------------------------

    def _listen(self, layer: QgsVectorLayer) -> None:
        if layer.id() not in self._layers:
            self._layers[layer.id()] = layer
            for signal in _signals(layer):
                signal.connect(self._on_edited)

    def _stop_listening(self, key: str) -> None:
        layer = self._layers.pop(key)
        for signal in _signals(layer):
            signal.disconnect(self._on_edited)

    def _on_edited(self, *_args: object) -> None:
        layer = self.sender()
        for uid, (core, layer_id) in list(self._watched.items()):
            feed = self._manager.feeds.get(uid)
            if feed is not None and isinstance(layer, QgsVectorLayer) and layer.id() == layer_id:
                self._read(feed, core, layer)

    def _on_layers_added(self, _layers: list[QgsMapLayer]) -> None:
        for uid in self._manager.feeds:
            self.follow(uid)

    def _on_layers_removed(self, keys: list[str]) -> None:
        for key in set(keys) & self._layers.keys():
            self._stop_listening(key)
            for uid, (core, layer_id) in list(self._watched.items()):
                if layer_id == key:
                    del self._watched[uid]
                    core.watch_fences(None)
                    feed = self._manager.feeds.get(uid)
                    if (
                        feed is not None and feed.layer_id not in keys
                    ):  # else the whole project is being closed
                        self.lost.emit(uid)

    def _on_listed(self) -> None:
        for uid in self._events.keys() - self._manager.feeds.keys():
            del self._events[uid]
        for uid in self.counts.keys() - self._manager.feeds.keys():
            del self.counts[uid]
        for uid in self._watched.keys() - self._manager.feeds.keys():
            del self._watched[uid]


def _has_polygons(layer: Optional[QgsMapLayer]) -> bool:
    return (
        isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
    )


def _signals(layer: QgsVectorLayer) -> tuple[Any, ...]:
    return (layer.afterCommitChanges, layer.dataChanged, layer.subsetStringChanged, layer.crsChanged)
