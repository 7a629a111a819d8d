"""Sources in which one key holds many vehicles: read again when the key changes, and passed on member by
member."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Optional

from ...redis import sized
from ...redis.redispy import exceptions
from ...redis.types import Reply
from ...watch import Watch
from ..key_patterns import KeyPattern
from ..reader import Reader
from ..recognition.names import ELSEWHERE, words
from ..records import RefusalReason, Row, text_of
from ..sampling import WHOLE
from .base import CHUNK, Batch, NamesInTurn, Source

POLL_KEYS = 50
WEIGHED_FOR = 60.0  # seconds: as many entries may hold more by then
FIELDS = 4  # names that come again in each key are no more than these, or a fleet that stands there twice


class UnreadableValue(ValueError):
    """A value that cannot be read now, such as a file that is only half written. ``raw`` is its beginning."""

    def __init__(self, raw: bytes):
        super().__init__("unreadable")
        self.raw = raw


class MembersSource(Source):
    """A subclass reads the members of a key and makes rows of some of them.

    A member may be in several keys (a set per city). It is gone when no key has it any more.
    """

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        self.pattern = KeyPattern(self.spec.pattern, reader.server.settings.key_prefix)
        # key -> member -> hash of what it said; of the last full reading, and since
        self._before: dict[bytes, dict[bytes, int]] = getattr(self, "_members", {})
        self._members: dict[bytes, dict[bytes, int]] = {}
        self._turn: list[bytes] = []
        self._weighed: dict[bytes, tuple[int, float]] = {}  # key -> entries that were not too large, and when
        self._names = NamesInTurn(self.pattern.glob, self.TYPE) if "*" in self.spec.pattern else None

    def prefixes(self) -> list[bytes]:
        """Return the key prefixes whose changes concern this source."""
        return [self.pattern.literal]

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield everything there is."""
        self._before, self._members = self._members or self._before, {}
        for key in self._keys(reader):
            if watch.cancelled():
                return
            yield from self._read_key(reader, key)

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Yield what the keys that changed hold now."""
        for key in keys:
            if self._is_ours(key):
                yield from self._read_key(reader, key)

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Yield some keys in turn. New keys are found after all known ones were read."""
        if not self._turn:
            self._turn = self._keys(reader)
            known = set(self._turn)
            for key in [k for k in self._members if k not in known]:
                yield [], self._forget(key)
        keys, self._turn = self._turn[:POLL_KEYS], self._turn[POLL_KEYS:]
        yield [], []
        for key in keys:
            yield from self._read_key(reader, key)

    @property
    def told_keys(self) -> int:
        """How many keys are known whose changes the server tells of."""
        return len(self._members)

    def in_turn(self) -> list[bytes]:
        """Return the keys that hold the fleet."""
        return list(self._members) if "*" in self.spec.pattern else [self.pattern.literal]

    def _knows(self, key: bytes) -> bool:
        return key in self._members

    def ident(self, member: bytes) -> str:
        """Return the id of a member."""
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
        """Yield the members that changed since the last read, in small batches, and those that are gone."""
        try:
            found = self.members(reader, key)
        except exceptions.ResponseError:  # another type by now
            found = {}
        except UnreadableValue as error:
            yield self._as_before(key, error.raw), []
            return
        known = self._members.get(key, {})
        marks = {member: hash(said) for member, said in found.items()}
        changed = [member for member, mark in marks.items() if known.get(member) != mark]
        self._members[key] = marks
        gone = [m for m in known if m not in marks and not self._elsewhere(m)]
        if not marks:
            del self._members[key]
            self._weighed.pop(key, None)
        yield [], [self.ident(m) for m in gone]
        for start in range(0, len(changed), CHUNK):
            piece = changed[start : start + CHUNK]
            yield self.rows(reader, key, piece, [found[m] for m in piece]), []

    def _as_before(self, key: bytes, raw: bytes) -> list[Row]:
        """Return refused rows for a key whose value cannot be read now.

        Its members stay as they were read last, and are named, or they would count as gone.
        """
        members = self._members.get(key) or self._before.get(key, {})
        if members:
            self._members[key] = members
        idents = [self.ident(member) for member in members] if self._before else []
        return [
            Row(ident, key, None, raw, RefusalReason.UNREADABLE)
            for ident in (idents or [self.pattern.ident(key) or text_of(key)])
        ]

    def _forget(self, key: bytes) -> list[str]:
        self._weighed.pop(key, None)
        known = self._members.pop(key, {})
        return [self.ident(m) for m in known if not self._elsewhere(m)]

    def _elsewhere(self, member: bytes) -> bool:
        return any(member in members for members in self._members.values())

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Reply]:
        """Return member -> what it says (hashable)."""
        raise NotImplementedError

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Reply]) -> list[Row]:
        """Return the rows of some members."""
        raise NotImplementedError

    def check_size(self, reader: Reader, key: bytes) -> None:
        """Raise UnreadableValue for a key that holds more than a fleet may.

        Its bytes, for which the server visits its entries, are asked anew only where it has more of these
        than when they were right last, and now and then.
        """
        (count,) = reader.ask_many([(sized.COUNTING[self.TYPE], key)])
        weighed, since = self._weighed.get(key, (-1, 0.0))
        if isinstance(count, int) and count <= weighed and time.monotonic() - since < WEIGHED_FOR:
            return
        for one in sized.fitting(reader.ask_many, [key], self.TYPE, WHOLE).skipped:
            self._weighed.pop(key, None)
            raise UnreadableValue(b"%d bytes" % one.size)
        if isinstance(count, int):
            self._weighed[key] = count, time.monotonic()


def pairs(flat: Optional[Sequence[bytes]]) -> dict[bytes, bytes]:
    """Return a flat reply of names and values as a dict."""
    return dict(zip(flat[::2], flat[1::2])) if flat else {}


def are_fields(rows: Sequence[Row]) -> bool:
    """Tell whether what seem to be members of keys are the fields of one record in each of them: a few names
    that come again in key after key (``AIS``, ``pickup``), or that are of places of something else."""
    keys: dict[str, set[bytes]] = {}
    for row in rows:
        keys.setdefault(row.id, set()).add(row.key)
    if all(ELSEWHERE & set(words(name)) for name in keys):
        return True
    again = sum(len(those) > 1 for those in keys.values())
    return len(keys) <= FIELDS and again == len(keys)
