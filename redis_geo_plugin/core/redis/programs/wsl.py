"""The Windows Subsystem for Linux: the server in a distribution of the user's, its data in the home there."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess  # nosec B404 - for the type of what is started
from pathlib import Path
from typing import IO, ClassVar, Optional

from . import listeners
from .base import Finder, Plan, Running, ServerProgram, ask, configuration, launch
from .native import NAMES

NOT_FOR_USERS = ("docker-desktop", "podman-", "rancher-desktop")  # distributions of other programs


class Wsl(Finder):
    """Windows passes connections to 127.0.0.1 on to what listens inside. The server runs as long as the
    process of wsl.exe that started it, and reads its settings from its standard input."""

    NAME = "wsl"
    SYSTEMS = ("Windows",)
    DATA: ClassVar[str] = "home in WSL"
    PATIENCE = 40.0

    def find(self) -> Optional[ServerProgram]:
        """The first distribution with a server program, which ``inside`` names."""
        program = shutil.which("wsl")
        for name in distributions():
            server = _server_in(name)
            if program is not None and server:
                return ServerProgram(self.NAME, Path(program), f"{name}:{server}")
        return None

    def start(self, found: ServerProgram, plan: Plan, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server in a private folder of the home."""
        distribution, _, server = found.inside.rpartition(":")
        inside = [str(found.program), "~", "-d", distribution, "-e"]
        folder = folder_name(plan.directory)
        ask([*inside, "mkdir", "-p", "-m", "700", folder])
        settings = configuration(plan, bind="127.0.0.1", port=plan.port, folder=folder)
        return launch([*inside, server, "-"], output, settings)

    def is_ours(self, server: Running, _directory: Path) -> bool:
        """Whether the process that holds the server still runs: its port is passed on until it ends."""
        return listeners.process_name(server.pid).lower().startswith("wsl")

    def command_to_install(self) -> str:
        """Install a server where there is a distribution without one."""
        names = distributions()
        return f"wsl -d {names[0]} -u root -e apt-get install -y redis-server" if names else ""


def distributions() -> list[str]:
    """The installed distributions, the default one first. Starts none of them."""
    program = shutil.which("wsl")
    said = ask([program, "--list", "--quiet"]) if program else None
    names = [line.strip().strip("\ufeff") for line in (said or "").splitlines()]
    return [name for name in names if name and not name.startswith(NOT_FOR_USERS)]


def folder_name(directory: Path) -> str:
    """The folder of the data in the home of the distribution, one for each profile."""
    return ".redis-geo-" + hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:16]


def _server_in(distribution: str) -> str:
    """The path of a server program in a distribution; empty where there is none."""
    program = shutil.which("wsl")
    for name in NAMES if program else ():
        said = ask([str(program), "~", "-d", distribution, "-e", "which", name])
        if said and said.strip().startswith("/"):
            return said.strip().splitlines()[0]
    return ""
