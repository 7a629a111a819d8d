"""What threads of the plugin's own (feeds, claims) met, and only noted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Noting(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.errors.append(record.exc_info[1])


@contextmanager
def noted() -> Iterator[list[BaseException]]:
    """The exceptions that are logged meanwhile, and those that end a thread."""
    handler, log, hook = _Noting(), logging.getLogger("redis_geo"), threading.excepthook
    log.addHandler(handler)
    threading.excepthook = lambda args: handler.errors.append(args.exc_value)
    try:
        yield handler.errors
    finally:
        threading.excepthook = hook
        log.removeHandler(handler)
