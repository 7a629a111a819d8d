"""Live positions in the window: dock, toolbar action, following, and what happens with the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional, Union

from qgis.core import Qgis
from qgis.PyQt.QtCore import QTimer

from ...bridge.i18n import tr
from .. import new_layers
from ..component import Component, Context
from ..dialogs import confirmed
from .actions import LiveActions

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas
    from qgis.PyQt.QtWidgets import QAction

    from ...bridge.features.live_set import LiveSet
    from ...bridge.features.live_sets import LiveSets
    from ...bridge.live.densities import Densities
    from ...bridge.live.fence_keeper import FenceKeeper
    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager
    from ...core.live.density import DensitySpec
    from ...core.live.spec import FeedSpec, Fencing
    from .dock import LiveDock
    from .feed_copies import FeedCopies
    from .feed_dialogs import FeedDialogs
    from .follow import Follower
    from .layer_actions import FeedMenus
    from .sets_part import SetsPart

LOOK_MS = 200  # the map has come to rest


class LiveComponent(Component):
    """Installs the Live dock and the feeds behind it."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.manager: Optional[FeedManager] = None
        self.dock: Optional[LiveDock] = None
        self.follower: Optional[Follower] = None
        self._action: Optional[QAction] = None
        self.dialogs: Optional[FeedDialogs] = None
        self.copies: Optional[FeedCopies] = None
        self.fence_keeper: Optional[FenceKeeper] = None
        self.densities: Optional[Densities] = None
        self._looking: Optional[QTimer] = None
        self._menus: Optional[FeedMenus] = None
        self.features: Optional[SetsPart] = None

    def install(self) -> None:
        """Create the feeds, the geofences and the dock, and resume the feeds of the project."""
        from ...bridge.live.densities import Densities
        from ...bridge.live.fence_keeper import FenceKeeper
        from ...bridge.live.manager import FeedManager
        from .feed_copies import FeedCopies
        from .feed_dialogs import FeedDialogs
        from .feed_news import FeedNews
        from .fence_news import FenceNews
        from .follow import Follower
        from .layer_actions import FeedMenus
        from .leading import FeedsLead
        from .sets_part import SetsPart

        iface, ui = self.context.iface, self.context.ui
        self._undo.callback(self._close_manager)
        self.manager = FeedManager()
        self.features = SetsPart(self.context)
        self._undo.callback(self.features.close)
        sets = self.features.sets
        self.densities = Densities(self.manager, self.manager)
        self._undo.callback(self.densities.close)
        self._follow_canvas(iface.mapCanvas())
        self.follower = Follower(iface, self.manager)
        self._undo.callback(self.follower.close)
        self.fence_keeper = FenceKeeper(self.manager, self.context.tasks, self.manager)
        self._undo.callback(self.fence_keeper.close)
        self._fence_news = FenceNews(ui, self.manager, self.fence_keeper)
        self.dialogs = FeedDialogs(self.context, self.manager, self.add)
        self.copies = FeedCopies(self.context, self.manager)
        self._feed_news = FeedNews(ui, self.manager, sets)
        self.dock = self._make_dock(sets)
        self._undo.callback(self.dock.detach)
        self._undo.callback(FeedsLead(self.context, self.dock, self.manager, sets).close)
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
        sets.adopt_later()
        self.context.services.add_feed, self.context.services.find_feeds = self.add, self.dialogs.find

    def _make_dock(self, sets: LiveSets) -> LiveDock:
        from .dock import LiveDock

        iface, actions = self.context.iface, self._actions()
        keepers = self.fence_keeper, self.densities
        return LiveDock(self.manager, sets, *keepers, iface, actions, iface.mainWindow())

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
        sets = self.features.sets
        self.manager.is_drawing = sets.is_drawing = canvas.isDrawing
        self._listen(canvas.mapCanvasRefreshed, sets.on_drawn)
        self._listen(canvas.mapCanvasRefreshed, self.manager.on_drawn)
        self._listen(canvas.mapCanvasRefreshed, self.densities.on_drawn)
        self._looking = QTimer(self.manager)
        self._looking.setSingleShot(True)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._look)
        self._undo.callback(self._looking.stop)  # it lives until the manager is deleted, later
        self._listen(canvas.extentsChanged, self._looking.start)
        self._listen(canvas.destinationCrsChanged, self._looking.start)
        self._look()

    def _actions(self) -> LiveActions:
        from .replays import Replays

        return LiveActions(
            find=self.dialogs.find,
            features=self.features.find,
            start=self.start,
            pause=self.pause,
            stop=self.stop,
            remove=self._ask_and_remove,
            settings=self.settings,
            refused_layer=self.copies.refused_layer,
            follow=self.follow,
            in_view=self.in_view,
            trails=self.trails,
            save=self.copies.save,
            fences=self.fences,
            replay=Replays(self.context, self.manager).start,
            density=self.density,
            no_density=self.no_density,
        )

    def _layer_actions(self) -> dict[str, Callable[[str], object]]:
        """What the menu of a feed's layer does, by name; each is given the feed's uid."""
        return {
            "pause": self._pause_or_go_on,
            "follow": self._follow_selected,
            "trails": self.manager.add_trails,
            "density": self._show_density,
            "settings": self.dialogs.settings,
            "save": self.copies.ask_and_save,
        }

    def _connect(self) -> None:
        """Connect to the signals of the feeds and the connection, after the dock that shows them."""
        for signal in (self.context.connections.changed, self.context.connections.saved):  # also of others
            self._listen(signal, self.manager.connection_changed)
            self._listen(signal, self.features.sets.connection_changed)
        self.features.sets.changed.connect(lambda _uid: self.dock.refresh())
        self.features.when_added = self._show_row
        self.manager.changed.connect(self._on_changed)
        self.manager.ticked.connect(self._on_ticked)
        self.manager.listed.connect(self._show_running)
        self.manager.listed.connect(self._show_menus)
        self.manager.left.connect(lambda *_: self._show_menus())
        self.fence_keeper.counted.connect(lambda uid, _count: self.densities.want_soon(uid))
        self.fence_keeper.lost.connect(self.densities.want_soon)
        self.follower.stopped.connect(self._on_follow_stopped)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.add_feed = self.context.services.find_feeds = None
        if self.dialogs is not None:
            self.dialogs.close()
        self._undo.close()
        self.manager = self.dock = self.follower = self.fence_keeper = self._menus = None
        self.densities = None
        self.dialogs = self.copies = self.features = None

    def _show_row(self, uid: str) -> None:
        """What was just added, in the panel."""
        self.dock.setUserVisible(True)
        self.dock.choose(uid)

    def _close_manager(self) -> None:
        if self.manager is not None:
            self.manager.blockSignals(True)  # what would show its last news is closed already
            self.manager.close()
            self.manager.deleteLater()

    # --- actions --------------------------------------------------------------------------------------------

    def add(self, spec: FeedSpec) -> LiveFeed:
        """Add a feed, show it and start it."""
        iface = self.context.iface
        before = iface.activeLayer()
        feed = self.manager.add(spec, place=lambda layer: new_layers.add([layer], iface))
        self._show_row(spec.uid)
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
        if uid in self.features.sets.sets:
            self.features.sets.start(uid)
            return
        feed = self.manager.feeds.get(uid or "")
        if feed is None:
            return
        if feed.is_paused:
            feed.resume()
        else:
            self.manager.start(feed.spec.uid)

    def pause(self, uid: Optional[str]) -> None:
        """Pause a feed; it keeps its thread and its layer."""
        feed = self._feed_or_set(uid)
        if feed is not None:
            feed.pause()

    def stop(self, uid: Optional[str]) -> None:
        """Stop the thread of a feed; its layer stays."""
        feed = self._feed_or_set(uid)
        if feed is not None:
            feed.stop()

    def _feed_or_set(self, uid: Optional[str]) -> Union[LiveFeed, LiveSet, None]:
        return self.manager.feeds.get(uid or "") or self.features.sets.sets.get(uid or "")

    def _pause_or_go_on(self, uid: str) -> None:
        feed = self.manager.feeds.get(uid)
        if feed is not None and feed.running and not feed.is_paused:
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

    def settings(self, uid: Optional[str]) -> None:
        """The settings of a feed or of a set."""
        one_set = self.features.sets.sets.get(uid or "")
        if one_set is not None:
            self.features.settings(one_set)
        else:
            self.dialogs.settings(uid)

    def remove(self, uid: Optional[str]) -> None:
        if uid in self.manager.feeds:
            self.manager.remove(uid)

    def _ask_and_remove(self, uid: Optional[str]) -> None:
        """Remove a feed once the user has agreed."""
        one_set = self.features.sets.sets.get(uid or "")
        if one_set is not None:
            self.features.ask_and_remove(one_set)
            return
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
            self.dialogs.find()
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

    def trails(self, feed: LiveFeed) -> None:
        """Add the layer of a feed's trails."""
        self.manager.add_trails(feed.spec.uid)

    def fences(self, uid: Optional[str], fencing: Fencing) -> None:
        """Judge the ways of a feed's vehicles by the polygons of a layer, or no longer."""
        if uid in self.manager.feeds:
            self.fence_keeper.watch(uid, fencing)

    def density(self, spec: DensitySpec) -> None:
        """Show the density of a feed, by cells or by zones."""
        if spec.of in self.manager.feeds:
            self.densities.show(spec)

    def no_density(self, uid: Optional[str], kind: str) -> None:
        """Take the density of a feed off the map."""
        self.densities.remove(uid or "", kind)

    def _show_density(self, uid: str) -> None:
        """Show cells that fit the map, where the feed has none yet."""
        from .density_tab import fitting

        if self.densities.of(uid) is None:
            self.density(fitting(uid, self.context.iface.mapCanvas()))

    def _show_menus(self) -> None:
        if self._menus is not None and self.manager is not None:
            self._menus.refresh(self.follower.feed)

    # --- news -----------------------------------------------------------------------------------------------

    def _on_changed(self, _uid: str) -> None:
        self._show_running()
        self._show_menus()
        self.dock.refresh()

    def _on_ticked(self, uid: str) -> None:
        self.follower.on_ticked(uid)

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
