"""Live positions in the window: dock, toolbar action, following, and what happens with the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QTimer

from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...core.watch import Cancelled
from .. import new_layers
from ..component import Component, Context
from ..dialogs import confirmed
from .actions import LiveActions

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas
    from qgis.PyQt.QtWidgets import QAction, QDialog

    from ...bridge.live.fence_keeper import FenceKeeper
    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager
    from ...core.live.spec import FeedSpec, Fencing
    from .dock import LiveDock
    from .follow import Follower
    from .layer_actions import FeedMenus

LOOK_MS = 200  # the map has come to rest


class LiveComponent(Component):
    """Installs the Live dock and the feeds behind it."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.manager: Optional[FeedManager] = None
        self.dock: Optional[LiveDock] = None
        self.follower: Optional[Follower] = None
        self._action: Optional[QAction] = None
        self._dialog: Optional[QDialog] = None
        self.fence_keeper: Optional[FenceKeeper] = None
        self._looking: Optional[QTimer] = None
        self._menus: Optional[FeedMenus] = None
        self._said: dict[str, str] = {}

    def install(self) -> None:
        """Create the feeds, the geofences and the dock, and resume the feeds of the project."""
        from ...bridge.live.fence_keeper import FenceKeeper
        from ...bridge.live.manager import FeedManager
        from .dock import LiveDock
        from .fence_news import FenceNews
        from .follow import Follower
        from .layer_actions import FeedMenus
        from .leading import FeedsLead

        iface, ui = self.context.iface, self.context.ui
        self._undo.callback(self._close_manager)
        self.manager = FeedManager()
        self._follow_canvas(iface.mapCanvas())
        self.follower = Follower(iface, self.manager)
        self._undo.callback(self.follower.close)
        self.fence_keeper = FenceKeeper(self.manager, self.context.tasks, self.manager)
        self._undo.callback(self.fence_keeper.close)
        self._fence_news = FenceNews(self.context.ui, self.manager, self.fence_keeper)
        self.dock = LiveDock(self.manager, self.fence_keeper, iface, self._actions(), iface.mainWindow())
        self._undo.callback(self.dock.detach)
        self._undo.callback(FeedsLead(self.context, self.dock, self.manager).close)
        ui.add_dock(self.dock, "live", shortcut="Ctrl+Shift+F3")
        self._action = ui.add_action(
            "redis_geo_live_action",
            tr("Live: start or stop"),
            "start",
            self.toggle_all,
            tip=tr("Start all feeds of the project, or stop them. Without a feed: find positions in Redis."),
            checkable=True,
        )
        self._menus = FeedMenus(iface, self.manager, self._layer_actions())
        self._undo.callback(self._menus.close)
        self._show_past(iface.mapCanvas())
        self._connect()
        self.manager.adopt_later()
        self.context.services.add_feed, self.context.services.find_feeds = self.add, self.find

    def _show_past(self, canvas: QgsMapCanvas) -> None:
        """A banner says when the map shows the past; QGIS's Temporal Controller may lead there."""
        from .banner import RewoundBanner
        from .temporal import TemporalDrive

        self.banner = RewoundBanner(canvas, self.manager)
        self._undo.callback(self.banner.close_banner)
        self._drive = TemporalDrive(canvas, self.manager)
        self._undo.callback(self._drive.close)
        self._listen(canvas.temporalRangeChanged, self._drive.look)
        self.manager.rewound.connect(lambda _uid: self.dock.refresh())

    def _follow_canvas(self, canvas: QgsMapCanvas) -> None:
        """Tell the feeds what the map shows: at once, and whenever it has come to rest."""
        self.manager.is_drawing = canvas.isDrawing
        self._listen(canvas.mapCanvasRefreshed, self.manager.on_drawn)
        self._looking = QTimer(self.manager)
        self._looking.setSingleShot(True)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._undo.callback(self._looking.stop)  # it lives until the manager is deleted, later
        self._listen(canvas.extentsChanged, self._looking.start)
        self._listen(canvas.destinationCrsChanged, self._looking.start)
        self._look()

    def _actions(self) -> LiveActions:
        return LiveActions(
            find=self.find,
            start=self.start,
            pause=self.pause,
            stop=self.stop,
            remove=self._ask_and_remove,
            settings=self.settings,
            refused_layer=self.refused_layer,
            follow=self.follow,
            in_view=self.in_view,
            trails=self.trails,
            save=self.save,
            fences=self.fences,
        )

    def _layer_actions(self) -> dict[str, Callable[[str], object]]:
        """What the menu of a feed's layer does, by name; each is given the feed's uid."""
        return {
            "pause": self._pause_or_go_on,
            "follow": self._follow_selected,
            "trails": self.manager.add_trails,
            "settings": self.settings,
            "save": self._ask_and_save,
        }

    def _connect(self) -> None:
        """Connect to the signals of the feeds and the connection, after the dock that shows them."""
        self._listen(self.context.connections.changed, self.manager.connection_changed)
        self.manager.changed.connect(self._on_changed)
        self.manager.ticked.connect(self._on_ticked)
        self.manager.listed.connect(self._show_running)
        self.manager.listed.connect(self._show_menus)
        self.manager.unreadable.connect(self._on_unreadable)
        self.manager.left.connect(self._on_left)
        self.manager.trails_removed.connect(self._on_trails_removed)
        self.follower.stopped.connect(self._on_follow_stopped)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.add_feed = self.context.services.find_feeds = None
        if self._dialog is not None:
            self._dialog.reject()
        self._undo.close()
        self.manager = self.dock = self.follower = self.fence_keeper = self._menus = None

    def _close_manager(self) -> None:
        if self.manager is not None:
            self.manager.blockSignals(True)  # what would show its last news is closed already
            self.manager.close()
            self.manager.deleteLater()

    # --- actions --------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Look at what stands in Redis and propose feeds."""
        settings = self.context.connections.settings()
        if settings is None:
            self.context.ui.warning(
                tr(
                    "No Redis connection is set up. Add one under Settings, Options, Redis Geo, then find "
                    "positions."
                )
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

    def change(self, spec: FeedSpec) -> None:
        """Give a feed other settings."""
        if spec.uid in self.manager.feeds:
            self.manager.change(spec.uid, spec)

    def _open(self, dialog: QDialog) -> None:
        self._dialog = dialog  # kept: else Python forgets it
        dialog.finished.connect(self._on_dialog_finished)
        dialog.open()

    def _on_dialog_finished(self, *_result: Any) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def add(self, spec: FeedSpec) -> LiveFeed:
        """Add a feed, show it and start it."""
        iface = self.context.iface
        before = iface.activeLayer()
        feed = self.manager.add(spec, place=lambda layer: new_layers.add([layer], iface))
        self.dock.setUserVisible(True)
        self.dock.choose(spec.uid)
        text = tr("{feed}: its vehicles appear on the map.").format(feed=feed.spec.name)
        new_layers.say_added(
            self.context,
            [feed.layer],
            text,
            before=before,
            topic=f"added {spec.uid}",
            level=Qgis.MessageLevel.Info,
        )
        return feed

    def start(self, uid: Optional[str]) -> None:
        """Start a feed, or resume one that is paused."""
        feed = self.manager.feeds.get(uid or "")
        if feed is None:
            return
        status = feed.status()
        if status is not None and status.state.value == "paused":
            feed.resume()
        else:
            self.manager.start(feed.spec.uid)

    def pause(self, uid: Optional[str]) -> None:
        """Pause a feed; it keeps its thread and its layer."""
        feed = self.manager.feeds.get(uid or "")
        if feed is not None:
            feed.pause()

    def stop(self, uid: Optional[str]) -> None:
        """Stop the thread of a feed; its layer stays."""
        feed = self.manager.feeds.get(uid or "")
        if feed is not None:
            feed.stop()

    def _pause_or_go_on(self, uid: str) -> None:
        feed = self.manager.feeds.get(uid)
        status = feed.status() if feed is not None else None
        if feed is not None and feed.running and (status is None or status.state.value != "paused"):
            feed.pause()
        else:
            self.start(uid)

    def _follow_selected(self, uid: str) -> None:
        """Follow the one vehicle that is selected on the map, or no longer."""
        feed = self.manager.feeds.get(uid)
        if feed is None or self.follower.feed == uid:
            self.follower.follow(None, "")
            self.dock.show_following(False)
        else:
            selected = [str(feature["id"]) for feature in feed.layer.getSelectedFeatures()]
            if len(selected) == 1:
                self.follower.follow(feed, selected[0])
            else:
                self.context.ui.warning(
                    tr("Select one vehicle of {feed} on the map, then follow it.").format(
                        feed=feed.spec.name
                    ),
                    topic=f"follow {uid}",
                )
        self._show_menus()

    def _ask_and_save(self, uid: str) -> None:
        from .trail_tab import ask_where_to_save

        feed = self.manager.feeds.get(uid)
        path = ask_where_to_save(self.context.iface.mainWindow()) if feed is not None else ""
        if path:
            self.save(feed, path)

    def remove(self, uid: Optional[str]) -> None:
        if uid in self.manager.feeds:
            self.manager.remove(uid)

    def _ask_and_remove(self, uid: Optional[str]) -> None:
        """Remove a feed once the user has agreed."""
        feed = self.manager.feeds.get(uid or "")
        if feed is None:
            return
        question = tr(
            "Remove the feed {feed} with its layers? What it has kept of the way of its vehicles is lost. "
            "Nothing changes in Redis."
        )
        window = self.context.iface.mainWindow()
        if confirmed(window, tr("Remove the feed"), question.format(feed=feed.spec.name), tr("Remove")):
            self.remove(uid)

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
        """Restrict a feed's layer to the extent of the map, or show every vehicle."""
        feed = self.manager.feeds.get(uid or "")
        if feed is not None:
            self._look()
            feed.update_spec(feed.spec.changed(in_view=restricted))

    def refused_layer(self, uid: Optional[str]) -> None:
        from ...bridge.live.refused import add_refused_layer

        feed = self.manager.feeds.get(uid or "")
        if feed is None or feed.core is None:
            return
        before = self.context.iface.activeLayer()
        layer, is_new = add_refused_layer(feed)
        text = tr("Refused records with a position: {n}").format(n=layer.featureCount())
        if is_new:
            new_layers.say_added(self.context, [layer], text, before=before)
        else:
            self.context.ui.success(text)

    def trails(self, feed: LiveFeed) -> None:
        """Add the layer of a feed's trails."""
        self.manager.add_trails(feed.spec.uid)

    def save(self, feed: LiveFeed, path: str) -> None:
        """Write a feed's positions and trails to a GeoPackage in the background, and add its layers."""
        if feed.core is None:
            return
        from ...bridge.live.save import add_saved_layers, save_history

        trails, gap, ui = feed.core.trails, feed.spec.trail_gap, self.context.ui

        def work(task: Any) -> int:
            return save_history(trails, gap, path, watch_of(task))

        def done(count: Any, error: Optional[BaseException]) -> None:
            if isinstance(error, Cancelled):
                ui.message(tr("Nothing was saved: cancelled."))
                return
            if error is not None:
                ui.error(
                    tr("The positions could not be saved to {path}.").format(path=path), details=str(error)
                )
                return
            before = self.context.iface.activeLayer()
            added = add_saved_layers(path)
            text = tr("Positions saved with their time: {n}").format(n=count)
            if added:
                new_layers.say_added(self.context, added, text, before=before)
            else:
                ui.success(text)

        self.context.tasks.start(tr("Save positions"), work, done, shown=True)

    def fences(self, uid: Optional[str], fencing: Fencing) -> None:
        """Judge the ways of a feed's vehicles by the polygons of a layer, or no longer."""
        if uid in self.manager.feeds:
            self.fence_keeper.watch(uid, fencing)

    def _on_trails_removed(self, name: str) -> None:
        text = tr("{feed}: its trails were removed with its layer.")
        self.context.ui.message(text.format(feed=name))

    def _on_left(self, uid: str, copy: str, new: str) -> None:
        """QGIS gave the layer of a feed another data source, as by *Make Permanent…*."""
        text = tr("{copy} is a plain layer of yours now. The feed goes on in {layer}, a new layer.")
        self.context.ui.message(text.format(copy=copy, layer=new), topic=f"left {uid}")
        self._show_menus()

    def _show_menus(self) -> None:
        if self._menus is not None and self.manager is not None:
            self._menus.refresh(self.follower.feed)

    def _on_unreadable(self, name: str) -> None:
        text = tr("The feed of the layer {layer} cannot be read from the project; it stays stopped.")
        self.context.ui.warning(text.format(layer=name))

    # --- news -----------------------------------------------------------------------------------------------

    def _on_changed(self, uid: str) -> None:
        self._show_running()
        self._show_menus()
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
                text.format(feed=feed.spec.name, problem=failures.in_words(failure)),
                details=failure.words,
                topic=uid,
            )
        elif feed is not None:
            self.context.ui.success(tr("{feed}: connected again.").format(feed=feed.spec.name), topic=uid)

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
        self._show_menus()
