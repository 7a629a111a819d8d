"""What the panels run enters the history of Processing (Processing, History…), where it can be looked at and
run again, as a run of the toolbox does."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsApplication, QgsProcessingAlgorithm, QgsProcessingContext, QgsProject
from qgis.gui import QgsGui

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Parameters

PROVIDER = "processing"  # of the registry that newer versions of QGIS have


def record(algorithm_id: str, parameters: Parameters) -> None:
    """Enter a run. Results that were to be in memory are entered as temporary ones, as the toolbox names
    them."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id)
    if algorithm is None:
        return
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    outputs = [one.name() for one in algorithm.destinationParameterDefinitions()]
    shown = {**parameters, **dict.fromkeys(outputs, "TEMPORARY_OUTPUT")}
    registry = _registry()
    if registry is not None:
        registry.addEntry(PROVIDER, _entry(algorithm, shown, context))
        return
    if PROVIDER not in sys.modules:  # switched off; to load it would stop the window
        return
    with suppress(ImportError):
        from processing.core.ProcessingLog import ProcessingLog

        ProcessingLog.addToLog(algorithm.asPythonCommand(shown, context))


def _registry() -> Optional[Any]:
    """The registry of histories that QGIS has from 3.24 on, where Processing stands in it."""
    registry = getattr(QgsGui, "historyProviderRegistry", lambda: None)()
    return registry if registry is not None and registry.providerById(PROVIDER) is not None else None


def _entry(
    algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
) -> Parameters:
    """What Processing's own form enters."""
    entry: Parameters = {
        "python_command": algorithm.asPythonCommand(parameters, context),
        "algorithm_id": algorithm.id(),
        "parameters": algorithm.asMap(parameters, context),
    }
    command, ok = algorithm.asQgisProcessCommand(parameters, context)
    if ok:
        entry["process_command"] = command
    return entry
