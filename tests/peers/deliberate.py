"""The deliberate differences: the table in docs/cache.md, read from there, so that what is tolerated is what is documented.

Each row has the algorithm's name (``*`` for all), the cases and the aspects that it covers, as patterns of shells; the rest of
the row is for people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

PAGE = "docs/cache.md"
MARK = "<!-- deliberate differences -->"
ROW = re.compile(
    r"^\| `(?P<algorithm>[^`]+)` \| `(?P<case>[^`]+)` \| `(?P<aspect>[^`]+)` \| (?P<reason>.+) \|$"
)


@dataclass(frozen=True)
class Deliberate:
    """A row: the differences that it covers, and why they are there."""

    algorithm: str
    case: str
    aspect: str
    reason: str

    def covers(self, algorithm: str, case: str, aspect: str) -> bool:
        """Whether a difference is one of these. What differs in a later run only is meant by no aspect but
        ``*``."""
        return all(
            fnmatchcase(value, pattern)
            for value, pattern in ((algorithm, self.algorithm), (case, self.case), (aspect, self.aspect))
        )


def read(page: Path) -> list[Deliberate]:
    """The rows of the page."""
    _, mark, after = page.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{page} has no {MARK}")
    lines = after.lstrip("\n").splitlines()
    table = lines[: next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    found = [ROW.match(line) for line in table[2:]]
    if not all(found):
        raise ValueError(f"not a row of the table of {page}: {table[2:][found.index(None)]}")
    return [Deliberate(**match.groupdict()) for match in found if match]
