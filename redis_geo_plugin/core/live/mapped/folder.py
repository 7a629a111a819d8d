"""The folder of a mapped fleet: in shared memory where there is such a file system, else among the temporary
files; read by nobody else, and removed by whoever ends last."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Optional

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
    fcntl = None  # type: ignore[assignment]

SHARED_MEMORY = Path("/dev/shm")  # nosec B108 - a folder of our own is made in it, with a name that is drawn
_PREFIX = "redis-geo-fleet-"
_LOCK = "lock"


class Folder:
    """A new folder, until ``remove``. Raises OSError where none can be made."""

    def __init__(self, parent: Optional[Path] = None):
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent or parent_folder()))
        self._held: Optional[BinaryIO] = None
        try:
            self._held = hold(self.path)
        except OSError:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove it with what is in it. May be called again."""
        held, self._held = self._held, None
        if held is not None:
            held.close()
        shutil.rmtree(self.path, ignore_errors=True)


def parent_folder() -> Path:
    """Where such folders are made."""
    usable = SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK | os.X_OK)
    return SHARED_MEMORY if usable else Path(tempfile.gettempdir())


def hold(folder: Path) -> BinaryIO:
    """Say that a folder is in use for as long as what is returned is open. Raises OSError."""
    held = open(folder / _LOCK, "ab")  # noqa: SIM115 - for as long as its owner wants
    if fcntl is not None:
        fcntl.flock(held, fcntl.LOCK_SH)
    return held


def sweep(parent: Path) -> None:
    """Remove the folders that nobody uses any more: all who did were killed. The reading process does it, as
    what they hold may be large."""
    with suppress(OSError):
        for entry in list(parent.iterdir()):
            if entry.name.startswith(_PREFIX) and _is_left(entry):
                shutil.rmtree(entry, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    if fcntl is None or folder.is_symlink():
        return False
    try:
        with open(folder / _LOCK, "r+b") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # in use, only just made, or another user's
        return False
    return True
