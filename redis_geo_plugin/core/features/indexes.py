"""The query engine's indexes: which there are, over which keys, and which of their fields are places.

What FT.INFO says differs from version to version, in RESP2 as flat lists and in RESP3 as maps; it is read by
its names, and what is not told counts as not there. https://redis.io/docs/latest/commands/ft.info/
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional, cast

from ..readable import bytes_of, text
from ..redis.failures import Failure, FailureKind, StoreError, classify
from ..redis.gate import register_reading
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.types import RedisClient, Reply, Word

COMMANDS = ("FT._LIST", "FT.INFO", "FT.AGGREGATE", "FT.CURSOR")
register_reading(COMMANDS)
MOST_INDEXES = 1000
GEO, GEOSHAPE, NUMERIC, TAG, TEXT = "GEO", "GEOSHAPE", "NUMERIC", "TAG", "TEXT"
GEOMETRIES = (GEO, GEOSHAPE)
HASH, JSON = "HASH", "JSON"
_ENGINE_AWAY = ("unknown command", "unknown subcommand", "ERRCLUSTER")
_INDEX_AWAY = ("no such index", "unknown index name", "index not found", "index was dropped")
_NAMED = re.compile(r"(?<!\\)@((?:\\.|[^\W]|[$.])+)\s*:")


class IndexProblem(Exception):
    """Why an index cannot be asked; ``what`` says it in a word: no_engine, no_index, no_coordinator, no_geo,
    no_field, which_field. ``names`` are the fields that there are, or the one that is not."""

    def __init__(self, what: str, names: tuple[str, ...] = ()):
        super().__init__(what)
        self.what, self.names = what, names


@dataclass(frozen=True)
class IndexField:
    """A field of an index: ``name`` as queries have it, ``path`` where it stands in the document, ``type`` as
    the engine calls it, and of shapes whether their coordinates are those of a plane."""

    name: str
    path: str
    type: str
    flat: bool = False
    failures: int = 0

    @property
    def is_geometry(self) -> bool:
        """Whether it is a place."""
        return self.type in GEOMETRIES


@dataclass(frozen=True)
class Index:
    """An index: its ``kind`` (HASH or JSON), the ``prefixes`` of its keys (with the tenant's), its fields.

    ``documents`` are those that are indexed, ``failures`` those that could not be, with the last one's key
    and the engine's ``reason``; ``done`` the share of what is to be indexed, 1 when all is.
    """

    name: str
    kind: str = HASH
    prefixes: tuple[str, ...] = ()
    fields: tuple[IndexField, ...] = ()
    documents: int = 0
    failures: int = 0
    done: float = 1.0
    reason: str = ""
    failed_key: str = ""

    @property
    def geometries(self) -> tuple[IndexField, ...]:
        """The fields that are places."""
        return tuple(field for field in self.fields if field.is_geometry)

    def geometry(self, name: str = "") -> IndexField:
        """The place field of this name (or path), or the only one. Raises IndexProblem."""
        found = self.geometries
        if not found:
            raise IndexProblem("no_geo")
        if not name:
            if len(found) > 1:
                raise IndexProblem("which_field", tuple(field.name for field in found))
            return found[0]
        for field in found:
            if name in (field.name, field.path):
                return field
        raise IndexProblem("no_field", (name,))

    def path_of(self, name: str) -> str:
        """Where a field of this name stands in a document: a name that the index does not have is a field of
        the hash, or a member of the document, itself."""
        for field in self.fields:
            if name == field.name:
                return field.path
        return name if self.kind == HASH or name.startswith("$") else "$." + name

    def unknown_fields(self, query: str) -> tuple[str, ...]:
        """The fields that a query names and the index does not have: engines before Redis 8 find nothing
        there, and say nothing."""
        known = {field.name for field in self.fields} | {"__key", "__score"}
        named = [re.sub(r"\\(.)", r"\1", name) for name in _NAMED.findall(query)]
        return tuple(dict.fromkeys(name for name in named if name not in known))


def escaped(name: str) -> str:
    """The name of a field as a query may hold it: what is neither letter nor digit stands behind a
    backslash."""
    return re.sub(r"[^\w]", r"\\\g<0>", name)


def names(server: Server) -> list[str]:
    """The names of all indexes, sorted. Raises IndexProblem where there is no query engine."""
    found: set[bytes] = set()
    for reply in _of_each_node(server):
        found.update(name for name in reply if isinstance(name, bytes))
    return sorted(map(text, found))[:MOST_INDEXES]


def _of_each_node(server: Server) -> Iterator[list[Reply]]:
    if not server.is_cluster:
        yield ask(server, ("FT._LIST",))
        return
    nodes = server.cluster_map
    for node in nodes.nodes():
        yield good(_asked(cast(RedisClient, nodes.client(node)), ("FT._LIST",)))


def find(server: Server) -> list[Index]:
    """All indexes that have a place among their fields. Raises what ``names`` raises, and StoreError where
    none of them may be described."""
    found: list[Index] = []
    refused: Optional[StoreError] = None
    for name in names(server):
        try:
            index = describe(server, name)
        except IndexProblem as error:  # dropped meanwhile
            if error.what == "no_coordinator":
                raise
            continue
        except StoreError as error:
            if error.failure.kind is not FailureKind.NO_RIGHTS:
                raise
            refused = error
            continue
        if index.geometries:
            found.append(index)
    if refused is not None and not found:
        raise refused
    return found


def describe(server: Server, name: str) -> Index:
    """What the engine tells of one index. Raises IndexProblem, StoreError (NO_RIGHTS)."""
    check_coordinator(server)
    return read_info(name, ask(server, ("FT.INFO", bytes_of(name))))


def check_coordinator(server: Server) -> None:
    """Raises IndexProblem on a cluster whose nodes each know an index of their own keys only.

    There, the engine's commands name the index as a key; with the coordinator (Redis 8, Redis Enterprise)
    they name none, and any node answers for all.
    """
    if not server.is_cluster:
        return
    reply = _asked(engine_client(server), ("COMMAND", "INFO", "FT.AGGREGATE"))
    if _first_key(reply) == 1:
        raise IndexProblem("no_coordinator")


def _first_key(reply: Reply) -> object:
    """Which word of a command names a key, by COMMAND INFO as redis-py parses it, or as it came."""
    said = list(reply.values()) if isinstance(reply, dict) else reply
    one = said[0] if isinstance(said, list) and said else None
    if isinstance(one, dict):
        return one.get("first_key_pos")
    return one[3] if isinstance(one, list) and len(one) > 3 else None


def engine_client(server: Server) -> RedisClient:
    """The client of the node that is asked: engines with a coordinator answer for all nodes."""
    if server.is_cluster:
        nodes = server.cluster_map
        return cast(RedisClient, nodes.client(nodes.any_node()))
    return server.bulk


def ask(server: Server, words: tuple[Word, ...]) -> Reply:
    """The engine's reply to one command. Raises as ``good`` does."""
    return good(_asked(engine_client(server), words))


def _asked(client: RedisClient, words: tuple[Word, ...]) -> Reply:
    try:
        return client.execute_command(*words)
    except exceptions.ResponseError as error:
        return error


def good(reply: Reply) -> Reply:
    """A reply of the engine. Raises IndexProblem for an engine or index that is not there, StoreError for a
    missing right, and the engine's own error for anything else."""
    if not isinstance(reply, Exception):
        return reply
    words = str(reply)
    if any(sign in words for sign in _ENGINE_AWAY):
        raise IndexProblem("no_engine") from reply
    if any(sign in words.lower() for sign in _INDEX_AWAY):
        raise IndexProblem("no_index") from reply
    if isinstance(reply, exceptions.MovedError):
        raise IndexProblem("no_coordinator") from reply
    failure = classify(reply)
    if failure.kind is FailureKind.NO_RIGHTS:
        raise StoreError(Failure(FailureKind.NO_RIGHTS, words)) from reply
    raise reply


def read_info(name: str, reply: object) -> Index:
    """An index from what FT.INFO says, a flat list or a map."""
    info = pairs(reply)
    definition = pairs(info.get("index_definition"))
    failed = failures_by_field(info)
    fields = tuple(
        field
        for said in _list(info.get("attributes")) or _list(info.get("fields"))
        if (field := _field(pairs(said), failed)) is not None
    )
    errors = pairs(info.get("Index Errors"))
    failures = _whole(errors.get("indexing failures"))
    return Index(
        name,
        JSON if word(definition.get("key_type")).upper() == JSON else HASH,
        tuple(word(prefix) for prefix in _list(definition.get("prefixes"))) or ("",),
        fields,
        _whole(info.get("num_docs")),
        max(_whole(info.get("hash_indexing_failures")), failures),
        _share(info),
        _said(errors.get("last indexing error")),
        _said(errors.get("last indexing error key")),
    )


def failures_by_field(info: Mapping[str, object]) -> dict[str, int]:
    """How many documents failed at each field, by its name."""
    found: dict[str, int] = {}
    for said in _list(info.get("field statistics")):
        one = pairs(said)
        errors = pairs(one.get("Index Errors"))
        found[word(one.get("attribute"))] = _whole(errors.get("indexing failures"))
    return found


def _field(said: dict[str, object], failed: Mapping[str, int]) -> Optional[IndexField]:
    path = word(said.get("identifier"))
    name = word(said.get("attribute")) or path
    kind = word(said.get("type")).upper()
    if not name or not kind:
        return None
    flat = word(said.get("coord_system")).upper() == "FLAT"
    return IndexField(name, path or name, kind, flat, failed.get(name, 0))


def _share(info: Mapping[str, object]) -> float:
    """How much of what is to be indexed is."""
    try:
        share = float(word(info.get("percent_indexed", b"1")))
    except ValueError:
        return 1.0
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else 1.0


def pairs(said: object) -> dict[str, object]:
    """A map, or a flat list of names and values; words without a value (SORTABLE, NOSTEM) do not shift what
    follows. {} for anything else."""
    if isinstance(said, dict):
        return {word(name): value for name, value in said.items()}
    if not isinstance(said, list):
        return {}
    if len(said) and all(isinstance(one, (list, tuple)) and len(one) == 2 for one in said):
        return {word(one[0]): one[1] for one in said}
    found: dict[str, object] = {}
    place = 0
    while place + 1 < len(said):
        name = word(said[place])
        if name in _FLAGS:
            place += 1
            continue
        found.setdefault(name, said[place + 1])
        place += 2
    return found


_FLAGS = frozenset(
    ("SORTABLE", "UNF", "NOSTEM", "NOINDEX", "CASESENSITIVE", "WITHSUFFIXTRIE", "INDEXEMPTY", "INDEXMISSING")
)


def word(said: object) -> str:
    """A word of a reply as text."""
    if isinstance(said, bytes):
        return text(said)
    return "" if said is None else str(said)


def _said(said: object) -> str:
    found = word(said)
    return "" if found == "N/A" else found


def _list(said: object) -> list[object]:
    return cast("list[object]", said) if isinstance(said, list) else []


def _whole(said: object) -> int:
    try:
        number = float(word(said) or 0)
    except ValueError:
        return 0
    return int(number) if math.isfinite(number) else 0
