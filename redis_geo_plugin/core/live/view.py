"""The vehicles that a list shows: filtered, sorted and cut, off the main thread."""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ..geometry.arrays import Array
from .fleet import Fixes
from .records import Fix

LIMIT = 1000  # rows of a list: nobody reads more, and drawing them would cost the map its turn
Extent = tuple[float, float, float, float]  # west, south, east, north in degrees; west > east crosses 180


@dataclass(frozen=True)
class ListRequest:
    """``text`` is looked for in the id and the attributes, without regard to case.

    ``column``: id, age, speed, heading, time, or the name of an attribute.
    """

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


def select(latest: Fixes, wanted: ListRequest) -> View:
    """Return the first ``limit`` matching fixes in the requested order."""
    total = len(latest)
    fixes = latest if wanted.extent is None else within(latest, wanted.extent)
    text = wanted.text.strip().lower()
    places = list(range(len(fixes)))
    if text:
        places = [place for place in _polite(places) if matches(fixes, place, text)]
    key = sort_key(fixes, wanted.column)
    pick = heapq.nlargest if wanted.descending else heapq.nsmallest
    chosen = pick(wanted.limit, _polite(places), key=key)
    return View([fixes.fix(place) for place in chosen], len(places), total)


def _polite(places: list[int]) -> Iterator[int]:
    """Iterate with short pauses, since the window's thread needs Python's lock too."""
    for start in range(0, len(places), 5000):
        yield from places[start : start + 5000]
        time.sleep(0)


def inside(fixes: Fixes, extent: Extent) -> Array:
    """Which of the fixes lie in the extent (array of booleans)."""
    west, south, east, north = extent
    east_of, west_of = fixes.lon >= west, fixes.lon <= east
    columns = east_of & west_of if west <= east else east_of | west_of
    return columns & (south <= fixes.lat) & (fixes.lat <= north)


def within(fixes: Fixes, extent: Extent) -> Fixes:
    """Those of the fixes that lie in the extent."""
    return fixes.pick(inside(fixes, extent))


def matches(fixes: Fixes, place: int, text: str) -> bool:
    """Whether the id or an attribute of the fix at this place has the text (lower case) in it."""
    if text in fixes.idents[place].lower():
        return True
    return any(text in str(value).lower() for value in fixes.attributes[place].values() if value is not None)


def sort_key(fixes: Fixes, column: str) -> Callable[[int], Any]:
    """By a fix's place, what is missing last; numbers before texts; numbers within an id by value (bus 9
    before bus 10).
    """
    if column == "id":
        return lambda place: natural(fixes.idents[place])
    if column in ("time", "age"):
        times = (fixes.time if column == "time" else -fixes.time).tolist()
        return lambda place: times[place]
    if column in ("speed", "heading"):
        numbers = (fixes.speed if column == "speed" else fixes.heading).tolist()
        return lambda place: (2, 0.0) if numbers[place] != numbers[place] else (0, numbers[place])
    return lambda place: _rank(fixes.attributes[place].get(column))


def _rank(value: object) -> tuple[int, Any]:
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
