"""Each panel in the dark theme that QGIS brings."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtWidgets import QApplication

ORDER = 90
THEME = "Night Mapping"


def play(stage) -> None:
    before, sheet = QgsApplication.themeName(), QApplication.instance().styleSheet()
    QgsApplication.setUITheme(THEME)
    stage.wait(0.5)
    for number, dock in enumerate(stage.plugin.context.ui._docks):
        stage.show_dock(dock.objectName())
        stage.wait(0.3)
        stage.picture(f"9{number}-night-{dock.objectName().split('_')[2]}", dock)
    QgsApplication.setUITheme(before)
    QApplication.instance().setStyleSheet(sheet)
