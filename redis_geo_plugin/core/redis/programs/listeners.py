"""Which process listens at a port of Windows, and what a process is called: told by the system's own
programs."""

from __future__ import annotations

import csv
import shutil
from typing import Optional

from .base import ask


def owner_of(port: int) -> Optional[int]:
    """The process that listens at this port of 127.0.0.1; None where nobody does or it cannot be told.

    The words for the state of a connection are translated, so that a listener is told by its far end, which
    has port 0.
    """
    program = shutil.which("netstat")
    said = ask([program, "-ano", "-p", "TCP"]) if program else None
    for line in (said or "").splitlines():
        parts = line.split()
        if len(parts) >= 4 and parts[1] == f"127.0.0.1:{port}" and parts[2].endswith(":0"):
            return int(parts[-1]) if parts[-1].isdigit() else None
    return None


def process_name(pid: int) -> str:
    """What the program of a process is called; empty where there is none."""
    program = shutil.which("tasklist")
    said = ask([program, "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"]) if program else None
    rows = [row for row in csv.reader((said or "").splitlines()) if len(row) > 1 and row[1] == str(pid)]
    return rows[0][0] if rows else ""
