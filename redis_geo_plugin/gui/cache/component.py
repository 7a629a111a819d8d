"""The cache in the window: the Cache dock and the toolbar action that uses its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QLocale
from qgis.PyQt.QtWidgets import QAction

from ...bridge.i18n import tr
from ...bridge.plain import tip_of
from ..component import Component
from ..selected_only import SelectionWatch, nothing_selected, selected_count
from .dock import CacheDock
from .result_layers import ResultLayers

if TYPE_CHECKING:
    from ..component import Context
    from ..models.runner import ModelRunner
    from .runner import Runner


class CacheComponent(Component):
    """Installs the dock (filled when first shown) and the action "Buffer selected features"."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.dock: Optional[CacheDock] = None
        self._runner: Optional[Runner] = None
        self._models: Optional[ModelRunner] = None
        self.results: Optional[ResultLayers] = None
        self._action: Optional[QAction] = None
        self._selection: Optional[SelectionWatch] = None

    def install(self) -> None:
        """Add this part to the window."""
        ui = self.context.ui
        self._action = ui.add_action(
            "redis_geo_buffer_selected",
            tr("Buffer selected features"),
            "buffer_selected",
            self.buffer_selected,
        )
        self._selection = SelectionWatch()
        self._selection.changed.connect(self._show_selection)
        self._listen(self.context.iface.currentLayerChanged, self._selection.watch)
        self._selection.watch(self.context.iface.activeLayer())
        self.results = ResultLayers(self.context)
        self.results.start()
        self._undo.callback(self.results.close)
        self.dock = CacheDock(self.context, lambda: self.runner, lambda: self.models)
        ui.add_dock(self.dock, "cache", shortcut="Ctrl+Shift+F1")
        self._listen(QgsProject.instance().cleared, self._project_closed)
        self.context.services.show_cache_settings = self.dock.show_settings
        self.context.services.buffer_layer = self.dock.show_layer

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.show_cache_settings = self.context.services.buffer_layer = None
        self._undo.close()
        if self._selection is not None:
            self._selection.close()
            self._selection = self._action = None
        self.results = None
        for running in (self._runner, self._models):
            if running is not None:
                running.close()
        if self.dock is not None:
            self.dock.close_contents()
        self.dock = self._runner = self._models = None

    @property
    def runner(self) -> Runner:
        """What runs operations, made when it is first needed."""
        if self._runner is None:
            from .runner import Runner

            self._runner = Runner(self.context)
            self._runner.is_watched = self.dock.isUserVisible
        return self._runner

    @property
    def models(self) -> ModelRunner:
        """What runs models, made when it is first needed."""
        if self._models is None:
            from ..models.runner import ModelRunner

            self._models = ModelRunner(self.context)
        return self._models

    def _project_closed(self) -> None:
        if self.dock is not None and self.dock.form is not None:
            self.dock.form.forget_outcome()

    def buffer_selected(self) -> None:
        """Buffer the selection of the current layer, with the distance and styles of the dock."""
        from .runner import TOPIC

        layer = cast(QgsVectorLayer, self.context.iface.activeLayer())
        if not _has_features(layer):
            self.context.ui.warning(
                tr("Choose a vector layer in the Layers panel, and select the features to buffer."),
                topic=TOPIC,
            )
            return
        if not layer.selectedFeatureCount():
            self.context.ui.warning(nothing_selected(layer), topic=TOPIC)
            return
        choices = self.dock.buffer_choices()
        problem = choices.problem(layer) or choices.store.problem()
        if problem:
            self.context.ui.warning(problem, topic=TOPIC)
            return
        choices.remember()
        if self.runner.start(layer, True, choices):
            self.dock.show_buffer_of(layer)

    def _show_selection(self) -> None:
        """What the action would do now, in its tool tip: as the panel counts it."""
        layer = cast(QgsVectorLayer, self.context.iface.activeLayer())
        count = selected_count(layer)
        if count:
            tip = tr(
                "Buffers the selected features of {layer} ({count}) with the settings of the Cache panel."
            ).format(layer=layer.name(), count=QLocale().toString(count))
        else:
            tip = tr(
                "Buffers the selected features of the current layer with the settings of the Cache panel. "
                "Now none is selected."
            )
        self._action.setToolTip(tip_of(self._action.text(), tip))


def _has_features(layer: object) -> bool:
    return isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.isSpatial()
