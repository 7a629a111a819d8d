"""Reads MessagePack, with limits: values of others may say anything about their own length and depth.

Format: https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

import struct
from typing import Any, Callable

from ..json_types import JsonObject

DEEPEST = 32
_TIMESTAMP = -1  # the one type of extension that the specification itself defines
_LISTS = frozenset((*range(0x90, 0xA0), 0xDC, 0xDD))
_NAMES = frozenset(
    (*range(0xA0, 0xC0), 0xC4, 0xD9, 0xDA, 0xDB)
)  # what the name of a map's first value begins with
_BEFORE_NAME = {**dict.fromkeys(range(0x80, 0x90), 1), 0xDE: 3, 0xDF: 5}  # bytes of a map's head

_NUMBERS = {
    0xCA: ">f",
    0xCB: ">d",
    0xCC: ">B",
    0xCD: ">H",
    0xCE: ">I",
    0xCF: ">Q",
    0xD0: ">b",
    0xD1: ">h",
    0xD2: ">i",
    0xD3: ">q",
}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
# first byte -> (kind, format of the length)
_SIZED = {
    0xC4: ("bytes", ">B"),
    0xC5: ("bytes", ">H"),
    0xC6: ("bytes", ">I"),
    0xC7: ("extension", ">B"),
    0xC8: ("extension", ">H"),
    0xC9: ("extension", ">I"),
    0xD9: ("text", ">B"),
    0xDA: ("text", ">H"),
    0xDB: ("text", ">I"),
    0xDC: ("list", ">H"),
    0xDD: ("list", ">I"),
    0xDE: ("map", ">H"),
    0xDF: ("map", ">I"),
}
_FIXED_EXTENSIONS = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def is_msgpack(raw: bytes) -> bool:
    """Whether bytes begin as a list or a map with names does, which no JSON text and no picture does."""
    if not raw:
        return False
    start = _BEFORE_NAME.get(raw[0])
    if start is None:
        return raw[0] in _LISTS
    return raw[start : start + 1] != b"" and raw[start] in _NAMES


def read_msgpack(raw: bytes) -> object:
    """The one value of these bytes. Texts that are no UTF-8 and extensions other than times become None.

    Raises ValueError for everything that is not MessagePack, is cut off, goes on behind its end, or is too
    deep.
    """
    reader = _Reader(raw)
    try:
        value = reader.value(0)
    except (struct.error, IndexError) as error:
        raise ValueError("cut off") from error
    if reader.pos != len(raw):
        raise ValueError("more than one value")
    return value


class _Reader:
    """Reads from a position on; a container holds no more values than there are bytes left, one byte each
    at least."""

    def __init__(self, raw: bytes):
        self._raw = raw
        self.pos = 0
        self._of: dict[str, Callable[[int, int], Any]] = {
            "text": self._text,
            "bytes": self._bytes,
            "extension": self._extension,
            "list": self._list,
            "map": self._map,
        }

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
        head = self._raw[self.pos]
        self.pos += 1
        if head < 0x80:
            return head
        if head >= 0xE0:
            return head - 0x100
        if head < 0xC0:
            kind, size = ("map", head & 15) if head < 0x90 else ("list", head & 15)
            return self._text(head & 31, depth) if head >= 0xA0 else self._of[kind](size, depth)
        if head in _CONSTANTS:
            return _CONSTANTS[head]
        if head in _NUMBERS:
            return self._number(_NUMBERS[head])
        if head in _FIXED_EXTENSIONS:
            return self._extension(_FIXED_EXTENSIONS[head], depth)
        if head not in _SIZED:
            raise ValueError("no MessagePack")
        kind, form = _SIZED[head]
        return self._of[kind](self._number(form), depth)

    def _number(self, form: str) -> Any:
        (found,) = struct.unpack_from(form, self._raw, self.pos)
        self.pos += struct.calcsize(form)
        return found

    def _take(self, size: int) -> bytes:
        if size > len(self._raw) - self.pos:
            raise ValueError("cut off")
        self.pos += size
        return self._raw[self.pos - size : self.pos]

    def _text(self, size: int, _depth: int) -> object:
        try:
            return self._take(size).decode()
        except UnicodeDecodeError:
            return None

    def _bytes(self, size: int, depth: int) -> object:
        """Older writers know no texts: their names and texts are bytes."""
        return self._text(size, depth)

    def _extension(self, size: int, _depth: int) -> object:
        (kind,) = struct.unpack(">b", self._take(1))
        inside = self._take(size)
        return _moment(inside) if kind == _TIMESTAMP else None

    def _list(self, count: int, depth: int) -> list[Any]:
        self._check(count)
        return [self.value(depth + 1) for _ in range(count)]

    def _map(self, count: int, depth: int) -> JsonObject:
        self._check(2 * count)
        found = {}
        for _ in range(count):
            name = self.value(depth + 1)
            found[name if isinstance(name, str) else str(name)] = self.value(depth + 1)
        return found

    def _check(self, count: int) -> None:
        if count > len(self._raw) - self.pos:
            raise ValueError("cut off")


def _moment(raw: bytes) -> object:
    """Seconds since 1970 UTC of the extension for times, None where it has no known length."""
    if len(raw) == 4:
        return struct.unpack(">I", raw)[0]
    if len(raw) == 8:
        (both,) = struct.unpack(">Q", raw)
        return (both & (1 << 34) - 1) + (both >> 34) / 1e9
    if len(raw) == 12:
        nanoseconds, seconds = struct.unpack(">Iq", raw)
        return seconds + nanoseconds / 1e9
    return None
