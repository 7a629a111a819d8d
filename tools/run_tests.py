"""Runs the kinds of tests, each in a pytest of its own, and sums them up in pytest's words.

A kind is a folder of tests/, or ``lint``. The tests of tests/unit run without pytest-qgis, the others with it. Kinds run in
``LANES`` beside each other, as most tests of servers wait and most others compute; the first lane is shown as it comes.
Tests marked ``timed``, which hold a limit in real seconds, come when nothing else runs.

Last, what failed beside the others is run once more, alone. What fails again fails; what passes then is named in the end, as
its test or the program still depends on how busy the machine is. A process that crashed, and more than ``FEW`` failures of a
kind, are not tried again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
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
TESTS_FAILED = 1  # pytest's status when it ran to its end
INTERRUPTED = 2  # and when it did not
CRASHED = "node down: "  # what pytest-xdist says of a process that died
FEW = 10
MEMORY = ROOT / "build" / "tests"  # where pytest notes for each run what failed
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|warnings?)")


class Outcome(NamedTuple):
    """Of one kind: its name as it is said, its status, the counts of its closing line, and the tests that failed."""

    name: str
    status: int
    counts: dict[str, int]
    failed: tuple[str, ...] = ()
    second: tuple[str, ...] = ()  # those that passed only when they were run again alone


def memory_of(kind: str, timed: bool = False) -> Path:
    """The folder in which pytest notes what failed in a run of a kind."""
    return MEMORY / (f"{kind}-{TIMED}" if timed else kind)


def failed_tests(memory: Path) -> tuple[str, ...]:
    """The tests that failed in the run whose notes are in this folder."""
    try:
        noted = json.loads((memory / "v" / "cache" / "lastfailed").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    return tuple(noted)


def timed_files(kind: str) -> list[str]:
    """The files of a kind that hold tests marked ``timed``."""
    files = sorted((ROOT / "tests" / kind).glob("**/test_*.py")) if kind != "lint" else []
    return [
        str(path.relative_to(ROOT)) for path in files if f"mark.{TIMED}" in path.read_text(encoding="utf-8")
    ]


def words_of(kind: str, timed: bool = False, again: bool = False) -> list[str]:
    """The command that runs a kind without its timed tests, or only these, or once more those of them that failed."""
    if kind == "lint":
        return [str(ROOT / "tools" / "lint.sh")]
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-o",
        f"cache_dir={memory_of(kind, timed)}",
        "-m",
        TIMED if timed else f"not {TIMED}",
    ]
    words += timed_files(kind) if timed else [f"tests/{kind}"]
    if kind in WITHOUT_QGIS:
        words += ["-p", "no:pytest_qgis"]
    if again:
        words += ["--last-failed", "--last-failed-no-failures", "none"]
    elif kind in PROCESSES:
        words += ["-n", str(PROCESSES[kind]), "--dist", "loadfile", "--no-loadscope-reorder"]
        words += ["--max-worker-restart", "0"]  # after a crash the rest of its tests would wait for ever
    return words


def run(kind: str, shown: bool = True, timed: bool = False, again: bool = False) -> tuple[Outcome, str]:
    """Run one kind, or again what failed of it. What it says is shown as it comes, or else returned."""
    name = "linters" if kind == "lint" else f"tests/{kind}"
    name += (", timed" if timed else "") + (", again" if again else "")
    if not again:
        shutil.rmtree(memory_of(kind, timed), ignore_errors=True)
    said = [f"\n== {name}\n"]
    if shown:
        print(said.pop(), end="", flush=True)
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONUNBUFFERED="1")
    closing, crashed = "", False
    with subprocess.Popen(
        words_of(kind, timed, again),
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
            crashed = crashed or CRASHED in line
            if line.startswith("===") and COUNTS.search(line):
                closing = line
    counts = {word.rstrip("s") if word != "passed" else word: int(n) for n, word in COUNTS.findall(closing)}
    status = process.returncode
    if status == 0 and not closing and kind != "lint":
        status = 1  # a process that ended in the middle of its tests and called it a success
    if status == TESTS_FAILED and crashed:
        status = INTERRUPTED
    return Outcome(name, status, counts, failed_tests(memory_of(kind, timed))), "".join(said)


def lanes_of(kinds: list[str]) -> list[list[str]]:
    """The kinds by lanes; those of no lane stand in the first."""
    if FULL:
        return [kinds]
    known = {kind for lane in LANES for kind in lane}
    first = [kind for kind in kinds if kind in LANES[0] or kind not in known]
    others = [[kind for kind in kinds if kind in lane] for lane in LANES[1:]]
    return [lane for lane in (first, *others) if lane]


def run_again(kind: str, timed: bool, before: Outcome) -> Outcome:
    """What comes of a kind when the few tests that failed in it are run once more, alone."""
    if before.status != TESTS_FAILED or not 0 < len(before.failed) <= FEW:
        return before
    print(f"\n== again, alone: {', '.join(before.failed)}", flush=True)
    after, _ = run(kind, timed=timed, again=True)
    left = [name for name in before.failed if name in after.failed]
    if after.status not in (0, TESTS_FAILED) or (after.status == TESTS_FAILED and not left):
        return before  # it ended in another way: nothing is known of those that failed
    passed = tuple(name for name in before.failed if name not in left)
    counts = {**before.counts, "passed": before.counts.get("passed", 0) + len(passed)}
    counts = {word: number for word, number in counts.items() if word not in ("failed", "error")}
    if left:
        counts["failed"] = len(left)
    return Outcome(before.name, after.status, counts, tuple(left), passed)


def run_lane(kinds: list[str], shown: bool) -> list[tuple[str, Outcome, str]]:
    """Run some kinds one after the other."""
    return [(kind, *run(kind, shown)) for kind in kinds]


def run_all(kinds: list[str]) -> list[Outcome]:
    """Run the kinds, each lane beside the others, then the timed tests, then again what failed."""
    first, *others = lanes_of(kinds) or [[]]
    with ThreadPoolExecutor(len(LANES)) as pool:
        waited: list[Future[list[tuple[str, Outcome, str]]]] = [
            pool.submit(run_lane, lane, False) for lane in others
        ]
        found = [(kind, False, outcome) for kind, outcome, _ in run_lane(first, True)]
        for one in waited:
            for kind, outcome, said in one.result():
                print(said, end="", flush=True)
                found.append((kind, False, outcome))
    found += [(kind, True, run(kind, timed=True)[0]) for kind in kinds if timed_files(kind)]
    return [run_again(kind, timed, outcome) for kind, timed, outcome in found]


def main(kinds: list[str]) -> int:
    started = time.monotonic()
    total: dict[str, int] = {}
    failed = []
    known = [k for k in kinds if k == "lint" or list((ROOT / "tests" / k).glob("**/test_*.py"))]
    outcomes = run_all(known)
    for name, status, counts, *_ in outcomes:
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
    for name in (name for outcome in outcomes for name in outcome.second):
        print(f"passed only when run again alone: {name}")
    for name in (name for outcome in outcomes for name in outcome.failed):
        print(f"failed: {name}")
    if failed:
        print("failed: " + ", ".join(failed))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
