"""Commands on GEO sets and their replies in one shape: members as bytes, scores as uint64.

redis-py's own ``geosearch`` drops a radius of 0 and an empty member and knows no BYPOLYGON, so the commands
are written out here. Positions are asked as WITHHASH (one integer) instead of WITHCOORD (two texts): it is
exact and half as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

import numpy as np

from ..geometry.arrays import Array
from ..redis.expect import wrong
from ..redis.redispy import exceptions
from ..redis.types import Key, RedisClient, Reply, Word
from . import replies
from .cells import SCORES

Columns = replies.Columns
NOTHING: Columns = ([], np.zeros(0, np.uint64))


def number(value: float) -> str:
    """A float as the servers read it, without an exponent for whole metres."""
    return repr(float(value))


def by_radius(key: bytes, lon: float, lat: float, metres: float, count: int = 0) -> tuple[Word, ...]:
    """GEOSEARCH by radius in metres around a point, unsorted, or the nearest ``count`` of it."""
    words = ("GEOSEARCH", key, "FROMLONLAT", number(lon), number(lat), "BYRADIUS", number(metres), "m")
    return (*words, "ASC", "COUNT", count, "WITHHASH") if count else (*words, "WITHHASH")


def by_polygon(key: bytes, ring: Array) -> tuple[Word, ...]:
    """GEOSEARCH BYPOLYGON (Valkey 9 and newer): the corners of one ring in degrees, shape (n, 2), first not
    repeated."""
    corners = [number(v) for v in np.asarray(ring, float).ravel()]
    return ("GEOSEARCH", key, "BYPOLYGON", len(ring), *corners, "WITHHASH")


def by_scores(key: bytes, first: int, last: int) -> tuple[Word, ...]:
    """All members of one range of cells."""
    return ("ZRANGEBYSCORE", key, first, last, "WITHSCORES")


def beyond_the_edge(key: bytes) -> tuple[Word, ...]:
    """The members that were written at longitude 180 or the latitude limit exactly: no ordinary GEOSEARCH
    finds them."""
    return ("ZRANGEBYSCORE", key, SCORES, "+inf", "WITHSCORES")


def columns_of_search(reply: Reply) -> Columns:
    """The reply of a GEOSEARCH WITHHASH; what was read as columns already is left as it is."""
    if isinstance(reply, tuple):
        return reply
    if not all(type(hit) is list and len(hit) == 2 and _is_score(hit[1]) for hit in reply):
        raise wrong(reply, "members with their scores", "GEOSEARCH")
    members = [hit[0] for hit in reply]
    return members, np.fromiter((hit[1] for hit in reply), np.uint64, len(members))


def _is_score(value: object) -> bool:
    return type(value) is int and 0 <= value < replies.HIGHEST


def columns_of_scores(reply: Sequence[bytes]) -> Columns:
    """The reply of a ZRANGEBYSCORE WITHSCORES. Scores that are no position (negative, fractional) are left
    out."""
    if not reply:
        return NOTHING
    scores = np.array(list(reply[1::2])).astype(np.float64)
    members = list(reply[0::2])
    good = (scores >= 0) & (scores < 4.0 * SCORES) & (scores == np.floor(scores))
    if not good.all():
        members = [m for m, keep in zip(members, good) if keep]
        scores = scores[good]
    return members, scores.astype(np.uint64)


def scan(
    client: RedisClient, key: bytes, cursor: int, count: int, match: Optional[Key] = None
) -> tuple[int, Columns]:
    """One step of ZSCAN: the cursor that follows, and the members that stand for a place."""
    following, pairs = client.zscan(key, cursor, match=match, count=count, score_cast_func=bytes)
    return int(following), columns_of_scores([word for pair in pairs for word in pair])


def join(parts: Iterable[Columns]) -> Columns:
    """Columns one after the other."""
    parts = list(parts)
    members = [m for part in parts for m in part[0]]
    scores = [part[1] for part in parts if len(part[1])]
    return members, np.concatenate(scores) if scores else np.zeros(0, np.uint64)


def run(client: RedisClient, commands: Sequence[tuple[Word, ...]], atomic: bool = False) -> list[Reply]:
    """Send commands in one pipeline; the replies in order, errors of single commands among them as
    exceptions.

    ``atomic`` wraps them in a transaction, so that they all see the set at one moment.
    """
    if not atomic and any(command[0] == "GEOSEARCH" for command in commands):
        found = replies.replies(client, commands)
        if found is not None:
            return found
    if len(commands) == 1:
        try:
            return [client.execute_command(*commands[0])]
        except exceptions.ResponseError as error:
            return [error]
    with client.pipeline(transaction=atomic) as pipe:
        for command in commands:
            pipe.execute_command(*command)
        return list(pipe.execute(raise_on_error=False))


def good(reply: Reply) -> Reply:
    """The reply, or its error raised."""
    if isinstance(reply, Exception):
        raise reply
    return reply
