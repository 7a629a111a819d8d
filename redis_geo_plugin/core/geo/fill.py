"""A GEO set filled with rows: added and moved, only new ones, or replaced as a whole.

Rows come in blocks, are checked one by one, and go over the wire a thousand a command, packed here (redis-py's own packing
takes longer than the server) and with the next block on its way before the last is answered. Beside the set, the hash
``<set>:attributs`` gets each member's exact coordinates and kept attributes.
"""

from __future__ import annotations

import json
import math
import secrets
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Optional

import numpy as np

from .. import production
from ..server import Server, close_client
from . import cells, raw
from .attributes import LATITUDE, LONGITUDE, attributes_key
from .hits import Watch
from .sets import NotGeo, describe

BLOCK = 1000  # rows a command
IN_FLIGHT = 4  # blocks sent ahead of their answers
REMEMBERED = 1000  # refusals kept with their row
TEMPORARY_TTL = 3600  # seconds after which the leavings of an interrupted replacement go by themselves
ANSWER_SECONDS = 30.0
_JSON = json.JSONEncoder(ensure_ascii=False, default=str).encode
Column = Sequence[bytes]  # words of one kind, one a row
_VALUE = f'{{"{LONGITUDE}":%b,"{LATITUDE}":%b%b}}'.encode()
_WORD = b"$%d\r\n%b\r\n"
_WORDS_2, _WORDS_3 = _WORD * 2, _WORD * 3
SHARDS = 64  # of the names seen: one set of a million would hold up every thread for 100 ms when it grows


class Mode(IntEnum):
    """What happens to members that are in the set already: the values of the algorithm's MODE."""

    ADD = 0  # new ones are added, known ones moved
    NEW = 1  # known ones stay as they are: GEOADD NX
    REPLACE = 2  # the set holds nothing but these rows afterwards


class Refusal:
    """Why a row is not written."""

    NO_POSITION = "no_position"
    NO_MEMBER = "no_member"
    OUT_OF_RANGE = "out_of_range"
    DUPLICATE = "duplicate"
    SEVERAL_POINTS = "several_points"


@dataclass
class Rows:
    """A block of n rows. ``lon`` and ``lat`` are degrees (NaN: no position, infinite: several points), ``members`` bytes or None,
    ``fragments`` the kept attributes as the inside of a JSON object (``"name":"x"``), ``ids`` what refusals are told by."""

    ids: Sequence[int]
    members: Sequence[Optional[bytes]]
    lon: np.ndarray
    lat: np.ndarray
    fragments: Sequence[str]


@dataclass
class Report:
    """What a load did. ``clamped`` rows stood at the latitude limit or at 180 degrees and were moved by less than 0.2 m."""

    added: int = 0
    changed: int = 0
    total: int = 0
    clamped: int = 0
    reasons: Counter = field(default_factory=Counter)
    refusals: list[tuple[int, str]] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return sum(self.reasons.values())


class Loader:
    """Takes blocks of rows (``add``), then ``finish``; ``abandon`` where it is not to be finished.

    For one thread. Raises NotGeo where the key holds another kind of value, which is left alone whatever the mode.
    """

    def __init__(self, server: Server, key: bytes, mode: Mode, watch: Optional[Watch] = None):
        production.check(server.settings)
        self.server, self.key, self.mode = server, key, mode
        self.watch = watch or Watch()
        kind = describe(server, key).kind
        if kind not in ("geo", "none"):
            raise NotGeo(kind)
        self.report = Report()
        self.target = temporary_key(key) if mode is Mode.REPLACE else key
        beside = attributes_key(key)
        self.beside = temporary_key(beside) if mode is Mode.REPLACE else beside
        self._wire = _Wire(server)
        self._seen: list[set[bytes]] = [set() for _ in range(SHARDS)]
        self._began = False

    def add(self, rows: Rows) -> None:
        """Check and send a block."""
        for start in range(0, len(rows.ids), BLOCK):
            self.watch.check()
            self._add(_part(rows, start, start + BLOCK))

    def finish(self) -> Report:
        """Wait for the answers; put the new set in the place of the old one if it is a replacement."""
        try:
            self._take(self._wire.drain())
            if self.mode is Mode.REPLACE:
                self._replace()
            self.report.total = int(raw.good(raw.run(self.server.bulk, [("ZCARD", self.key)])[0]))
        finally:
            self._wire.close()
            self._forget_names()
        return self.report

    def abandon(self) -> None:
        """Leave the old set as it was; what was already added in place stays added."""
        self._wire.close()
        self._forget_names()
        if self.mode is Mode.REPLACE and self._began:
            self.server.unlink([self.target])
            self.server.unlink([self.beside])

    def _forget_names(self) -> None:
        """Shard by shard: freeing a million names at once would hold up every other thread."""
        for shard in self._seen:
            shard.clear()

    # -- a block ----------------------------------------------------------------------------------------------

    def _add(self, rows: Rows) -> None:
        rows = self._checked(rows)
        if not len(rows.ids):
            return
        members = [m for m in rows.members if m is not None]
        points, values = self._written(rows, members)
        if self.mode is Mode.NEW:
            self._add_new(members, points, values)
            return
        first, self._began = not self._began, True
        self._send([b"GEOADD", self.target, b"CH"], points, (members, values))
        if first and self.mode is Mode.REPLACE:
            expiry = [("EXPIRE", key, TEMPORARY_TTL) for key in (self.target, self.beside)]
            self._take(self._wire.drain())
            for reply in raw.run(self.server.bulk, expiry):
                raw.good(reply)

    def _written(self, rows: Rows, members: list[bytes]) -> tuple[tuple[Column, Column, Column], list[bytes]]:
        """The columns of GEOADD, and the JSON objects that stand beside, with the coordinates as they were given."""
        lon, lat = cells.storable(rows.lon, rows.lat)
        moved = (lon != rows.lon) | (lat != rows.lat)
        xs, ys = _texts(rows.lon), _texts(rows.lat)
        values = [_VALUE % both for both in zip(xs, ys, _tails(rows.fragments))]
        if moved.any():
            self.report.clamped += int((moved & ((np.abs(rows.lon) == 180.0) | (lat != rows.lat))).sum())
            xs, ys = _texts(lon), _texts(lat)
        return (xs, ys, members), values

    def _add_new(self, members: list[bytes], points: tuple[Column, ...], values: list[bytes]) -> None:
        """Those already there keep their place and their attributes."""
        scores = raw.good(raw.run(self.server.bulk, [("ZMSCORE", self.key, *members)])[0])
        fresh = [i for i, score in enumerate(scores) if score is None]
        if fresh:
            xs, ys, members, values = ([column[i] for i in fresh] for column in (*points, values))
            self._send([b"GEOADD", self.key, b"NX"], (xs, ys, members), (members, values))

    def _send(self, head: list[bytes], points: tuple[Column, ...], pairs: tuple[Column, ...]) -> None:
        """ZCARD, GEOADD, ZCARD in one transaction (what is new, and what of the rest has moved), then the attributes."""
        card = Command([b"ZCARD", self.target])
        commands = [
            Command([b"MULTI"]),
            card,
            Command(head, points),
            card,
            Command([b"EXEC"]),
            Command([b"HSET", self.beside], pairs),
        ]
        self._take(self._wire.send(commands))

    def _take(self, answers: list[list[Any]]) -> None:
        for answer in answers:
            for queued in answer[:4]:  # what is refused here says why; EXEC only that it did nothing
                raw.good(queued)
            before, written, after = raw.good(answer[4])
            for reply in (written, answer[5]):
                raw.good(reply)
            new = int(after) - int(before)
            self.report.added += new
            if self.mode is Mode.ADD:
                self.report.changed += max(0, int(written) - new)

    def _checked(self, rows: Rows) -> Rows:
        """The rows that can be written; the others are refused, each with its reason."""
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
        """RENAME over the old set: whoever reads sees the old one or the new one, never half of one."""
        if not self._began:  # no row was good: an empty set does not exist
            self.server.unlink([self.key])
            self.server.unlink([attributes_key(self.key)])
            return
        commands: list[tuple[Any, ...]] = [
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
        return Refusal.NO_POSITION
    if np.isinf(lon):
        return Refusal.SEVERAL_POINTS
    if not in_range:
        return Refusal.OUT_OF_RANGE
    return Refusal.NO_MEMBER if member is None else Refusal.DUPLICATE


def _part(rows: Rows, start: int, end: int) -> Rows:
    part = slice(start, end)
    return Rows(rows.ids[part], rows.members[part], rows.lon[part], rows.lat[part], rows.fragments[part])


def _texts(values: np.ndarray) -> list[bytes]:
    """Each number in its shortest exact form."""
    return list(map(str.encode, map(repr, values.tolist())))


def _tails(fragments: Sequence[str]) -> list[bytes]:
    """What follows the coordinates in each JSON object."""
    return [b"," + f.encode("utf-8", "surrogatepass") if f else b"" for f in fragments]


def fragments(names: Sequence[str], columns: Sequence[Sequence[Any]], count: int) -> list[str]:
    """Kept attributes of ``count`` rows, given column by column, as the insides of JSON objects; the names were made by
    ``json_names``."""
    if not names:
        return [""] * count
    texts = [[f"{name}:{text}" for text in map(_json, column)] for name, column in zip(names, columns)]
    return texts[0] if len(texts) == 1 else [",".join(row) for row in zip(*texts)]


def json_names(names: Sequence[str]) -> list[str]:
    """Field names as JSON texts; one called like a coordinate gets a number, since the exact one stands there."""
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

    Columns, since a tuple a row would wake Python's garbage collector: in a QGIS process it takes 100 ms for a full round,
    during which the window stands still.
    """

    head: list[bytes]
    columns: tuple[Column, ...] = ()

    def words(self) -> list[bytes]:
        return [*self.head, *[word for row in zip(*self.columns) for word in row]]

    def packed(self) -> bytes:
        """The command in the protocol of the servers; a row is one formatting, since a million rows are many."""
        width, rows = len(self.columns), len(self.columns[0]) if self.columns else 0
        parts = [b"*%d\r\n" % (len(self.head) + width * rows), *[_WORD % (len(w), w) for w in self.head]]
        if width == 3:
            parts += [_WORDS_3 % (len(a), a, len(b), b, len(c), c) for a, b, c in zip(*self.columns)]
        elif width == 2:
            parts += [_WORDS_2 % (len(a), a, len(b), b) for a, b in zip(*self.columns)]
        return b"".join(parts)


class _Wire:
    """One connection on which blocks are sent ahead of their answers; a plain pipeline on a cluster."""

    def __init__(self, server: Server):
        self._server = server
        self._client: Any = None
        self._connection: Any = None
        self._expected: deque[int] = deque()

    def send(self, commands: list[Command]) -> list[list[Any]]:
        """Send the commands of one block; the answers of earlier blocks that have come in the meantime."""
        if self._server.is_cluster:
            return [self._by_pipeline(commands)]
        production.check(self._server.settings)  # the gate of the client does not see what is packed here
        if self._connection is None:
            self._client = self._server.blocking(ANSWER_SECONDS)
            self._connection = self._client.connection_pool.get_connection()
        self._connection.send_packed_command([c.packed() for c in commands], check_health=False)
        self._expected.append(len(commands))
        return self._answers(IN_FLIGHT)

    def drain(self) -> list[list[Any]]:
        """All answers that are still to come."""
        return self._answers(0)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()
            self._client.connection_pool.release(connection)
            close_client(self._client)

    def _answers(self, ahead: int) -> list[list[Any]]:
        from ..redispy import exceptions

        result = []
        while len(self._expected) > ahead:
            answer = []
            for _ in range(self._expected.popleft()):
                try:
                    answer.append(self._connection.read_response())
                except exceptions.ResponseError as error:
                    answer.append(error)
            result.append(answer)
        return result

    def _by_pipeline(self, commands: list[Command]) -> list[Any]:
        """On a cluster the set and its attributes may live apart: no transaction, one pipeline."""
        inner = [c.words() for c in commands if c.head[0] not in (b"MULTI", b"EXEC")]
        replies = raw.run(self._server.bulk, [(words[0].decode(), *words[1:]) for words in inner])
        return [None, None, None, None, replies[:3], replies[3]]
