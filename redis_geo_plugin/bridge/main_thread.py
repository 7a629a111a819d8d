"""Having the main thread do something while another waits.

What is implemented in Python, as the algorithms of plugins, is made, prepared and deleted on the main thread:
so does QGIS where it runs an algorithm in the background. There too the project and the registry of
algorithms are asked, which the window may change meanwhile.
"""

from __future__ import annotations

import threading
import traceback
from functools import lru_cache
from typing import Callable, Generic, Optional, TypeVar

import qgis.utils
from qgis.PyQt.QtCore import QCoreApplication, QObject, Qt, QThread, pyqtSignal, pyqtSlot

from ..core.watch import Cancelled, Watch

LOOK = 0.05  # seconds between two looks at whether the one who waits was cancelled
Result = TypeVar("Result")


class _Asked(Generic[Result]):
    """A piece of work for the main thread. It is done once, or withdrawn before it has begun."""

    def __init__(self, work: Callable[[], Result]):
        self._work: Optional[Callable[[], Result]] = work
        self._lock = threading.Lock()
        self._result: Optional[Result] = None
        self._error: Optional[BaseException] = None
        self.done = threading.Event()

    def answer(self) -> None:
        """Do the work."""
        work = self._taken()
        if work is None:
            return
        try:
            self._result = work()
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)  # nothing that was made here is deleted over there
            self._error = error.with_traceback(None)
        del work
        self.done.set()

    def withdraw(self) -> bool:
        """Give the work up; False where it has begun."""
        return self._taken() is not None

    def _taken(self) -> Optional[Callable[[], Result]]:
        with self._lock:
            work, self._work = self._work, None
        return work

    def result(self) -> Result:
        """What the work returned. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]


class _MainThread(QObject):
    """Belongs to the main thread, whichever made it."""

    asked = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        application = QCoreApplication.instance()
        if application is not None:
            self.moveToThread(application.thread())
        self.asked.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    @pyqtSlot(object)  # type: ignore[untyped-decorator]
    def _answer(self, asked: _Asked[object]) -> None:
        asked.answer()


@lru_cache(maxsize=1)
def _main() -> _MainThread:
    return _MainThread()


def is_here() -> bool:
    """Whether there is nobody to ask: this is the main thread, or there is no window, whose main thread might
    wait for this one."""
    return qgis.utils.iface is None or QThread.currentThread() == _main().thread()


def do(work: Callable[[], Result], watch: Watch) -> Result:
    """Have the main thread do ``work``, and return its result. May be called from any thread.

    Raises:
        Cancelled: it was cancelled before the main thread came to it.
        Exception: what ``work`` raised.
    """
    if is_here():
        return work()
    asked = _Asked(work)
    del work
    _main().asked.emit(asked)
    while not asked.done.wait(LOOK):
        if watch.cancelled() and asked.withdraw():
            raise Cancelled
    return asked.result()


def later(work: Callable[[], object]) -> None:
    """Have the main thread do ``work``, without waiting for it. May be called from any thread."""
    if is_here():
        work()
    else:
        _main().asked.emit(_Asked(work))
