"""The Cache dock: compute above, what is stored below. Its contents are built when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsVectorLayer
from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QSplitter, QTabWidget

from ...bridge.i18n import tr
from ..component import Context

if TYPE_CHECKING:
    from ..first_steps.lead_on import LeadOn
    from ..models.panel import ModelsPanel
    from ..models.runner import ModelRunner
    from .contents import ContentsPanel
    from .panel import FormPanel
    from .runner import Runner
    from .settings import BufferChoices

OUTCOME_HEIGHT = 60  # pixels for the progress bar or a few lines of words below the buttons


class CacheDock(QgsDockWidget):
    """A shell until it is shown."""

    def __init__(self, context: Context, runner: Callable[[], Runner], models: Callable[[], ModelRunner]):
        super().__init__(tr("Cache"), context.iface.mainWindow())
        self.setObjectName("redis_geo_cache_dock")
        self._context = context
        self._make_runner, self._make_model_runner = runner, models
        self.models: Optional[ModelsPanel] = None
        self.form: Optional[FormPanel] = None
        self.contents: Optional[ContentsPanel] = None
        self.lead: Optional[LeadOn] = None

    def showEvent(self, event: QShowEvent) -> None:
        first = self.form is None
        self.build()
        super().showEvent(event)
        if first:  # groups collapse when they are shown: only then is it known what the form needs
            QTimer.singleShot(0, self._share_room)
        self.form.store.show_remembered(unless_edited=True)
        self.contents.refresh()

    def build(self) -> None:
        """Make the contents, once."""
        if self.form is not None:
            return
        from ..first_steps.lead_on import LeadOn
        from ..models.panel import ModelsPanel
        from ..wrapping import Scrolled
        from .contents import ContentsPanel
        from .panel import FormPanel

        self._runner, self._model_runner = self._make_runner(), self._make_model_runner()
        self.form = FormPanel(self._context, self._runner)
        self.models = ModelsPanel(self._context, self._model_runner)
        self.contents = ContentsPanel(self._context)
        self._runner.ended.connect(self.contents.refresh)
        self._model_runner.ended.connect(self.contents.refresh)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("redis_geo_cache_tabs")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.form, tr("Operation"))
        self.tabs.addTab(Scrolled(self.models), tr("Models"))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tabs)
        splitter.addWidget(self.contents)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        self._splitter = splitter
        self._share_room()
        self.setWidget(splitter)
        self.lead = LeadOn(self._context, self, "cache")

    def _share_room(self) -> None:
        """In low windows the form comes first; in high ones it has what it needs, and the table the rest."""
        form = self.form.sizeHint().height() + self.tabs.tabBar().sizeHint().height() + OUTCOME_HEIGHT
        self._splitter.setSizes([form, max(1, self._splitter.height() - form)])

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
