"""Families of keys: names that differ in their ids only, whatever the ids and the separators look like.

Names are counted as they come from a SCAN, in bounded memory: ``KeyNames`` keeps a count and a few names of
each shape. ``families`` then tells, of the names that were kept, which parts are ids.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..readable import text
from .key_patterns import GLUED, SEPARATORS
from .proposals import Family
from .records import text_of

KEPT_NAMES = 60  # of each shape
MOST_SHAPES = 4000  # shapes that are told apart, before those that differ in one word are merged
ALIKE = 30  # so many shapes that differ in one word only are one
MANY = 10
FEWEST_LETTERS = 4  # of a word that stands before an id (``driver_12``) and is no part of it (``AB-12``)

# Ids that hold separators themselves are one thing: UUIDs and MAC addresses.
_ATOM = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})(?![0-9A-Za-z])"
)
_ID = "\x01"  # stands for such an id
_HEX = r"(?=[0-9A-Fa-f]*[0-9])[0-9A-Fa-f]{8,}"
_LONG = r"(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{14,}"  # ULIDs, tokens
_PLATE = r"[A-Z]{1,3}[0-9]{1,4}[A-Z]{1,3}"
_SHAPE = re.compile(rf"(?<![0-9A-Za-z])(?:{_HEX}|{_LONG}|{_PLATE})(?![0-9A-Za-z])")
_DIGITS = re.compile(r"[0-9]+")
_ID_LIKE = re.compile(
    rf"^(?:\d+|[0-9a-fA-F-]{{6,}}|[A-Za-z_-]{{0,4}}\d[\w.-]*|.*\d{{3,}}.*|{_LONG}|{_ID}|\+?\d[\d .-]*)$"
)
_STEM = re.compile(rf"^(.*?[A-Za-z][A-Za-z_-]*?[_-])(?:\d+|{_HEX}|{_LONG}|{_ID})$")


@dataclass
class Shape:
    """A group of names that look alike: their number, and the first of them."""

    count: int = 0
    names: list[bytes] = field(default_factory=list)


class KeyNames:
    """Counts names by their shape. ``total`` names were given, ``unplaced`` of them had no room."""

    def __init__(self, skip: int = 0):
        self.total = self.unplaced = 0
        self._skip = skip  # bytes of the tenant's prefix
        self._shapes: dict[str, Shape] = {}
        self._merge_after = 0
        self._merged: dict[tuple[str, int], dict[int, set[tuple[str, ...]]]] = defaultdict(dict)

    def add(self, names: Iterable[bytes]) -> None:
        """Add names to the counts."""
        shapes, skip = self._shapes, self._skip
        for name in names:
            self.total += 1
            mark = shape_of(text_of(name[skip:]))
            found = shapes.get(mark) or self._new(mark)
            if found is None:
                self.unplaced += 1
                continue
            found.count += 1
            if len(found.names) < KEPT_NAMES:
                found.names.append(name)

    def shapes(self) -> list[Shape]:
        """All shapes, the most frequent first."""
        return sorted(self._shapes.values(), key=lambda shape: -shape.count)

    def _new(self, mark: str) -> Shape | None:
        """The shape of a mark that was not seen before; None where there is no room."""
        found = self._merged_shape(mark)
        if found is None and len(self._shapes) >= MOST_SHAPES and self.unplaced >= self._merge_after:
            self._merge()
            self._merge_after = (
                self.unplaced + MOST_SHAPES
            )  # where it has helped little it need not be soon again
            found = self._merged_shape(mark)
        if found is not None or len(self._shapes) >= MOST_SHAPES:
            return found
        return self._shapes.setdefault(mark, Shape())

    def _merged_shape(self, mark: str) -> Shape | None:
        parts, separator = _cut(mark)
        for place, heads in self._merged[(separator, len(parts))].items():
            head = (*parts[:place], "*", *parts[place + 1 :])
            if head in heads:
                return self._shapes.get(separator.join(head))
        return None

    def _merge(self) -> None:
        """Make one of the shapes that differ in one word."""
        groups: dict[tuple[str, int, tuple[str, ...]], list[str]] = defaultdict(list)
        for mark in self._shapes:
            parts, separator = _cut(mark)
            for place in range(len(parts) if separator else 0):
                groups[(separator, place, (*parts[:place], "*", *parts[place + 1 :]))].append(mark)
        for (separator, place, head), marks in sorted(groups.items(), key=lambda item: -len(item[1])):
            there = [mark for mark in marks if mark in self._shapes]
            if len(there) < ALIKE:
                continue
            one = Shape()
            for mark in there:
                shape = self._shapes.pop(mark)
                one.count += shape.count
                one.names += shape.names[: KEPT_NAMES - len(one.names)]
            self._shapes[separator.join(head)] = one
            self._merged[(separator, len(head))].setdefault(place, set()).add(head)


def shape_of(name: str) -> str:
    """A name with its ids made alike."""
    return _DIGITS.sub("#", _SHAPE.sub("*", _ATOM.sub(_ID, name)))


def _cut(name: str) -> tuple[list[str], str]:
    """The parts of a name, and what stands between them: the first separator of the list that occurs."""
    separator = next((mark for mark in SEPARATORS if mark in name), "")
    return (name.split(separator) if separator else [name]), separator


# --- which parts are ids ------------------------------------------------------------------------------------

Members = list[tuple[list[str], bytes]]


def families(keys: Iterable[tuple[bytes, str]], key_prefix: str = "") -> list[Family]:
    """Group (key, type) pairs by what their names have in common, behind the tenant's prefix."""
    lead = len(key_prefix.encode())
    # Other bytes than UTF-8 stay one sign each meanwhile: a code such as \\xe9 would look like an id.
    grouped: dict[tuple[str, str, int], Members] = defaultdict(list)
    for key, kind in keys:
        parts, separator = _cut(_ATOM.sub(_ID, key[lead:].decode("utf-8", "surrogateescape")))
        grouped[(kind, separator, len(parts))].append((parts, key))
    result: dict[tuple[str, str], Family] = {}
    for (kind, separator, _), members in grouped.items():
        for parts, group in _split(members, 0):
            pattern = separator.join(_without_runs(parts, separator)).replace(_ID, "*")
            pattern = text(pattern.encode("utf-8", "surrogateescape"))
            family = result.setdefault((kind, pattern), Family(kind, pattern, []))
            family.keys.extend(key for _, key in group)
    return sorted(result.values(), key=lambda f: (-len(f.keys), f.pattern))


def _without_runs(parts: list[str], separator: str) -> list[str]:
    """One star for an id that itself holds separators: plates (AB-123-CD), addresses (10.0.0.1)."""
    fewest = 2 if separator in "-_" else 3
    found: list[str] = []
    for part, run in itertools.groupby(parts):
        times = len(list(run))
        found += [part] * (1 if part == "*" and times >= fewest else times)
    return found


def _split(members: Members, index: int) -> list[tuple[list[str], Members]]:
    """Split a group by the parts from ``index`` on that tell kinds apart; the parts that tell vehicles
    apart become a star."""
    count = len(members[0][0])
    if index == count:
        return [([], members)]
    values: dict[str, Members] = defaultdict(list)
    for member in members:
        values[member[0][index]].append(member)
    if not _has_stems(values, index) and _is_variable(values, len(members), index, count):
        return [(["*", *rest], group) for rest, group in _split(members, index + 1)]
    glued: dict[str, Members] = defaultdict(list)
    for value, group in values.items():
        found = (_STEM.match(value) or GLUED.match(value)) if len(values) > 1 or _ID in value else None
        glued[found.group(1) + "*" if found else value] += group
    result = []
    for name, group in glued.items():
        same_value = len({member[0][index] for member in group}) == 1 and _ID not in name
        head = group[0][0][index] if same_value and _ID not in group[0][0][index] else name
        result += [([head, *rest], inner) for rest, inner in _split(group, index + 1)]
    return result


def _has_stems(values: dict[str, Members], index: int) -> bool:
    """Whether these are words with an id behind them, each word with several: ``driver_12``,
    ``location-<uuid>``."""
    stems: dict[str, int] = defaultdict(int)
    for value in values:
        found = _STEM.match(value)
        if found is None or (index and sum(map(str.isalpha, found.group(1))) < FEWEST_LETTERS):
            return False
        stems[found.group(1)] += 1
    return len(stems) <= max(1, len(values) // 3)


def _is_variable(values: dict[str, Members], size: int, index: int, count: int) -> bool:
    """Whether this part of the names is an id."""
    id_like = sum(len(group) for value, group in values.items() if _ID_LIKE.match(value))
    if index == 0:
        if count == 1:
            return False
        if (
            len(values) >= MANY and len(values) > 0.9 * size
        ):  # words before one and the same rest: names of people
            return len({tuple(member[0][1:]) for group in values.values() for member in group}) == 1
        stems = [value for value in values if GLUED.match(value) and not _SHAPE.fullmatch(value)]
        return id_like > 0.9 * size and not stems and (len(values) > 1 or _ID in values)
    if id_like >= 0.5 * size:
        return True
    return len(values) >= 3 and len(values) > 0.5 * size
