"""The documents that a query finds, page by page, and what stands in them.

``FT.AGGREGATE … WITHCURSOR`` walks through all that a query finds, each once, where ``FT.SEARCH`` ends at its
greatest number of results. The engine's own time limit, after which it would answer with a part and say
nothing, is switched off: the deadline of the door holds.
https://redis.io/docs/latest/develop/interact/search-and-query/advanced-concepts/aggregations/#cursor-api
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Callable, Optional, cast

from ..json_types import JsonObject
from ..live.json_text import parse_json
from ..readable import bytes_of, text
from ..redis.borrowed import Taken
from ..redis.calls import UnexpectedReply
from ..redis.failures import StoreError
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.types import Reply, Word
from ..watch import Watch
from .indexes import JSON, NUMERIC, Index, IndexField, ask, engine_client, good

KEY, PLACE, ROOT = "__key", "redis_geo_place", "$"
_KEY, _PLACE = KEY.encode(), PLACE.encode()
FIRST_PAGE, MOST_ROWS = 500, 5_000  # documents of a page: as many as make up some
PAGE_BYTES = 2_000_000
MOST_TIMES, FEWEST = 10, 100_000  # documents that may come: so many times those that there are
MOST_EMPTY = 1000  # pages without documents, one after the other
IDLE = 60_000  # milliseconds after which the engine forgets a walk that nobody goes on with


Column = tuple[str, Optional[Callable[[bytes], Any]]]  # a name, and what reads the values


@dataclass(frozen=True)
class Document:
    """A document as it was read: its key, the value of its place, and its values by name."""

    key: bytes
    place: bytes
    values: dict[bytes, bytes]


@dataclass(frozen=True)
class Wanted:
    """What is read of each document of an index: the place, and ``fields`` by name (none: all there are)."""

    index: Index
    place: IndexField
    fields: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> dict[bytes, Column]:
        """What was told of the fields of hashes that came, by their names."""
        return {}

    def column(self, raw: bytes) -> Column:
        """The name of a field of a hash, and how its values are read: None for the place itself."""
        name = text(raw)
        path = self.index.path_of(name) if name in self.fields else name
        if path == self.place.path:
            return name, None
        is_number = any(field.path == path and field.type == NUMERIC for field in self.index.fields)
        return name, _number if is_number else text

    def load(self) -> list[Word]:
        """The words that read it: by path, since what an index keeps for sorting is in small letters."""
        words: list[Word] = ["@" + KEY, bytes_of(self.place.path), "AS", PLACE]
        for name in self.fields:
            words += [bytes_of(self.index.path_of(name)), "AS", bytes_of(name)]
        load: list[Word] = ["LOAD", len(words), *words]
        return load if self.fields else [*load, "LOAD", "*"]


def pages(
    server: Server, wanted: Wanted, query: str, params: Sequence[Word], watch: Watch
) -> Iterator[list[Document]]:
    """All documents that a query finds, each once. Raises IndexProblem, the engine's own error for a query
    that it does not understand, Cancelled, and what redis-py raises; a page that was lost is not asked again,
    since the engine gives each only once."""
    name = bytes_of(wanted.index.name)
    dialect = 3 if wanted.index.kind == JSON else 2  # 3: all values of a path, not only the first
    words: list[Word] = ["FT.AGGREGATE", name, query.encode("utf-8", "surrogateescape")]
    if params:
        words += ["PARAMS", len(params), *params]
    words += [
        *wanted.load(),
        "TIMEOUT",
        0,
        "WITHCURSOR",
        "COUNT",
        FIRST_PAGE,
        "MAXIDLE",
        IDLE,
        "DIALECT",
        dialect,
    ]
    with _taken(server) as connection:
        reply, cursor = _page(connection.ask([words])[0])
        bounds = _Bounds(wanted.index.documents)
        try:
            while True:
                watch.check()
                bounds.count(reply)
                found = [_document(row) for row in reply]
                yield [one for one in found if one is not None]
                if not cursor:
                    return
                count = _next_count(reply)
                reply, cursor = _page(
                    connection.ask([("FT.CURSOR", "READ", name, cursor, "COUNT", count)])[0]
                )
        except GeneratorExit:
            if cursor:
                with suppress(exceptions.RedisError, StoreError, OSError):  # the engine forgets it anyway
                    connection.ask([("FT.CURSOR", "DEL", name, cursor)])
            raise


def some_keys(server: Server, name: str, count: int) -> list[bytes]:
    """At most ``count`` of the keys of an index, whatever tenant they are of; their values are not read.
    Raises as ``pages``."""
    # a page of one more than there will be is the last, and no cursor stays
    reply, _ = _page(
        ask(
            server,
            (
                *("FT.AGGREGATE", bytes_of(name), "*", "LOAD", 1, "@" + KEY, "LIMIT", 0, count),
                *("WITHCURSOR", "COUNT", count + 1, "MAXIDLE", IDLE, "DIALECT", 2),
            ),
        )
    )
    rows = [dict(zip(row[::2], row[1::2])) for row in reply if isinstance(row, list)]
    return [row[_KEY] for row in rows if isinstance(row.get(_KEY), bytes)]


@contextmanager
def _taken(server: Server) -> Iterator[Taken]:
    """A connection for a walk; each page is a call of its own, with its own deadline."""
    connection = Taken(cast(Any, engine_client(server)))
    try:
        yield connection
    except GeneratorExit:
        raise
    except BaseException as error:
        if not isinstance(error, exceptions.ResponseError):
            connection.disconnect()
        raise
    finally:
        connection.give_back()


class _Bounds:
    """Ends a walk that a broken server would keep going for ever. Raises UnexpectedReply."""

    def __init__(self, expected: int):
        self._left = MOST_TIMES * max(expected, FEWEST)
        self._empty = MOST_EMPTY

    def count(self, rows: Sequence[Reply]) -> None:
        """Count the documents of a page."""
        self._left -= len(rows)
        self._empty = MOST_EMPTY if rows else self._empty - 1
        if self._left < 0 or self._empty < 0:
            raise UnexpectedReply("FT.CURSOR does not end")


def _page(reply: Reply) -> tuple[list[Reply], int]:
    good(reply)
    if not isinstance(reply, list) or len(reply) < 2 or not isinstance(reply[0], list):
        raise UnexpectedReply("FT.AGGREGATE: no page of a cursor")
    return reply[0][1:], int(reply[1])


def _next_count(rows: Sequence[Reply]) -> int:
    """As many documents as make up a page of ``PAGE_BYTES``, by those of this page."""
    size = sum(
        len(value) for row in rows if isinstance(row, list) for value in row if isinstance(value, bytes)
    )
    return max(10, min(MOST_ROWS, PAGE_BYTES * max(len(rows), 1) // max(size, 1)))


def _document(row: Reply) -> Optional[Document]:
    """A document; None for one that was deleted meanwhile, or has no place."""
    if not isinstance(row, list) or len(row) % 2:
        return None
    values = {n: v for n, v in zip(row[::2], row[1::2]) if type(n) is bytes and type(v) is bytes}
    key, place = values.pop(_KEY, None), values.pop(_PLACE, None)
    if key is None or place is None:
        return None
    return Document(key, place, values)


def texts_of(place: bytes, is_json: bool) -> list[str]:
    """The texts of a place: of a document's path several, where it leads to several values."""
    shown = place.decode("utf-8", "replace")
    if not is_json or not shown.startswith("["):
        return [shown]
    parsed = _parsed(place)
    found: list[str] = []
    waiting = [parsed]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, str):
            found.append(one)
    return found


def position(shown: str) -> Optional[tuple[float, float]]:
    """Longitude and latitude of "lon,lat" or "lon lat", as the engine reads them. None for anything else."""
    parts = shown.replace(",", " ").split()
    if len(parts) != 2:
        return None
    try:
        lon, lat = float(parts[0]), float(parts[1])
    except ValueError:
        return None
    return (lon, lat) if math.isfinite(lon) and abs(lat) <= 90.0 else None


def attributes(document: Document, wanted: Wanted) -> JsonObject:
    """The values of a document by name, without its place: numbers where the index, or JSON, has them so."""
    if wanted.index.kind == JSON:
        return _of_json(document, wanted)
    found: JsonObject = {}
    for raw, value in document.values.items():
        column = wanted.columns.get(raw)
        if column is None:
            column = wanted.columns[raw] = wanted.column(raw)
        name, read = column
        if read is not None and type(value) is bytes:
            found[name] = read(value)
    return found


def _of_json(document: Document, wanted: Wanted) -> JsonObject:
    root = document.values.get(ROOT.encode())
    if root is not None and not wanted.fields:
        parsed = _single(_parsed(root))
        whole = parsed if isinstance(parsed, dict) else {}
        place = wanted.place.path[2:] if wanted.place.path.startswith("$.") else ""
        return {name: value for name, value in whole.items() if name != place}
    return {text(name): _single(_parsed(value)) for name, value in document.values.items()}


def _single(value: Any) -> Any:
    """What a path leads to: the one value of a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _parsed(value: bytes) -> Any:
    """JSON as it stands, and as text where it is none."""
    try:
        return parse_json(value)
    except ValueError:
        return text(value)


def _number(value: bytes) -> Any:
    """A number as it is written, and as text what is none."""
    try:
        number = int(value) if len(value) < 19 and value.lstrip(b"+-").isdigit() else float(value)
    except ValueError:
        return text(value)
    return number if math.isfinite(number) else text(value)
