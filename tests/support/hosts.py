"""Several hosts on one machine, each of which can be cut off: network namespaces with addresses of their own, joined by a bridge;
where the machine does not allow these, processes whose connections go through relays of their own."""

from __future__ import annotations

import json
import random
import re
import secrets
import subprocess
import tempfile
from pathlib import Path

from .rights import rights
from .slow_link import SlowLink


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"


def free_net(start: str) -> str:
    """``10.213.7`` for ``10.213``: a net of which this machine has no address, for another run may have its own."""
    shown = subprocess.run(["ip", "-o", "-4", "address"], capture_output=True, text=True, check=True).stdout
    taken = set(re.findall(rf"inet {re.escape(start)}\.(\d+)\.", shown))
    return f"{start}.{random.choice([third for third in range(1, 251) if str(third) not in taken])}"


class Host:
    """A namespace; ``prefix`` stands before a command that is to run there, ``environment`` is added to its own."""

    def __init__(self, name: str, link: str, address: str):
        self.name = name
        self.address = address
        self.prefix: tuple[str, ...] = ("ip", "netns", "exec", name)
        self.environment: dict[str, str] = {}
        self._link = link

    def cut_off(self) -> None:
        """Pull the cable: nothing is refused, packets just vanish."""
        _ip("link", "set", self._link, "down")

    def reconnect(self) -> None:
        _ip("link", "set", self._link, "up")


class Network:
    """``address`` is this machine's on the bridge."""

    def __init__(self) -> None:
        self._mark = secrets.token_hex(2)
        self._net = free_net("10.213")
        self._bridge = f"rg{self._mark}"
        self._hosts: list[Host] = []
        self.address = f"{self._net}.1"
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def add_host(self, servers: list[tuple[str, int]]) -> Host:
        """A host that reaches these servers, and everything else on the bridge."""
        del servers
        number = len(self._hosts) + 2
        name, ours, theirs = (
            f"rg{self._mark}n{number}",
            f"rg{self._mark}o{number}",
            f"rg{self._mark}i{number}",
        )
        _ip("netns", "add", name)
        _ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        _ip("link", "set", ours, "master", self._bridge, "up")
        _ip("-n", name, "addr", "add", f"{self._net}.{number}/24", "dev", theirs)
        _ip("-n", name, "link", "set", theirs, "up")
        _ip("-n", name, "link", "set", "lo", "up")
        host = Host(name, ours, f"{self._net}.{number}")
        self._hosts.append(host)
        return host

    def close(self) -> None:
        for host in self._hosts:
            subprocess.run(["ip", "netns", "del", host.name], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", self._bridge], capture_output=True, check=False)


# Loaded by Python before anything else (PYTHONPATH): every connection to a server goes through this host's relay of it.
THROUGH_RELAYS = """
import json, os, socket
_ports = {int(port): relay for port, relay in json.loads(os.environ["REDIS_GEO_TEST_RELAYS"]).items()}
_connect = socket.socket.connect
def connect(self, address):
    if isinstance(address, tuple) and address[1] in _ports:
        address = (address[0], _ports[address[1]], *address[2:])
    return _connect(self, address)
socket.socket.connect = connect
"""


class RelayedHost:
    """Processes of this machine that reach the servers by relays of their own. Cut off, their data do not arrive."""

    prefix: tuple[str, ...] = ()

    def __init__(self, name: str, servers: list[tuple[str, int]], folder: Path):
        self.name = name
        self._relays = {port: SlowLink((host, port)) for host, port in servers}
        ports = {port: relay.port for port, relay in self._relays.items()}
        self.environment = {"PYTHONPATH": str(folder), "REDIS_GEO_TEST_RELAYS": json.dumps(ports)}

    def cut_off(self) -> None:
        for relay in self._relays.values():
            relay.cut()

    def reconnect(self) -> None:
        for relay in self._relays.values():
            relay.mend()

    def close(self) -> None:
        for relay in self._relays.values():
            relay.close()


class RelayedNetwork:
    """What takes the place of ``Network`` where no namespace can be made."""

    address = "127.0.0.1"

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._hosts: list[RelayedHost] = []
        (Path(self._folder.name) / "sitecustomize.py").write_text(THROUGH_RELAYS, encoding="utf-8")

    def add_host(self, servers: list[tuple[str, int]]) -> RelayedHost:
        """A host that reaches these servers."""
        name = f"host{len(self._hosts) + 2}"
        self._hosts.append(RelayedHost(name, servers, Path(self._folder.name)))
        return self._hosts[-1]

    def close(self) -> None:
        for host in self._hosts:
            host.close()
        self._folder.cleanup()


def make_network() -> Network | RelayedNetwork:
    """Hosts in namespaces, or, where these cannot be made, behind relays."""
    return RelayedNetwork() if rights().networks else Network()
