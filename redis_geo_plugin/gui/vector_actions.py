"""What Redis Geo can do with a vector layer, in its menu in the Layers panel."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsVectorLayer

from ..bridge.i18n import tr
from .component import Component, Context
from .layer_menu import LayerMenu


class VectorActionsComponent(Component):
    """Adds the actions to every vector layer; the panels do the work."""

    def __init__(self, context: Context):
        super().__init__(context)
        self._menu: Optional[LayerMenu] = None

    def install(self) -> None:
        """Add this part to the window."""
        menu = self._menu = LayerMenu(self.context.iface)
        menu.add(
            "redis_geo_layer_buffer", tr("Buffer with cache…"), "buffer_selected", self._on("buffer_layer")
        )
        menu.add("redis_geo_layer_load", tr("Load into a GEO set…"), "geoset", self._on("load_layer"))
        menu.add(
            "redis_geo_layer_search",
            tr("Search around the selection"),
            "search_pick",
            self._on("search_around"),
        )
        menu.add("redis_geo_layer_send", tr("Send to the workers"), "jobs", self._on("send_layer"))

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        if self._menu is not None:
            self._menu.close()
            self._menu = None

    def _on(self, service: str) -> Any:
        """What calls a service of another part with the current layer."""

        def call() -> None:
            layer, offered = self.context.iface.activeLayer(), getattr(self.context.services, service)
            if offered is not None and isinstance(layer, QgsVectorLayer):
                offered(layer)

        return call
