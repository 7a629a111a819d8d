"""The attributes of a GEO set's members, in the hash ``<set>:attributs``: one JSON object a member, with the
exact coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Optional

import numpy as np

from ..geometry.arrays import Array
from ..json_types import JsonObject
from ..keys import GEO_ATTRIBUTES_SUFFIX
from ..live.json_text import parse_json
from ..redis.failures import FailureKind, classify
from ..redis.server import Server
from ..redis.sized import in_batches
from ..redis.types import Reply, Word
from ..watch import Watch
from . import cells, raw
from .hits import LARGE_ATTRIBUTES, NO_ATTRIBUTES_RIGHT

LONGITUDE, LATITUDE = "longitude", "latitude"
BATCH = 2000  # members a HMGET
BATCHES = 10  # HMGETs a pipeline
MOST_BYTES = 1_000_000  # of one member's attributes; larger ones are not read
AT_ONCE = 16_000_000  # bytes in one round trip
LIGHT = 4096  # bytes of a member's attributes, on average, up to which no sizes are asked
WEIGHED = 10_000  # entries up to which the server weighs a hash exactly


def attributes_key(key: bytes) -> bytes:
    """The key of the attributes of a set."""
    return key + GEO_ATTRIBUTES_SUFFIX.encode()


def read_attributes(
    server: Server, key: bytes, members: list[bytes], watch: Watch
) -> tuple[list[Optional[JsonObject]], set[str]]:
    """The attributes of members, and what the user should know of them (notes of ``hits``).

    None for a member that has none, or more than MOST_BYTES of them. Empty where the user may not read them.
    """
    if not members:
        return [], set()
    where = attributes_key(key)
    sizes = _sizes(server, where, members) if is_heavy(server, where) else [0] * len(members)
    notes = {LARGE_ATTRIBUTES} if max(sizes) > MOST_BYTES else set()
    found: list[Optional[JsonObject]] = [None] * len(members)
    for block in _blocks(sizes):
        watch.check()
        commands: list[tuple[Word, ...]] = [
            ("HMGET", where, *[members[i] for i in block[start : start + BATCH]])
            for start in range(0, len(block), BATCH)
        ]
        at = 0
        for reply in raw.run(server.bulk, commands):
            if isinstance(reply, Exception):
                if classify(reply).kind in (FailureKind.NO_RIGHTS, FailureKind.WRONG_TYPE):
                    return [], {NO_ATTRIBUTES_RIGHT}
                raise reply
            for value in reply:
                found[block[at]] = parse(value) if value is not None else None
                at += 1
    return found, notes


def is_heavy(server: Server, where: bytes) -> bool:
    """Whether values of this hash may be so large that their sizes are asked before they are read.

    The weight of a hash of many entries is the server's estimate. Where the user may not ask, the limits of
    the protocol's reader hold.
    """
    count = raw.run(server.bulk, [("HLEN", where)])[0]
    if not isinstance(count, int) or not count:
        return False
    exactly = ("SAMPLES", 0) if count <= WEIGHED else ()
    weight = raw.run(server.bulk, [("MEMORY USAGE", where, *exactly)])[0]
    return isinstance(weight, int) and weight > max(AT_ONCE, count * LIGHT)


def _sizes(server: Server, where: bytes, members: list[bytes]) -> list[int]:
    """The bytes of each member's attributes; 0 where this cannot be told."""
    sizes: list[int] = []
    for start in range(0, len(members), BATCH):
        commands = [("HSTRLEN", where, member) for member in members[start : start + BATCH]]
        sizes += [reply if isinstance(reply, int) else 0 for reply in raw.run(server.bulk, commands)]
    return sizes


def _blocks(sizes: list[int]) -> Iterator[list[int]]:
    """Indexes of the members that are read in one round trip each: not too many bytes, none too large."""
    fitting = [index for index, size in enumerate(sizes) if size <= MOST_BYTES]
    return in_batches(fitting, [sizes[index] for index in fitting], BATCH * BATCHES, AT_ONCE)


def exists(reply: Reply) -> tuple[bool, bool]:
    """What an EXISTS on the hash says: (it is there, the user may read it)."""
    if isinstance(reply, Exception):
        if classify(reply).kind is FailureKind.NO_RIGHTS:
            return False, False
        raise reply
    return bool(reply), True


def parse(value: bytes) -> Optional[JsonObject]:
    """Parse one JSON object; None for anything else, since other programs write here too."""
    try:
        parsed = parse_json(value)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def exact_positions(
    attributes: list[Optional[JsonObject]],
    scores: Array,
    lon: Array,
    lat: Array,
) -> tuple[Array, Array, Array]:
    """Longitude, latitude and whether they are the exact ones.

    Exact coordinates count only while they fall into the cell that the set has the member in: a program that
    moves a member with GEOADD leaves its old coordinates behind in the hash.
    """
    none = np.zeros(len(lon), bool)
    if not attributes:
        return lon, lat, none
    given_lon = np.fromiter((_degrees(a, LONGITUDE) for a in attributes), float, len(lon))
    given_lat = np.fromiter((_degrees(a, LATITUDE) for a in attributes), float, len(lon))
    valid = (np.abs(given_lon) <= 180.0) & (np.abs(given_lat) <= cells.LAT_LIMIT)
    safe_lon, safe_lat = cells.storable(np.where(valid, given_lon, 0.0), np.where(valid, given_lat, 0.0))
    exact = valid & (cells.encode(safe_lon, safe_lat) == scores)
    return np.where(exact, given_lon, lon), np.where(exact, given_lat, lat), exact


def _degrees(attributes: Optional[JsonObject], name: str) -> float:
    if attributes is None:
        return math.nan
    value = attributes.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.nan
    return math.nan
