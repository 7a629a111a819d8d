"""What the query engine's indexes declare of the keys: which fields are places, and so that longitude comes
first in them.

A GEO field of an index is "longitude,latitude" whatever its name says.
https://redis.io/docs/latest/develop/interact/search-and-query/advanced-concepts/geo/
"""

from __future__ import annotations

from dataclasses import dataclass

from ..features import indexes
from ..readable import texts
from ..redis.gate import register_reading
from ..redis.redispy import exceptions
from .reader import Reader

MOST_INDEXES = 100
LONLAT = "lonlat"
COMMANDS = ("FT._LIST", "FT.INFO")
register_reading(COMMANDS)


@dataclass(frozen=True)
class Declared:
    """One index: the ``type`` of its keys, their ``prefixes`` (with the tenant's), and its GEO ``fields``
    as paths."""

    type: str
    prefixes: tuple[str, ...]
    fields: tuple[str, ...]


def declared_places(reader: Reader) -> list[Declared]:
    """The indexes with GEO fields; none where there is no query engine, or no right to ask it."""
    try:
        names = reader.ask("FT._LIST")
    except exceptions.ResponseError:
        return []
    found = []
    for said in reader.ask_many([("FT.INFO", name) for name in (names or [])[:MOST_INDEXES]]):
        if isinstance(said, list):
            one = _read(said)
            if one.fields:
                found.append(one)
    return found


def orders_of(keys: list[bytes], kind: str, declared: list[Declared]) -> dict[str, str]:
    """Field -> ``lonlat`` for the places of a family of keys."""
    names = texts(keys)
    return {
        field: LONLAT
        for one in declared
        if one.type == kind and names and all(name.startswith(one.prefixes) for name in names)
        for field in one.fields
    }


def _read(said: object) -> Declared:
    index = indexes.read_info("", said)
    fields = [field.path for field in index.fields if field.type == indexes.GEO]
    paths = [path[2:] if path.startswith("$.") else path for path in fields]
    return Declared("ReJSON-RL" if index.kind == indexes.JSON else "hash", index.prefixes, tuple(paths))
