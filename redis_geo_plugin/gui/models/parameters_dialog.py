"""Processing's own dialog for the parameters of a model, which leaves the run to the Cache panel."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QWidget

NAME = "redis_geo_models_parameters"
Chosen = Callable[[dict[str, Any]], object]


def parameters_dialog(algorithm: QgsProcessingAlgorithm, parent: QWidget, chosen: Chosen) -> QDialog:
    """Make the dialog. Its *Run* gives the parameters to ``chosen`` and closes it.

    Where something is wrong, the dialog says so as always. A run for each feature of a layer, and one that
    must stay on the main thread, are Processing's own: the dialog runs them itself, as from the toolbox.
    """
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    class ParametersDialog(AlgorithmDialog):  # type: ignore[misc] # Processing has no types
        """Made here, as its base is there only once Processing is."""

        def runAlgorithm(self) -> None:  # noqa: N802 - Processing's name
            parameters = _entered(self)
            if parameters is None or _only_here(algorithm, parameters):
                super().runAlgorithm()
                return
            self.close()
            chosen(parameters)

    dialog = ParametersDialog(algorithm, parent=parent)
    dialog.setObjectName(NAME)
    # Deleted here and now: Python's collector would do it in the thread of the run, which crashes.
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog


def _entered(dialog: Any) -> Optional[dict[str, Any]]:
    """The parameters as entered; None where something is wrong with them."""
    try:
        parameters: dict[str, Any] = dialog.createProcessingParameters()
    except Exception:  # Processing's own, of a class that moved between versions
        return None
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    ok, _why = dialog.algorithm().checkParameterValues(parameters, context)
    return parameters if ok else None


def _only_here(algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any]) -> bool:
    each = QgsProcessingFeatureSourceDefinition.Flag.FlagCreateIndividualOutputPerInputFeature
    return bool(algorithm.flags() & QgsProcessingAlgorithm.Flag.FlagNoThreading) or any(
        isinstance(value, QgsProcessingFeatureSourceDefinition) and value.flags & each
        for value in parameters.values()
    )
