"""One computing process of a worker: reads jobs from its standard input, stores results, tells its parent
what it does.

It tells *before* it begins a group of jobs, so that a crash or a hang can be laid at the door of one job; a
result is told as done only after it was stored. When its parent goes away, it ends.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import BinaryIO

from ..core.redis.settings import ConnectionSettings, Deployment
from . import frames
from .frames import Head


class Talk:
    """The pipes to and from the parent. Nothing else in this process may write to standard output or read
    from standard input."""

    def __init__(self) -> None:
        self.heard = os.fdopen(os.dup(0), "rb")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        try:
            os.dup2(2, 1)  # a stray print of a library goes to the log
        except OSError:  # a Windows service has no standard error
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        self._lock = threading.Lock()

    def say(self, head: Head) -> None:
        """Send a message to the parent."""
        data = frames.pack(head)
        with self._lock:
            while data:
                data = data[self._out.write(data) :]


def main() -> int:
    """Run until standard input ends."""
    # Who ends a service or a process group asks all of it; what we compute then is for the parent to finish
    # or hand back.
    for name in ("SIGTERM", "SIGBREAK"):  # Windows' Ctrl+Break goes to every process of a console
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _die_with_parent()
    talk = Talk()
    first = frames.read_frame(talk.heard)
    if first is None:
        return 0
    setup, _body = first
    from .computing import Computing

    computing = Computing(setup, connection(setup["connection"]), talk)
    # Only now: on Windows a library that asks for the standard input as it is loaded (OpenBLAS in NumPy does)
    # waits for as long as a thread reads there (numpy#24290).
    inbox: queue.Queue[tuple[Head, bytes]] = queue.Queue()
    threading.Thread(target=_listen, args=(talk.heard, inbox), daemon=True).start()
    talk.say({"t": "ready"})
    while True:
        head, body = inbox.get()
        computing.chunk(frames.unpack_jobs(head, body))
        talk.say({"t": "free"})


def _listen(stream: BinaryIO, inbox: queue.Queue[tuple[Head, bytes]]) -> None:
    """Read what the parent sends at all times, so that it never waits. When the parent ends, this process
    ends."""
    while True:
        message = frames.read_frame(stream)
        if message is None:
            os._exit(0)
        inbox.put(message)


def connection(values: Head) -> ConnectionSettings:
    """Read the connection settings that the parent sent."""
    values = dict(values)
    values["deployment"] = Deployment(values["deployment"])
    values["nodes"] = tuple((host, port) for host, port in values["nodes"])
    return ConnectionSettings(**values)


def _die_with_parent() -> None:
    """End this process when its parent ends: on Linux by the kernel, even in the middle of a computation;
    elsewhere by the closed pipe."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        with open(
            "/proc/self/oom_score_adj", "w"
        ) as file:  # where memory ends, end this process and not its parent
            file.write("900")
    except (OSError, AttributeError):
        pass


if __name__ == "__main__":
    sys.exit(main())
