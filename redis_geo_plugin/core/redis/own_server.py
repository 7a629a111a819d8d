"""What is known of the server on the analyst's own machine, and whether it is that which listens at its
address: asked before its password is sent. ``local_server`` starts it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

from . import programs
from .programs.base import Finder
from .settings import ConnectionSettings

STATE_FILE = "server.json"


@dataclass(frozen=True)
class LocalServer:
    """A local server as its state file has it. ``socket`` may be empty; ``kept``: the port it is to have;
    ``way``: how it was started, a finder's name; ``pid``: the process that holds it."""

    host: str
    port: int
    pid: int
    password: str = field(repr=False)
    socket: str = ""
    kept: int = 0
    way: str = ""

    @property
    def moved(self) -> bool:
        """Whether another program holds the port that it had until then."""
        return self.port != self.kept

    def settings(self, name: str = "local") -> ConnectionSettings:
        """How the plugin reaches it."""
        return ConnectionSettings(
            name=name, host=self.host, port=self.port, password=self.password, unix_socket=self.socket
        )

    def url(self, *, password: bool) -> str:
        """The address for other programs on this computer, with the password where it is asked for."""
        return ConnectionSettings(host=self.host, port=self.port, password=self.password).full_url(
            password=password
        )


def holds(directory: Path, settings: ConnectionSettings) -> bool:
    """Whether nobody but the server of this directory can be listening where these settings lead."""
    server = read_state(directory)
    if server is None or server.socket != settings.unix_socket:
        return False
    return bool(server.socket or server.port == settings.port) and way_of(server).is_ours(server, directory)


def way_of(server: LocalServer) -> Finder:
    """How it was started."""
    return programs.finder_of(server.way)


def read_state(directory: Path) -> Optional[LocalServer]:
    """The server as the state file of this directory has it, running or not; None without a readable file."""
    try:
        state = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
        port, place = int(state["port"]), str(state.get("socket", ""))
        kept = int(state.get("kept", port))
        pid, password, way = int(state["pid"]), str(state["password"]), str(state.get("way", ""))
        (password + place + way).encode()  # raises UnicodeEncodeError for half a character
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    sound = all(0 < number < 65536 for number in (port, kept)) and 0 < pid < 2**31 and "\0" not in place
    return LocalServer("127.0.0.1", port, pid, password, place, kept, way) if sound else None
