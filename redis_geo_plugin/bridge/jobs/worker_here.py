"""A worker on this computer, started from the window: with which Python it runs, its process, its log.

It is a process of its own, so that a computation that ends its process does not end QGIS. It reads the
address from standard input, so that no password stands in a file or in the list of processes, and it ends
when that closes: when the window closes it, and also where QGIS dies without a word.

Its results serve this desktop only where its GEOS is the one that computes here. The Python that QGIS runs on
mostly has that; where it has not, packages with the right GEOS can be installed into a folder of the profile
that QGIS itself never looks into.
"""

from __future__ import annotations

import os
import subprocess  # nosec B404 - runs QGIS's own Python, never a shell
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from qgis.core import QgsApplication

from ...core.cores import available_cores
from ...core.redis.failures import Failure, FailureKind, StoreError
from ...core.redis.settings import ConnectionSettings
from ...core.watch import Watch
from ...core.watched_process import hidden
from .. import installing, packages

SHAPELY_OF = {  # the Shapely on the package index that brings a GEOS, as docs/jobs.md has them
    "3.11": "shapely==2.0.7",
    "3.13": "shapely==2.1.2",
    "3.14": "shapely==2.2.0",
}
REQUIREMENTS = ("pyproj", "redis>=6.4,<8")
GRACE = 5  # seconds that jobs under way may take when the window ends the worker
LOG_SHOWN = 200_000  # bytes of the end of the log
CHECK_TIMEOUT = 60.0
_CHECK = (
    "import pyproj; import redis_geo_plugin.core.redis.redispy; "
    "from redis_geo_plugin.core.geometry import geos; print(geos.version())"
)


class OtherGeos(Exception):
    """No Python here computes with the wanted GEOS. ``wanted`` is its version, ``theirs`` that of the Python
    that QGIS runs on, empty where that cannot run a worker; ``words`` say why."""

    def __init__(self, wanted: str, theirs: str, words: str = ""):
        super().__init__(f"GEOS {wanted}, not {theirs or words}")
        self.wanted, self.theirs, self.words = wanted, theirs, words

    @property
    def can_be_installed(self) -> bool:
        """Whether a package brings that GEOS."""
        return bool(shapely_of(self.wanted))


@dataclass(frozen=True)
class WorkerPython:
    """A Python that runs workers: its program, and the folder with packages of its own, if any."""

    python: Path
    packages: Optional[Path] = None

    def environment(self) -> dict[str, str]:
        """The environment of its processes."""
        here = Path(__file__).resolve().parents[3]  # the folder that holds the plugin's package
        own = [self.packages] if self.packages is not None else []
        found = [folder for folder in (packages.folder(),) if not own and folder.is_dir()]
        kept = os.environ.get("PYTHONPATH", "")
        words = [*map(str, [*own, here, *found]), *filter(None, [kept])]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(words), "PYTHONUNBUFFERED": "1"}


def folder() -> Path:
    """Where the profile keeps the log and the packages of the worker."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "redis_geo" / "worker"


def log_path() -> Path:
    """The log of the worker that was started last."""
    return folder() / "worker.log"


def shapely_of(geos: str) -> str:
    """The requirement whose package brings this version of GEOS; empty where none is known."""
    return next((words for version, words in SHAPELY_OF.items() if geos.startswith(version)), "")


def find_runner() -> WorkerPython:
    """A Python whose results are those of this process. Raises OtherGeos. Takes seconds."""
    from ...core.geometry import geos

    wanted, theirs, why = geos.version(), "", ""
    python = installing.python_program()
    if python is None:
        raise OtherGeos(wanted, "", "python")
    for own in (None, folder() / "python"):
        if own is None or own.is_dir():
            found, words = _geos_of(WorkerPython(python, own))
            if found == wanted:
                return WorkerPython(python, own)
            theirs, why = theirs or found, why or words
    raise OtherGeos(wanted, theirs, why)


def _geos_of(runner: WorkerPython) -> tuple[str, str]:
    """The GEOS with which it computes, or why it cannot run a worker."""
    try:
        done = subprocess.run(  # nosec B603 - QGIS's own Python with fixed words
            [str(runner.python), "-c", _CHECK],
            capture_output=True,
            timeout=CHECK_TIMEOUT,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            env=runner.environment(),
            creationflags=hidden(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        return "", str(error)
    return done.stdout.strip(), "" if done.returncode == 0 else done.stderr.strip()[-600:]


def make_environment(wanted: str, watch: Optional[Watch] = None) -> None:
    """Install what a worker with this GEOS needs into a folder of its own. Takes minutes: in the background.

    Raises StoreError (MISSING_PACKAGE) with pip's own last words, and leaves the folder as it was, where it
    does not work.
    """
    shapely = shapely_of(wanted)
    if not shapely:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, f"shapely, GEOS {wanted}"))

    def version_in(python: Path, there: str) -> str:
        found, words = _geos_of(WorkerPython(python, Path(there)))
        if found != wanted:
            raise StoreError(Failure(FailureKind.MISSING_PACKAGE, words or f"GEOS {found}, not {wanted}"))
        return found

    target = folder() / "python"
    installing.install([shapely, *REQUIREMENTS], version_in, watch or Watch(), target)


class WorkerHere:
    """A running worker. Made and started off the main thread; ``close`` waits for nothing."""

    def __init__(self, runner: WorkerPython, settings: ConnectionSettings, queue: str, processes: int):
        log_path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        words = [str(runner.python), "-m", "redis_geo_plugin.worker", "--stdin", "--queue", queue]
        words += ["--processes", str(processes), "--grace", str(GRACE)]
        descriptor = os.open(log_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as log:
            self._process = subprocess.Popen(  # nosec B603 - QGIS's own Python with fixed words
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=runner.environment(),
                **_detached(),
            )
        self.pid = self._process.pid
        lines = f"{settings.full_url(password=True)}\n{settings.cache_secret}\n"
        pipe = self._process.stdin
        if pipe is not None:
            try:
                pipe.write(lines.encode())
                pipe.flush()
            except OSError:  # it has ended already; its log says why
                pass

    @property
    def exit_code(self) -> Optional[int]:
        """The exit code; None while it runs."""
        return self._process.poll()

    def close(self) -> None:
        """Ask it to end: it finishes or hands back its jobs and ends by itself."""
        pipe, self._process.stdin = self._process.stdin, None
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what was not written yet cannot be any more
                pass

    def wait(self, seconds: float) -> Optional[int]:
        """Wait for its end, at most so long; returns the exit code."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None


def read_log() -> str:
    """The end of the log of the last worker; empty where there is none."""
    try:
        with open(log_path(), "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - LOG_SHOWN, 0))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def processes_here() -> int:
    """How many computing processes leave a core to QGIS."""
    return max(available_cores() - 1, 1)


def _detached() -> dict[str, Any]:
    """A Ctrl+C for QGIS is none for the worker, which ends by its standard input."""
    if os.name == "nt":
        return {"creationflags": 0x08000200}  # CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP
    return {"start_new_session": True}
