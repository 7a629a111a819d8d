"""Rows, steps and pieces of one namespace on the server: sizes asked before values are read, at most so much
written, claims so that two who ask compute once.

Nothing here raises for the server's sake: what cannot be read is a miss, what cannot be written is dropped
(``core/cache/link.py``).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from ..cache.claims import Claims
from ..cache.codec import Value
from ..cache.link import Link
from ..json_types import JsonObject
from ..keys import DEFAULT_TTL
from ..redis import sized
from .frames import Frames, Kept
from .names import PIECES, ROWS, STEPS, key

STEP_BYTES = 64_000_000  # of values that one step writes, at most
SHARE_OF_FREE = 0.1  # of the server's memory that is left, at most
_JITTER = 0.05  # of the TTL: what was stored together does not expire together
_ROWS = sized.SizeLimits(value_bytes=4_000_000, batch_bytes=16_000_000, total_bytes=4 * STEP_BYTES)
# with the headers of pieces that are very many and small
_PIECES = sized.SizeLimits(value_bytes=STEP_BYTES, batch_bytes=16_000_000, total_bytes=2 * STEP_BYTES)


@dataclass(frozen=True)
class StoredStep:
    """A step as it is stored: ``outputs`` in JSON, as its writer knows them, the columns of its pieces by
    their digest, and the microseconds that computing took."""

    outputs: JsonObject
    pieces: dict[bytes, bytes]
    cost_us: int


class StepStore:
    """What one run of one step reads and writes."""

    def __init__(self, link: Link, namespace: str, ttl: int = DEFAULT_TTL):
        self.link = link
        self._namespace = namespace
        self._ttl = ttl
        server = link.server
        self._frames = Frames(server.settings.cache_secret.encode() if server is not None else b"")
        self._left: Optional[int] = None  # bytes that may still be written
        self._wrong: set[bytes] = set()  # pieces that did not check out, to be written over
        self.stored = 0  # values

    @property
    def up(self) -> bool:
        """Whether there is a server that is to be asked."""
        return self.link.server is not None and self.link.up

    def rows(self, digests: Sequence[bytes]) -> list[Optional[Kept]]:
        """The rows with these digests, None for what is missing or does not check out."""
        if not digests or not self.up:
            return [None] * len(digests)
        raws, _ = sized.read_strings(self.link.ask, self._keys(ROWS, digests), _ROWS)
        return self._frames.decode_all(digests, raws)

    def write_rows(self, rows: Sequence[tuple[bytes, bytes, float]]) -> int:
        """Store rows: digest, body, microseconds. Returns how many were stored."""
        return self._write([(ROWS, digest, body, cost) for digest, body, cost in rows])

    def step(self, digest: bytes) -> Optional[StoredStep]:
        """A step with all of its pieces, or None where any of it is missing or does not check out."""
        kept = self._read(STEPS, [digest])[0]
        if kept is None:
            return None
        try:
            outputs = json.loads(kept.body)
            names = [bytes.fromhex(name) for name in outputs["pieces"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        if any(len(name) != 32 for name in names):
            return None
        each, names = Counter(names), list(dict.fromkeys(names))
        found = dict(zip(names, self._read(PIECES, names)))
        pieces = {
            name: value.body
            for name, value in found.items()
            if value is not None and hashlib.sha256(value.body).digest() == name
        }
        if len(pieces) < len(names):
            self._wrong.update(name for name in names if name not in pieces)
            return None
        if sum(len(pieces[name]) * times for name, times in each.items()) > STEP_BYTES:
            return None  # more than anybody writes: one piece, named over and over
        return StoredStep(outputs, pieces, kept.cost_us)

    def write_step(self, digest: bytes, outputs: JsonObject, pieces: Sequence[bytes], cost_us: float) -> bool:
        """Store a step: all of its pieces, or nothing. ``outputs["pieces"]`` gets their names in order."""
        if not self.up:
            return False
        named = {hashlib.sha256(piece).digest(): piece for piece in pieces}
        outputs = {**outputs, "pieces": [hashlib.sha256(piece).hexdigest() for piece in pieces]}
        body = json.dumps(outputs, separators=(",", ":")).encode()
        new = self._not_there(list(named))
        size = sum(len(named[name]) for name in new) + len(body)
        if size > self.room():
            return False
        entries = [(PIECES, name, named[name], 0.0) for name in new]
        if self._write(entries) < len(entries):
            return False
        return self._write([(STEPS, digest, body, cost_us)]) == 1

    def room(self) -> int:
        """How many bytes this step may still write: at most 64 MB, and a tenth of what the server has
        left."""
        if self._left is None:
            free = self.link.free_bytes()
            self._left = STEP_BYTES if free is None else min(STEP_BYTES, int(free * SHARE_OF_FREE))
        return self._left

    def claims(self) -> Claims:
        """The claims of a run on steps; ``close`` them."""
        return Claims(self.link, _Steps(self))

    def _not_there(self, names: Sequence[bytes]) -> list[bytes]:
        """The pieces that are to be written. One that is there and lives long enough is left alone."""
        keys = self._keys(PIECES, names)
        lifetimes = self.link.lifetimes(keys) if keys else []
        wanted = self._ttl * 1000
        return [
            name
            for name, ms in zip(names, lifetimes)
            if name in self._wrong or not (ms == -1 or (ms is not None and wanted and ms >= wanted))
        ]

    def _read(self, family: str, digests: Sequence[bytes]) -> list[Optional[Kept]]:
        if not digests or not self.up:
            return [None] * len(digests)
        raws, _ = sized.read_strings(self.link.ask, self._keys(family, digests), _PIECES)
        return self._frames.decode_all(digests, raws)

    def _write(self, values: Sequence[tuple[str, bytes, bytes, float]]) -> int:
        """Store (family, digest, body, microseconds), as many as there is room for."""
        if not values or not self.up:
            return 0
        entries, room = [], self.room()
        for family, digest, body, cost in values:
            room -= len(body)
            if room < 0:
                break
            ttl = self._jittered() if family == ROWS else self._ttl
            raw = self._frames.encode(digest, body, cost)
            entries.append((self._key(family, digest), raw, ttl))
            self._left = room
        written = self.link.write(entries)
        self.stored += written
        return written

    def _jittered(self) -> int:
        spread = 1.0 - _JITTER * random.random()  # nosec B311 - spreads expiry, no secret
        return max(1, int(self._ttl * spread)) if self._ttl else 0

    def _keys(self, family: str, digests: Sequence[bytes]) -> list[bytes]:
        return [self._key(family, digest) for digest in digests]

    def _key(self, family: str, digest: bytes) -> bytes:
        assert self.link.server is not None
        return self.link.server.key(key(family, self._namespace, digest))


class _Steps:
    """The heads of steps as claims look for them."""

    def __init__(self, store: StepStore):
        self._store = store

    def read(self, digests: Sequence[bytes]) -> list[Optional[Value]]:
        """The heads, None for what is not there or does not check out."""
        kept = self._store._read(STEPS, digests)
        return [None if value is None else value.as_value() for value in kept]
