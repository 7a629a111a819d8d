"""Connections in the window: the Options page, the lamp in the status bar, the local server."""

from __future__ import annotations

from ..component import Component


class ConnectionsComponent(Component):
    """Installs what has to do with connections."""

    def install(self) -> None:
        pass

    def uninstall(self) -> None:
        pass
