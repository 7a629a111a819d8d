"""The thread of a feed: started, stopped, paused; it connects again by itself after a failure.

No call of the window waits for the thread or the server.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Callable, Optional, Protocol

from ..redis.failures import Failure, FailureKind, classify
from ..redis.settings import ConnectionSettings
from ..scope import Closable
from .status import FeedState, Status

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
STOP_TIMEOUT = 1.0


class Named(Protocol):
    """What is called something."""

    @property
    def name(self) -> str:
        """As it is called in the log."""


class FeedThread:
    """A subclass reads in ``_session`` until ``alive`` says no more, and raises when the connection is lost.

    ``notify()`` is called from the thread when there is something new for the window.
    """

    def __init__(self, settings: Optional[ConnectionSettings], notify: Optional[Callable[[], None]] = None):
        self._settings = settings
        self._notify = notify
        self._told = False
        self._state, self._since = FeedState.STOPPED, time.time()
        self._failure: Optional[Failure] = None
        self._wake = threading.Event()
        self._stopping = False
        self._paused = False
        self._anew = False
        self._thread: Optional[threading.Thread] = None

    # --- what a subclass says -------------------------------------------------------------------------------

    def named(self) -> Named:
        """What is read, by its name."""
        raise NotImplementedError

    @property
    def has_news(self) -> bool:
        """Whether the window would find anything new."""
        raise NotImplementedError

    def status(self) -> Status:
        """Return the current status."""
        raise NotImplementedError

    def _session(self) -> None:
        """Run one session: connect, and read until the connection is lost (raises) or the feed ends
        (returns)."""
        raise NotImplementedError

    def _being_read(self) -> Optional[Closable]:
        """What reads at the moment, whose connections are closed to break it off."""
        raise NotImplementedError

    def _ended(self) -> None:
        """Called in the thread when that is about to end."""

    # --- called by the window -------------------------------------------------------------------------------

    def start(self) -> None:
        """Start or restart the thread. Connects nothing in the calling thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping = self._paused = False
        self._wake.clear()
        self._set_state(FeedState.STARTING)
        self._thread = threading.Thread(
            target=self._run, name=f"redis-geo-feed-{self.named().name}", daemon=True
        )
        self._thread.start()

    def stop(self, wait: float = STOP_TIMEOUT) -> None:
        """Stop the thread; a read that waits for the server is cancelled."""
        self._stopping = True
        self._notify = None
        self._break_off()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(wait)
        self._set_state(FeedState.STOPPED)

    def pause(self) -> None:
        """Pause reading. The keys that change meanwhile are remembered."""
        self._paused = True
        self._set_state(FeedState.PAUSED)

    def resume(self) -> None:
        """Resume after a pause."""
        self._paused = False
        if self._state is FeedState.PAUSED:  # and not away
            self._set_state(FeedState.LIVE)
        self._wake.set()

    def reconnect(self, settings: Optional[ConnectionSettings]) -> None:
        """Use these settings from now on (another connection, a new password)."""
        if settings != self._settings:
            self._settings = settings
            self._anew = True
            self._break_off()

    @property
    def settings(self) -> Optional[ConnectionSettings]:
        """The connection in use, None where it does not exist."""
        return self._settings

    # --- the thread -----------------------------------------------------------------------------------------

    def alive(self) -> bool:
        """Tell whether the session goes on: it ends when the feed is stopped, or has to begin anew."""
        return not (self._stopping or self._anew)

    def wait(self, seconds: float) -> None:
        """Wait for a time, or until the pause ends or the settings change."""
        self._wake.wait(seconds)
        self._wake.clear()

    @property
    def paused(self) -> bool:
        """Whether the feed is paused."""
        return self._paused

    def tell(self) -> None:
        """Call ``notify`` once for all that waits for the window."""
        if self._told:
            return
        self._told = self.has_news  # before it is told: what is taken meanwhile may be told once more
        notify = self._notify
        if notify is not None:
            try:
                notify()
            except RuntimeError:  # the window's object was deleted in the meantime
                self._notify = None

    def _break_off(self) -> None:
        self._wake.set()
        reading = self._being_read()
        if reading is not None:
            reading.close()

    def _run(self) -> None:
        try:
            self._run_sessions()
        finally:
            self._ended()

    def _run_sessions(self) -> None:
        """Run sessions one after the other, with a pause after each that failed."""
        pause = FIRST_PAUSE
        while not self._stopping:
            self._anew = False
            self._wake.clear()
            try:
                self._session()
                pause = FIRST_PAUSE
            except Exception as error:
                if self._stopping:
                    break
                if self._anew:
                    continue
                if self._state not in (FeedState.RECONNECTING, FeedState.FAILED):
                    pause = FIRST_PAUSE
                failure = classify(error)
                if failure.kind is FailureKind.OTHER:
                    logging.getLogger("redis_geo").warning(
                        "%s: %s", self.named().name, failure.words, exc_info=True
                    )
                waits = failure.passing or failure.kind is FailureKind.OTHER
                self._set_state(FeedState.RECONNECTING if waits else FeedState.FAILED, failure)
                self.tell()
                self._wake.wait(pause)
                pause = min(pause * 2.0, LONGEST_PAUSE)

    def _set_state(self, state: FeedState, failure: Optional[Failure] = None) -> None:
        if self._stopping and state is not FeedState.STOPPED:
            return
        if state is not self._state:
            self._state, self._since = state, time.time()
        self._failure = failure
