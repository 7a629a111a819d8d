"""Members of a value changed in its own bytes: what is not changed stays to the letter, numbers with all
their digits, blanks and the order of members included.

A change is a tree of steps: names of members, places in lists, and ``OPEN`` into JSON that stands in a text;
at its leaves stand the new values.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Sequence
from typing import Union

from ..json_types import Value
from ..live.decoding import TooLarge, inflate, is_compressed
from ..live.json_text import parse_json
from .refusals import Refused, WhyRefused
from .values import LARGEST, decoded

Step = Union[str, int]
Path = tuple[Step, ...]


class Leaf:
    """A new value: what JSON holds, a text, or bytes. ``GONE`` is one that is to be no more."""

    __slots__ = ("value",)

    def __init__(self, value: Value):
        self.value = value


Tree = dict[Step, Union["Tree", "Leaf"]]
Changes = Union[Tree, "Leaf"]
OPEN = -1  # the step into the JSON, or the compressed bytes, that a text holds
GONE = Leaf(None)
_GZIP = b"\x1f\x8b"
_MARK = b"\xef\xbb\xbf"
_BLANK = re.compile(r"[ \t\n\r]*")
_raw_decode = json.JSONDecoder().raw_decode


def add(tree: Tree, path: Path, leaf: Leaf) -> None:
    """Put a change into a tree; one above it, made before, holds."""
    for step in path[:-1]:
        inner = tree.setdefault(step, {})
        if isinstance(inner, Leaf):
            return
        tree = inner
    tree[path[-1]] = leaf


def at(value: Value, path: Sequence[Step]) -> Value:
    """What stands at a path of a decoded value. Raises KeyError where there is nothing."""
    for step in path:
        if step == OPEN and isinstance(value, (str, bytes)):
            value = decoded(value.encode("utf-8", "replace") if isinstance(value, str) else value)
        elif isinstance(value, list):
            if not (isinstance(step, int) and 0 <= step < len(value)):
                raise KeyError(step)
            value = value[step]
        elif isinstance(value, dict):
            value = value[step]
        else:
            raise KeyError(step)
    return value


def rewritten(raw: bytes, changes: Changes) -> bytes:
    """The bytes of a value with these changes, compressed as they were.

    Raises Refused where the value is not what the changes were made for, or becomes too large.
    """
    if not is_compressed(raw):
        return _limited(_plain(raw, changes))
    try:
        inner = inflate(raw, LARGEST)
    except TooLarge as error:
        raise Refused(WhyRefused.TOO_LARGE) from error
    except ValueError as error:
        if raw[:2] == _GZIP:
            raise Refused(WhyRefused.DAMAGED) from error
        return _limited(_plain(raw, changes))
    new = _limited(_plain(inner, changes))
    return gzip.compress(new, mtime=0) if raw[:2] == _GZIP else zlib.compress(new)


def _limited(raw: bytes) -> bytes:
    if len(raw) > LARGEST:
        raise Refused(WhyRefused.TOO_LARGE)
    return raw


def _plain(raw: bytes, changes: Changes) -> bytes:
    mark = _MARK if raw.startswith(_MARK) else b""
    body = raw[len(mark) :]
    if raw[:1] not in (b"\0", b"\1") and body.lstrip()[:1] in (b"{", b"[", b'"') and _is_json(raw):
        return mark + spliced(body.decode(), changes).encode()
    if not isinstance(changes, Leaf):
        raise Refused(WhyRefused.CHANGED)
    value = changes.value
    if isinstance(value, bytes):
        return value
    return mark + (value if isinstance(value, str) else _json(value)).encode()


def _is_json(raw: bytes) -> bool:
    try:
        parse_json(raw)
    except ValueError:
        return False
    return True


def spliced(text: str, changes: Changes) -> str:
    """A JSON text with these changes. Raises Refused where it has not the shape that they are for."""
    start = _blank(text, 0)
    new, end = _value(text, start, changes)
    return text[:start] + new + text[end:]


def _blank(text: str, place: int) -> int:
    """Behind the blanks that begin at a place."""
    found = _BLANK.match(text, place)
    return found.end() if found is not None else place


def _value(text: str, start: int, changes: Changes) -> tuple[str, int]:
    """The new text of the value that begins here, and where the old one ends."""
    if isinstance(changes, Leaf):
        return _json(changes.value), _raw_decode(text, start)[1]
    if text[start] == "{":
        return _members(text, start, changes)
    if text[start] == "[":
        return _entries(text, start, changes)
    if text[start] == '"' and OPEN in changes:
        inner, end = _raw_decode(text, start)
        raw = inner.encode("utf-8", "backslashreplace")  # as it was read
        return _json(rewritten(raw, changes[OPEN]).decode()), end
    value, end = _raw_decode(text, start)
    if value is None:  # null where an object could be
        return _json(_grown(changes)), end
    raise Refused(WhyRefused.CHANGED)


_Span = tuple[int, int]  # of a member with its name, or of an entry


def _members(text: str, start: int, changes: Tree) -> tuple[str, int]:
    """An object; of members of one name the last is the one that counts."""
    spans: list[_Span] = []
    values: dict[str, tuple[int, int]] = {}  # where a member's value begins, and its place among the spans
    gone: set[int] = set()
    place = _blank(text, start + 1)
    while text[place] != "}":
        name, end = _raw_decode(text, place)
        name = name.encode("utf-8", "backslashreplace").decode()  # as it was read
        value = _blank(text, _blank(text, end) + 1)  # behind the colon
        end = _raw_decode(text, value)[1]
        if changes.get(name) is GONE:
            gone.add(len(spans))
        values[name] = value, len(spans)
        spans.append((place, end))
        place = _blank(text, end)
        if text[place] == ",":
            place = _blank(text, place + 1)
    new: dict[int, str] = {}
    more: list[str] = []
    for step, change in changes.items():
        if change is GONE:
            continue
        if step in values:
            value, number = values[str(step)]
            new[number] = text[spans[number][0] : value] + _value(text, value, change)[0]
        else:
            made = change.value if isinstance(change, Leaf) else _grown(change)
            more.append(f"{_json(str(step))}: {_json(made)}")
    return _joined(text, start, place, spans, new, gone, more), place + 1


def _entries(text: str, start: int, changes: Tree) -> tuple[str, int]:
    """A list."""
    spans: list[_Span] = []
    new: dict[int, str] = {}
    gone: set[int] = set()
    place = _blank(text, start + 1)
    while text[place] != "]":
        change = changes.get(len(spans))
        if change is None or change is GONE:
            end = _raw_decode(text, place)[1]
            if change is GONE:
                gone.add(len(spans))
        else:
            new[len(spans)], end = _value(text, place, change)
        spans.append((place, end))
        place = _blank(text, end)
        if text[place] == ",":
            place = _blank(text, place + 1)
    if any(not isinstance(step, int) or not 0 <= step < len(spans) for step in changes):
        raise Refused(WhyRefused.CHANGED)
    return _joined(text, start, place, spans, new, gone, []), place + 1


def _joined(
    text: str,
    start: int,
    close: int,
    spans: list[_Span],
    new: dict[int, str],
    gone: set[int],
    more: list[str],
) -> str:
    """An object or list out of what stays, what is new in its place, and what is added; ``close`` is where
    its bracket closes."""
    found: list[str] = []
    for number, (begin, end) in enumerate(spans):
        if number in gone:
            continue
        if found:
            found.append(text[spans[number - 1][1] : begin])  # the comma, and the blanks around it
        found.append(new.get(number, text[begin:end]) if new else text[begin:end])
    between = text[spans[0][1] : spans[1][0]] if len(spans) > 1 else ", "
    for one in more:
        found += [between, one] if found else [one]
    head = text[start : spans[0][0]] if spans else text[start : start + 1]
    tail = text[spans[-1][1] : close + 1] if spans else text[close]
    return head + "".join(found) + tail


def _grown(changes: Changes) -> Value:
    """The object that a tree of new members makes where there was none."""
    if isinstance(changes, Leaf):
        return changes.value
    if any(isinstance(step, int) for step in changes):
        raise Refused(WhyRefused.CHANGED)
    return {step: _grown(change) for step, change in changes.items() if change is not GONE}


def _json(value: Value) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Refused(WhyRefused.NOT_WRITTEN) from error
