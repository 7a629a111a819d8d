"""The plugin's algorithms, all of them."""

from __future__ import annotations

from qgis.core import QgsApplication


def algorithms_of(provider="redisgeo"):
    return QgsApplication.processingRegistry().providerById(provider).algorithms()
