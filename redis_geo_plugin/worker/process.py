"""A computing process as its parent sees it: started by spawning, fed and heard by threads, so that neither
ever blocks."""

from __future__ import annotations

import os
import queue
import subprocess  # nosec B404 - starts this very package again, never a shell
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Optional

from . import frames
from .frames import Head

_CHEAP_MEMORY = sys.platform.startswith("linux") or sys.platform == "win32"
_ROOT = str(Path(__file__).resolve().parents[2])  # the folder, or the zip, that holds the package


class ComputingProcess:
    """Events arrive in ``events`` as (this, head) with head["t"] one of ready, start, done, bad, failed,
    rest, wait, go_on, free, and "gone" when the process has ended."""

    def __init__(self, setup: Head, events: queue.Queue[tuple[ComputingProcess, Head]]):
        self.events = events
        self.ready = False
        self.chunks: deque[list[int]] = deque()  # the jobs of each that was sent and is not yet worked
        self.held: dict[int, Any] = {}  # number -> the parent's record
        self.started: list[int] = []
        self.started_at = 0.0
        self.waiting = ""
        self.cancelled: set[str] = set()  # names of the jobs for which it is being ended
        self.verdict = ""  # why the parent killed it
        self._accused: list[int] = []  # what it had in hand then
        self._memory, self._memory_at = 0, 0.0
        self._outbox: queue.Queue[Optional[bytes]] = queue.Queue()
        self.process = subprocess.Popen(  # nosec B603 - a fixed command
            [sys.executable, "-m", f"{__package__}.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            bufsize=0,
            **_apart(),
        )
        self._outbox.put(frames.pack(setup))
        for target in (self._write, self._read):
            threading.Thread(target=target, daemon=True).start()

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self.process.pid

    def send(self, jobs: list[frames.Numbered]) -> None:
        """Send a chunk of jobs."""
        self.chunks.append([number for number, _alone, _again, _fields in jobs])
        self._outbox.put(frames.pack_jobs(jobs))

    def seconds(self) -> float:
        """How long the present group has been computed; 0 while nothing is, or while the process waits."""
        return time.monotonic() - self.started_at if self.started and not self.waiting else 0.0

    def begun(self) -> list[int]:
        """The held jobs that it had in hand, at its end or when the parent killed it."""
        numbers = self._accused if self.verdict else self._in_hand()
        return [number for number in numbers if number in self.held]

    def _in_hand(self) -> list[int]:
        """What is being computed; before the first group of a chunk, that chunk, which is being read."""
        return self.started or (self.chunks[0] if self.chunks else [])

    def kill(self, verdict: str = "") -> None:
        """Kill the process. ``verdict`` (a JobReason) is what the job that it has in hand is charged with."""
        if verdict and not self.verdict:
            self.verdict, self._accused = verdict, self._in_hand()
        try:
            self.process.kill()
        except OSError:
            pass

    def close(self, timeout: float = 2.0) -> None:
        """Close its input, which ends it; then make sure."""
        self._outbox.put(None)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def memory(self) -> int:
        """Bytes of resident memory, 0 where unknown. Where a program must be asked for it, as it was a second
        ago."""
        now = time.monotonic()
        if _CHEAP_MEMORY or now - self._memory_at >= 1.0:
            self._memory, self._memory_at = resident_memory(self.process.pid), now
        return self._memory

    def _write(self) -> None:
        stream = self.process.stdin
        assert stream is not None
        try:
            while True:
                data = self._outbox.get()
                if data is None:
                    break
                view = memoryview(data)
                while view:
                    view = view[stream.write(view) :]
        except OSError:
            pass  # it has ended, which the reader tells
        finally:
            try:
                stream.close()
            except OSError:
                pass

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        try:
            while True:
                message = frames.read_frame(stream)  # type: ignore[arg-type]
                if message is None:
                    break
                self.events.put((self, message[0]))
        except (OSError, ValueError):
            pass
        self.process.wait()
        self.events.put((self, {"t": "gone", "code": self.process.returncode}))


def _environment() -> dict[str, str]:
    """This process's environment with the package first on the path, and one thread per library, since there
    is a process per core."""
    environment = dict(os.environ)
    paths = [_ROOT, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    environment.setdefault("OMP_NUM_THREADS", "1")
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    return environment


def _apart() -> dict[str, Any]:
    """Keep Ctrl+C in a terminal from the computing processes: it is for the parent."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def resident_memory(pid: int) -> int:
    """Bytes of resident memory of a process, 0 where it is unknown."""
    if sys.platform.startswith("linux"):
        try:
            with open(f"/proc/{pid}/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            return 0
    if sys.platform == "win32":
        return _windows_memory(pid)
    return _ps_memory(pid)


def _ps_memory(pid: int) -> int:
    try:
        answer = subprocess.run(  # nosec B603 B607 - macOS and the BSDs
            ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, timeout=2, check=False
        )
        return int(answer.stdout.split()[0]) * 1024
    except (OSError, ValueError, IndexError, subprocess.TimeoutExpired):
        return 0


def _windows_memory(pid: int) -> int:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        _fields_ = [
            ("cb", wintypes.DWORD),
            ("PageFaultCount", wintypes.DWORD),
            *(
                (name, ctypes.c_size_t)
                for name in ("PeakWorkingSetSize", "WorkingSetSize", "a", "b", "c", "d", "e", "f")
            ),
        ]

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.K32GetProcessMemoryInfo.argtypes = (wintypes.HANDLE, ctypes.POINTER(Counters), wintypes.DWORD)
    kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    process = kernel.OpenProcess(0x1000 | 0x0010, False, pid)
    if not process:
        return 0
    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    try:
        if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb):
            return 0
        return int(counters.WorkingSetSize)
    finally:
        kernel.CloseHandle(process)
