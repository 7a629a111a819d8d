"""What happens to the active connection when one is edited or made: the same from the lamp, the Browser and
the Options page."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtWidgets import QWidget

from ..connection_monitor import ConnectionMonitor
from . import form


def edit(parent: Optional[QWidget], monitor: ConnectionMonitor, name: str = "", *, copy: bool = False) -> str:
    """Show the form of a connection, or of a new one; returns the name it was saved under, else ''.

    A new one becomes the active one, as whoever adds it wants to work with it. A copy does not: it is made to
    be kept beside the first.
    """
    saved = form.edit(parent, name, copy=copy)
    if not saved:
        return ""
    if not name:
        monitor.activate(saved)
    else:
        monitor.reload()
    monitor.saved.emit()
    return saved
