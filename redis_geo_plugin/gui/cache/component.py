"""The cache in the window: the Cache dock and the toolbar action that uses its settings."""

from __future__ import annotations

from typing import Optional

from qgis.core import QgsVectorLayer

from ...bridge.i18n import tr
from ..component import Component
from .dock import CacheDock
from .runner import Runner


class CacheComponent(Component):
    """Installs the dock (filled when first shown) and the action "Buffer selected features"."""

    def __init__(self, context):
        super().__init__(context)
        self.dock: Optional[CacheDock] = None
        self.runner: Optional[Runner] = None

    def install(self) -> None:
        self.runner = Runner(self.context)
        ui = self.context.ui
        ui.add_action(
            "redis_geo_buffer_selected",
            tr("Buffer selected features"),
            "buffer_selected",
            self.buffer_selected,
            tip=tr("Buffers the selected features of the current layer with the settings of the Cache panel."),
        )
        self.dock = CacheDock(self.context, self.runner)
        ui.add_dock(self.dock, "cache")
        self.context.services["show_cache_settings"] = self.dock.show_settings

    def uninstall(self) -> None:
        self.context.services.pop("show_cache_settings", None)
        if self.runner is not None:
            self.runner.close()
        if self.dock is not None:
            self.dock.close_contents()
        self.dock = self.runner = None

    def buffer_selected(self) -> None:
        """Buffer the selection of the current layer, with the distance and styles of the dock."""
        layer = self.context.iface.activeLayer()
        if not _has_features(layer):
            self.context.ui.warning(tr("Choose a vector layer in the Layers panel, and select the features to buffer."))
            return
        if not layer.selectedFeatureCount():
            self.context.ui.warning(
                tr(
                    "No feature of {layer} is selected. Select the features to buffer, then press the button again."
                ).format(layer=layer.name())
            )
            return
        choices = self.dock.buffer_choices()
        problem = choices.problem(layer) or choices.store.problem()
        if problem:
            self.context.ui.warning(problem)
            return
        choices.remember()
        self.runner.start(layer, True, choices)


def _has_features(layer) -> bool:
    return isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.isSpatial()
