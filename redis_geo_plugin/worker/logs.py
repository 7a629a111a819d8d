"""Logs to standard error: a line for people, or a JSON object for machines, per event. Never given a secret."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Log:
    """``log.info("job done", job="…", seconds=1.2)``: an event in few words, and its values."""

    def __init__(self, form: str = "lines", level: str = "info", stream: Any = None):
        self._json = form == "json"
        self._level = LEVELS[level]
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def debug(self, event: str, **values: Any) -> None:
        self._write("debug", event, values)

    def info(self, event: str, **values: Any) -> None:
        self._write("info", event, values)

    def warning(self, event: str, **values: Any) -> None:
        self._write("warning", event, values)

    def error(self, event: str, **values: Any) -> None:
        self._write("error", event, values)

    def _write(self, level: str, event: str, values: dict[str, Any]) -> None:
        if LEVELS[level] < self._level or self._stream is None:  # a Windows service has no standard error
            return
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
        if self._json:
            text = json.dumps(
                {"time": stamp, "level": level, "event": event, **values}, ensure_ascii=False, default=str
            )
        else:
            words = "".join(f" {name}={_word(value)}" for name, value in values.items())
            text = f"{stamp} {level.upper():7} {event}{words}"
        with self._lock:
            try:
                self._stream.write(text + "\n")
                self._stream.flush()
            except (OSError, ValueError):
                pass  # nobody reads any more


def _word(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if " " in text or not text else text
