"""The connections of a piece of work, closed when it is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Callable, Optional, Protocol, TypeVar

from .watch import Cancelled


class Closable(Protocol):
    """Anything that holds connections."""

    def close(self) -> None:
        """Close the connections; a thread that waits for one gets an error."""


Opened = TypeVar("Opened", bound=Closable)


class Scope:
    """The connections of one piece of work. Cancelling the work closes them, which wakes a thread that waits
    for a server.

    ``server.open_server`` gives a thread inside ``entered()`` a Server of its scope instead of the shared
    one, so that cancelling breaks off no call of anybody else.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: dict[Hashable, Closable] = {}
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether ``cancel`` was called."""
        return self._cancelled.is_set()

    def get(self, key: Hashable, make: Callable[[], Opened]) -> Opened:
        """Return what was made for this key, made now if need be. Raises Cancelled in a scope that was
        cancelled."""
        with self._lock:
            if self.cancelled:
                raise Cancelled
            if key not in self._opened:
                self._opened[key] = make()
            return self._opened[key]  # type: ignore[return-value]

    def cancel(self) -> None:
        """Close what is open, in a thread of its own: closing may have to wait for a connection that is being
        made."""
        self._cancelled.set()
        if self._opened:
            threading.Thread(target=self.close, name="redis-geo-closing", daemon=True).start()

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            opened, self._opened = list(self._opened.values()), {}
        for one in opened:
            one.close()

    @contextmanager
    def entered(self) -> Iterator[Scope]:
        """Make this the scope of the current thread; at the end it is closed."""
        before = current_scope()
        _thread.scope = self
        try:
            yield self
        finally:
            _thread.scope = before
            self.close()


def current_scope() -> Optional[Scope]:
    """The scope that the current thread works in, or None."""
    return getattr(_thread, "scope", None)


_thread = threading.local()
