"""Carries IP packets between two TUN devices, one here and one in a network namespace: late, at a bounded rate, and not all of them.

python -m tests.support.packet_relay DEVICE NAMESPACE DEVICE_THERE SEED

What is lost here is lost for the kernels on both sides: their TCP notices, waits and sends again, as on a bad line. Orders come
as lines of JSON (``delay`` in seconds each way, ``loss`` as a share, ``rate`` in bytes a second or 0); each is answered with a line
of JSON that counts the packets passed on and lost. Ends with its standard input.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import itertools
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
CLONE_NEWNET = 0x40000000
PACKET = 65536
QUEUE = 2000  # packets on their way; what comes on top is lost, as at any router


def open_tun(name: str) -> int:
    """The file of a new TUN device in the namespace that this thread is in; it goes when the file is closed."""
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    return file


def enter(namespace: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as handle:
        if libc.setns(handle.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


class Relay:
    """The packets on their way."""

    def __init__(self, here: int, there: int, seed: int):
        self._other = {here: there, there: here}
        self._chance = random.Random(seed)
        self._waiting: list[tuple[float, int, int, bytes]] = []  # due, order, to, packet
        self._order = itertools.count()
        self._free_at = dict.fromkeys(self._other, 0.0)
        self.line = {"delay": 0.0, "loss": 0.0, "rate": 0.0}
        self.passed = self.lost = 0

    def run(self) -> None:
        inputs = [*self._other, sys.stdin.fileno()]
        while True:
            wait = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            for ready in select.select(inputs, [], [], wait)[0]:
                if ready in self._other:
                    self._take(ready)
                elif not self._obey():
                    return
            self._deliver()

    def _obey(self) -> bool:
        text = os.read(sys.stdin.fileno(), 4096)
        for line in text.splitlines():
            self.line.update(json.loads(line))
            print(json.dumps({"passed": self.passed, "lost": self.lost}), flush=True)
        return bool(text)

    def _take(self, source: int) -> None:
        for _ in range(64):
            try:
                packet = os.read(source, PACKET)
            except BlockingIOError:
                return
            except OSError:  # the device is down, which makes its file look readable all the time
                time.sleep(0.02)
                return
            if len(self._waiting) >= QUEUE or self._chance.random() < self.line["loss"]:
                self.lost += 1
                continue
            leaves = max(self._free_at[source], time.monotonic())
            if self.line["rate"]:
                leaves += len(packet) / self.line["rate"]
            self._free_at[source] = leaves
            heapq.heappush(
                self._waiting, (leaves + self.line["delay"], next(self._order), self._other[source], packet)
            )

    def _deliver(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _due, _order, sink, packet = heapq.heappop(self._waiting)
            try:
                os.write(sink, packet)
                self.passed += 1
            except OSError:  # that side's link is down: the packet is gone
                self.lost += 1


def main() -> None:
    here, namespace, there, seed = sys.argv[1:]
    near = open_tun(here)
    enter(namespace)
    far = open_tun(there)
    print(json.dumps({"ready": True}), flush=True)
    Relay(near, far, int(seed)).run()


if __name__ == "__main__":
    main()
