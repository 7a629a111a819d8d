"""Where the hostile day takes place: a server on a disk that can be filled, with a clock that can jump, behind a bad line."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from .clocks import ServerClock
from .hosts import Network
from .packet_link import PacketLink
from .rights import rights
from .servers import RealServer
from .slow_link import SlowLink
from .small_disk import SizeLimit, SmallFileSystem

SECRET = "nur-hier-7up"


class Place:
    """A server with a password. Clients of ``settings`` reach it directly, those of ``behind`` by the bad line.

    The line is one of packets between network namespaces; where the machine does not allow that, a relay of TCP data.
    """

    def __init__(self, flavour: str, disk: SmallFileSystem | SizeLimit, scratch: Path):
        self.disk = disk
        self.clock = ServerClock(scratch)
        self.without_packets = rights().packets
        self._network = None if self.without_packets else Network()
        self._host = self._network.add_host([]) if self._network else None
        self.link = PacketLink(self._host) if self._host else None
        near = self._host.address if self._host else "127.0.0.1"
        words = ["--bind", near, self.link.far] if self.link else []
        self.real = RealServer(
            flavour,
            *("--requirepass", SECRET, "--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            *("--dir", str(disk.path), "--auto-aof-rewrite-percentage", "0"),
            *words,
            host=near,
            prefix=self._host.prefix if self._host else (),
            environment=self.clock.environment,
        )
        self.settings = self.real.settings(password=SECRET)
        if self.link:
            self.behind = replace(self.settings, host=self.link.far)
        else:
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
        return (
            f"Valkey {info['valkey_version']}"
            if "valkey_version" in info
            else f"Redis {info['redis_version']}"
        )

    def close(self) -> None:
        self.real.close()
        with suppress(OSError):
            self.link.close()
        if self._network is not None:
            self._network.close()
