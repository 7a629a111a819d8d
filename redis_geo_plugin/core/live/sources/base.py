"""What a source does: it reads everything once, and then what changed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Callable, Optional

from ...redis import sized
from ...redis.gate import register_reading
from ...watch import Watch
from ..key_patterns import KeyPattern, readable_name, starred
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import RefusalReason, Row
from ..spec import FeedSpec

# Keys a command: each command hands Python's lock to the window's thread and has to wait to get it back.
CHUNK = 2000
Batch = tuple[Sequence[Row], list[str]]  # rows read, and ids that are no longer there


Tr = Callable[[str], str]


class Source:
    """A kind of source. Each run of a feed has its own, which only the thread of the feed uses.

    The feed watches ``prefixes`` for changes; a source without prefixes is polled by ``poll``. ``texts`` says
    that numbers have to be read from texts.
    """

    KIND = ""
    COMMANDS: tuple[str, ...] = ()  # it reads with these; the gate of production connections lets them pass
    TYPE = ""  # the Redis type it reads, or "channel"
    texts = False
    ends = True  # whether a vehicle can go away (a stream's cannot)
    _names: Optional[NamesInTurn] = None  # of keys, where vehicles may come under new ones
    is_found_by_name = False  # whether it has a pattern of its own, not the one that the user searched by

    def __init_subclass__(cls, **more: object) -> None:
        super().__init_subclass__(**more)
        register_reading(cls.COMMANDS)

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of the reasons that only this source gives, by their code.

        Args:
            tr: translates a literal; pass it nothing else.
        """
        return {}

    @property
    def id_in_record(self) -> bool:
        """Whether the id of the vehicle is one of the fields of a record."""
        return False

    def __init__(self, spec: FeedSpec):
        self.spec = spec

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys, one of all the ``families`` found.

        Returns None if the family holds none.
        """
        raise NotImplementedError

    def open(self, reader: Reader) -> None:
        """Prepare for this server (its prefix). Called at each (re)connection, always for the same server."""

    def prefixes(self) -> list[bytes]:
        """Return the key prefixes whose changes concern this source."""
        return []

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield everything there is, in small batches.

        Ids that are not among them are gone. A history that was read before the connection was lost is not
        read again.
        """
        raise NotImplementedError

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Yield what the keys that changed hold now."""
        raise NotImplementedError

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Yield what is new, at a bounded cost, for a source without tracking; yields at least once."""
        raise NotImplementedError

    @property
    def told_keys(self) -> int:
        """How many keys are known whose changes the server tells of."""
        return 0

    def in_turn(self) -> list[bytes]:
        """Return keys which, passed to ``read``, show the present state of all that is known."""
        return []

    def look_for_new(self, reader: Reader, seconds: float) -> Iterator[Batch]:
        """Yield what stands under names that are new, something after each piece of the names.

        Looks at some names for about so many seconds and goes on with the others at the next call.
        """
        deadline = time.monotonic() + seconds
        while self._names is not None:
            found = self._names.step(reader)
            fresh = [key for key in found or () if not self._knows(key)]
            yield [], []
            if fresh:
                yield from self.read(reader, fresh)
            if found is None or time.monotonic() >= deadline:
                return

    def begin_to_look(self) -> None:
        """Have ``look_for_new`` begin with the first name again: nobody looked for a while."""
        if self._names is not None:
            self._names.begin()

    def _knows(self, key: bytes) -> bool:
        raise NotImplementedError

    def close(self) -> None:
        """Close the connections of the source itself."""


class NamesInTurn:
    """The names of all keys that match, a piece at a time, and again from the start after the last."""

    def __init__(self, pattern: bytes, kind: str):
        self._pattern, self._kind = pattern, kind
        self._round: Optional[Iterator[list[bytes]]] = None

    @property
    def is_at_start(self) -> bool:
        """Whether a round begins with the next step."""
        return self._round is None

    def step(self, reader: Reader) -> Optional[list[bytes]]:
        """Return some names, None at the end of a round."""
        if self._round is None:
            self._round = reader.scan(self._pattern, self._kind, in_turn=True)
        found = next(self._round, None)
        if found is None:
            self._round = None
        return found

    def begin(self) -> None:
        """Have the next step begin a round, wherever the last one was left."""
        self._round = None


class KeysSource(Source):
    """A source with one key per vehicle. A subclass reads the values of some keys."""

    TYPE = "string"
    SCAN_BATCHES = 5  # per poll: new keys are found a piece at a time
    POLL_KEYS = 20_000  # known keys that a poll reads

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        pattern = family.pattern if "*" in family.pattern else starred(family.pattern)
        if "*" not in pattern:
            return None
        spec = FeedSpec(name=readable_name(pattern), kind=cls.KIND, pattern=pattern)
        source = cls(spec)
        source.open(reader)
        rows = [row for batch, _ in source.read(reader, family.keys[:SAMPLE_KEYS]) for row in batch]
        return judge(spec, rows, cls.texts, family.count, orders=family.orders)

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        self.pattern = KeyPattern(self.spec.pattern, reader.server.settings.key_prefix)
        self._known: dict[bytes, str] = {}
        self._seen: dict[bytes, int] = {}  # hash of what was read last, to skip what did not change
        self._names = NamesInTurn(self.pattern.glob, self.TYPE)
        self._turn: list[bytes] = []
        self._heavy: set[bytes] = set()

    def prefixes(self) -> list[bytes]:
        """Return the key prefixes whose changes concern this source."""
        return [self.pattern.literal]

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield everything there is."""
        done: set[bytes] = set()
        self._seen.clear()
        for keys in reader.scan(self.pattern.glob, self.TYPE):
            fresh = [key for key in keys if key not in done]
            done.update(fresh)
            for start in range(0, len(fresh), CHUNK):
                if watch.cancelled():
                    return
                yield from self.read(reader, fresh[start : start + CHUNK])

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Yield what the keys that changed hold now."""
        for piece, names, doubtful in self._pieces(keys):
            rows: list[Row] = []
            light, idents = self._light(reader, piece, names, doubtful, rows)
            if light:
                yield self._read_piece(reader, light, idents)
            if rows:
                yield rows, []

    def _light(
        self, reader: Reader, keys: list[bytes], names: list[str], doubtful: list[bytes], rows: list[Row]
    ) -> tuple[list[bytes], list[str]]:
        """Return keys and names without those that are too large, and add a refused row to ``rows`` for each
        of these. The server is asked for the sizes of the ``doubtful`` keys."""
        if not doubtful:
            return keys, names
        large = self._oversize(reader, doubtful)
        self._heavy.difference_update(doubtful)
        if not large:
            return keys, names
        self._heavy.update(large)
        kept = []
        for key, name in zip(keys, names):
            if key not in large:
                kept.append((key, name))
            elif not self._is_same(key, large[key]):
                rows.append(Row(name, key, None, b"%d bytes" % large[key], RefusalReason.TOO_LARGE))
        return [key for key, _ in kept], [name for _, name in kept]

    def _oversize(self, reader: Reader, keys: list[bytes]) -> dict[bytes, int]:
        """Return those of these keys that are too large to read, with their sizes."""
        fit = sized.fitting(reader.ask_many, keys, self.TYPE)
        return {one.key: one.size for one in fit.skipped}

    def _pieces(self, keys: Sequence[bytes]) -> Iterator[tuple[list[bytes], list[str], list[bytes]]]:
        """Yield the keys that match, as many as one command reads, with the id of each, and which of them are
        doubtful: new keys, and those that were large before."""
        ident_of = self.pattern.ident
        for start in range(0, len(keys), CHUNK):
            piece = list(keys[start : start + CHUNK])
            found = list(map(self._known.get, piece))  # all of them, but for new vehicles
            doubtful = [key for key in piece if key in self._heavy] if self._heavy else []
            if None in found:
                doubtful += [
                    key for name, key in zip(found, piece) if name is None and key not in self._heavy
                ]
                found = [name or ident_of(key) for name, key in zip(found, piece)]
                piece = [key for name, key in zip(found, piece) if name is not None]
                doubtful = [key for key in doubtful if ident_of(key) is not None]
            names = [name for name in found if name is not None]
            if piece:
                yield piece, names, doubtful

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Yield known keys in turn, and some new ones by a piece of a SCAN.

        A value that did not change is not decoded again.
        """
        for _ in range(self.SCAN_BATCHES):
            yield from self.look_for_new(reader, 0.0)
            if self._names is None or self._names.is_at_start:
                break
        if not self._turn:
            self._turn = list(self._known)
        keys, self._turn = self._turn[: self.POLL_KEYS], self._turn[self.POLL_KEYS :]
        yield [], []
        yield from self.read(reader, keys)

    @property
    def told_keys(self) -> int:
        """How many keys are known whose changes the server tells of."""
        return len(self._known)

    def in_turn(self) -> list[bytes]:
        """Return the keys of all vehicles, and those that are too large to be read."""
        return [*self._known, *(key for key in self._heavy if key not in self._known)]

    def _knows(self, key: bytes) -> bool:
        return key in self._known

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        raise NotImplementedError

    def _is_same(self, key: bytes, raw: object) -> bool:
        """Return whether this value was read before, and remember it."""
        mark = hash(raw)
        if self._seen.get(key) == mark:
            return True
        self._seen[key] = mark
        return False

    def _gone(self, key: bytes, name: str, gone: list[str]) -> None:
        if self._known.pop(key, None) is not None:
            gone.append(name)
        self._seen.pop(key, None)
        self._heavy.discard(key)
