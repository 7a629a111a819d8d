"""Makes a release: the version in metadata.txt (the one place where QGIS looks) and pyproject.toml, dated changes, a tag.

python -m tools.release 0.3.0
"""

from __future__ import annotations

import datetime
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNRELEASED = "## Unreleased"
FILES = {  # file -> what stands before its version, at the start of a line
    "metadata.txt": "version=",
    "pyproject.toml": 'version = "',
}


class ReleaseError(Exception):
    """Why no release can be made."""


def version_in(text: str, lead: str) -> str:
    """The version behind ``lead``. Raises ReleaseError where there is none."""
    found = re.search(rf"^{re.escape(lead)}(\d+\.\d+\.\d+)", text, re.MULTILINE)
    if not found:
        raise ReleaseError(f"no version behind {lead!r}")
    return found[1]


def newest_change(changelog: str) -> str:
    """The version of the newest dated heading of CHANGELOG.md."""
    return version_in(changelog, "## ")


def dated(changelog: str, version: str, day: str) -> str:
    """The changelog with what was unreleased under this version and day."""
    if UNRELEASED not in changelog:
        raise ReleaseError(f"CHANGELOG.md has no {UNRELEASED!r}: nothing to release")
    return changelog.replace(UNRELEASED, f"## {version} ({day})", 1)


def make(version: str, root: Path = ROOT, day: str = "") -> None:
    """Write the version everywhere, commit and tag. Raises ReleaseError for a bad version or where it is not newer."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError("a version is three numbers, such as 0.3.0")
    texts = {name: (root / name).read_text(encoding="utf-8") for name in FILES}
    before = version_in(texts["metadata.txt"], FILES["metadata.txt"])
    if [int(n) for n in version.split(".")] <= [int(n) for n in before.split(".")]:
        raise ReleaseError(f"{version} is not newer than {before}")
    changes = dated(
        (root / "CHANGELOG.md").read_text(encoding="utf-8"), version, day or datetime.date.today().isoformat()
    )
    for name, lead in FILES.items():
        text = re.sub(
            rf"^{re.escape(lead)}\d+\.\d+\.\d+", lead + version, texts[name], count=1, flags=re.MULTILINE
        )
        (root / name).write_text(text, encoding="utf-8")
    (root / "CHANGELOG.md").write_text(changes, encoding="utf-8")
    _git(root, "commit", "-q", "-m", f"Release {version}", *FILES, "CHANGELOG.md")
    _git(root, "tag", "-a", f"v{version}", "-m", f"Redis Geo {version}")


def _git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True)


def main(words: list[str]) -> int:
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        make(words[0])
    except ReleaseError as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
