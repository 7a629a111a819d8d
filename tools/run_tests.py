"""Runs the kinds of tests, each in a pytest of its own, and sums them up in pytest's words.

A kind is a folder of tests/, or ``lint``. The tests of tests/unit run without pytest-qgis, the others with it. Kinds run in
``LANES`` beside each other, as most tests of servers wait and most others compute; the first lane is shown as it comes.
Tests marked ``timed``, which hold a limit in real seconds, come last, when nothing else runs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's status when it collected nothing
WITHOUT_QGIS = ("unit",)
# Two processes, since CI has two cores; each has servers of its own. The tests of one file stay together, for they share
# servers. In their full length they load the machine enough one by one.
FULL = bool(os.environ.get("REDIS_GEO_FULL"))
PROCESSES = {} if FULL else {"unit": 2, "qgis": 2, "integration": 2}
# What runs at the same time; the kinds of a lane one after the other. In their full length all are one lane.
LANES = (("unit", "qgis"), ("integration",), ("lint", "packaging"))
TIMED = "timed"
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|warnings?)")


class Outcome(NamedTuple):
    """Of one kind: its name as it is said, its status, and the counts of its closing line."""

    name: str
    status: int
    counts: dict[str, int]


def timed_files(kind: str) -> list[str]:
    """The files of a kind that hold tests marked ``timed``."""
    files = sorted((ROOT / "tests" / kind).glob("**/test_*.py")) if kind != "lint" else []
    return [
        str(path.relative_to(ROOT)) for path in files if f"mark.{TIMED}" in path.read_text(encoding="utf-8")
    ]


def words_of(kind: str, timed: bool = False) -> list[str]:
    """The command that runs a kind without its timed tests, or only these."""
    if kind == "lint":
        return [str(ROOT / "tools" / "lint.sh")]
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-m",
        TIMED if timed else f"not {TIMED}",
    ]
    words += timed_files(kind) if timed else [f"tests/{kind}"]
    if kind in WITHOUT_QGIS:
        words += ["-p", "no:pytest_qgis"]
    if kind in PROCESSES:
        words += ["-n", str(PROCESSES[kind]), "--dist", "loadfile", "--no-loadscope-reorder"]
        words += ["--max-worker-restart", "0"]  # after a crash the rest of its tests would wait for ever
    return words


def run(kind: str, shown: bool = True, timed: bool = False) -> tuple[Outcome, str]:
    """Run one kind. What it says is shown as it comes, or else returned."""
    name = "linters" if kind == "lint" else f"tests/{kind}"
    name += ", timed" if timed else ""
    said = [f"\n== {name}\n"]
    if shown:
        print(said.pop(), end="", flush=True)
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONUNBUFFERED="1")
    closing = ""
    with subprocess.Popen(
        words_of(kind, timed),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if shown:
                sys.stdout.write(line)
                sys.stdout.flush()
            else:
                said.append(line)
            if line.startswith("===") and COUNTS.search(line):
                closing = line
    counts = {word.rstrip("s") if word != "passed" else word: int(n) for n, word in COUNTS.findall(closing)}
    status = process.returncode
    if status == 0 and not closing and kind != "lint":
        status = 1  # a process that ended in the middle of its tests and called it a success
    return Outcome(name, status, counts), "".join(said)


def lanes_of(kinds: list[str]) -> list[list[str]]:
    """The kinds by lanes; those of no lane stand in the first."""
    if FULL:
        return [kinds]
    known = {kind for lane in LANES for kind in lane}
    first = [kind for kind in kinds if kind in LANES[0] or kind not in known]
    others = [[kind for kind in kinds if kind in lane] for lane in LANES[1:]]
    return [lane for lane in (first, *others) if lane]


def run_lane(kinds: list[str], shown: bool) -> list[tuple[Outcome, str]]:
    """Run some kinds one after the other."""
    return [run(kind, shown) for kind in kinds]


def run_all(kinds: list[str]) -> list[Outcome]:
    """Run the kinds, each lane beside the others, then the timed tests."""
    first, *others = lanes_of(kinds) or [[]]
    with ThreadPoolExecutor(len(LANES)) as pool:
        waited: list[Future[list[tuple[Outcome, str]]]] = [
            pool.submit(run_lane, lane, False) for lane in others
        ]
        found = [outcome for outcome, _ in run_lane(first, True)]
        for one in waited:
            for outcome, said in one.result():
                print(said, end="", flush=True)
                found.append(outcome)
    return found + [run(kind, timed=True)[0] for kind in kinds if timed_files(kind)]


def main(kinds: list[str]) -> int:
    started = time.monotonic()
    total: dict[str, int] = {}
    failed = []
    known = [k for k in kinds if k == "lint" or list((ROOT / "tests" / k).glob("**/test_*.py"))]
    for name, status, counts in run_all(known):
        for word, number in counts.items():
            total[word] = total.get(word, 0) + number
        if status not in (0, NO_TESTS):
            failed.append(
                f"{name} ({'killed by signal ' + str(-status) if status < 0 else f'status {status}'})"
            )
    words = ", ".join(
        f"{total[w]} {w}" for w in ("failed", "passed", "skipped", "xfailed", "error") if w in total
    )
    print(f"\n{'=' * 20} {words or 'no tests ran'} in {time.monotonic() - started:.2f}s {'=' * 20}")
    if failed:
        print("failed: " + ", ".join(failed))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
