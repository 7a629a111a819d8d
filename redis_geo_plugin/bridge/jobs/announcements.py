"""News of batches that an algorithm has sent from the toolbox, a model or a script: the window tells their
end."""

from __future__ import annotations

from qgis.PyQt.QtCore import QObject, pyqtSignal


class BatchNews(QObject):
    """``sent(settings, queue, batch)``: the ConnectionSettings of the server, the name of the queue and the
    id of the batch. May be emitted in any thread; who listens is called in the main thread."""

    sent = pyqtSignal(object, str, str)


NEWS = BatchNews()
