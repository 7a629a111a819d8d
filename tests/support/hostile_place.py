"""Where the hostile day takes place: a server on a disk that can be filled, with a clock that can jump, behind a bad line."""

from __future__ import annotations

import subprocess
import warnings
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from .clocks import ServerClock
from .hosts import Network
from .packet_link import PacketLink, why_not
from .servers import RealServer
from .slow_link import SlowLink

SECRET = "nur-hier-7up"


@contextmanager
def small_disk(place: Path, megabytes: int = 256):
    """A tmpfs, which needs root, as continuous integration has."""
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(place)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"this test mounts a small disk, as root in continuous integration can: {done.stderr}"
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


class Place:
    """A server with a password. Clients of ``settings`` reach it directly, those of ``behind`` by the bad line.

    The line is one of packets between network namespaces; where the machine does not allow that, a relay of TCP data, which
    is said aloud and stands in the table.
    """

    def __init__(self, flavour: str, disk: Path, scratch: Path):
        self.disk = disk
        self.clock = ServerClock(scratch)
        self.without_packets = why_not()
        self._network = None if self.without_packets else Network()
        self._host = self._network.add_host() if self._network else None
        self.link = PacketLink(self._host) if self._host else None
        near = self._host.address if self._host else "127.0.0.1"
        words = ["--bind", near, self.link.far] if self.link else []
        self.real = RealServer(
            flavour,
            *("--requirepass", SECRET, "--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            *("--dir", str(disk), "--auto-aof-rewrite-percentage", "0"),
            *words,
            host=near,
            prefix=self._host.prefix if self._host else (),
            environment=self.clock.environment,
        )
        self.settings = self.real.settings(password=SECRET)
        if self.link:
            self.behind = replace(self.settings, host=self.link.far)
        else:
            warnings.warn(f"bad lines by a relay of TCP data in place of packets: {self.without_packets}", stacklevel=2)
            self.link = SlowLink((self.real.host, self.real.port))
            self.behind = replace(self.settings, port=self.link.port)

    @property
    def url(self) -> str:
        """The address behind the bad line, with the password: for a worker's environment or command line."""
        return f"redis://:{SECRET}@{self.behind.host}:{self.behind.port}/0"

    @contextmanager
    def admin(self):
        with self.real.client(password=SECRET) as client:
            yield client

    def config(self, **values) -> None:
        with self.admin() as client:
            for name, value in values.items():
                client.config_set(name.replace("_", "-"), value)

    def version(self) -> str:
        with self.admin() as client:
            info = client.info("server")
        return f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"

    def close(self) -> None:
        self.real.close()
        with suppress(OSError):
            self.link.close()
        if self._network is not None:
            self._network.close()
