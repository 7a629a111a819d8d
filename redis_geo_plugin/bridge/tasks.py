"""Work in the background through QGIS's task manager.

``run()`` of a QgsTask must not raise and must not touch objects of the main thread; both are taken care of here.
"""

from __future__ import annotations

import traceback
from typing import Any, Callable, Optional

from qgis.core import QgsApplication, QgsTask

from ..core.cancelling import Cancelled
from . import compat, log

Work = Callable[["BackgroundTask"], Any]


class BackgroundTask(QgsTask):
    """Runs ``work(task)`` in a thread; ``done(result, error)`` is called on the main thread when it has ended.

    ``error`` is None on success, the exception otherwise; when the task was cancelled, ``done`` gets whatever the work
    returned and ``task.isCanceled()`` is true. Work reports with ``setProgress`` (0 to 100) and looks at
    ``isCanceled``.
    """

    def __init__(self, title: str, work: Work, done: Optional[Callable[[Any, Optional[BaseException]], None]] = None):
        super().__init__(title, compat.quiet_task_flags())
        self._work: Optional[Work] = work
        self._done = done
        self._result: Any = None
        self._error: Optional[BaseException] = None

    def run(self) -> bool:
        try:
            self._result = self._work(self)
        except Cancelled as error:  # as the user wished: nothing for the log
            self._error = error
        except BaseException as error:  # an exception that leaves run() can crash QGIS
            self._error = error
            log.warning("".join(traceback.format_exception(type(error), error, error.__traceback__)))
        return self._error is None

    def finished(self, _ok: bool) -> None:
        done, self._done, self._work = self._done, None, None
        if done is not None:
            done(self._result, self._error)

    def forget(self) -> None:
        """Cancel, and do not call ``done`` any more (its owner is going away)."""
        self._done = None
        self.cancel()


class TaskKeeper:
    """Starts tasks, keeps a reference to each until it ended (QGIS #38583), and ends them all on ``close``."""

    def __init__(self) -> None:
        self._tasks: set[BackgroundTask] = set()

    def start(
        self, title: str, work: Work, done: Optional[Callable[[Any, Optional[BaseException]], None]] = None
    ) -> BackgroundTask:
        task: BackgroundTask

        def ended(result: Any, error: Optional[BaseException]) -> None:
            self._tasks.discard(task)
            if done is not None:
                done(result, error)

        task = BackgroundTask(title, work, ended)
        self._tasks.add(task)
        QgsApplication.taskManager().addTask(task)
        return task

    def close(self) -> None:
        """Cancel every task without waiting; their results are dropped."""
        for task in list(self._tasks):
            task.forget()
        self._tasks.clear()
