"""Paths to values in a record: dotted names, and indexes into lists and into packed texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Callable, Optional

from ..json_types import JsonObject

DEEPEST = 4  # levels of objects that are looked into
MOST_FIELDS = 100  # of one object
LONGEST_PACKED = 400  # characters of a text that is cut into parts

_BETWEEN = re.compile(r"\s*[,;|\t]\s*|\s+")
_ONLY_COMMAS = re.compile(r"[+-]?[0-9]+,[0-9]+|[+-]?[0-9]+(?:\s*,\s*[+-]?[0-9]+){2,3}")


def lookup(record: object, path: str) -> object:
    """The value at a dotted path, None where there is none. A name that itself holds a dot is found first.

    A number goes into a list (``coordinates.0``) or into the parts of a text (``value.2`` of
    ``48.85,2.35,1795348800``).
    """
    if isinstance(record, dict) and path in record:
        return record[path]
    names = path.split(".")
    for place, part in enumerate(names):
        if isinstance(record, dict):
            rest = ".".join(names[place:])
            if rest in record:
                return record[rest]
            if part not in record:
                return _by_longer_name(record, names[place:])
            record = record[part]
        elif isinstance(record, list):
            record = record[int(part)] if _is_index(part) and int(part) < len(record) else None
        elif isinstance(record, str) and _is_index(part):
            parts = packed(record)
            record = parts[int(part)] if int(part) < len(parts) else None
        else:
            return None
    return record


def _by_longer_name(record: JsonObject, names: list[str]) -> object:
    """The value at a path whose first names are one that holds dots: ``{"gps.lat": {"value": …}}``."""
    for count in range(len(names) - 1, 1, -1):
        name = ".".join(names[:count])
        if name in record:
            return lookup(record[name], ".".join(names[count:]))
    return None


def _is_index(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) < 4


def packed(text: str) -> list[str]:
    """The parts of a text such as ``48.85,2.35,1795348800``; of ``48,85;2,35`` those with their decimal
    commas.

    Nothing where the commas may be either: ``48,85``, ``48,85,2,35``.
    """
    text = text.strip().strip("[](){}").strip()
    if not text or len(text) > LONGEST_PACKED or _ONLY_COMMAS.fullmatch(text):
        return []
    if ";" in text:
        return [part.strip() for part in text.split(";")]
    words = text.split()
    if len(words) > 1 and all(word.count(",") == 1 and word[-1] != "," and word[0] != "," for word in words):
        return words  # 48,85 2,35
    return _BETWEEN.split(text)


def paths(record: JsonObject) -> Iterator[tuple[str, str, Any]]:
    """(path, lower-case last name, value) of the fields of a record, then of those one to three levels
    down.
    """
    below: list[tuple[str, JsonObject]] = [("", record)]
    for _depth in range(DEEPEST):
        above, below = below, []
        for prefix, level in above:
            for name, value in list(level.items())[:MOST_FIELDS]:
                if not isinstance(name, str):
                    continue
                yield prefix + name, name.lower(), value
                if isinstance(value, dict):
                    below.append((prefix + name + ".", value))


def getter(path: str) -> Optional[Callable[[Any], Any]]:
    """Return what reads a path of a record; None for no path."""
    if not path:
        return None
    if "." not in path:
        fetch = itemgetter(path)

        def plain_name(data: Any) -> object:
            try:
                return fetch(data)
            except KeyError:
                return None

        return plain_name
    return lambda data: lookup(data, path)
