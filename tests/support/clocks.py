"""A server whose wall clock a test can set: ``clock.c``, compiled by whichever C compiler there is, loaded into its process."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")


class ServerClock:
    """``environment`` is for the server's process; ``jump`` sets its clock so many seconds ahead of the machine's."""

    def __init__(self, directory: Path):
        compiler = next(filter(None, map(shutil.which, ("tcc", "gcc", "cc", "clang"))), None)
        assert compiler, "no C compiler on this machine (tcc will do): run make setup"
        library = directory / "clock.so"
        words = [compiler, "-shared", "-fPIC", "-nostdlib", "-o", str(library), str(SOURCE)]
        subprocess.run(
            [w for w in words if "tcc" not in compiler or w != "-fPIC"], check=True, capture_output=True
        )
        self._file = directory / "clock"
        self._file.write_bytes(struct.pack("=q", 0))
        self.environment = {"LD_PRELOAD": str(library), "REDIS_GEO_TEST_CLOCK": str(self._file)}

    def jump(self, seconds: int) -> None:
        with self._file.open("r+b") as file:
            file.write(struct.pack("=q", seconds))
