"""A bad line between two hosts of one machine: delay, loss and partition of IP packets, so that the kernel's own TCP meets them.

The kernels of continuous integration have no netem. So two TUN devices, one here and one in the network namespace of the other host,
are joined by a process that lets packets wait and drops some. A partition takes the device of the other host down.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path

from .hosts import Host, _ip, free_net

ROOT = Path(__file__).resolve().parents[2]


class PacketLink:
    """Between this machine (``near``) and a host (``far``), which are addresses of a net of their own."""

    kind = "packets"

    def __init__(self, host: Host, seed: int = 7):
        mark = secrets.token_hex(2)
        net = free_net("10.214")
        self._host, self._here, self._there = host, f"rg{mark}t", f"rg{mark}u"
        self.near, self.far = f"{net}.1", f"{net}.2"
        words = [
            sys.executable,
            "-m",
            "tests.support.packet_relay",
            self._here,
            host.name,
            self._there,
            str(seed),
        ]
        self._relay = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert json.loads(self._relay.stdout.readline() or "{}").get("ready"), (
            "the relay of packets did not start"
        )
        for address, device, where in (
            (self.near, self._here, ()),
            (self.far, self._there, ("-n", host.name)),
        ):
            _ip(*where, "addr", "add", f"{address}/30", "dev", device)
            _ip(*where, "link", "set", device, "up")

    def line(self, delay: float = 0.0, loss: float = 0.0, rate: float = 0.0) -> dict[str, int]:
        """From now on: seconds of delay each way, share of packets lost, bytes a second (0: any). Returns the counts so far."""
        self._relay.stdin.write(json.dumps({"delay": delay, "loss": loss, "rate": rate}) + "\n")
        self._relay.stdin.flush()
        return json.loads(self._relay.stdout.readline())

    def cut(self) -> None:
        """Take the other host's device down: nothing arrives, nothing is refused."""
        _ip("-n", self._host.name, "link", "set", self._there, "down")

    def mend(self) -> None:
        _ip("-n", self._host.name, "link", "set", self._there, "up")

    def close(self) -> None:
        self._relay.stdin.close()
        self._relay.wait(10)
        self._relay.stdout.close()
