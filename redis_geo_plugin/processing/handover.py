"""Runs the native algorithm in place of one of ours, with the same parameters."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)

from .native_twin import native_algorithm


def run_native(
    id: str, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
) -> dict[str, Any]:
    """Run a native algorithm with the parameters that it has, and return its outputs. Raises
    QgsProcessingException."""
    algorithm = native_algorithm(id)
    if algorithm is None:
        raise QgsProcessingException(id)
    known = {name: value for name, value in parameters.items() if algorithm.parameterDefinition(name)}
    results, ok = algorithm.run(known, context, feedback, {}, False)
    if not ok:
        raise QgsProcessingException(id)
    return dict(results)
