"""Sources in which one key holds many vehicles: read anew when the key changes, handed on member by member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Callable, Optional

from ...redispy import exceptions
from ..reader import Reader
from ..records import Row
from .base import CHUNK, Batch, KeyPattern, Source

POLL_KEYS = 50


class MembersSource(Source):
    """A subclass reads the members of a key and makes rows of some of them. A member may stand in several keys (a set
    per city): it is gone when none has it any more."""

    def open(self, reader: Reader) -> None:
        self.pattern = KeyPattern(self.spec.pattern, reader.server.settings.key_prefix)
        self._members: dict[bytes, dict[bytes, int]] = {}  # key -> member -> hash of what it said
        self._turn: list[bytes] = []

    def prefixes(self) -> list[bytes]:
        return [self.pattern.literal]

    def read_all(self, reader: Reader, alive: Callable[[], bool]) -> Iterator[Batch]:
        self._members.clear()
        for key in self._keys(reader):
            if not alive():
                return
            yield from self._read_key(reader, key)

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        for key in keys:
            if self._is_ours(key):
                yield from self._read_key(reader, key)

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Some keys in turn; new ones are found when all had theirs."""
        if not self._turn:
            self._turn = self._keys(reader)
            known = set(self._turn)
            for key in [k for k in self._members if k not in known]:
                yield [], self._forget(key)
        keys, self._turn = self._turn[:POLL_KEYS], self._turn[POLL_KEYS:]
        yield [], []
        for key in keys:
            yield from self._read_key(reader, key)

    def ident(self, member: bytes) -> str:
        """The id of a member."""
        return member.decode("utf-8", "backslashreplace")

    def _keys(self, reader: Reader) -> list[bytes]:
        if "*" not in self.spec.pattern:
            return [self.pattern.literal]
        return list(dict.fromkeys(key for keys in reader.scan(self.pattern.glob, self.TYPE) for key in keys))

    def _is_ours(self, key: bytes) -> bool:
        if "*" not in self.spec.pattern:
            return key == self.pattern.literal
        return self.pattern.ident(key) is not None

    def _read_key(self, reader: Reader, key: bytes) -> Iterator[Batch]:
        """The members that changed since the last time, in small batches, and those that are gone."""
        try:
            found = self.members(reader, key)
        except exceptions.ResponseError:  # another type by now
            found = {}
        known = self._members.get(key, {})
        marks = {member: hash(said) for member, said in found.items()}
        changed = [member for member, mark in marks.items() if known.get(member) != mark]
        self._members[key] = marks
        gone = [m for m in known if m not in marks and not self._elsewhere(m)]
        if not marks:
            del self._members[key]
        yield [], [self.ident(m) for m in gone]
        for start in range(0, len(changed), CHUNK):
            piece = changed[start : start + CHUNK]
            yield self.rows(reader, key, piece, [found[m] for m in piece]), []

    def _forget(self, key: bytes) -> list[str]:
        known = self._members.pop(key, {})
        return [self.ident(m) for m in known if not self._elsewhere(m)]

    def _elsewhere(self, member: bytes) -> bool:
        return any(member in members for members in self._members.values())

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Any]:
        """Member -> what it says (hashable)."""
        raise NotImplementedError

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Any]) -> list[Row]:
        """The rows of some members."""
        raise NotImplementedError


def pairs(flat: Optional[Sequence[Any]]) -> dict[Any, Any]:
    """A flat reply of names and values as a dict; raises the reply if it is an error."""
    if isinstance(flat, Exception):
        raise flat
    return dict(zip(flat[::2], flat[1::2])) if flat else {}
