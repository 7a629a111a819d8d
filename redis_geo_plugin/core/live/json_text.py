"""JSON texts of producers, parsed one by one or many at once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Callable, Optional

import numpy as np

LONG = 64_000  # bytes, from which on the window gets Python's lock while they are read
PIECE = 1 << 18  # bytes of a long text that are looked at in one go


def _as_it_is(value: Any) -> Any:
    return value


def _real(digits: str) -> float:
    return float(digits)


def _whole(digits: str) -> int:
    return int(digits)


_raw_decode = json.JSONDecoder().raw_decode
# Python's own reader of JSON keeps its lock until all is read, but where it calls a function of Python's.
_by_objects = json.JSONDecoder(object_hook=_as_it_is).raw_decode
_by_numbers = json.JSONDecoder(object_hook=_as_it_is, parse_float=_real, parse_int=_whole).raw_decode
DEEPEST = 100  # levels of objects and lists in each other; a report has a handful
SHORT = 10_000  # bytes, in which bytes are counted sooner than numpy is called
MOST_BRACKETS = 10_000  # of a batch of reports that is read as one text
_STRUCTURE = bytes(set(range(256)) - set(b'"[]{}'))  # what says nothing about depth
_ALIKE = bytes.maketrans(b"{}", b"[]")
_STRING = re.compile(rb'"[^"]*"')


def parse_json(raw: bytes) -> Any:
    """The JSON value of these bytes. Raises ValueError for everything that is none, too deep nesting
    included.
    """
    text = raw.decode("utf-8-sig") if raw[:3] == b"\xef\xbb\xbf" else raw.decode()
    if is_deeper(raw, DEEPEST):  # newer versions of Python follow any depth
        raise ValueError("nested too deeply")
    decode = _raw_decode if len(raw) < LONG else _patient(raw)
    try:
        value, end = decode(text, 0)
    except ValueError:
        value, end = decode(text, len(text) - len(text.lstrip()))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if end != len(text) and text[end:].strip():
        raise ValueError("more than one value")
    return escaped(value) if has_surrogates(text) else value


def _patient(raw: bytes) -> Callable[[str, int], tuple[Any, int]]:
    """What reads a long text and lets other threads go on: between its objects, or where these are long,
    between its numbers."""
    return _by_objects if raw.count(b"{") * LONG > len(raw) else _by_numbers


def has_surrogates(text: str) -> bool:
    """Tell whether a JSON text may hold half a surrogate pair, which no other text can hold."""
    return "\\" in text and ("\\ud" in text or "\\uD" in text)  # most have no escape at all


def escaped(value: Any) -> Any:
    """Return a JSON value whose texts can be encoded: half a surrogate pair becomes its escape,
    ``\\ud800``.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [escaped(item) for item in value]
    if isinstance(value, dict):
        return {escaped(name): escaped(item) for name, item in value.items()}
    return value


def is_deeper(raw: bytes, levels: int) -> bool:
    """Whether a JSON text has more levels than these; of what is no JSON the answer means nothing. Takes a
    tenth of the time of reading it, whatever its length.
    """
    if raw.count(b"{") + raw.count(b"[") <= levels:
        return False
    left = b"".join(_brackets_of(raw))
    for _ in range(levels):  # the innermost level goes with each turn
        if not left:
            return False
        left = left.replace(b"[]", b"")
    return bool(left)


def _brackets_of(raw: bytes) -> Iterator[bytes]:
    """The brackets of a JSON text that stand in none of its strings, piece by piece."""
    start, open_string = 0, b""
    while start < len(raw):
        end = start + PIECE
        while raw[end - 1 : end] == b"\\":  # what it escapes belongs to it
            end += 1
        piece = raw[start:end]
        start = end
        if b"\\" in piece:
            piece = piece.replace(b"\\\\", b"").replace(b'\\"', b"")
        left = _STRING.sub(b"", open_string + piece.translate(_ALIKE, _STRUCTURE))
        quote = left.find(b'"')
        open_string = left[quote:] if quote >= 0 else b""
        yield left[:quote] if quote >= 0 else left


_BETWEEN = json.dumps(f"between {uuid.uuid4()}")  # nobody else writes this
_JOIN = f",{_BETWEEN},".encode()


def parse_many(raws: Sequence[bytes]) -> Optional[list[Any]]:
    """The JSON values of these bytes, read as one text, in less than half the time; None when not each of
    them is one value of reasonable depth (then ``parse_json`` tells which).
    """
    try:
        joined = b"[" + _JOIN.join(raws) + b"]"
        if _brackets(joined) > MOST_BRACKETS:
            return None
        text = joined.decode()
        values, end = _raw_decode(text, 0)
    except (ValueError, RecursionError):
        return None
    # every mark stands between two values, so that no value ran over its end
    marks = values[1::2]
    if end != len(text) or len(values) != 2 * len(raws) - 1 or marks.count(_MARK) != len(marks):
        return None
    return escaped(values[::2]) if has_surrogates(text) else values[::2]  # type: ignore[no-any-return]


def _brackets(raw: bytes) -> int:
    """How many objects and lists begin in a JSON text: ``{`` and ``[`` differ by one bit."""
    if len(raw) < SHORT:
        return raw.count(b"{") + raw.count(b"[")
    return int(np.count_nonzero((np.frombuffer(raw, np.uint8) | 32) == ord("{")))


_MARK = json.loads(_BETWEEN)
