"""What a feed of positions and a live set of features have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.PyQt.QtCore import QObject, pyqtSignal

if TYPE_CHECKING:
    from ...core.live.feed_thread import FeedThread
    from ...core.live.status import Status


class LiveSource(QObject):
    """A thread that reads, and what is shown of it. Main thread only.

    ``ticked`` after each complete write, ``changed`` when the state may have changed, ``ended`` when what
    shows it was deleted. ``core`` is the thread, None while it does not run; ``_heard`` is emitted by it.
    """

    ticked = pyqtSignal()
    changed = pyqtSignal()
    ended = pyqtSignal()
    _heard = pyqtSignal()

    if TYPE_CHECKING:
        core: Optional[FeedThread]
        is_drawing: Callable[[], bool]

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._heard.connect(self._hear)

    def _hear(self) -> None:
        """Take over what the thread has for the window."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether there is a thread that reads."""
        return self.core is not None

    @property
    def is_paused(self) -> bool:
        """Whether its thread pauses."""
        return self.core is not None and self.core.paused

    def status(self) -> Optional[Status]:
        """Return the status of the thread, None while it does not run."""
        return self.core.status() if self.core is not None else None

    def pause(self) -> None:
        """Pause reading until ``resume``."""
        if self.core is not None:
            self.core.pause()
            self.changed.emit()

    def resume(self) -> None:
        """Resume after a pause."""
        if self.core is not None:
            self.core.resume()
            self._hear()
            self.changed.emit()

    def on_drawn(self) -> None:
        """Note that the canvas has finished drawing."""
        raise NotImplementedError
