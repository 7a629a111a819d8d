"""How many cases a test has tried, where that is not one, and not told by hypothesis: for docs/reliability.md."""

from __future__ import annotations

_tried = 0


def count(number: int = 1) -> None:
    """So many more."""
    global _tried
    _tried += number


def taken() -> int:
    """Those since the last call."""
    global _tried
    number, _tried = _tried, 0
    return number
