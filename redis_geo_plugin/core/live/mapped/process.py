"""The reading process as the window sees it: started by spawning, fed by a thread, so that nobody waits for
it."""

from __future__ import annotations

import os
import queue
import subprocess  # nosec B404 - starts this very package again, never a shell
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Optional

from ...json_types import JsonObject
from ...watched_process import hidden
from .lines import LONGEST, packed, unpacked

_ROOT = str(Path(__file__).resolve().parents[4])  # the folder, or the zip, that holds the package
ENDING = 1.0  # seconds that it may take to end by itself


class ReadingProcess:
    """``setup`` is the first that it is told. Raises OSError where it cannot be started."""

    def __init__(self, python: Path, setup: JsonObject):
        self._outbox: queue.Queue[Optional[bytes]] = queue.Queue()
        self.hearing = threading.Lock()  # held by who hears it
        self.process = subprocess.Popen(  # nosec B603 - a fixed command
            [str(python), "-m", f"{__package__}.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            creationflags=hidden(),
            **_apart(),
        )
        self.tell(setup)
        threading.Thread(target=self._write, name="redis-geo-mapped-words", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def tell(self, words: JsonObject) -> None:
        """Tell it something, later."""
        self._outbox.put(packed(words))

    def hear(self) -> Optional[JsonObject]:
        """Wait for what it says; None when it has ended."""
        assert self.process.stdout is not None
        with suppress(OSError, ValueError):
            return unpacked(self.process.stdout.readline(LONGEST))
        return None

    def wait(self) -> int:
        """Wait until it has ended, which it is about to; its thread ends too. Returns its exit code."""
        try:
            return self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()
        finally:
            self._outbox.put(None)

    def kill(self) -> None:
        """End it at once."""
        with suppress(OSError):
            self.process.kill()

    def end(self) -> None:
        """Let it end, and make sure. Not for the main thread."""
        self.tell({"t": "end"})
        self.wait()

    def _write(self) -> None:
        stream = self.process.stdin
        assert stream is not None
        with suppress(OSError, ValueError):
            while True:
                data = self._outbox.get()
                if data is None:
                    break
                stream.write(data)
                stream.flush()
        with suppress(OSError, ValueError):
            stream.close()


def _environment() -> dict[str, str]:
    """This process's environment with the package and its libraries on the path; no address of a server, and
    one thread per library."""
    environment = {name: value for name, value in os.environ.items() if name != "REDIS_GEO_URL"}
    paths = [
        _ROOT,
        *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep)),
        *filter(None, sys.path),
    ]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    return environment


def _apart() -> dict[str, Any]:
    """Keep Ctrl+C in a terminal from it: that is for the parent."""
    return {} if sys.platform == "win32" else {"start_new_session": True}
