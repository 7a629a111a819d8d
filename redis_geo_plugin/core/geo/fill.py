"""Loading rows into a GEO set: adding and moving members, adding only new ones, or replacing the set.

Rows come in blocks, are checked one by one, and go over the wire a thousand a command, packed here
(redis-py's own packing takes longer than the server) and with the next block on its way before the last is
answered. Beside the set, the hash ``<set>:attributs`` gets each member's exact coordinates and kept
attributes.
"""

from __future__ import annotations

import json
import math
import secrets
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Optional, cast

import numpy as np

from ..geometry.arrays import Array
from ..redis import production
from ..redis.borrowed import Taken
from ..redis.clients import close_client
from ..redis.doors import TimedClient
from ..redis.expect import Expected, command_name, wrong
from ..redis.failures import StoreError
from ..redis.protocol import pack_rows
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.types import Reply, Word
from ..watch import Watch
from . import cells, raw
from .attributes import LATITUDE, LONGITUDE, attributes_key
from .sets import NotGeo, describe

BLOCK = 1000  # rows a command
IN_FLIGHT = 4  # blocks sent ahead of their answers
REMEMBERED = 1000  # refusals kept with their row
TEMPORARY_TTL = 3600  # seconds after which the leavings of an interrupted replacement go by themselves
ANSWER_SECONDS = 30.0
_JSON = json.JSONEncoder(ensure_ascii=False, default=str).encode
Column = Sequence[bytes]  # words of one kind, one a row
_VALUE = f'{{"{LONGITUDE}":%b,"{LATITUDE}":%b%b}}'.encode()
SHARDS = 64  # of the names seen: one set of a million would hold up every thread for 100 ms when it grows


class Mode(IntEnum):
    """How members that are in the set already are treated: the values of the algorithm's MODE."""

    ADD = 0  # new ones are added, known ones moved
    NEW = 1  # known ones stay as they are: GEOADD NX
    REPLACE = 2  # the set holds nothing but these rows afterwards


class LoadRefusal:
    """The reasons for which a row is not written."""

    NO_POSITION = "no_position"
    NO_MEMBER = "no_member"
    OUT_OF_RANGE = "out_of_range"
    DUPLICATE = "duplicate"
    SEVERAL_POINTS = "several_points"


@dataclass
class Rows:
    """A block of n rows. ``lon`` and ``lat`` are degrees (NaN: no position, infinite: several points),
    ``members`` bytes or None, ``fragments`` the kept attributes as the inside of a JSON object
    (``"name":"x"``), ``ids`` what refusals are told by."""

    ids: Sequence[int]
    members: Sequence[Optional[bytes]]
    lon: Array
    lat: Array
    fragments: Sequence[str]


@dataclass
class LoadReport:
    """What a load did. ``clamped`` rows stood at the latitude limit or at 180 degrees and were moved by less
    than 0.2 m."""

    added: int = 0
    changed: int = 0
    total: int = 0
    clamped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    refusals: list[tuple[int, str]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows were not written."""
        return sum(self.reasons.values())


class Loader:
    """Writes blocks of rows (``add``), then ``finish``; ``abandon`` after an error in either, or to stop.

    For one thread. Raises NotGeo where the key holds another kind of value, which is left alone whatever the
    mode.
    """

    def __init__(self, server: Server, key: bytes, mode: Mode, watch: Optional[Watch] = None):
        production.check(server.settings)
        self.server, self.key, self.mode = server, key, mode
        self.watch = watch or Watch()
        kind = describe(server, key).kind
        if kind not in ("geo", "none"):
            raise NotGeo(kind)
        self.report = LoadReport()
        self.target = temporary_key(key) if mode is Mode.REPLACE else key
        beside = attributes_key(key)
        self.beside = temporary_key(beside) if mode is Mode.REPLACE else beside
        self._ahead = _Ahead(server)
        self._seen: list[set[bytes]] = [set() for _ in range(SHARDS)]
        self._began = False

    def add(self, rows: Rows) -> None:
        """Check and send a block."""
        for start in range(0, len(rows.ids), BLOCK):
            self.watch.check()
            self._add(_part(rows, start, start + BLOCK))

    def finish(self) -> LoadReport:
        """Wait for the answers; put the new set in the place of the old one if it is a replacement."""
        self._take(self._ahead.drain())
        if self.mode is Mode.REPLACE:
            self._replace()
        self.report.total = int(raw.good(raw.run(self.server.bulk, [("ZCARD", self.key)])[0]))
        self._ahead.close()
        self._forget_names()
        return self.report

    def abandon(self) -> None:
        """Leave the old set as it was; what was already added in place stays added.

        Raises nothing. Where the server does not answer, what stands beside the old set expires by itself.
        """
        with suppress(exceptions.RedisError, StoreError, OSError):
            # A block that the server has not read yet would be written after the UNLINK, to stay.
            self._ahead.drain()
        self._ahead.close()
        self._forget_names()
        if self.mode is Mode.REPLACE and self._began:
            with suppress(exceptions.RedisError, StoreError, OSError):
                self.server.unlink([self.target])
                self.server.unlink([self.beside])

    def _forget_names(self) -> None:
        """Free the names shard by shard: freeing a million at once would stop every other thread for long."""
        for shard in self._seen:
            shard.clear()

    # -- a block -------------------------------------------------------------------------------------------

    def _add(self, rows: Rows) -> None:
        rows = self._checked(rows)
        if not len(rows.ids):
            return
        members = [m for m in rows.members if m is not None]
        points, values = self._written(rows, members)
        if self.mode is Mode.NEW:
            self._add_new(members, points, values)
            return
        self._began = True
        self._send([b"GEOADD", self.target, b"CH"], points, (members, values))

    def _written(self, rows: Rows, members: list[bytes]) -> tuple[tuple[Column, Column, Column], list[bytes]]:
        """The columns of GEOADD, and the JSON objects that stand beside, with the coordinates as they were
        given."""
        lon, lat = cells.storable(rows.lon, rows.lat)
        moved = (lon != rows.lon) | (lat != rows.lat)
        xs, ys = _texts(rows.lon), _texts(rows.lat)
        values = [_VALUE % both for both in zip(xs, ys, _tails(rows.fragments))]
        if moved.any():
            self.report.clamped += int((moved & ((np.abs(rows.lon) == 180.0) | (lat != rows.lat))).sum())
            xs, ys = _texts(lon), _texts(lat)
        return (xs, ys, members), values

    def _add_new(self, members: list[bytes], points: tuple[Column, ...], values: list[bytes]) -> None:
        """Write only new members; known ones keep their position and attributes."""
        scores = raw.good(raw.run(self.server.bulk, [("ZMSCORE", self.key, *members)])[0])
        fresh = [i for i, score in enumerate(scores) if score is None]
        if fresh:
            xs, ys, members, values = ([column[i] for i in fresh] for column in (*points, values))
            self._send([b"GEOADD", self.key, b"NX"], (xs, ys, members), (members, values))

    def _send(self, head: list[bytes], points: tuple[Column, ...], pairs: tuple[Column, ...]) -> None:
        """One transaction: ZCARD, GEOADD, ZCARD (what is new, and what of the rest has moved), then the
        attributes. What stands beside the old set never exists without an expiry."""
        card = Command([b"ZCARD", self.target])
        commands = [card, Command(head, points), card, Command([b"HSET", self.beside], pairs)]
        if self.mode is Mode.REPLACE:
            seconds = b"%d" % TEMPORARY_TTL
            commands += [Command([b"EXPIRE", key, seconds]) for key in (self.target, self.beside)]
        self._take(self._ahead.send(commands))

    def _take(self, answers: list[list[Reply]]) -> None:
        for before, written, after, *others in answers:
            for reply in (before, written, after, *others):
                raw.good(reply)
            new = int(after) - int(before)
            self.report.added += new
            if self.mode is Mode.ADD:
                self.report.changed += max(0, int(written) - new)

    def _checked(self, rows: Rows) -> Rows:
        """Return the rows that can be written and refuse the others, each with its reason."""
        lon, lat = np.asarray(rows.lon, float), np.asarray(rows.lat, float)
        inside = (np.abs(lon) <= 360.0) & (np.abs(lat) <= cells.LAT_LIMIT)
        keep, seen = [], self._seen
        for index, (member, good) in enumerate(zip(rows.members, inside.tolist())):
            if good and member is not None:
                shard = seen[hash(member) % SHARDS]
                before = len(shard)
                shard.add(member)
                if len(shard) > before:
                    keep.append(index)
                    continue
            self._refuse(rows.ids[index], _reason(lon[index], lat[index], member, good))
        if len(keep) == len(rows.ids):
            return rows
        return Rows(
            [rows.ids[i] for i in keep],
            [rows.members[i] for i in keep],
            lon[keep],
            lat[keep],
            [rows.fragments[i] for i in keep],
        )

    def _refuse(self, identity: int, reason: str) -> None:
        self.report.reasons[reason] += 1
        if len(self.report.refusals) < REMEMBERED:
            self.report.refusals.append((identity, reason))

    def _replace(self) -> None:
        """Replace the old set by RENAME, so that readers see the old one or the new one and never a part."""
        if not self._began:  # no row was good: an empty set does not exist
            self.server.unlink([self.key])
            self.server.unlink([attributes_key(self.key)])
            return
        commands: list[tuple[Word, ...]] = [
            ("PERSIST", self.target),
            ("PERSIST", self.beside),
            ("RENAME", self.target, self.key),
            ("RENAME", self.beside, attributes_key(self.key)),
        ]
        for reply in raw.run(self.server.bulk, commands, atomic=not self.server.is_cluster):
            raw.good(reply)


def temporary_key(key: bytes) -> bytes:
    """A key for the set in the making, on the same shard of a cluster as ``key`` and as its attributes."""
    token = secrets.token_hex(8).encode()
    if b"{" in key or b"}" in key:
        return key + b":" + token
    return b"{" + key + b"}:" + token


def _reason(lon: float, lat: float, member: Optional[bytes], in_range: bool) -> str:
    if np.isnan(lon) or np.isnan(lat):
        return LoadRefusal.NO_POSITION
    if np.isinf(lon):
        return LoadRefusal.SEVERAL_POINTS
    if not in_range:
        return LoadRefusal.OUT_OF_RANGE
    return LoadRefusal.NO_MEMBER if member is None else LoadRefusal.DUPLICATE


def _part(rows: Rows, start: int, end: int) -> Rows:
    part = slice(start, end)
    return Rows(rows.ids[part], rows.members[part], rows.lon[part], rows.lat[part], rows.fragments[part])


def _texts(values: Array) -> list[bytes]:
    """Each number in its shortest exact form."""
    return list(map(str.encode, map(repr, values.tolist())))


def _tails(fragments: Sequence[str]) -> list[bytes]:
    """What follows the coordinates in each JSON object."""
    return [b"," + f.encode("utf-8", "surrogatepass") if f else b"" for f in fragments]


def fragments(names: Sequence[str], columns: Sequence[Sequence[object]], count: int) -> list[str]:
    """Kept attributes of ``count`` rows, given column by column, as the insides of JSON objects; the names
    were made by ``json_names``."""
    if not names:
        return [""] * count
    texts = [[f"{name}:{text}" for text in map(_json, column)] for name, column in zip(names, columns)]
    return texts[0] if len(texts) == 1 else [",".join(row) for row in zip(*texts)]


def json_names(names: Sequence[str]) -> list[str]:
    """Field names as JSON texts; one called like a coordinate gets a number, since the exact one stands
    there."""
    return [json.dumps(n + "_2" if n in (LONGITUDE, LATITUDE) else n, ensure_ascii=False) for n in names]


def _json(value: Any) -> str:
    kind = type(value)
    if kind is int:
        return str(value)
    if kind is float:
        return repr(value) if math.isfinite(value) else "null"
    return _JSON(value)


@dataclass
class Command:
    """A command's first words, and the columns of words that follow them row by row.

    Columns, since a tuple a row would wake Python's garbage collector: in a QGIS process it takes 100 ms for
    a full round, during which the window stands still.
    """

    head: list[bytes]
    columns: tuple[Column, ...] = ()

    def words(self) -> list[bytes]:
        """The command word by word, as a client takes it."""
        return [*self.head, *[word for row in zip(*self.columns) for word in row]]


class _Ahead:
    """One connection on which blocks are sent ahead of their answers, each block as a transaction. On a
    cluster, where the set and its attributes may live apart, a plain pipeline."""

    def __init__(self, server: Server):
        self._server = server
        self._client: Optional[TimedClient] = None
        self._taken: Optional[Taken] = None
        self._expected: deque[list[Command]] = deque()

    def send(self, commands: list[Command]) -> list[list[Reply]]:
        """Send the commands of one block. Returns the replies to earlier blocks that are due, block by
        block, errors of single commands among them."""
        if self._server.is_cluster:
            return [self._by_pipeline(commands)]
        commands = [Command([b"MULTI"]), *commands, Command([b"EXEC"])]
        if self._taken is None:
            self._client = cast(TimedClient, self._server.blocking(ANSWER_SECONDS))
            self._taken = Taken(self._client)
        for command in commands:
            self._taken.check(command.head)
        with self._closed_on_error():
            self._taken.send(b"".join([pack_rows(command.head, command.columns) for command in commands]))
        self._expected.append(commands)
        return self._answers(IN_FLIGHT)

    def drain(self) -> list[list[Reply]]:
        """Read all replies that are still due."""
        return self._answers(0)

    def close(self) -> None:
        """Close the connection; what was sent may still be done by the server."""
        taken, self._taken = self._taken, None
        self._expected.clear()
        if taken is not None and self._client is not None:
            taken.close()
            close_client(self._client)

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        """After an error between two commands nobody knows which reply comes next."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def _answers(self, ahead: int) -> list[list[Reply]]:
        result = []
        while self._taken is not None and len(self._expected) > ahead:
            with self._closed_on_error():
                result.append(self._block(self._taken, self._expected.popleft()))
        return result

    @staticmethod
    def _block(taken: Taken, commands: list[Command]) -> list[Reply]:
        """The replies within one transaction. Where it was refused, the reason in the place of each."""
        expected = Expected()
        for command in commands:
            words = len(command.head) + len(command.columns) * len(
                command.columns[0] if command.columns else ()
            )
            expected.sent(command_name(command.head), words)
        *queued, done = [taken.read(expected) for _ in commands]
        refusals = [reply for reply in (*queued, done) if isinstance(reply, Exception)]
        if refusals:  # the first says why, EXEC only that it did nothing
            return [refusals[0]] * (len(commands) - 2)
        if type(done) is not list:  # nothing was watched
            raise wrong(done, "a list", "EXEC")
        return done

    def _by_pipeline(self, commands: list[Command]) -> list[Reply]:
        inner = [command.words() for command in commands]
        return raw.run(self._server.bulk, [(words[0].decode(), *words[1:]) for words in inner])
