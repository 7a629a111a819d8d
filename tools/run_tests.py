"""Runs the kinds of tests one after the other, each in a pytest of its own, and sums them up in pytest's words.

A kind is a folder of tests/, or ``lint``. The tests of tests/unit run without pytest-qgis, the others with it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's status when it collected nothing
WITHOUT_QGIS = ("unit",)
# Two processes, since CI has two cores; each has servers of its own. The tests of one file stay together, for they share
# servers. In their full length they load the machine enough one by one.
IN_TWO_PROCESSES = () if os.environ.get("REDIS_GEO_FULL") else ("unit", "qgis", "integration")
COUNTS = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|warnings?)")


def run(kind: str) -> tuple[int, dict[str, int]]:
    """One pytest over tests/<kind>: its status and the counts of its closing line."""
    print(f"\n== tests/{kind}", flush=True)
    words = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"tests/{kind}"]
    if kind in WITHOUT_QGIS:
        words += ["-p", "no:pytest_qgis"]
    if kind in IN_TWO_PROCESSES:
        words += ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen", PYTHONUNBUFFERED="1")
    closing = ""
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if line.startswith("===") and COUNTS.search(line):
                closing = line
    counts = {word.rstrip("s") if word != "passed" else word: int(n) for n, word in COUNTS.findall(closing)}
    status = process.returncode
    if status == 0 and not closing:
        status = 1  # a process that ended in the middle of its tests and called it a success
    return status, counts


def main(kinds: list[str]) -> int:
    started = time.monotonic()
    total: dict[str, int] = {}
    failed = []
    for kind in kinds:
        if kind == "lint":
            print("\n== linters", flush=True)
            if subprocess.run([str(ROOT / "tools" / "lint.sh")], cwd=ROOT, check=False).returncode:
                failed.append("lint")
            continue
        if not list((ROOT / "tests" / kind).glob("**/test_*.py")):
            continue
        status, counts = run(kind)
        for word, number in counts.items():
            total[word] = total.get(word, 0) + number
        if status not in (0, NO_TESTS):
            failed.append(
                f"tests/{kind} ({'killed by signal ' + str(-status) if status < 0 else f'status {status}'})"
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
