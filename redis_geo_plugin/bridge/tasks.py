"""Background work: each piece runs in its own thread and delivers its outcome on the main thread.

No QgsTask: the task manager deletes a task when it has ended, whoever still holds it; it makes QGIS ask on
closing whether to cancel; and it waits for the thread at the end of QGIS, as long as a server likes. A thread
here is a daemon that QGIS never waits for, and a ``BackgroundTask`` belongs to whoever holds it.
"""

from __future__ import annotations

import threading
import time
import traceback
from contextlib import suppress
from typing import Any, Callable, Optional, Protocol

from qgis.PyQt.QtCore import QObject, QThread, QTimer, pyqtSignal

from ..core.scope import Scope
from ..core.watch import Cancelled, Watch
from . import log
from .relay import Relay

Work = Callable[["BackgroundTask"], object]
Done = Callable[[Any, Optional[BaseException]], None]

PATIENCE_MS = 1000  # what was cancelled and does not end by then is reported as cancelled, and left to itself
STEP = 0.5  # percent; smaller progress is not reported
CLOSING = 0.3  # seconds that ``close`` gives to threads which are about to end


class BackgroundTask(QObject):
    """One piece of work, under way or ended. It may be kept, cancelled and forgotten at any time, also when
    it has ended.

    ``work(task)`` reports with ``setProgress`` (0 to 100) and asks ``isCanceled``, as with a QgsTask.
    Connections that it opens with ``open_server`` are its own: ``cancel`` closes them. ``progressChanged`` is
    emitted on the main thread.
    """

    progressChanged = pyqtSignal(float)

    def __init__(
        self, title: str, work: Work, done: Optional[Done], ended: Callable[[BackgroundTask], object]
    ):
        super().__init__()
        self.title = title
        self._work: Optional[Work] = work
        self._done = done
        self._ended = ended
        self._scope = Scope()
        self._progress = 0.0
        self._result: object = None
        self._error: Optional[BaseException] = None
        self._over = False  # whether the thread has left the work
        self._thread = threading.Thread(target=self._run, name="redis-geo-task", daemon=True)

    def start(self) -> None:
        """Begin, once."""
        self._thread.start()

    def isCanceled(self) -> bool:  # noqa: N802 - as QgsTask and QgsFeedback have it
        """Whether it was cancelled."""
        return self._scope.cancelled

    def isActive(self) -> bool:  # noqa: N802 - as QgsTask has it
        """Whether its outcome is still to come."""
        return self._work is not None

    def setProgress(self, percent: float) -> None:  # noqa: N802 - as QgsTask has it
        """Report how much is done, from 0 to 100."""
        if abs(percent - self._progress) >= STEP or percent in (0.0, 100.0):
            self._progress = percent
            self.progressChanged.emit(percent)

    def progress(self) -> float:
        """How much is done, from 0 to 100."""
        return self._progress

    def cancel(self) -> None:
        """Request cancellation and close the connections of the work. ``done`` is called all the same, soon,
        even if the work does not end."""
        self._scope.cancel()
        if QThread.currentThread() == self.thread():
            QTimer.singleShot(PATIENCE_MS, self._give_up)

    def forget(self) -> None:
        """Cancel it, and do not call ``done`` any more (its owner is going away), nor tell of progress: what
        is on its way to the main thread already is dropped too."""
        self._done = None
        self._scope.cancel()
        self._fall_silent()

    def _fall_silent(self) -> None:
        self.blockSignals(True)
        with suppress(TypeError):  # nobody listens
            self.progressChanged.disconnect()

    def join(self, seconds: float) -> None:
        """Wait for the thread to end, at most for the given time."""
        self._thread.join(max(0.0, seconds))

    def finish(self) -> None:
        """Call ``done``; only once. Main thread only."""
        self._fall_silent()  # what was cancelled may go on for a while
        done, self._done, self._work = self._done, None, None
        if done is not None:
            done(self._result, self._error if self._over else Cancelled())

    def _give_up(self) -> None:
        self._ended(self)

    def _run(self) -> None:
        try:
            with self._scope.entered():
                # Not held by this frame: what the work holds is to be deleted on the main thread.
                self._result = self._work(self) if self._work is not None else None
        except Cancelled as error:  # as the user wished: nothing for the log
            self._error = error
        except BaseException as error:
            self._error = (
                Cancelled() if self.isCanceled() else error
            )  # cancelled: its connection was closed under it
            if not self.isCanceled():
                log.warning("".join(traceback.format_exception(type(error), error, error.__traceback__)))
        self._over = True
        self._ended(self)


class TaskKeeper(QObject):
    """Starts tasks, and ends them all on ``close``.

    ``show(task)`` is called for work that the user is to see going on and may cancel; the window sets it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.show: Callable[[BackgroundTask], object] = lambda _task: None
        self._tasks: set[BackgroundTask] = set()
        self._relay = Relay(self._on_ended)

    def start(
        self, title: str, work: Work, done: Optional[Done] = None, *, shown: bool = False
    ) -> BackgroundTask:
        """Run ``work(task)`` in a thread, then ``done(result, error)`` on the main thread.

        Args:
            title: What it does, in the user's language.
            work: Runs in the thread; whatever it raises is handed on, and logged.
            done: Gets what the work returned and None, or None and the exception: ``Cancelled`` where that is
                why.
            shown: Whether the window shows its progress, with a button that cancels it.
        """
        task = BackgroundTask(title, work, done, self._relay.send)
        self._tasks.add(task)
        task.start()
        if shown:
            self.show(task)
        return task

    def active(self) -> list[BackgroundTask]:
        """The tasks whose outcome is still to come."""
        return list(self._tasks)

    def close(self) -> None:
        """Cancel every task; their results are dropped. Takes no longer than ``CLOSING``."""
        self._relay.mute()
        tasks, self._tasks = self._tasks, set()
        for task in tasks:
            task.forget()
        deadline = time.monotonic() + CLOSING
        for task in tasks:
            task.join(deadline - time.monotonic())

    def _on_ended(self, task: BackgroundTask) -> None:
        if task in self._tasks:
            self._tasks.discard(task)
            task.finish()


class Cancellable(Protocol):
    """A task of here, or a feedback of Processing or of the locator."""

    def isCanceled(self) -> bool: ...


def watch_of(target: Cancellable) -> Watch:
    """A task of here, or a feedback of Processing or of the locator, as core's ``Watch``."""
    tell = getattr(target, "setProgress", lambda _percent: None)
    return Watch(lambda: bool(target.isCanceled()), lambda share: tell(100.0 * share))
