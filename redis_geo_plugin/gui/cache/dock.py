"""The Cache dock: compute above, what is stored below. Its contents are built when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsVectorLayer
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QSplitter, QTabWidget

from ...bridge.i18n import tr
from ..component import Context
from ..first_steps.lead_on import LeadOn
from .runner import Runner

if TYPE_CHECKING:
    from ..models.panel import ModelsPanel
    from ..models.runner import ModelRunner
    from .contents import ContentsPanel
    from .panel import FormPanel
    from .settings import BufferChoices

OUTCOME_HEIGHT = 60  # pixels for the progress bar or a few lines of words below the buttons


class CacheDock(QgsDockWidget):
    """A shell until it is shown."""

    def __init__(self, context: Context, runner: Runner, models: ModelRunner):
        super().__init__(tr("Cache"), context.iface.mainWindow())
        self.setObjectName("redis_geo_cache_dock")
        self._context = context
        self._runner = runner
        self._model_runner = models
        self.models: Optional[ModelsPanel] = None
        self.form: Optional[FormPanel] = None
        self.contents: Optional[ContentsPanel] = None
        self.lead: Optional[LeadOn] = None
        runner.is_watched = self.isUserVisible

    def showEvent(self, event: QShowEvent) -> None:
        self.build()
        super().showEvent(event)
        self.form.store.show_remembered(unless_edited=True)
        self.contents.refresh()

    def build(self) -> None:
        """Make the contents, once."""
        if self.form is not None:
            return
        from ..models.panel import ModelsPanel
        from ..wrapping import Scrolled
        from .contents import ContentsPanel
        from .panel import FormPanel

        self.form = FormPanel(self._context, self._runner)
        self.models = ModelsPanel(self._context, self._model_runner)
        self.contents = ContentsPanel(self._context)
        self._runner.ended.connect(self.contents.refresh)
        self._runner.ended.connect(self._show_outcome)
        self._model_runner.ended.connect(self.contents.refresh)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("redis_geo_cache_tabs")
        self.tabs.setDocumentMode(True)
        self._scroll = Scrolled(self.form)
        self.tabs.addTab(self._scroll, tr("Operation"))
        self.tabs.addTab(Scrolled(self.models), tr("Models"))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tabs)
        splitter.addWidget(self.contents)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        # In low windows the form comes first, with its buttons in sight.
        tab_bar = self.tabs.tabBar().sizeHint().height()
        splitter.setSizes([self.form.sizeHint().height() + tab_bar + OUTCOME_HEIGHT, 1])
        self.setWidget(splitter)
        self.lead = LeadOn(self._context, self, "cache")

    def _show_outcome(self, *_outcome: object) -> None:
        """In a low window the words on the outcome may stand below what is seen."""
        self.form.layout().activate()
        self._scroll.ensureWidgetVisible(self.form.outcome, 0, 0)

    def buffer_choices(self) -> BufferChoices:
        """The buffer as set here, or as remembered while the dock was never shown."""
        if self.form is None:
            from .settings import BufferChoices

            return BufferChoices.remembered()
        choices = self.form.buffer.choices()
        choices.store = self.form.store.choices()
        return choices

    def show_buffer_of(self, layer: QgsVectorLayer) -> None:
        """Show, where the dock was ever shown, that the selected features of a layer are buffered."""
        if self.form is not None:
            self.tabs.setCurrentIndex(0)
            self.form.show_buffer_of(layer)

    def show_layer(self, layer: QgsVectorLayer) -> None:
        """Come to the front with a buffer of a layer, of its selected features where there are any."""
        self.build()
        self.setUserVisible(True)
        if self.form is not None:
            self.tabs.setCurrentIndex(0)
            self.form.show_buffer_of(layer)

    def show_settings(self) -> None:
        """Show what was set on the Options page."""
        if self.form is not None:
            self.form.store.show_remembered()

    def close_contents(self) -> None:
        """End what runs for the contents."""
        if self.lead is not None:
            self.lead.detach()
        if self.form is not None:
            self.form.close_panel()
        if self.models is not None:
            self.models.close_panel()
        if self.contents is not None:
            self.contents.close_panel()
