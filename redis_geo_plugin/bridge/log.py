"""The log tab "Redis Geo", which shows HTML. May be called from any thread; never given a secret."""

from __future__ import annotations

from qgis.core import Qgis, QgsMessageLog

from .plain import escaped

TAB = "Redis Geo"


def info(text: str) -> None:
    """Log an event of ordinary work."""
    QgsMessageLog.logMessage(escaped(text), TAB, Qgis.MessageLevel.Info, notifyUser=False)


def warning(text: str) -> None:
    """Log an event that the user should notice."""
    QgsMessageLog.logMessage(escaped(text), TAB, Qgis.MessageLevel.Warning, notifyUser=False)


def error(text: str) -> None:
    """Log a failure."""
    QgsMessageLog.logMessage(escaped(text), TAB, Qgis.MessageLevel.Critical, notifyUser=False)
