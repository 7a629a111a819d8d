"""The log tab "Redis Geo". May be called from any thread; never given a secret."""

from __future__ import annotations

from qgis.core import Qgis, QgsMessageLog

TAB = "Redis Geo"


def info(text: str) -> None:
    QgsMessageLog.logMessage(text, TAB, Qgis.MessageLevel.Info, notifyUser=False)


def warning(text: str) -> None:
    QgsMessageLog.logMessage(text, TAB, Qgis.MessageLevel.Warning, notifyUser=False)


def error(text: str) -> None:
    QgsMessageLog.logMessage(text, TAB, Qgis.MessageLevel.Critical, notifyUser=False)
