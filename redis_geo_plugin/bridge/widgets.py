"""Widgets for parameters of algorithms, registered by the window under what they offer: algorithms know no
window, and run without one."""

from __future__ import annotations

from typing import Optional

Wrapper = type  # QGIS makes a widget wrapper of it, by (parameter, dialog, row, column)

CONNECTIONS = "connections"
GEO_SETS = "geo sets"
INDEXES = "indexes"  # of the query engine
NAMESPACES = "namespaces"
BATCHES = "batches"
OPERATIONS = "operations"  # of a list of QGIS
OPERATION_NAMES = "names of operations"

_widgets: dict[str, Wrapper] = {}


def register(offers: str, wrapper: Wrapper) -> None:
    """Show parameters that offer this (such as ``GEO_SETS``) with this class from now on."""
    _widgets[offers] = wrapper


def unregister(offers: str) -> None:
    """Show such parameters as QGIS does."""
    _widgets.pop(offers, None)


def of(offers: str) -> Optional[Wrapper]:
    """The class that is registered, None for QGIS's own widget."""
    return _widgets.get(offers)
