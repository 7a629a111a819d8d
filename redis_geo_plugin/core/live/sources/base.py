"""What a source does: read everything once, then what changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Callable, Optional

from ...keys import glob_escape
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Reason, Records, Row, parse_json, parse_many, text_of
from ..spec import FeedSpec

CHUNK = 2000  # keys a command: every command hands Python's lock to the window's thread and has to wait for it
LARGEST = 1_000_000  # bytes of a record; nothing that says where a vehicle is needs more
TOGETHER = 200  # JSON texts parsed in one go, about 0.2 ms: Python's lock is held so long
STRING_CHECK = 64_000  # from here on a key's length is asked before it is read again
Batch = tuple[Sequence[Row], list[str]]  # rows read, and ids that are no longer there


class KeyPattern:
    """A key pattern with ``*`` for the id, behind the tenant's prefix: ``vehicle:*:status``."""

    def __init__(self, pattern: str, key_prefix: str):
        self.lead = key_prefix.encode()
        raw = pattern.encode()
        parts = raw.split(b"*")
        self.glob = (self.lead and _escape(self.lead)) or b""
        self.glob += b"*".join(_escape(part) for part in parts)
        self.literal = self.lead + parts[0]
        self._simple = len(parts) == 2 and not parts[1]
        self._start = len(self.literal)
        self._regex = re.compile(re.escape(self.lead) + b"(.+)".join(re.escape(p) for p in parts), re.DOTALL)

    def ident(self, key: bytes) -> Optional[str]:
        """The id in a key, None for a key that does not match. Several stars are joined by a colon."""
        if self._simple:
            if len(key) <= self._start or not key.startswith(self.literal):
                return None
            return text_of(key[self._start :])
        found = self._regex.fullmatch(key)
        if found is None:
            return None
        groups = found.groups()
        return text_of(b":".join(groups)) if groups else text_of(key[len(self.lead) :])


def _escape(raw: bytes) -> bytes:
    return glob_escape(raw.decode("latin-1")).encode("latin-1")


class Source:
    """A kind of source. One per run of a feed; used by the feed's thread only.

    ``prefixes`` are watched for changes; a source without prefixes is polled by ``poll``. ``texts``: values are texts
    from which numbers have to be read.
    """

    KIND = ""
    TYPE = ""  # the Redis type it reads, or "channel"
    texts = False
    ends = True  # whether a vehicle can go away (a stream's cannot)

    @property
    def id_in_record(self) -> bool:
        """Whether the vehicle's id has to be found among the fields of a record."""
        return False

    def __init__(self, spec: FeedSpec):
        self.spec = spec

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """A feed of this kind from a family of keys (one of all the ``families`` found), None where it holds none."""
        raise NotImplementedError

    def open(self, reader: Reader) -> None:
        """Prepare for this server (its prefix); called at each (re)connection, always to the same server."""

    def prefixes(self) -> list[bytes]:
        """Key prefixes whose changes concern this source."""
        return []

    def read_all(self, reader: Reader, alive: Callable[[], bool]) -> Iterator[Batch]:
        """Everything there is, in small batches. Ids that ``read_all`` did not name are gone. A history that was read before
        the connection was lost is not read again."""
        raise NotImplementedError

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """What stands in the keys that changed."""
        raise NotImplementedError

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """What is new, of a source without tracking, at a bounded cost; ``yield`` at least once."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of connections of its own."""


class KeysSource(Source):
    """One key per vehicle. A subclass reads the values of some keys."""

    TYPE = "string"
    SCAN_BATCHES = 5  # per poll: new keys are found a piece at a time
    POLL_KEYS = 20_000  # known keys that a poll reads

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        from ..discovery import readable_name, starred

        pattern = family.pattern if "*" in family.pattern else starred(family.pattern)
        if "*" not in pattern:
            return None
        spec = FeedSpec(name=readable_name(pattern), kind=cls.KIND, pattern=pattern)
        source = cls(spec)
        source.open(reader)
        rows = [row for batch, _ in source.read(reader, family.keys[:SAMPLE_KEYS]) for row in batch]
        return judge(spec, rows, cls.texts, len(family.keys))

    def open(self, reader: Reader) -> None:
        self.pattern = KeyPattern(self.spec.pattern, reader.server.settings.key_prefix)
        self._known: dict[bytes, str] = {}
        self._seen: dict[bytes, int] = {}  # hash of what was read last, to skip what did not change
        self._scan: Optional[Iterator[list[bytes]]] = None
        self._turn: list[bytes] = []
        self._heavy: set[bytes] = set()

    def prefixes(self) -> list[bytes]:
        return [self.pattern.literal]

    def read_all(self, reader: Reader, alive: Callable[[], bool]) -> Iterator[Batch]:
        done: set[bytes] = set()
        self._seen.clear()
        for keys in reader.scan(self.pattern.glob, self.TYPE):
            fresh = [key for key in keys if key not in done]
            done.update(fresh)
            for start in range(0, len(fresh), CHUNK):
                if not alive():
                    return
                yield from self.read(reader, fresh[start : start + CHUNK])

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        for piece, names in self._pieces(keys):
            yield self._read_piece(reader, piece, names)

    def _pieces(self, keys: Sequence[bytes]) -> Iterator[tuple[list[bytes], list[str]]]:
        """Keys that match, a command's worth at a time, and the id of each."""
        ident_of = self.pattern.ident
        for start in range(0, len(keys), CHUNK):
            piece = list(keys[start : start + CHUNK])
            found = list(map(self._known.get, piece))  # all of them, but for new vehicles
            if None in found:
                found = [name or ident_of(key) for name, key in zip(found, piece)]
                piece = [key for name, key in zip(found, piece) if name is not None]
            names = [name for name in found if name is not None]
            if piece:
                yield piece, names

    def poll(self, reader: Reader) -> Iterator[Batch]:
        """Known keys in turn, and a piece of a SCAN for new ones; unchanged values are not decoded again."""
        for _ in range(self.SCAN_BATCHES):
            if self._scan is None:
                self._scan = reader.scan(self.pattern.glob, self.TYPE)
            found = next(self._scan, None)
            if found is None:
                self._scan = None
                break
            fresh = [key for key in found if key not in self._known]
            if fresh:
                yield from self.read(reader, fresh)
        if not self._turn:
            self._turn = list(self._known)
        keys, self._turn = self._turn[: self.POLL_KEYS], self._turn[self.POLL_KEYS :]
        yield [], []
        yield from self.read(reader, keys)

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        raise NotImplementedError

    def _is_same(self, key: bytes, raw: Any) -> bool:
        """Whether this was read before; remembers it."""
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


def json_rows(idents: list[str], keys: list[bytes], raws: list[bytes]) -> Sequence[Row]:
    """Rows from JSON texts: objects, or lists of two numbers."""
    datas: list[Any] = []
    rows: list[Row] = []  # of pieces with something odd in them
    for start in range(0, len(raws), TOGETHER):
        piece = raws[start : start + TOGETHER]
        values = parse_many(piece) if max(map(len, piece)) <= STRING_CHECK else None
        if values is not None and set(map(type, values)) == {dict} and not rows:
            datas += values
            continue
        if not rows:
            rows += Records(idents[:start], keys[:start], datas, raws)
        each = zip(idents[start:], keys[start:], piece)
        if values is None:
            rows += [json_row(ident, key, raw) for ident, key, raw in each]
        else:
            rows += [_json_row(ident, key, raw, value) for (ident, key, raw), value in zip(each, values)]
    return rows or Records(idents, keys, datas, raws)


def json_row(ident: str, key: bytes, raw: bytes) -> Row:
    """A row from one JSON text."""
    if len(raw) > LARGEST:
        return Row(ident, key, None, raw[:2000], Reason.TOO_LARGE)
    try:
        value = parse_json(raw)
    except ValueError:
        return Row(ident, key, None, raw[:2000], Reason.UNREADABLE)
    return _json_row(ident, key, raw, value)


def _json_row(ident: str, key: bytes, raw: bytes, value: Any) -> Row:
    if type(value) is dict:
        return Row(ident, key, value, raw)
    if isinstance(value, list) and 2 <= len(value) <= 3:
        return Row(ident, key, {"coordinates": value}, raw)
    return Row(ident, key, None, raw[:2000], Reason.UNREADABLE)


def texts(flat: Sequence[bytes]) -> dict[str, Any]:
    """A flat reply of names and values as a dict of texts."""
    return {text_of(flat[i]): text_of(flat[i + 1][:5000]) for i in range(0, len(flat) - 1, 2)}


def unpacked(record: dict[str, Any]) -> dict[str, Any]:
    """A record of a hash or stream whose only content is JSON in one field, unpacked; others as they are."""
    for name, value in record.items():
        if isinstance(value, str) and value[:1] == "{" and (len(record) <= 3 or name in ("data", "json", "payload")):
            try:
                inner = parse_json(value.encode())
            except ValueError:
                continue
            if isinstance(inner, dict):
                rest = {key: item for key, item in record.items() if key != name and key not in inner}
                return {**inner, **rest}
    return record
