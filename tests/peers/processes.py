"""Cases in processes of their own: where QGIS dies or stands still in one, another process goes on behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.peers import source

STILL = 60  # seconds of its own without a line: the process goes round in circles ...
WAITING = 300  # ... or stands still; on a busy machine QGIS takes a minute to start
BEAT = 0.05


@dataclass
class Result:
    """One case as a process told it; ``found`` holds (aspect, native, ours)."""

    algorithm: str
    kind: str
    case: str
    found: list[tuple[str, str, str]] = field(default_factory=list)
    hits: int = 0


def run(name: str, kind: str, folder: Path, work: Path, environment: dict[str, str]) -> list[Result]:
    """The results of all cases of one kind of an algorithm."""
    results: dict[int, Result] = {}
    after = 0
    while True:
        out, words = work / f"{name}-{kind}", work / f"{name}-{kind}.words"
        out.unlink(missing_ok=True)
        settings = str(work / f"{name}-{kind}.settings")  # of its own, for it changes them
        more = {"QGIS_CUSTOM_CONFIG_PATH": settings, "XDG_CONFIG_HOME": settings}
        status = _process(name, kind, folder, out, words, after, {**os.environ, **environment, **more})
        reader = _Reader(name, kind, status)
        for line in out.read_text().splitlines() if out.is_file() else ():
            reader.take(json.loads(line))
        results.update(reader.results)
        if reader.ended:
            return list(results.values())
        if reader.last < after:  # it did not get to a case at all
            said = " ".join(words.read_text(errors="replace").strip().splitlines()[-3:])
            return [*results.values(), Result(name, kind, "start", [("broken", "", said)])]
        after = reader.last + 1


def _process(
    name: str, kind: str, folder: Path, out: Path, words: Path, after: int, environment: dict[str, str]
) -> str:
    """Run a process to its end, or until it stands still; say how it ended."""
    command = [sys.executable, "-m", "tests.peers.child", name, kind, str(folder), str(out), str(after)]
    with open(words, "w") as said:
        process = subprocess.Popen(command, cwd=source.ROOT, env=environment, stdout=said, stderr=said)
    size, moved, spent = -1, time.monotonic(), 0.0
    while process.poll() is None:
        time.sleep(BEAT)
        now = out.stat().st_size if out.is_file() else 0
        if now != size:
            size, moved, spent = now, time.monotonic(), _spent(process.pid)
        elif time.monotonic() - moved > STILL and (
            _spent(process.pid) - spent > STILL or time.monotonic() - moved > WAITING
        ):
            process.kill()
            process.wait()
            return "stood still"
    return f"died with status {process.returncode}"


def _spent(pid: int) -> float:
    """Seconds that the processors have worked for a process; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Reader:
    """Makes results of the lines that a process wrote."""

    def __init__(self, name: str, kind: str, status: str):
        self._name, self._kind, self._status = name, kind, status
        self.results: dict[int, Result] = {}
        self.last = -1
        self.ended = False

    def take(self, told: dict[str, Any]) -> None:
        """Take one line up."""
        if "ended" in told:
            self.ended = True
        elif "case" in told:
            self.last = told["number"]
            self.results[self.last] = Result(self._name, self._kind, told["case"])
        elif "step" in told:  # what stands behind this line did not happen, if the next is missing
            ours = told["step"].startswith("redisgeo:")
            aspect = "crash" if ours else "crash of native"
            self.results[self.last].found = [(aspect, "", f"{told['step']} {self._status}")]
        elif "broken" in told:
            self.results[self.last].found = [("broken", "", told["broken"])]
        else:
            self.results[self.last].found = [tuple(one) for one in told["found"]]
            self.results[self.last].hits = told["hits"]
