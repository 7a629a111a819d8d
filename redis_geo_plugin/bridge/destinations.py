"""Where an algorithm is to write its outputs."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessing, QgsProcessingOutputLayerDefinition, QgsProperty

_IN_MEMORY = ("memory:", QgsProcessing.TEMPORARY_OUTPUT)


def is_in_memory(destination: Any) -> bool:
    """Return whether the value of an output parameter names a temporary layer."""
    if isinstance(destination, QgsProcessingOutputLayerDefinition):
        destination = destination.sink
    if isinstance(destination, QgsProperty):
        destination = destination.staticValue()
    return isinstance(destination, str) and destination.startswith(_IN_MEMORY)
