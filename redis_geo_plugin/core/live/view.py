"""Which vehicles a list shows: filtered, sorted and cut, away from the main thread."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from typing import Any, Callable, Optional

from .records import Fix

LIMIT = 1000  # rows of a list: nobody reads more, and drawing them would cost the map its turn
Extent = tuple[float, float, float, float]  # west, south, east, north in degrees; west > east crosses 180


@dataclass(frozen=True)
class Wanted:
    """``text`` is looked for in the id and the attributes, without regard to case. ``column``: id, age, speed, heading,
    time, or the name of an attribute."""

    text: str = ""
    column: str = "id"
    descending: bool = False
    extent: Optional[Extent] = None
    limit: int = LIMIT


@dataclass(frozen=True)
class View:
    """The fixes to show, how many match, and how many there are."""

    fixes: list[Fix]
    matching: int
    total: int


def select(latest: dict[str, Fix], wanted: Wanted) -> View:
    """The first ``limit`` matching fixes in the order wanted."""
    text = wanted.text.strip().lower()
    fixes = list(latest.values())
    total = len(fixes)
    if wanted.extent is not None:
        fixes = [fix for fix in _polite(fixes) if inside(fix, wanted.extent)]
    if text:
        fixes = [fix for fix in _polite(fixes) if matches(fix, text)]
    key = sort_key(wanted.column)
    pick = heapq.nlargest if wanted.descending else heapq.nsmallest
    chosen = pick(wanted.limit, _polite(fixes), key=key)
    return View(chosen, len(fixes), total)


def _polite(fixes: list[Fix]) -> Any:
    """The same, with a pause now and then: the window's thread needs Python's lock too."""
    for start in range(0, len(fixes), 5000):
        yield from fixes[start : start + 5000]
        time.sleep(0)


def within(fixes: dict[str, Fix], extent: Extent) -> dict[str, Fix]:
    """Those of the fixes that lie in the extent; 100,000 of them in some 10 ms, because the window waits for it."""
    west, south, east, north = extent
    if west <= east:
        return {i: f for i, f in fixes.items() if west <= f.lon <= east and south <= f.lat <= north}
    return {i: f for i, f in fixes.items() if (f.lon >= west or f.lon <= east) and south <= f.lat <= north}


def inside(fix: Fix, extent: Extent) -> bool:
    west, south, east, north = extent
    if not south <= fix.lat <= north:
        return False
    return west <= fix.lon <= east if west <= east else fix.lon >= west or fix.lon <= east


def matches(fix: Fix, text: str) -> bool:
    if text in fix.id.lower():
        return True
    return any(text in str(value).lower() for value in fix.attributes.values() if value is not None)


def sort_key(column: str) -> Callable[[Fix], Any]:
    """What is missing comes last; numbers before texts; numbers within an id by value (bus 9 before bus 10)."""
    if column == "id":
        return lambda fix: natural(fix.id)
    if column in ("time", "age"):
        sign = -1.0 if column == "age" else 1.0
        return lambda fix: sign * fix.time
    if column in ("speed", "heading"):
        return lambda fix: _rank(getattr(fix, column))
    return lambda fix: _rank(fix.attributes.get(column))


def _rank(value: Any) -> tuple[int, Any]:
    if value is None:
        return (2, 0)
    return (0, float(value)) if isinstance(value, (int, float)) else (1, str(value).lower())


def natural(text: str) -> tuple[Any, ...]:
    """``bus 10`` as ("bus ", 10): digits compare as numbers."""
    if text.isdigit() and text.isascii():
        return ("", int(text[:30]))
    parts: list[Any] = []
    word, number = "", ""
    for letter in text.lower():
        if letter.isdigit() and letter.isascii():
            number += letter
        else:
            if number:
                parts += [word, int(number[:30])]
                word, number = "", ""
            word += letter
    parts.append(word)
    if number:
        parts.append(int(number[:30]))
    return tuple(parts)
