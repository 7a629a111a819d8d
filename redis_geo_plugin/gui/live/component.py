"""Live positions in the window: the dock, the toolbar action, following, and what happens with the project."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QTimer

from ...bridge import words
from ...bridge.i18n import tr
from ...core.failures import StoreError
from ..component import Component, Context
from .wording import event_text

SAID = 3  # events of geofences named in one message
LOOK_MS = 200  # the map has come to rest


class LiveComponent(Component):
    """Installs the Live dock and the feeds behind it."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.manager: Any = None
        self.dock: Any = None
        self.follower: Any = None
        self._action: Any = None
        self._dialog: Any = None
        self.fence_keeper: Any = None
        self._looking: Any = None
        self._said: dict[str, str] = {}

    def install(self) -> None:
        from ...bridge.live.fence_keeper import FenceKeeper
        from ...bridge.live.manager import FeedManager
        from .dock import LiveDock
        from .follow import Follower

        iface, ui = self.context.iface, self.context.ui
        self.manager = FeedManager()
        canvas = iface.mapCanvas()
        self.manager.is_drawing = canvas.isDrawing
        canvas.mapCanvasRefreshed.connect(self.manager.on_drawn)
        self._looking = QTimer(self.manager)
        self._looking.setSingleShot(True)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)
        canvas.extentsChanged.connect(self._looking.start)
        canvas.destinationCrsChanged.connect(self._looking.start)
        self._look()
        self.follower = Follower(iface, self.manager)
        actions = {
            "find": self.find,
            "start": self.start,
            "pause": self._on_feed("pause"),
            "stop": self._on_feed("stop"),
            "remove": self.remove,
            "settings": self.settings,
            "follow": self.follow,
            "in_view": self.in_view,
            "refused_layer": self.refused_layer,
            "trails": self.trails,
            "save": self.save,
            "fences": self.fences,
        }
        self.fence_keeper = FenceKeeper(self.manager, self.context.tasks, self.manager)
        self.fence_keeper.happened.connect(self._on_fence_events)
        self.fence_keeper.failed.connect(self._on_fences_failed)
        self.fence_keeper.lost.connect(self._on_fences_lost)
        self.dock = LiveDock(self.manager, self.fence_keeper, iface, actions, iface.mainWindow())
        ui.add_dock(self.dock, "live")
        self._action = ui.add_action(
            "redis_geo_live_action",
            tr("Live: start or stop"),
            "start",
            self.toggle_all,
            tip=tr("Start all feeds of the project, or stop them. Without a feed: find positions in Redis."),
            checkable=True,
        )
        self.context.connections.changed.connect(self.manager.connection_changed)
        self.manager.changed.connect(self._on_changed)
        self.manager.ticked.connect(self._on_ticked)
        self.manager.listed.connect(self._show_running)
        self.follower.stopped.connect(self._on_follow_stopped)
        self.manager.adopt_later()
        self.context.services["add_feed"] = self.add

    def uninstall(self) -> None:
        if self.manager is None:
            return
        if self._dialog is not None:
            self._dialog.reject()
        canvas = self.context.iface.mapCanvas()
        canvas.mapCanvasRefreshed.disconnect(self.manager.on_drawn)
        canvas.extentsChanged.disconnect(self._looking.start)
        canvas.destinationCrsChanged.disconnect(self._looking.start)
        self._looking.stop()  # it lives until the manager is deleted, later
        self.context.connections.changed.disconnect(self.manager.connection_changed)
        self.follower.close()
        self.dock.detach()
        self.fence_keeper.close()
        self.manager.close()
        self.manager.deleteLater()
        self.manager = self.dock = self.follower = self.fence_keeper = None

    # --- actions ------------------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Look at what stands in Redis and propose feeds."""
        settings = self.context.connections.settings()
        if settings is None:
            self.context.ui.warning(
                tr("No Redis connection is set up. Add one under Settings, Options, Redis Geo, then find positions.")
            )
            return
        from .find_dialog import FindDialog

        if self._dialog is not None:
            self._dialog.raise_()
            return
        window, name = self.context.iface.mainWindow(), self.context.connections.name
        dialog = FindDialog(self.context.tasks, settings, name, window)
        dialog.chosen.connect(self.add)
        self._open(dialog)

    def settings(self, uid: Optional[str]) -> None:
        """The name, fields and rules of a feed that is on the map."""
        feed = self.manager.feeds.get(uid or "")
        if feed is None:
            return
        from .feed_dialog import FeedDialog

        if self._dialog is not None:
            self._dialog.raise_()
            return
        window, settings = self.context.iface.mainWindow(), self.manager.settings_of(feed.spec)
        dialog = FeedDialog(self.context.tasks, settings, feed.spec, window)
        dialog.changed.connect(self.change)
        self._open(dialog)

    def change(self, spec: Any) -> None:
        """A feed gets other settings."""
        if spec.uid in self.manager.feeds:
            self.manager.change(spec.uid, spec)

    def _open(self, dialog: Any) -> None:
        self._dialog = dialog  # kept: else Python forgets it
        dialog.finished.connect(self._on_dialog_finished)
        dialog.open()

    def _on_dialog_finished(self, *_result: Any) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def add(self, spec: Any) -> Any:
        """A new feed, shown and started."""
        feed = self.manager.add(spec)
        self.dock.setUserVisible(True)
        self.dock.choose(spec.uid)
        return feed

    def start(self, uid: Optional[str]) -> None:
        feed = self.manager.feeds.get(uid or "")
        if feed is None:
            return
        status = feed.status()
        if status is not None and status.state.value == "paused":
            feed.resume()
        else:
            self.manager.start(feed.spec.uid)

    def remove(self, uid: Optional[str]) -> None:
        if uid in self.manager.feeds:
            self.manager.remove(uid)

    def toggle_all(self, checked: bool = False) -> None:
        """The toolbar's button: all feeds on or off."""
        if not self.manager.feeds:
            self._show_running()
            self.find()
            return
        for uid, feed in list(self.manager.feeds.items()):
            if checked and not feed.running:
                self.manager.start(uid)
            elif not checked and feed.running:
                self.manager.stop(uid)

    def follow(self, ident: str) -> None:
        """Keep a vehicle of the chosen feed in the middle of the map; "" ends it."""
        feed = self.manager.feeds.get(self.dock.chosen() or "")
        self.follower.follow(feed if ident else None, ident)

    def in_view(self, uid: Optional[str], restricted: bool) -> None:
        """Let a feed's layer hold only what the map shows, or every vehicle."""
        feed = self.manager.feeds.get(uid or "")
        if feed is not None:
            self._look()
            feed.update_spec(feed.spec.changed(in_view=restricted))

    def refused_layer(self, uid: Optional[str]) -> None:
        from ...bridge.live.refused import add_refused_layer

        feed = self.manager.feeds.get(uid or "")
        if feed is None or feed.core is None:
            return
        count = add_refused_layer(feed)
        self.context.ui.success(tr("Refused records with a position: {n}").format(n=count))

    def trails(self, feed: Any) -> None:
        """Add the layer of a feed's trails."""
        self.manager.add_trails(feed.spec.uid)

    def save(self, feed: Any, path: str) -> None:
        """Write a feed's positions and trails to a GeoPackage in the background, and add its layers."""
        if feed.core is None:
            return
        from ...bridge.live.save import add_saved_layers, save_history

        trails, gap, ui = feed.core.trails, feed.spec.trail_gap, self.context.ui

        def work(task: Any) -> int:
            return save_history(trails, gap, path, lambda: not task.isCanceled())

        def done(count: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                ui.error(tr("The positions could not be saved to {path}.").format(path=path), details=str(error))
                return
            add_saved_layers(path)
            ui.success(tr("Positions saved with their time: {n}").format(n=count))

        self.context.tasks.start(tr("Save positions"), work, done)

    def fences(self, uid: Optional[str], fencing: Any) -> None:
        """Judge the ways of a feed's vehicles by the polygons of a layer, or no longer."""
        if uid in self.manager.feeds:
            self.fence_keeper.watch(uid, fencing)

    def _on_fence_events(self, uid: str, events: list[Any]) -> None:
        """Events that the user wants in the message bar: together, so that many do not bury the window."""
        feed = self.manager.feeds.get(uid)
        if feed is None or not feed.spec.fencing.say:
            return
        text = "; ".join(event_text(event) for event in events[:SAID])
        if len(events) > SAID:
            text = tr("{events}, and {n} more").format(events=text, n=len(events) - SAID)
        self.context.ui.message(text)

    def _on_fences_failed(self, _uid: str, error: BaseException) -> None:
        if isinstance(error, StoreError):  # without Shapely 2: its words say how to get it
            self.context.ui.error(words.in_words(error.failure))
        else:
            self.context.ui.error(tr("The polygons could not be read."), details=str(error))

    def _on_fences_lost(self, uid: str) -> None:
        feed = self.manager.feeds.get(uid)
        if feed is not None:
            text = tr("{feed}: the layer of its geofences was removed; they are no longer watched.")
            self.context.ui.warning(text.format(feed=feed.spec.name))

    def _on_feed(self, name: str) -> Any:
        def call(uid: Optional[str]) -> None:
            feed = self.manager.feeds.get(uid or "")
            if feed is not None:
                getattr(feed, name)()

        return call

    # --- news ---------------------------------------------------------------------------------------------------------

    def _on_changed(self, uid: str) -> None:
        self._show_running()
        self._say(uid)
        self.dock.refresh()

    def _on_ticked(self, uid: str) -> None:
        self._say(uid)
        self.follower.on_ticked(uid)

    def _say(self, uid: str) -> None:
        """A failure is said once, when it begins."""
        feed = self.manager.feeds.get(uid)
        status = feed.status() if feed is not None else None
        failure = status.failure if status is not None else None
        word = failure.kind.value if failure is not None else ""
        if word == self._said.get(uid, ""):
            return
        self._said[uid] = word
        if failure is not None and feed is not None:
            text = tr("{feed}: {problem} The map keeps what it shows; the feed goes on by itself.")
            self.context.ui.warning(
                text.format(feed=feed.spec.name, problem=words.in_words(failure)), details=failure.words
            )
        elif feed is not None:
            self.context.ui.success(tr("{feed}: connected again.").format(feed=feed.spec.name))

    def _look(self) -> None:
        from .map_view import extent_of

        if self.manager is not None:  # the map moves also while nothing is shown yet
            self.manager.look_at(extent_of(self.context.iface.mapCanvas()))

    def _show_running(self) -> None:
        if self._action is not None and self.manager is not None:
            running = any(feed.running for feed in self.manager.feeds.values())
            self._action.setChecked(running)

    def _on_follow_stopped(self) -> None:
        if self.dock is not None:
            self.dock.show_following(False)
