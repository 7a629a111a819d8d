"""The menu of the layer of a feed in the Layers panel: pause, follow, trails, density, settings, save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from ...bridge.i18n import tr
from ..layer_menu import LayerMenu

if TYPE_CHECKING:
    from qgis.gui import QgisInterface
    from qgis.PyQt.QtWidgets import QAction

    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager


class FeedMenu:
    """The actions of one feed's layer. ``actions`` are callables by name, each given the feed's uid."""

    def __init__(self, iface: QgisInterface, feed: LiveFeed, actions: dict[str, Callable[[str], object]]):
        self.layer_id = feed.layer_id
        self._feed = feed
        uid = feed.spec.uid
        menu = self._menu = LayerMenu(iface, feed.layer)

        def add(name: str, text: str, icon_name: str) -> QAction:
            return menu.add(f"redis_geo_live_layer_{name}", text, icon_name, lambda: actions[name](uid))

        self.pause = add("pause", tr("Pause"), "pause")
        self.follow = add("follow", tr("Follow the selected vehicle"), "follow")
        self.follow.setCheckable(True)
        self.trails = add("trails", tr("Trails"), "live")
        self.density = add("density", tr("Density"), "density")
        self.settings = add("settings", tr("Settings of the feed…"), "settings")
        self.save = add("save", tr("Save positions…"), "/mActionFileSave.svg")
        self.refresh("")

    def refresh(self, followed: str) -> None:
        """Show what the first two would do now; ``followed`` is the feed in which a vehicle is followed."""
        status = self._feed.status()
        paused = status is not None and status.state.value == "paused"
        running = self._feed.running
        self.pause.setText(tr("Pause") if running and not paused else tr("Go on") if paused else tr("Start"))
        self.follow.setChecked(followed == self._feed.spec.uid)
        self.save.setEnabled(running)

    def close(self) -> None:
        """Take them away."""
        self._menu.close()


class FeedMenus:
    """A menu for the layer of each feed, whichever it is."""

    def __init__(
        self, iface: QgisInterface, manager: FeedManager, actions: dict[str, Callable[[str], object]]
    ):
        self._iface, self._manager, self._actions = iface, manager, actions
        self.menus: dict[str, FeedMenu] = {}

    def refresh(self, followed: str = "") -> None:
        """Feeds came, went or changed."""
        feeds = self._manager.feeds
        for uid, menu in list(self.menus.items()):
            if uid not in feeds or feeds[uid].layer_id != menu.layer_id:
                menu.close()
                del self.menus[uid]
        for uid, feed in feeds.items():
            if uid not in self.menus and feed.layer is not None:
                self.menus[uid] = FeedMenu(self._iface, feed, self._actions)
        for menu in self.menus.values():
            menu.refresh(followed)

    def close(self) -> None:
        """Take all of them away."""
        for menu in self.menus.values():
            menu.close()
        self.menus.clear()
