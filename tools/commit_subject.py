"""Checks the subject of a commit message: one line with a capital, at most 72 characters, no full stop, then an empty line.

python -m tools.commit_subject FILE     the message in a file, as git hands it to a hook
"""

from __future__ import annotations

import sys
from pathlib import Path

LONGEST = 72
FOLDED = ("fixup! ", "squash! ", "amend! ")  # git folds these into others before they are published


def problem(message: str) -> str:
    """What is wrong with a message; empty where nothing is. Comment lines of git's editor do not count."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    subject = lines[0].strip() if lines else ""
    if not subject:
        return "the subject is empty"
    if len(subject) > LONGEST:
        return f"the subject has {len(subject)} characters, {LONGEST} at most"
    if not subject[0].isupper() and not subject.startswith(FOLDED):
        return "the subject begins with a capital"
    if subject.endswith("."):
        return "the subject ends without a full stop"
    if len(lines) > 1 and lines[1].strip():
        return "the second line must be empty"
    return ""


def main(words: list[str]) -> int:
    found = problem(Path(words[0]).read_text(encoding="utf-8"))
    if found:
        print(f"commit message: {found}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
