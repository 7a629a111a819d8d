"""A disk that a test can fill, under a server's folder: a small file system, or a limit on the size of the server's files."""

from __future__ import annotations

import os
import resource
import subprocess
from contextlib import contextmanager
from pathlib import Path

from .rights import rights

MEGABYTES = 256
MOST = 100e6  # bytes that may lie there before it is filled: else the server fills it by itself


class SmallFileSystem:
    """A tmpfs of its own. Full, every write there fails with ENOSPC."""

    kind = "file_system"

    def __init__(self, path: Path):
        self.path = path
        words = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "none", str(path)]
        subprocess.run(words, check=True, capture_output=True)
        self._filler = self.path / "filler"
        self._filler.touch()  # now: a disk that the server has filled by itself takes no new file

    def fill(self, process: subprocess.Popen) -> None:
        del process
        with open(self._filler, "wb") as filler:
            try:
                while filler.write(b"\0" * 1_000_000):
                    filler.flush()
            except OSError:
                pass

    def free(self, process: subprocess.Popen) -> None:
        del process
        os.truncate(self._filler, 0)

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.path)], capture_output=True, check=False)


class SizeLimit:
    """An ordinary folder. Full, the server may make no file longer (RLIMIT_FSIZE), so that its writes fail with EFBIG. The
    server ignores SIGXFSZ, as it does when ``RealServer`` starts it: the signal would end it instead."""

    kind = "size_limit"

    def __init__(self, path: Path):
        self.path = path

    def fill(self, process: subprocess.Popen) -> None:
        self._limit(process, 1)

    def free(self, process: subprocess.Popen) -> None:
        self._limit(process, resource.RLIM_INFINITY)

    def _limit(self, process: subprocess.Popen, size: int) -> None:
        if process.poll() is None:
            hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))

    def close(self) -> None:
        pass


@contextmanager
def small_disk(path: Path):
    """The disk in a new folder."""
    path.mkdir()
    disk = SizeLimit(path) if rights().mount else SmallFileSystem(path)
    try:
        yield disk
    finally:
        disk.close()


def used(path: Path) -> dict[str, int]:
    """The files below a folder and their sizes in bytes."""
    return {file.name: file.stat().st_size for file in path.rglob("*") if file.is_file()}
