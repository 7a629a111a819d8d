"""Connections in the window: the Options page, the lamp in the status bar, the local server, help and log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ...bridge.i18n import tr
from ...bridge.server import connections
from ..action_groups import Group
from ..component import Component, Context
from ..message_log import show_log
from .local_server import LocalServerControl, autostart

if TYPE_CHECKING:
    from .lamp import Lamp
    from .options_factory import OptionsFactory


class ConnectionsComponent(Component):
    """Installs what has to do with connections."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.local: Optional[LocalServerControl] = None
        self.lamp: Optional[Lamp] = None
        self._factory: Optional[OptionsFactory] = None

    def install(self) -> None:
        """Add this part to the window."""
        from .lamp import Lamp
        from .options_factory import OptionsFactory

        iface, ui = self.context.iface, self.context.ui
        self.local = LocalServerControl(self.context)
        self._factory = OptionsFactory(self.context.connections, self.local, self._settings_kept)
        iface.registerOptionsWidgetFactory(self._factory)
        ui.add_action(
            "redis_geo_connections_action",
            tr("Connections and settings…"),
            "connection",
            self.show_options,
            tip=tr("Choose, add and test the Redis or Valkey servers that Redis Geo works with."),
            group=Group.CONNECTION,
        )
        ui.add_action(
            "redis_geo_help_action",
            tr("Help"),
            "help",
            lambda *_: self.show_help(),
            in_toolbar=False,
            group=Group.HELP,
        )
        actions = {
            "retry": self.context.connections.retry_now,
            "edit": lambda: self.edit(self.context.connections.name),
            "new": lambda: self.edit(""),
            "start_local": lambda: self.local.start(),  # noqa: PLW0108 - its argument is not the menu's
            "stop_local": self.local.stop,
            "copy_local": self.local.copy_address,
            "options": self.show_options,
            "log": lambda: show_log(iface),
            "help": self.show_help,
        }
        self.lamp = Lamp(self.context.connections, self.local, actions)
        iface.statusBarIface().addPermanentWidget(self.lamp, 0)
        self.context.services.edit_connection = self.edit
        self.context.services.start_local = self.local.start
        self._find_local()

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.edit_connection = self.context.services.start_local = None
        if self.lamp is not None:
            self.lamp.detach()
            self.context.iface.statusBarIface().removeWidget(self.lamp)
            self.lamp.deleteLater()
            self.lamp = None
        if self._factory is not None:
            self.context.iface.unregisterOptionsWidgetFactory(self._factory)
            self._factory = None
        if self.local is not None:
            self.local.close()
            self.local.deleteLater()
            self.local = None

    def show_options(self, *_checked: object) -> None:
        """Open QGIS's Options at our page."""
        from .options_page import PAGE_NAME

        self.context.iface.showOptionsDialog(self.context.iface.mainWindow(), PAGE_NAME)

    def _settings_kept(self) -> None:
        """The Options page was accepted: what shows the same settings shows them anew."""
        show = self.context.services.show_cache_settings
        if show is not None:
            show()

    def show_help(self) -> None:
        from ..help import open_help

        open_help("index")

    def edit(self, name: str) -> None:
        """Show the form of a connection, or of a new one, which becomes active."""
        from . import editing

        editing.edit(self.context.iface.mainWindow(), self.context.connections, name)

    def _find_local(self) -> None:
        """Start the profile's server again where it is the active connection, else only see whether it
        runs."""
        if connections.active_is_local() and autostart():
            self.local.start(quiet=True)
        else:
            self.local.look()
