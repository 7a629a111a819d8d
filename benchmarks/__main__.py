"""``python -m benchmarks [AREA]``: every bench_<area>.py, a process each, then one table and build/bench.json."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from . import harness

FOLDER = Path(__file__).resolve().parent


def areas() -> list[str]:
    return sorted(path.stem[len("bench_") :] for path in FOLDER.glob("bench_*.py"))


def run_here(area: str) -> int:
    """One area in this process."""
    print(harness.HEAD, flush=True)
    rows = harness.collect(area, import_module(f"benchmarks.bench_{area}").benchmarks())
    harness.write(rows)
    return 0 if rows and all(row["ok"] for row in rows) else 1


def run_all(chosen: list[str]) -> int:
    """Each area in a process of its own, so that none measures what another left behind."""
    command = [sys.executable, "-m", "benchmarks", "--here"]
    statuses = [subprocess.run([*command, area], check=False).returncode for area in chosen]
    if harness.RESULT.is_file():
        document = json.loads(harness.RESULT.read_text(encoding="utf-8"))
        here = document["machine"]
        print(f"\n{here['processor']}, {here['cores']} cores, {here['memory_mb']} MB, {here['system']}")
        print(", ".join(f"{name} {version}" for name, version in document["versions"].items()))
        print(harness.HEAD)
        for row in document["rows"]:
            if row["area"] in chosen:
                print(harness.line_of(row))
    return 1 if any(statuses) else 0


def main(words: list[str]) -> int:
    if words[:1] == ["--here"]:
        return run_here(words[1])
    chosen = words or areas()
    unknown = sorted(set(chosen) - set(areas()))
    if unknown or not chosen:
        print(f"no such benchmark: {' '.join(unknown)}; there are: {' '.join(areas())}", file=sys.stderr)
        return 2
    return run_all(chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
