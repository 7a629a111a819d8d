"""The upper half of the Cache dock: which operation, on which layer, kept where; run, progress, cancel, outcome."""

from __future__ import annotations

from qgis.core import QgsMapLayerProxyModel, QgsVectorLayer
from qgis.gui import QgsCollapsibleGroupBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge import operations
from ...bridge.i18n import tr
from ..component import Context
from ..help import open_help
from ..interface import icon
from ..jobs import by_workers
from ..wrapping import align
from .fields import BufferFields, IntersectionFields, StoreFields
from .runner import Runner
from .simple import NAMES, SimpleFields


class FormPanel(QWidget):
    """Everything needed for a run. Choices are remembered when a run starts."""

    def __init__(self, context: Context, runner: Runner):
        super().__init__()
        self._context = context
        self._runner = runner
        self._build()
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
        runner.ended.connect(self._ended)
        self.layer.layerChanged.connect(self._layer_changed)
        self.operation.currentIndexChanged.connect(self._operation_changed)
        self._watched: QgsVectorLayer | None = None
        if isinstance(context.iface.activeLayer(), QgsVectorLayer):
            self.layer.setLayer(context.iface.activeLayer())
        self._layer_changed(self.layer.currentLayer())

    def close_panel(self) -> None:
        """Let go of the layer and the runner."""
        self._watch(None)
        self._runner.started.disconnect(self._started)
        self._runner.progressed.disconnect(self._progressed)
        self._runner.ended.disconnect(self._ended)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        self.what = self._what()
        layout.addLayout(self.what)
        self.buffer, self.intersection = BufferFields(), IntersectionFields()
        self.simple = [SimpleFields(name, "redis_geo_cache") for name in NAMES]
        self.pages = (self.buffer, self.intersection, *self.simple)
        for page in self.pages:
            layout.addWidget(page)
        group = QgsCollapsibleGroupBox(tr("Kept in the cache"))
        group.setObjectName("redis_geo_cache_store_group")
        group.setCollapsed(True)  # seldom changed, and what is below stays in sight in a low window
        self.store = StoreFields()
        inner = QVBoxLayout(group)
        inner.addWidget(self.store)
        layout.addWidget(group)
        layout.addLayout(self._buttons())
        self.progress = QProgressBar()
        self.progress.setObjectName("redis_geo_cache_progress")
        self.progress.hide()
        self.outcome = QLabel()
        self.outcome.setObjectName("redis_geo_cache_outcome")
        self.outcome.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.hide()
        layout.addWidget(self.progress)
        layout.addWidget(self.outcome)
        layout.addStretch()
        for combo in self.findChildren(QComboBox):  # long names of layers must not make the dock wide
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(9)
        self.buffer.unit.setMinimumContentsLength(10)
        self._operation_changed()

    def _what(self) -> QFormLayout:
        form = QFormLayout()
        self.operation = QComboBox()
        self.operation.setObjectName("redis_geo_cache_operation")
        self.operation.addItem(icon("buffer_selected"), tr("Buffer"))
        self.operation.addItem(icon("cache"), tr("Intersection"))
        for name in NAMES:
            self.operation.addItem(icon("cache"), operations.label(name))
        self.layer = QgsMapLayerComboBox()
        self.layer.setObjectName("redis_geo_cache_layer")
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
        self.selected_only = QCheckBox(tr("Selected features only"))
        self.selected_only.setObjectName("redis_geo_cache_selected_only")
        form.addRow(tr("Operation"), self.operation)
        form.addRow(tr("Layer"), self.layer)
        form.addRow("", self.selected_only)
        self.where = QComboBox()
        self.where.setObjectName("redis_geo_cache_where")
        self.where.addItems([tr("here"), tr("by workers when there are any")])
        self.where.setToolTip(
            tr(
                "Workers are computers that take jobs from the server; see the Jobs panel. Without any, it is done here."
            )
        )
        self.where.setCurrentIndex(int(by_workers.chosen()))
        self.where.currentIndexChanged.connect(lambda index: by_workers.choose(bool(index)))
        form.addRow(tr("Compute"), self.where)
        return form

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.run_button = QPushButton(icon("start"), tr("Run"))
        self.run_button.setObjectName("redis_geo_cache_run")
        self.run_button.setDefault(True)
        self.run_button.clicked.connect(self.run)
        self.cancel_button = QPushButton(icon("stop"), tr("Cancel"))
        self.cancel_button.setObjectName("redis_geo_cache_cancel")
        self.cancel_button.setEnabled(False)
        self.cancel_button.clicked.connect(self._runner.cancel)
        help_button = QToolButton()
        help_button.setObjectName("redis_geo_cache_help")
        help_button.setIcon(icon("help"))
        help_button.setToolTip(tr("Help"))
        help_button.setAutoRaise(True)
        help_button.clicked.connect(lambda: open_help("cache"))
        row.addWidget(self.run_button, 2)
        row.addWidget(self.cancel_button, 1)
        row.addWidget(help_button)
        return row

    def run(self) -> None:
        """Start with what is chosen, or say what is missing."""
        problem = self._problem()
        if problem:
            self._context.ui.warning(problem)
            self._say(problem)
            return
        choices = self.page.choices()
        choices.store = self.store.choices()
        choices.remember()
        self._runner.start(self.layer.currentLayer(), self.selected_only.isChecked(), choices)

    def _problem(self) -> str:
        """What keeps a run from being started, in words; empty where nothing does."""
        layer = self.layer.currentLayer()
        if layer is None:
            return tr("Add a vector layer to the project first.")
        if self.selected_only.isChecked() and not layer.selectedFeatureCount():
            return tr("No feature of {layer} is selected. Select some, or clear “Selected features only”.").format(
                layer=layer.name()
            )
        return self.page.problem(layer) or self.store.problem()

    def _say(self, words: str) -> None:
        self.outcome.setText(words)
        self.outcome.show()

    def _started(self) -> None:
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.progress.setRange(0, 0)
        self.progress.show()
        self.outcome.hide()

    def _progressed(self, percent: float) -> None:
        self.progress.setRange(0, 100)
        self.progress.setValue(int(percent))

    def _ended(self, words: str) -> None:
        self.run_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        self.progress.hide()
        self._say(words)

    @property
    def page(self) -> BufferFields | IntersectionFields:
        """The fields of the chosen operation."""
        return self.pages[self.operation.currentIndex()]

    def _operation_changed(self) -> None:
        for page in self.pages:  # not a QStackedWidget: it is as tall as its tallest page
            page.setVisible(page is self.page)
        align(self.what, self.page.layout())

    def _layer_changed(self, layer) -> None:
        self._watch(layer)
        self.buffer.set_layer(layer)
        for page in self.simple:
            page.set_layer(layer)
        self._count_selected()

    def _watch(self, layer) -> None:
        if self._watched is not None:
            try:
                self._watched.selectionChanged.disconnect(self._count_selected)
            except (RuntimeError, TypeError):  # the layer was deleted in the meantime
                pass
        self._watched = layer
        if layer is not None:
            layer.selectionChanged.connect(self._count_selected)

    def _count_selected(self, *_ids) -> None:
        layer = self.layer.currentLayer()
        count = layer.selectedFeatureCount() if layer is not None else 0
        self.selected_only.setText(tr("Selected features only ({count})").format(count=count))
