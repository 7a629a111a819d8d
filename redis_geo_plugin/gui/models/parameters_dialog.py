"""Processing's own dialog for the parameters of a model, which leaves the run to the Cache panel."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
)
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QDialog, QWidget

from ...bridge.algorithm_values import Parameters

if TYPE_CHECKING:
    from processing.gui.AlgorithmDialog import AlgorithmDialog


NAME = "redis_geo_models_parameters"
Chosen = Callable[[Parameters], object]


def parameters_dialog(algorithm: QgsProcessingAlgorithm, parent: QWidget, chosen: Chosen) -> QDialog:
    """Make the dialog. Its *Run* closes it, and gives the parameters to ``chosen`` once it is gone.

    Where something is wrong, the dialog says so as always. A run for each feature of a layer, and one that
    must stay on the main thread, are Processing's own: the dialog runs them itself, as from the toolbox.

    While QGIS deletes a dialog, Python's collector of garbage must not find what the dialog has made: it may
    be called in another thread, and both at once crash. So the dialog is held until it is deleted, and a run
    begins only then.
    """
    dialog = _dialog_class()(algorithm, parent=parent)
    dialog.setObjectName(NAME)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _held.add(dialog)

    def gone() -> None:
        _held.discard(dialog)
        if dialog.entered is not None:
            QTimer.singleShot(0, partial(chosen, dialog.entered))

    dialog.destroyed.connect(gone)
    return dialog  # type: ignore[no-any-return]


_held: set[QDialog] = set()


@lru_cache(maxsize=1)
def _dialog_class() -> Any:
    """The class of the dialog: its base is there only once Processing is."""
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    class ParametersDialog(AlgorithmDialog):  # type: ignore[misc] # Processing has no types
        """Keeps the parameters that were entered, instead of running with them."""

        entered: Optional[Parameters] = None

        def runAlgorithm(self) -> None:  # noqa: N802 - Processing's name
            parameters = _entered(self)
            if parameters is None or _only_here(self.algorithm(), parameters):
                super().runAlgorithm()
                return
            self.entered = parameters
            self.close()

    return ParametersDialog


def _entered(dialog: AlgorithmDialog) -> Optional[Parameters]:
    """The parameters as entered; None where something is wrong with them."""
    try:
        parameters: Parameters = dialog.createProcessingParameters()
    except Exception:  # Processing's own, of a class that moved between versions
        return None
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    ok, _why = dialog.algorithm().checkParameterValues(parameters, context)
    return parameters if ok else None


def _only_here(algorithm: QgsProcessingAlgorithm, parameters: Parameters) -> bool:
    each = QgsProcessingFeatureSourceDefinition.Flag.FlagCreateIndividualOutputPerInputFeature
    return bool(algorithm.flags() & QgsProcessingAlgorithm.Flag.FlagNoThreading) or any(
        isinstance(value, QgsProcessingFeatureSourceDefinition) and value.flags & each
        for value in parameters.values()
    )
