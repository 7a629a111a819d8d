"""Reads some records of a feed in the background, for its preview; again when it is to read other keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ...bridge.i18n import tr
from ...bridge.tasks import watch_of

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask, TaskKeeper
    from ...core.live.records import Row
    from ...core.live.spec import FeedSpec
    from ...core.redis.settings import ConnectionSettings


AFTER_TYPING = 500  # ms without a key pressed, before the server is asked


class FeedSampler(QObject):
    """``read(rows, error)`` for the newest feed that was asked for; main thread.

    ``settings``: of the connection.
    """

    read = pyqtSignal(object, object)
    began = pyqtSignal()

    def __init__(
        self, tasks: TaskKeeper, settings: Optional[ConnectionSettings], parent: Optional[QObject] = None
    ):
        super().__init__(parent)
        self._tasks, self._settings = tasks, settings
        self._task: Optional[BackgroundTask] = None
        self._spec: Optional[FeedSpec] = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)

    def ask(self, spec: FeedSpec, wait: int = AFTER_TYPING) -> None:
        """Read records of this feed, once ``wait`` milliseconds have passed without another one being asked
        for.
        """
        self._spec = spec
        if self._settings is not None:
            self._timer.start(wait)

    def stop(self) -> None:
        """Stop sampling; results that still arrive are ignored."""
        self._timer.stop()
        if self._task is not None:
            self._task.forget()
            self._task = None

    def _start(self) -> None:
        self.stop()
        settings, spec = self._settings, self._spec

        def read_sample(task: BackgroundTask) -> list[Row]:
            from ...core.live.snapshot import sample

            return sample(settings, spec, watch_of(task))

        self.began.emit()
        self._task = self._tasks.start(tr("Look at a feed in Redis"), read_sample, self._on_read)

    def _on_read(self, rows: list[Row], error: Optional[BaseException]) -> None:
        self._task = None
        self.read.emit(rows, error)
