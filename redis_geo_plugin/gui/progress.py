"""Work that takes a while, shown above the map with its progress and a button that cancels it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtWidgets import QProgressBar, QPushButton

from ..bridge.i18n import tr
from ..bridge.tasks import BackgroundTask

if TYPE_CHECKING:
    from qgis.gui import QgsMessageBar, QgsMessageBarItem

SHOWN_AFTER_MS = 1000  # what is over by then is not worth a message
EVERY_MS = 200


class Progress(QObject):
    """Shows one task in a message bar until it has ended. ``make`` gives a message with a text."""

    def __init__(
        self,
        bar: QgsMessageBar,
        make: Callable[[str], QgsMessageBarItem],
        task: BackgroundTask,
        parent: QObject,
    ):
        super().__init__(parent)
        self._bar, self._make, self._task = bar, make, task
        self._widget: Optional[QgsMessageBarItem] = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(SHOWN_AFTER_MS)

    def close(self) -> None:
        """Take it away."""
        self._timer.stop()
        if self._widget is not None and not sip.isdeleted(self._widget):
            self._bar.popWidget(self._widget)
        self._widget = None
        self.deleteLater()

    def _look(self) -> None:
        if not self._task.isActive():
            self.close()
            return
        if self._widget is None:
            self._build()
        if not sip.isdeleted(self._progress):
            share = round(self._task.progress())
            self._progress.setRange(0, 100 if share else 0)
            self._progress.setValue(share)

    def _build(self) -> None:
        self._widget = self._make(self._task.title)
        self._progress = QProgressBar()
        self._progress.setObjectName("redis_geo_progress")
        self._progress.setMaximumWidth(200)
        cancel = QPushButton(tr("Cancel"))
        cancel.setObjectName("redis_geo_progress_cancel")
        cancel.clicked.connect(lambda _checked=False: self._task.cancel())
        self._widget.layout().addWidget(self._progress)
        self._widget.layout().addWidget(cancel)
        self._bar.pushWidget(self._widget)
        self._timer.setInterval(EVERY_MS)
