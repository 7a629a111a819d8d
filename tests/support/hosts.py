"""Several hosts on one machine: network namespaces with addresses of their own, joined by a bridge. Needs root."""

from __future__ import annotations

import os
import random
import re
import secrets
import subprocess


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"


def free_net(start: str) -> str:
    """``10.213.7`` for ``10.213``: a net of which this machine has no address, for another run may have its own."""
    shown = subprocess.run(["ip", "-o", "-4", "address"], capture_output=True, text=True, check=True).stdout
    taken = set(re.findall(rf"inet {re.escape(start)}\.(\d+)\.", shown))
    return f"{start}.{random.choice([third for third in range(1, 251) if str(third) not in taken])}"


class Host:
    """A namespace; ``prefix`` stands before a command that is to run there."""

    def __init__(self, name: str, link: str, address: str):
        self.name = name
        self.address = address
        self.prefix = ("ip", "netns", "exec", name)
        self._link = link

    def cut_off(self) -> None:
        """Pull the cable: nothing is refused, packets just vanish."""
        _ip("link", "set", self._link, "down")

    def reconnect(self) -> None:
        _ip("link", "set", self._link, "up")


class Network:
    """``address`` is this machine's on the bridge."""

    def __init__(self) -> None:
        assert os.geteuid() == 0, "this test makes network namespaces: run it as root, as continuous integration does"
        self._mark = secrets.token_hex(2)
        self._net = free_net("10.213")
        self._bridge = f"rg{self._mark}"
        self._hosts: list[Host] = []
        self.address = f"{self._net}.1"
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def add_host(self) -> Host:
        number = len(self._hosts) + 2
        name, ours, theirs = f"rg{self._mark}n{number}", f"rg{self._mark}o{number}", f"rg{self._mark}i{number}"
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
