"""One computing process of a worker: reads jobs from its standard input, stores results, tells its parent what it does.

It tells *before* it begins a group of jobs, so that a crash or a hang can be laid at the door of one job; a result is told
as done only after it was stored. When its parent goes away, it ends.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import Any

from ..core.settings import ConnectionSettings, Deployment
from . import frames


class Talk:
    """The way to the parent. Its pipe is kept to ourselves: nothing else may write to standard output."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        try:
            os.dup2(2, 1)  # a stray print of a library goes to the log
        except OSError:  # a Windows service has no standard error
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        self._lock = threading.Lock()

    def say(self, head: dict[str, Any]) -> None:
        data = frames.pack(head)
        with self._lock:
            while data:
                data = data[self._out.write(data) :]


def main() -> int:
    """Runs until standard input ends."""
    # Who ends a service or a process group asks all of it; what we compute then is for the parent to finish or hand back.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with_parent()
    talk = Talk()
    inbox: queue.Queue = queue.Queue()
    reader = threading.Thread(target=_listen, args=(inbox,), daemon=True)
    reader.start()
    setup, _body = inbox.get()
    from .computing import Computing

    computing = Computing(setup, connection(setup["connection"]), talk)
    talk.say({"t": "ready"})
    while True:
        head, body = inbox.get()
        computing.chunk(frames.unpack_jobs(head, body))
        talk.say({"t": "free"})


def _listen(inbox: queue.Queue) -> None:
    """Standard input is drained at all times, so that the parent never waits; its end is ours."""
    stream = sys.stdin.buffer
    while True:
        message = frames.read(stream)
        if message is None:
            os._exit(0)
        inbox.put(message)


def connection(values: dict[str, Any]) -> ConnectionSettings:
    """The settings as the parent sent them."""
    values = dict(values)
    values["deployment"] = Deployment(values["deployment"])
    values["nodes"] = tuple((host, port) for host, port in values["nodes"])
    return ConnectionSettings(**values)


def _die_with_parent() -> None:
    """On Linux the kernel ends us with our parent even in the middle of a computation; elsewhere the closed pipe does."""
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        with open("/proc/self/oom_score_adj", "w") as file:  # where memory ends, end this process and not its parent
            file.write("900")
    except (OSError, AttributeError):
        pass


if __name__ == "__main__":
    sys.exit(main())
