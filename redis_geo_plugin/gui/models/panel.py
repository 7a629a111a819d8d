"""The tab *Models* of the Cache dock: choose a model, run it, see what each step read and computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QComboBox, QDialog, QFormLayout, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.steps import mirrored
from ..component import Context
from ..labels import Label
from ..run_controls import RunControls
from .parameters_dialog import parameters_dialog
from .runner import ModelRunner
from .steps_table import StepsTable

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Parameters


class ModelsPanel(QWidget):
    """Everything needed for a run of a model."""

    def __init__(self, context: Context, runner: ModelRunner):
        super().__init__()
        self._context, self._runner = context, runner
        self.dialog: Optional[QDialog] = None
        self._build()
        runner.started.connect(self._started)
        runner.progressed.connect(self.controls.on_progressed)
        runner.looked.connect(self._look)
        runner.ended.connect(self._ended)
        self._provider = QgsApplication.processingRegistry().providerById(mirrored.PROVIDER)
        if self._provider is not None:
            self._provider.algorithmsLoaded.connect(self.list_models)
        self.list_models()
        self._look()

    def close_panel(self) -> None:
        """Release the runner and the dialog."""
        if self._provider is not None:
            self._provider.algorithmsLoaded.disconnect(self.list_models)
            self._provider = None
        self._runner.started.disconnect(self._started)
        self._runner.progressed.disconnect(self.controls.on_progressed)
        self._runner.looked.disconnect(self._look)
        self._runner.ended.disconnect(self._ended)
        dialog, self.dialog = self.dialog, None
        if dialog is not None and not sip.isdeleted(dialog):
            dialog.close()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        form = QFormLayout()
        self.models = QComboBox()
        self.models.setObjectName("redis_geo_models_model")
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.models.setMinimumContentsLength(9)
        self.models.currentIndexChanged.connect(self._enable)
        form.addRow(tr("Model"), self.models)
        layout.addLayout(form)
        self.note = Label(
            tr(
                "There is no model yet. Make one in Processing ‣ Graphical Modeler and save it, among your "
                "models or in the project."
            )
        )
        self.note.setObjectName("redis_geo_models_note")
        self.note.setWordWrap(True)
        layout.addWidget(self.note)
        self.controls = RunControls(
            "redis_geo_models", tr("Run a model…"), "models", self.ask, self._runner.cancel
        )
        self.controls.run_button.setToolTip(
            tool_tip(tr("Asks for its parameters, then runs it: what has not changed is not computed."))
        )
        layout.addLayout(self.controls.row)
        layout.addWidget(self.controls.progress)
        self.table = StepsTable()
        layout.addWidget(self.table, 1)
        layout.addWidget(self.controls.outcome)

    def list_models(self) -> None:
        """Show the models that there are now; the chosen one stays chosen."""
        chosen = self.models.currentData()
        self.models.clear()
        names = mirrored.model_names()
        found = sorted(mirrored.models(), key=lambda model: model.displayName().lower())
        for model in found:
            self.models.addItem(model.icon(), model.displayName(), f"{mirrored.PROVIDER}:{names[model.id()]}")
        self.models.setCurrentIndex(max(0, self.models.findData(chosen)) if found else -1)
        self.note.setVisible(not found)
        self._enable()

    def _enable(self, *_index: int) -> None:
        self.controls.run_button.setEnabled(self.models.count() > 0 and not self._runner.running)

    def ask(self) -> None:
        """Open the dialog with the parameters of the chosen model."""
        algorithm_id = self.models.currentData()
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id or "")
        if algorithm is None:
            self.list_models()
            return
        able, why = algorithm.canExecute()
        if not able:
            self.controls.say(why)
            return

        def chosen(parameters: Parameters) -> None:
            if self.dialog is not None:  # else the panel has been closed
                self.dialog = None
                self._runner.start(algorithm_id, parameters)

        self.dialog = parameters_dialog(algorithm, self._context.iface.mainWindow(), chosen)
        self.dialog.show()

    def _started(self) -> None:
        self.controls.on_started()
        self._look()

    def _look(self) -> None:
        if self._runner.record is not None:
            self.table.show_steps(self._runner.record.steps())

    def _ended(self, words: str) -> None:
        self.controls.on_ended(words, self.models.count() > 0)
