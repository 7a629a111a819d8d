"""What every way to find and start a server program has in common."""

from __future__ import annotations

import os
import stat
import subprocess  # nosec B404 - runs programs by their path with fixed words, never a shell
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar, Optional, Protocol

from ...watched_process import hidden

ASK_SECONDS = 20.0  # that a program may take to say what is there; WSL starts a virtual machine first
DETACHED = 0x00000208  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
user_id = getattr(os, "getuid", lambda: 0)  # Windows has none
EVERYWHERE = ("Linux", "Darwin", "Windows")


@dataclass(frozen=True)
class ServerProgram:
    """A server program that can be started."""

    way: str  # the NAME of its finder, which the state file keeps
    program: Path  # what is run on this computer
    inside: str = ""  # where the server runs in there: an image, a distribution
    to_fetch: str = ""  # an image that has to be fetched first


@dataclass(frozen=True)
class Plan:
    """How a server is to be started. ``socket`` may be empty; ``memory`` as the server's settings have it."""

    directory: Path
    port: int
    password: str = field(repr=False)
    memory: str
    socket: str = ""


class Running(Protocol):
    """What is known of a server that was started; ``socket`` may be empty."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def pid(self) -> int:
        """The process that holds it."""

    @property
    def socket(self) -> str:
        """The path of its Unix socket."""


class Finder:
    """One way. The password reaches the server by a private file or by its standard input: a command line or
    an environment could be read by others."""

    NAME: ClassVar[str]
    SYSTEMS: ClassVar[tuple[str, ...]] = EVERYWHERE
    DATA: ClassVar[str] = "folder"  # where the data are; ways with the same word see each other's
    SOCKETS: ClassVar[bool] = False  # whether the plugin may reach it by a Unix socket
    PATIENCE: ClassVar[float] = 10.0  # seconds until it has to answer

    def find(self) -> Optional[ServerProgram]:
        """What can be started; None where there is nothing. May take seconds."""
        raise NotImplementedError

    def start(self, found: ServerProgram, plan: Plan, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start it; its words go to ``output``. Raises OSError."""
        raise NotImplementedError

    def is_ours(self, server: Running, directory: Path) -> bool:
        """Whether nobody but the server of this directory can be listening at its socket or port now."""
        raise NotImplementedError

    def is_alive(self, server: Running, directory: Path) -> bool:
        """Whether the server of this directory still runs, though it may not answer: a second one would
        write the same data."""
        return self.is_ours(server, directory)

    def clean_up(self, directory: Path) -> None:
        """Remove what a start that failed has left."""

    def command_to_install(self) -> str:
        """A command that would make this way possible; empty where none is known."""
        return ""


def configuration(plan: Plan, *, bind: str, port: int, folder: str) -> str:
    """The server's settings as its configuration file or its standard input has them."""
    sockets = (f"unixsocket {_quoted(plan.socket)}", "unixsocketperm 600") if plan.socket else ()
    return "\n".join(
        (
            f"bind {bind}",
            f"port {port}",
            *sockets,
            f"dir {_quoted(folder)}",
            "appendonly yes",
            'save ""',
            f"requirepass {plan.password}",
            f"maxmemory {plan.memory}",
            "maxmemory-policy volatile-ttl",
            "daemonize no",
            "",
        )
    )


def _quoted(text: str) -> str:
    """A value as it stands in a configuration file."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def is_private(folder: Path) -> bool:
    """Whether only this user can put anything into a folder."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user_id() and not found.st_mode & 0o077


def launch(words: Sequence[str], output: IO[bytes], said: str = "") -> subprocess.Popen[bytes]:
    """Start a program that outlives a crash of QGIS and does not get its Ctrl+C; ``said`` is what it reads
    on its standard input. Raises OSError."""
    process = subprocess.Popen(  # nosec B603 - a program that was found, with words of ours
        list(words),
        stdout=output,
        stderr=output,
        stdin=subprocess.PIPE if said else subprocess.DEVNULL,
        **detached(),
    )
    if process.stdin is not None:
        try:
            with process.stdin:
                process.stdin.write(said.encode())
        except OSError:
            pass  # it has ended already: its words tell why
    return process


def detached() -> dict[str, Any]:
    """Options for a program that goes on without QGIS."""
    if os.name == "nt":
        return {"creationflags": DETACHED}
    return {"start_new_session": True, "umask": 0o077}


def ask(words: Sequence[str], seconds: float = ASK_SECONDS) -> Optional[str]:
    """What a program says; None where it fails or takes too long. Opens no window."""
    try:
        done = subprocess.run(  # nosec B603 - a program that was found, with words of ours
            list(words),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            creationflags=hidden(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return text_of(done.stdout) if done.returncode == 0 else None


def text_of(said: bytes) -> str:
    """The words of a program; wsl.exe writes its own in UTF-16."""
    return said.decode("utf-16-le" if b"\0" in said else "utf-8", "replace")
