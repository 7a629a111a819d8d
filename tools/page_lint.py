"""Whether the files that docs/development.md adds, in both languages, pass the linter as a newcomer copies them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("docs/development.md", "docs/fr/development.md")
_FILE = re.compile(r"^`(redis_geo_plugin/[\w/]+\.py)`\n```python\n(.*?)```\n", re.S | re.M)
WAYS = (("check", "--quiet"), ("format", "--check", "--quiet"))


def files(page: str) -> dict[str, str]:
    """The files that a page adds: path to source."""
    return dict(_FILE.findall((ROOT / page).read_text(encoding="utf-8")))


def complaints(path: str, source: str) -> str:
    """What ruff says of a file; empty where it is clean."""
    said = ""
    for words in WAYS:
        run = subprocess.run(
            ["ruff", *words, "--stdin-filename", path, "-"],
            input=source, capture_output=True, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
        if run.returncode:
            said += run.stdout + run.stderr or f"{path}: ruff {words[0]} would change it\n"
    return said


def main() -> int:
    """Print what is wrong; 1 where anything is, or where a page adds no file."""
    bad = False
    for page in PAGES:
        added = files(page)
        said = [found for path, source in added.items() if (found := complaints(path, source))]
        if said or not added:
            print(f"{page}:", *(said or ["adds no file"]), sep="\n")
            bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
