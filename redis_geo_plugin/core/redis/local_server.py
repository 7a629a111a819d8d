"""The server on the analyst's own machine: started by us, kept in the profile, found again at the next start.

It listens on 127.0.0.1 only, wants a random password, appends every write to a file, and has a memory limit
that gives up what carries a TTL first. Everything of it stands in a folder that only its owner may enter.

On a shared computer, whoever gets hold of its port after a restart would be sent the password. So the plugin
itself speaks to it by a Unix socket in that folder, where nobody else can listen; where there are none
(Windows, containers), only while it is known that nobody else listens at the port. Its port, for other
programs, stays the same. ``programs`` has the ways to find and start a server.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess  # nosec B404 - for the type of what is started
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Optional, Union

from . import programs
from .failures import Failure, FailureKind, StoreError, classify
from .own_server import STATE_FILE, LocalServer, read_state, way_of
from .programs.base import Plan, ServerProgram, is_private, user_id
from .programs.native import CONFIG_FILE, Native, write_private

if TYPE_CHECKING:
    from .types import RedisClient

LOCK_FILE = "starting"
SOCKET_FILE = "server.sock"
LONGEST_SOCKET = 100  # bytes of a Unix socket's path; systems take 104 to 108
DEFAULT_MEMORY = "512mb"
LOCK_SECONDS = 20.0  # after which a lock that nobody renews was left by a crash
STARTS = 3  # another program may take a free port before the server gets to it
PORT_TAKEN = ("address already in use", "port is already allocated", "only one usage of each socket")


def find_program(prefer: str = "") -> Optional[ServerProgram]:
    """The server program of this computer, see ``programs.find_program``."""
    return programs.find_program(prefer)


def start(
    directory: Path, program: Optional[Union[Path, ServerProgram]] = None, memory: str = DEFAULT_MEMORY
) -> LocalServer:
    """Start the server of this directory, or find the one that already runs there.

    Raises StoreError (MISSING_PACKAGE) where no server program is to be found, and StoreError (OTHER) with
    the server's own last words where it does not come up. Waits up to 10 s, or longer for containers and
    WSL: never call it on the main thread.
    """
    running = find(directory)
    if running:
        return running
    earlier = read_state(directory)
    if isinstance(program, Path):
        program = ServerProgram(Native.NAME, program)
    found = program or (find_program(earlier.way) if earlier else find_program())
    if found is None:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, "valkey-server, redis-server"))
    try:
        make_private(directory)
        with _alone(directory):
            return find(directory) or _start(directory, found, memory)
    except OSError as error:
        raise StoreError(Failure(FailureKind.OTHER, str(error))) from error


def make_private(directory: Path) -> None:
    """Create the folder so that only its owner can open it, or restrict one of an earlier version. Raises
    OSError."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    for path in directory.rglob("*"):
        if not path.is_symlink():
            with suppress(FileNotFoundError):  # a server's own, which comes and goes
                path.chmod(0o700 if path.is_dir() else 0o600)


def _start(directory: Path, found: ServerProgram, memory: str) -> LocalServer:
    """Start it at its port, else at another one: what is free now may be taken a moment later."""
    earlier = read_state(directory)
    if earlier is None:
        running = _of_lost_state(directory)
        if running is not None:
            _write_state(directory, running)
            return running
    elif _still_runs(earlier, directory):
        return earlier
    ports = [earlier.kept] if earlier and _is_free(earlier.kept) else []
    for _ in range(STARTS - 1):
        port = ports.pop() if ports else free_port()
        try:
            return _start_at(port, directory, found, memory)
        except StoreError as error:
            if not any(words in error.failure.words.lower() for words in PORT_TAKEN):
                raise
    return _start_at(free_port(), directory, found, memory)


def _start_at(port: int, directory: Path, found: ServerProgram, memory: str) -> LocalServer:
    earlier, finder = read_state(directory), programs.finder_of(found.way)
    password = earlier.password if earlier else secrets.token_urlsafe(24)
    kept = earlier.kept if earlier else port
    place = socket_path(directory) if finder.SOCKETS else ""
    log = directory / "server.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        begun = output.seek(0, os.SEEK_END)
        process = finder.start(found, Plan(directory, port, password, memory, place), output)
    server = LocalServer("127.0.0.1", port, process.pid, password, place, kept, found.way)
    try:
        _write_state(directory, server)  # now: a crash of QGIS must not leave a server that nobody knows of
    except OSError:
        process.kill()
        process.wait()
        finder.clean_up(directory)
        raise
    if _comes_up(server, directory, process):
        return server
    if process.poll() is None and finder.is_alive(server, directory):  # it may be reading much: it is let be
        raise StoreError(Failure(_why_silent(server), _last_words(log, begun)))
    finder.clean_up(directory)
    if earlier:
        _write_state(directory, earlier)
    else:
        (directory / STATE_FILE).unlink(missing_ok=True)
    raise StoreError(Failure(FailureKind.OTHER, _last_words(log, begun)))


def _comes_up(
    server: LocalServer, directory: Path, process: Optional[subprocess.Popen[bytes]] = None
) -> bool:
    """Whether it answers within its finder's patience; its process, where it is known, has to go on."""
    finder = way_of(server)
    deadline = time.monotonic() + finder.PATIENCE
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        if finder.is_ours(server, directory) and _answers(server):
            return True
        if process is None and not finder.is_alive(server, directory):
            return False
        _renew_lock(directory)
        time.sleep(0.02)
    return False


def _still_runs(server: LocalServer, directory: Path) -> bool:
    """Whether a server that did not answer does so now: it was reading its file. Raises StoreError where it
    stays silent but runs: a second one beside it would write into the same files."""
    if not way_of(server).is_alive(server, directory):
        return False
    if _comes_up(server, directory):
        return True
    if way_of(server).is_alive(server, directory):
        raise StoreError(Failure(_why_silent(server), f"process {server.pid}"))
    return False


def _of_lost_state(directory: Path) -> Optional[LocalServer]:
    """A server that runs here though its state file is gone or damaged, as its configuration file and it
    itself have it; None where none listens at the socket. Raises StoreError where that one stays silent."""
    from .redispy import redis

    place = socket_path(directory)
    if not place or not _listens(place):
        return None
    try:
        lines = (directory / CONFIG_FILE).read_text(encoding="utf-8").splitlines()
        words = dict(line.split(" ", 1) for line in lines if " " in line)
        port, password = int(words["port"]), words["requirepass"]
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(Failure(FailureKind.OTHER, f"{place}: {error}")) from error
    server = LocalServer("127.0.0.1", port, 0, password, place, port, Native.NAME)
    client = _client(server, 1.0)
    try:
        return replace(server, pid=int(client.info("server")["process_id"]))
    except (redis.exceptions.RedisError, OSError, KeyError, ValueError) as error:
        raise StoreError(Failure(classify(error).kind, place)) from error
    finally:
        client.close()


def _listens(place: str) -> bool:
    """Whether somebody listens at a Unix socket, though he may not answer."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(1.0)
        try:
            sock.connect(place)
        except OSError:
            return False
        return True


def _why_silent(server: LocalServer) -> FailureKind:
    client = _client(server, 1.0)
    try:
        client.ping()
    except Exception as error:  # whatever it is, it has a kind
        return classify(error).kind
    finally:
        client.close()
    return FailureKind.TOO_SLOW  # until now


def socket_path(directory: Path) -> str:
    """Where the Unix socket is to be: in the folder, else in a temporary one of this user; '' for none."""
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        return ""
    path = directory.resolve() / SOCKET_FILE
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return str(path)
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"redis-geo-{user_id()}-{digest}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return ""
    path = folder / SOCKET_FILE
    return str(path) if is_private(folder) and len(os.fsencode(path)) <= LONGEST_SOCKET else ""


def find(directory: Path) -> Optional[LocalServer]:
    """The server that already runs in this directory and answers to its password, or None.

    The password is sent to nobody else: to the socket in the private folder, or to the port
    while it is known that nobody else listens there.
    """
    server = read_state(directory)
    if server is None or not way_of(server).is_ours(server, directory):
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
        if not (way_of(server).is_ours(server, directory) and _answers(server)):
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _is_free(port: int) -> bool:
    """Whether nothing listens at this port now. Not every way to start a server says so by itself."""
    with socket.socket() as sock:
        if os.name != "nt":  # there it would let two listen at once
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the lock by which only one window at a time starts the server of a directory. A lock left by a
    crash expires."""
    lock = directory / LOCK_FILE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError:
            if _is_stale(lock):
                lock.unlink(missing_ok=True)
            else:
                time.sleep(0.05)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _is_stale(lock: Path) -> bool:
    try:
        age = time.time() - lock.stat().st_mtime  # below zero once the clock was set back
        return abs(age) > LOCK_SECONDS
    except OSError:
        return False  # gone in the meantime


def _renew_lock(directory: Path) -> None:
    with suppress(OSError):
        os.utime(directory / LOCK_FILE)


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
    """A client whose calls take no longer than ``timeout`` seconds, whoever may answer, and are made once."""
    from .calls import CallLimits
    from .clients import make_client
    from .doors import Door
    from .redispy import NoBackoff, Retry

    return make_client(Door(server.settings(), CallLimits(timeout, timeout)), Retry(NoBackoff(), 0), 1.0)


def _write_state(directory: Path, server: LocalServer) -> None:
    names = ("port", "pid", "password", "socket", "kept", "way")
    text = json.dumps({name: getattr(server, name) for name in names})
    write_private(directory / STATE_FILE, text)


def _last_words(log: Path, begun: int) -> str:
    """The end of what stands in the log behind the byte at which this start began."""
    try:
        with open(log, "rb") as file:
            file.seek(begun)
            return file.read().decode("utf-8", "replace")[-600:].strip()
    except OSError:
        return ""
