"""The lamp of the toolbar in tests: its menu, the local server behind it, and where settings are kept."""

from __future__ import annotations

from qgis.core import QgsSettings


def everything_in_settings():
    settings = QgsSettings()
    return "\n".join(f"{key}={settings.value(key)}" for key in settings.allKeys())


# The lamp and the local server
def lamp_of(plugin):
    return next(c for c in plugin.components if type(c).__name__ == "ConnectionsComponent").lamp
