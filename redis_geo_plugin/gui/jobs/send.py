"""The upper part of the Jobs dock: which features go to the workers, for what, and how urgently."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsApplication,
    QgsMapLayerProxyModel,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.gui import QgsDoubleSpinBox, QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDockWidget,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge import operations
from ...bridge.i18n import tr
from ...core import keys
from ..algorithm_feedback import AlgorithmFeedback
from ..cache.choices import LAYER_UNITS, BufferChoices, IntersectionChoices
from ..cache.simple import TOLERANCE_SETTING, SimpleChoices, field_tip, units_suffix
from ..component import Context
from ..help import open_help
from ..interface import icon

QUEUE_SETTING = "redis_geo/jobs/queue"
PRIORITY_SETTING = "redis_geo/jobs/priority"


def operation_of(choices: Any) -> str:
    """The operation that choices describe."""
    if isinstance(choices, SimpleChoices):
        return choices.name
    return operations.BUFFER if isinstance(choices, BufferChoices) else operations.INTERSECTION


def queue_name() -> str:
    """The queue in use, as the user set it."""
    return str(QgsSettings().value(QUEUE_SETTING, keys.JOB_LIST) or keys.JOB_LIST)


class SendPanel(QWidget):
    """``sent`` carries the batch and its title; ``queue_changed`` the name of another queue."""

    sent = pyqtSignal(str, str)
    queue_changed = pyqtSignal(str)

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._run: Optional[Sending] = None
        self._build()
        self.layer.layerChanged.connect(self.refresh)
        self.operation.currentIndexChanged.connect(self.refresh)
        if isinstance(context.iface.activeLayer(), QgsVectorLayer):
            self.layer.setLayer(context.iface.activeLayer())
        self.refresh()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        form = QFormLayout()
        self.operation = QComboBox()
        self.operation.setObjectName("redis_geo_jobs_operation")
        for name in operations.ALL:
            self.operation.addItem(icon(operations.icon_name(name)), operations.label(name), name)
        self.layer = _layers("redis_geo_jobs_layer")
        self.selected_only = QCheckBox(tr("Selected features only"))
        self.selected_only.setObjectName("redis_geo_jobs_selected_only")
        self.overlay = _layers("redis_geo_jobs_overlay")
        self.overlay_label = QLabel(tr("Other layer"))
        self.tolerance = QgsDoubleSpinBox()
        self.tolerance.setObjectName("redis_geo_jobs_tolerance")
        self.tolerance.setDecimals(6)
        self.tolerance.setMaximum(1e9)
        self.tolerance.setValue(QgsSettings().value(TOLERANCE_SETTING, 1.0, type=float))
        self.tolerance.setToolTip(tr("In the units of the layer"))
        self.tolerance.setShowClearButton(False)
        self.tolerance_label = QLabel(tr("Tolerance"))
        self.field = QgsFieldComboBox()
        self.field.setObjectName("redis_geo_jobs_field")
        self.field.setAllowEmptyFieldName(True)
        self.field.setToolTip(field_tip())
        self.field_label = QLabel(tr("Field"))
        self.settings = QLabel()
        self.settings.setObjectName("redis_geo_jobs_settings")
        self.settings.setWordWrap(True)
        form.addRow(tr("Operation"), self.operation)
        form.addRow(tr("Layer"), self.layer)
        form.addRow("", self.selected_only)
        form.addRow(self.overlay_label, self.overlay)
        form.addRow(self.tolerance_label, self.tolerance)
        form.addRow(self.field_label, self.field)
        form.addRow("", self.settings)
        form.addRow(tr("Priority"), self._queue_row())
        layout.addLayout(form)
        layout.addLayout(self._buttons())

    def _queue_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.priority = QComboBox()
        self.priority.setObjectName("redis_geo_jobs_priority")
        self.priority.addItems([tr("High"), tr("Normal"), tr("Low")])
        self.priority.setCurrentIndex(QgsSettings().value(PRIORITY_SETTING, 1, type=int))
        self.queue = QLineEdit(queue_name())
        self.queue.setObjectName("redis_geo_jobs_queue")
        self.queue.setToolTip(tr("The queue that the workers listen to. The usual one is taches_spatiales."))
        self.queue.editingFinished.connect(self._queue_edited)
        row.addWidget(self.priority, 1)
        row.addWidget(QLabel(tr("Queue")))
        row.addWidget(self.queue, 2)
        return row

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.send_button = QPushButton(icon("start"), tr("Send to the workers"))
        self.send_button.setObjectName("redis_geo_jobs_send")
        self.send_button.clicked.connect(self.send)
        help_button = QToolButton()
        help_button.setObjectName("redis_geo_jobs_help")
        help_button.setIcon(icon("help"))
        help_button.setToolTip(tr("Help"))
        help_button.setAutoRaise(True)
        help_button.clicked.connect(lambda: open_help("jobs"))
        row.addWidget(self.send_button, 1)
        row.addWidget(help_button)
        return row

    def refresh(self, *_ignored: Any) -> None:
        """Show what fits the operation, and the Cache panel's settings in words."""
        name = self.operation.currentData()
        for widgets, wanted in (
            ((self.overlay, self.overlay_label), name in operations.WITH_OVERLAY),
            ((self.tolerance, self.tolerance_label), name == operations.SIMPLIFY),
            ((self.field, self.field_label), name == operations.DISSOLVE),
        ):
            for widget in widgets:
                widget.setVisible(wanted)
        if self.field.layer() != self.layer.currentLayer():
            self.field.setLayer(self.layer.currentLayer())
        self.show_settings()

    def show_settings(self) -> None:
        """The Cache panel's settings in words, as they are now."""
        choices, layer = self._choices(), self.layer.currentLayer()
        count = layer.selectedFeatureCount() if layer is not None else 0
        self.selected_only.setText(tr("Selected features only ({count})").format(count=count))
        self.tolerance.setSuffix(units_suffix(layer))
        self.settings.setText(_in_words(choices, layer) if layer is not None else "")

    def _choices(self) -> Any:
        """The Cache dock's settings, as they stand there now or as remembered."""
        dock = self._context.iface.mainWindow().findChild(QDockWidget, "redis_geo_cache_dock")
        buffer = dock.buffer_choices() if dock is not None else BufferChoices.remembered()
        if dock is not None and dock.form is not None:
            buffer.store = dock.form.store.choices()
        name = self.operation.currentData()
        if name == operations.BUFFER:
            return buffer
        overlay = self.overlay.currentLayer()
        other = overlay.id() if overlay is not None else ""
        if name == operations.INTERSECTION:
            return IntersectionChoices(other, buffer.store)
        return SimpleChoices(name, buffer.store, other, self.tolerance.value(), self.field.currentField())

    def send(self) -> None:
        """Start sending in the background, or say what is missing."""
        layer = self.layer.currentLayer()
        if self._run is not None:
            self._context.ui.warning(tr("A batch is just being sent. Wait a moment."))
            return
        if layer is None:
            self._context.ui.warning(tr("Add a vector layer to the project first."))
            return
        selected = self.selected_only.isChecked()
        if selected and not layer.selectedFeatureCount():
            self._context.ui.warning(
                tr("No feature of {layer} is selected. Select some, or clear “Selected features only”.").format(
                    layer=layer.name()
                )
            )
            return
        choices = self._choices()
        if self.operation.currentData() in operations.WITH_OVERLAY and self.overlay.currentLayer() is None:
            self._context.ui.warning(tr("Choose the other layer."))
            return
        QgsSettings().setValue(TOLERANCE_SETTING, self.tolerance.value())
        QgsSettings().setValue(PRIORITY_SETTING, self.priority.currentIndex())
        self._run = Sending(layer, selected, choices, self.priority.currentIndex(), self.queue.text().strip())
        self._run.task.executed.connect(self._executed)
        self.send_button.setEnabled(False)
        QgsApplication.taskManager().addTask(self._run.task)

    def _executed(self, ok: bool, results: dict[str, Any]) -> None:
        run, self._run = self._run, None
        self.send_button.setEnabled(True)
        if run is None:
            return
        keep(run)
        if not ok:
            errors = run.feedback.errors
            self._context.ui.error(errors[-1] if errors else tr("Nothing was sent. See the log for details."))
            return
        self.sent.emit(results["BATCH"], run.title)

    def _queue_edited(self) -> None:
        name = self.queue.text().strip() or keys.JOB_LIST
        self.queue.setText(name)
        if name != queue_name():
            QgsSettings().setValue(QUEUE_SETTING, name)
            self.queue_changed.emit(name)

    def close_panel(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.task.executed.disconnect(self._executed)
            run.task.cancel()
            keep(run)


class Sending:
    """One run of redisgeo:enqueuejobs, with everything that must live as long as it does."""

    def __init__(self, layer: QgsVectorLayer, selected: bool, choices: Any, priority: int, queue: str):
        self.title = choices.title(layer)
        self.context = QgsProcessingContext()
        self.context.setProject(QgsProject.instance())
        self.feedback = AlgorithmFeedback()
        parameters = choices.parameters(layer)
        parameters.pop("DISSOLVE", None)
        self.parameters = {
            **parameters,
            "INPUT": QgsProcessingFeatureSourceDefinition(layer.id(), selected),
            "OPERATION": operation_of(choices),
            "PRIORITY": priority,
            "QUEUE": queue,
            "TITLE": self.title,
        }
        algorithm = QgsApplication.processingRegistry().algorithmById("redisgeo:enqueuejobs")
        self.task = QgsProcessingAlgRunnerTask(algorithm, self.parameters, self.context, self.feedback)
        self.task.setDescription(tr("Redis Geo: sending {title}").format(title=self.title))


_ended: list[Sending] = []


def keep(run: Sending) -> None:
    """The task's thread may still use the context and the feedback for a moment."""
    _ended.append(run)
    del _ended[:-3]


def _layers(name: str) -> QgsMapLayerComboBox:
    combo = QgsMapLayerComboBox()
    combo.setObjectName(name)
    combo.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
    return combo


def _in_words(choices: Any, layer: QgsVectorLayer) -> str:
    if not isinstance(choices, BufferChoices):
        return tr("Namespace {namespace}, as set in the Cache panel.").format(namespace=choices.store.namespace)
    unit = choices.unit if choices.unit != LAYER_UNITS else tr("units of the layer")
    distance = choices.expression or f"{choices.distance:g}"
    return tr(
        "Distance {distance} {unit}, {segments} segments, namespace {namespace}, as set in the Cache panel."
    ).format(distance=distance, unit=unit, segments=choices.segments, namespace=choices.store.namespace)
