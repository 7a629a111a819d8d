"""A program that takes minutes, run until it ends or is no longer wanted: pip, a container's image."""

from __future__ import annotations

import os
import subprocess  # nosec B404 - callers give fixed words, never a shell
import tempfile
from collections.abc import Mapping, Sequence
from typing import Optional

from .watch import Watch

NO_WINDOW = 0x08000000  # CREATE_NO_WINDOW
STEP = 0.2  # seconds between looks at the watch


def hidden() -> int:
    """The ``creationflags`` of a process that opens no window of its own on Windows."""
    return NO_WINDOW if os.name == "nt" else 0


def run(
    words: Sequence[str], watch: Watch, most: float, environment: Optional[Mapping[str, str]] = None
) -> tuple[int, bytes]:
    """Run a program to its end, and kill it where it is cancelled or takes too long.

    Args:
        words: The program and its arguments.
        watch: Ends it where it is cancelled.
        most: Seconds that it may take.
        environment: That of the program; None for this process's.

    Returns:
        Its exit status, and what it wrote to both of its outputs.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # nosec B603 - a program that was found, with fixed words
            list(words),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env=environment,
            creationflags=hidden(),
        )
        waited = 0.0
        while process.poll() is None:
            try:
                process.wait(STEP)
            except subprocess.TimeoutExpired:
                waited += STEP
            if watch.cancelled() or waited > most:
                process.kill()
                process.wait()
        output.seek(0)
        return process.returncode, output.read()
