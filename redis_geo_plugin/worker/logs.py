"""Logs to standard error: a line for people, or a JSON object for machines, per event. Never given a secret.

Values may come from jobs of others: what would end a line, or draw elsewhere on a terminal, is escaped, so
that one line is one event and no job can write another.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Optional, TextIO

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Log:
    """``log.info("job done", job="…", seconds=1.2)``: an event in few words, and its values."""

    def __init__(self, form: str = "lines", level: str = "info", stream: Optional[TextIO] = None):
        self._json = form == "json"
        self._level = LEVELS[level]
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def debug(self, event: str, **values: object) -> None:
        """Write an event that helps to find a fault."""
        self._write("debug", event, values)

    def info(self, event: str, **values: object) -> None:
        """Write an event of ordinary work."""
        self._write("info", event, values)

    def warning(self, event: str, **values: object) -> None:
        """Write an event that an administrator should see."""
        self._write("warning", event, values)

    def error(self, event: str, **values: object) -> None:
        """Write an event that keeps the worker from its work."""
        self._write("error", event, values)

    def _write(self, level: str, event: str, values: dict[str, object]) -> None:
        if LEVELS[level] < self._level or self._stream is None:  # a Windows service has no standard error
            return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        if self._json:
            record = {"time": stamp, "level": level, "event": event, **values}
            text = _escaped(json.dumps(record, ensure_ascii=False, default=str))
        else:
            words = "".join(f" {name}={_word(value)}" for name, value in values.items())
            text = f"{stamp} {level.upper():7} {event}{words}"
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass  # nobody reads any more


def _word(value: object) -> str:
    """A value as one word: in quotes where it could be taken for more than one, or for another value."""
    text = str(value)
    plain = text and text.isprintable() and not set(text) & set(' ="\\')
    return text if plain else _escaped(json.dumps(text, ensure_ascii=False))


def _escaped(text: str) -> str:
    """The text with everything that cannot be printed as JSON escapes it: line ends, terminal codes,
    directions of writing, half characters."""
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
