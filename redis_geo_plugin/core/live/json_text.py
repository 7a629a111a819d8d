"""JSON texts of producers, parsed one by one or many at once."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

_raw_decode = json.JSONDecoder().raw_decode
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
    try:
        value, end = _raw_decode(text, 0)
    except ValueError:
        value, end = _raw_decode(text, len(text) - len(text.lstrip()))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if end != len(text) and text[end:].strip():
        raise ValueError("more than one value")
    return escaped(value) if has_surrogates(text) else value


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
    if b"\\" in raw:
        raw = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    left = _STRING.sub(b"", raw.translate(_ALIKE, _STRUCTURE))
    for _ in range(levels):  # the innermost level goes with each turn
        if not left:
            return False
        left = left.replace(b"[]", b"")
    return bool(left)


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
