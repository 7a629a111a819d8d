"""A worker that was started by a program: what it is told on standard input, and its end when that closes."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from typing import Callable


def read_lines(count: int) -> list[str]:
    """The first lines, empty ones where there are fewer."""
    return [sys.stdin.buffer.readline().decode("utf-8", "replace").strip() for _ in range(count)]


def when_closed(act: Callable[[], object]) -> None:
    """Call ``act`` in a thread of its own once whoever holds the other end has closed it, or has died."""
    threading.Thread(target=_wait, args=(act,), name="standard-input", daemon=True).start()


def _wait(act: Callable[[], object]) -> None:
    with suppress(OSError, ValueError):
        while sys.stdin.buffer.read(1024):
            pass
    act()
