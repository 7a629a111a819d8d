"""What this run may do with the machine. Where a right is missing, the same fault is made by other means, which is said once at
the start of the run and in the table of docs/reliability.md; no test is skipped."""

from __future__ import annotations

import os
import secrets
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

WITHOUT = "REDIS_GEO_NO_RIGHTS"  # set: do without the rights that there are, to try the other means
DROP = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")  # stands before a command


@dataclass(frozen=True)
class Rights:
    """Each is empty where the right is there, else why it is not."""

    mount: str
    networks: str
    packets: str

    def lines(self) -> list[str]:
        """What is done instead, a line for each right that is missing."""
        told = (
            (
                self.mount,
                "full disk: a limit on the size of the server's files in place of a small file system",
            ),
            (self.networks, "hosts: addresses of this machine behind relays in place of network namespaces"),
            (self.packets, "bad lines: a relay of TCP data in place of single packets"),
        )
        return [f"{instead} ({why})" for why, instead in told if why]


@lru_cache(maxsize=1)
def rights() -> Rights:
    """The rights of this process, tried once."""
    if os.environ.get(WITHOUT):
        why = f"{WITHOUT} is set"
        return Rights(why, why, why)
    networks = _networks()
    return Rights(_mount(), networks, networks or _packets())


def _mount() -> str:
    with tempfile.TemporaryDirectory() as folder:
        words = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", folder]
        why = _why(words)
        if not why:
            subprocess.run(["umount", "-l", folder], capture_output=True, check=False)
        return why and f"nothing can be mounted: {why}"


def _networks() -> str:
    mark = secrets.token_hex(3)
    why = _why(["ip", "netns", "add", f"rgp{mark}"])
    if why:
        return f"no network namespace can be made: {why}"
    try:
        why = _why(["ip", "link", "add", f"rgp{mark}", "type", "bridge"])
        subprocess.run(["ip", "link", "del", f"rgp{mark}"], capture_output=True, check=False)
        return why and f"no bridge can be made: {why}"
    finally:
        subprocess.run(["ip", "netns", "del", f"rgp{mark}"], capture_output=True, check=False)


def _packets() -> str:
    return "" if os.access("/dev/net/tun", os.R_OK | os.W_OK) else "there is no /dev/net/tun"


def _why(words: list[str]) -> str:
    """The error of a command, empty where it succeeds."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]


def drop_all() -> Optional[tuple[str, ...]]:
    """The words before a command that take every capability from it; None where this process has none to take away."""
    return DROP if not _why([*DROP, "true"]) else None
