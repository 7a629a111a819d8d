"""The plugin's icons."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtGui import QIcon

from ..bridge.i18n import RESOURCES


def icon(name: str) -> QIcon:
    """An icon of resources/icons by its name without ending, or of QGIS (as "/mActionFileSave.svg")."""
    if name.startswith("/"):
        return QgsApplication.getThemeIcon(name)
    return QIcon(str(RESOURCES / "icons" / f"{name}.svg"))
