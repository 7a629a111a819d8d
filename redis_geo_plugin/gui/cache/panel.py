"""The upper half of the Cache dock: which operation, on which layer, kept where; run, progress, cancel,
outcome."""

from __future__ import annotations

from typing import cast

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QPushButton, QToolButton

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ..component import Context
from ..help import open_help
from ..icons import icon
from ..jobs import by_workers
from ..labels import Label
from .operation_form import OperationForm
from .result_saving import ask_and_save
from .runner import TOPIC, Runner
from .settings import BufferChoices


class FormPanel(OperationForm):
    """Everything needed for a run. Choices are remembered when a run starts."""

    def __init__(self, context: Context, runner: Runner):
        super().__init__(context, "redis_geo_cache")
        self._runner = runner
        self._build()
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
        runner.ended.connect(self._ended)
        self._follow_fields()

    def close_panel(self) -> None:
        """Release the layer and the runner."""
        self.close_form()
        self._runner.started.disconnect(self._started)
        self._runner.progressed.disconnect(self._progressed)
        self._runner.ended.disconnect(self._ended)

    def _build(self) -> None:
        layout = self.column
        self._add_where()
        layout.addLayout(self._buttons())
        self.progress = QProgressBar()
        self.progress.setObjectName("redis_geo_cache_progress")
        self.progress.hide()
        self.outcome = Label()
        self.outcome.setObjectName("redis_geo_cache_outcome")
        self.outcome.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.hide()
        layout.addWidget(self.progress)
        layout.addWidget(self.outcome)
        self.save_button = QPushButton(tr("Save to GeoPackage…"))
        self.save_button.setObjectName("redis_geo_cache_save")
        self.save_button.setToolTip(tool_tip(tr("Keeps the result in a file, which the layer then shows.")))
        self.save_button.clicked.connect(self._save)
        self.save_button.hide()
        layout.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch()

    def _add_where(self) -> None:
        self.where = QComboBox()
        self.where.setObjectName("redis_geo_cache_where")
        self.where.addItems([tr("here"), tr("by workers when there are any")])
        self.where.setToolTip(
            tr(
                "Workers are computers that take jobs from the server; see the Jobs panel. Without any, it "
                "is done here."
            )
        )
        self.where.setCurrentIndex(int(by_workers.chosen()))
        self.where.currentIndexChanged.connect(lambda index: by_workers.choose(bool(index)))
        self.what.addRow(tr("Compute"), self.where)

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
        problem = self.problem()
        if problem:
            self._context.ui.warning(problem, topic=TOPIC)
            self._say(problem)
            return
        choices = self.choices()
        choices.remember()
        self._runner.start(
            cast(QgsVectorLayer, self.layer.currentLayer()), self.selected_only.isChecked(), choices
        )

    def _say(self, words: str) -> None:
        self.outcome.setText(words)
        self.outcome.show()

    def _started(self) -> None:
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        self.progress.setRange(0, 0)
        self.progress.show()
        self.outcome.hide()
        self.save_button.hide()

    def _progressed(self, percent: float) -> None:
        self.progress.setRange(0, 100)
        self.progress.setValue(int(percent))

    def _ended(self, words: str) -> None:
        self.run_button.setEnabled(True)
        self.cancel_button.setEnabled(False)
        self.progress.hide()
        self._say(words)
        layer = QgsProject.instance().mapLayer(self._runner.result_id)
        self.save_button.setVisible(layer is not None)
        if layer is not None:
            layer.willBeDeleted.connect(self.save_button.hide)
            layer.dataSourceChanged.connect(self.save_button.hide)

    def forget_outcome(self) -> None:
        """The project was closed: what was computed there is no longer news."""
        self.outcome.hide()
        self.save_button.hide()

    def _save(self) -> None:
        layer = QgsProject.instance().mapLayer(self._runner.result_id)
        if isinstance(layer, QgsVectorLayer):
            ask_and_save(self._context, layer, self)

    def show_buffer_of(self, layer: QgsVectorLayer) -> None:
        """Show that the selected features of a layer are buffered."""
        self.operation.setCurrentIndex(self.operation.findData(BufferChoices.operation))
        self.layer.setLayer(layer)
        self.selected_only.setChecked(layer.selectedFeatureCount() > 0)
