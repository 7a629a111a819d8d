"""The tab *Models* of the Cache dock: choose a model, run it, see what each step read and computed."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.steps import mirrored
from ..component import Context
from ..help import open_help
from ..icons import icon
from ..labels import Label
from .parameters_dialog import parameters_dialog
from .runner import ModelRunner
from .steps_table import StepsTable


class ModelsPanel(QWidget):
    """Everything needed for a run of a model."""

    def __init__(self, context: Context, runner: ModelRunner):
        super().__init__()
        self._context, self._runner = context, runner
        self.dialog: Optional[QDialog] = None
        self._build()
        runner.started.connect(self._started)
        runner.progressed.connect(self._progressed)
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
        self._runner.progressed.disconnect(self._progressed)
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
        layout.addLayout(self._buttons())
        self.progress = QProgressBar()
        self.progress.setObjectName("redis_geo_models_progress")
        self.progress.hide()
        layout.addWidget(self.progress)
        self.table = StepsTable()
        layout.addWidget(self.table, 1)
        self.outcome = Label()
        self.outcome.setObjectName("redis_geo_models_outcome")
        self.outcome.setWordWrap(True)
        self.outcome.hide()
        layout.addWidget(self.outcome)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.run_button = QPushButton(icon("start"), tr("Run a model…"))
        self.run_button.setObjectName("redis_geo_models_run")
        self.run_button.setToolTip(
            tool_tip(tr("Asks for its parameters, then runs it: what has not changed is not computed."))
        )
        self.run_button.clicked.connect(self.ask)
        self.cancel_button = QPushButton(icon("stop"), tr("Cancel"))
        self.cancel_button.setObjectName("redis_geo_models_cancel")
        self.cancel_button.setEnabled(False)
        self.cancel_button.clicked.connect(self._runner.cancel)
        help_button = QToolButton()
        help_button.setObjectName("redis_geo_models_help")
        help_button.setIcon(icon("help"))
        help_button.setToolTip(tr("Help"))
        help_button.setAutoRaise(True)
        help_button.clicked.connect(lambda: open_help("models"))
        row.addWidget(self.run_button, 2)
        row.addWidget(self.cancel_button, 1)
        row.addWidget(help_button)
        return row

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
        self.run_button.setEnabled(self.models.count() > 0 and not self._runner.running)

    def ask(self) -> None:
        """Open the dialog with the parameters of the chosen model."""
        algorithm_id = self.models.currentData()
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id or "")
        if algorithm is None:
            self.list_models()
            return
        able, why = algorithm.canExecute()
        if not able:
            self._say(why)
            return

        def chosen(parameters: dict[str, Any]) -> None:
            self.dialog = None
            self._runner.start(algorithm_id, parameters)

        self.dialog = parameters_dialog(algorithm, self._context.iface.mainWindow(), chosen)
        self.dialog.show()

    def _say(self, words: str) -> None:
        self.outcome.setText(words)
        self.outcome.show()

    def _started(self) -> None:
        self._enable()
        self.cancel_button.setEnabled(True)
        self.progress.setRange(0, 0)
        self.progress.show()
        self.outcome.hide()
        self._look()

    def _progressed(self, percent: float) -> None:
        self.progress.setRange(0, 100)
        self.progress.setValue(int(percent))

    def _look(self) -> None:
        if self._runner.record is not None:
            self.table.show_steps(self._runner.record.steps())

    def _ended(self, words: str) -> None:
        self._enable()
        self.cancel_button.setEnabled(False)
        self.progress.hide()
        self._say(words)
