"""News of GEO sets that this plugin has written: the window's lists show them at once."""

from __future__ import annotations

from qgis.PyQt.QtCore import QObject, pyqtSignal


class SetNews(QObject):
    """``written(connection, key)``: the name of the connection, and the key without its prefix. May be
    emitted in any thread; who listens is called in the main thread."""

    written = pyqtSignal(str, str)


NEWS = SetNews()
