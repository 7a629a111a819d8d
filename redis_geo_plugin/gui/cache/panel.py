"""The upper half of the Cache dock: which operation, on which layer, kept where; run, progress, cancel,
outcome."""

from __future__ import annotations

from typing import cast

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ..component import Context
from ..jobs import by_workers
from ..run_controls import RunControls
from ..wrapping import Scrolled
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
        runner.progressed.connect(self.controls.on_progressed)
        runner.ended.connect(self._ended)
        self._follow_fields()

    def close_panel(self) -> None:
        """Release the layer and the runner."""
        self.close_form()
        self._runner.started.disconnect(self._started)
        self._runner.progressed.disconnect(self.controls.on_progressed)
        self._runner.ended.disconnect(self._ended)

    def _place(self) -> QWidget:
        """The fields scroll; what runs them, and what came of it, stays in sight below them."""
        fields, self.foot = QWidget(), QWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Scrolled(fields), 1)
        column.addWidget(self.foot)
        return fields

    def _build(self) -> None:
        self._add_where()
        self.column.addStretch()
        layout = QVBoxLayout(self.foot)
        layout.setContentsMargins(9, 4, 9, 4)
        self.controls = RunControls("redis_geo_cache", tr("Run"), "cache", self.run, self._runner.cancel)
        self.controls.run_button.setDefault(True)
        layout.addWidget(self.controls.progress)
        layout.addWidget(self.controls.outcome)
        self.save_button = QPushButton(tr("Save to GeoPackage…"))
        self.save_button.setObjectName("redis_geo_cache_save")
        self.save_button.setToolTip(tool_tip(tr("Keeps the result in a file, which the layer then shows.")))
        self.save_button.clicked.connect(self._save)
        self.save_button.hide()
        layout.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(self.controls.row)  # last: what is said above them does not move them

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

    def run(self) -> None:
        """Start with what is chosen, or say what is missing."""
        problem = self.problem()
        if problem:
            self._context.ui.warning(problem, topic=TOPIC)
            self.controls.say(problem)
            return
        choices = self.choices()
        choices.remember()
        self._runner.start(
            cast(QgsVectorLayer, self.layer.currentLayer()), self.selected_only.isChecked(), choices
        )

    def _started(self) -> None:
        self.controls.on_started()
        self.save_button.hide()

    def _ended(self, words: str) -> None:
        self.controls.on_ended(words)
        layer = QgsProject.instance().mapLayer(self._runner.result_id)
        self.save_button.setVisible(layer is not None)
        if layer is not None:
            layer.willBeDeleted.connect(self.save_button.hide)
            layer.dataSourceChanged.connect(self.save_button.hide)

    def forget_outcome(self) -> None:
        """The project was closed: what was computed there is no longer news."""
        self.controls.outcome.hide()
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
