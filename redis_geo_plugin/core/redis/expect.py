"""Replies checked for the type that was asked for.

``Expected`` stands on each connection: it knows which commands were sent, and holds each reply, before
anyone sees it, against what that command can answer. A proxy, a broken or hostile server, or a reply that
belongs to another question is then UnexpectedReply, where it would be a TypeError somewhere else, or a
wrong figure.

The functions ``integer``, ``list_of`` and so on are for values deeper inside a reply.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Callable, Optional

from .calls import UnexpectedReply
from .types import Reply

_BULK = {bytes, type(None)}


def integer(reply: object) -> int:
    """A whole number. Raises UnexpectedReply for anything else, and a reply that is an error."""
    if type(reply) is int:
        return reply
    raise wrong(reply, "a whole number")


def number(reply: Reply) -> float:
    """A finite number, as a reply or as its digits. Raises as ``integer`` does."""
    if type(reply) in (int, float, bytes):
        try:
            value = float(reply)
        except ValueError:
            value = math.nan
        if math.isfinite(value):
            return value
    raise wrong(reply, "a number")


def bytes_or_none(reply: object) -> Optional[bytes]:
    """A string, or None where there is none. Raises as ``integer`` does."""
    if reply is None or type(reply) is bytes:
        return reply
    raise wrong(reply, "a string")


def list_of(kind: type, reply: object, length: int = -1) -> list[Reply]:
    """A list of values of one type, of this length where it is given. Raises as ``integer`` does."""
    if type(reply) is list and length in (-1, len(reply)) and all(type(item) is kind for item in reply):
        return reply
    raise wrong(reply, f"a list of {kind.__name__}")


def wrong(reply: object, wanted: str, command: str = "") -> Exception:
    """The error to raise: the reply itself where it is one, else UnexpectedReply."""
    if isinstance(reply, Exception):
        return reply
    found = f"a list of {len(reply)}" if isinstance(reply, list) else type(reply).__name__
    return UnexpectedReply(f"{command + ': ' if command else ''}{found} where {wanted} was asked for")


# What each command can answer, as it stands on the wire (RESP2): a function of the reply and the command's
# words.
Check = Callable[[object, int], bool]


def _integer(reply: object, _: int) -> bool:
    return type(reply) is int


def _count(reply: object, _: int) -> bool:
    return type(reply) is int and reply >= 0


def _string(reply: object, _: int) -> bool:
    return type(reply) is bytes


def _word(reply: object, _: int) -> bool:
    return type(reply) is bytes and reply.isascii()


def _string_or_none(reply: object, _: int) -> bool:
    return type(reply) in _BULK


def _integer_or_none(reply: object, _: int) -> bool:
    return reply is None or type(reply) is int


def _score(reply: object, _: int) -> bool:
    return reply is None or (type(reply) is bytes and _is_number(reply))


def _scores(reply: object, words: int) -> bool:
    return type(reply) is list and len(reply) == words - 2 and all(_score(item, 0) for item in reply)


def _list(reply: object, _: int) -> bool:
    return type(reply) is list


def _strings(reply: object, _: int) -> bool:
    return type(reply) is list and set(map(type, reply)) <= {bytes}


def _pairs(reply: Reply, words: int) -> bool:
    return _strings(reply, words) and len(reply) % 2 == 0


def _one_each(skipped: int) -> Check:
    def check(reply: object, words: int) -> bool:
        return type(reply) is list and len(reply) == words - skipped and set(map(type, reply)) <= _BULK

    return check


def _popped(reply: object, _: int) -> bool:
    return type(reply) in _BULK or _strings(reply, 0)


def _cursor(reply: object, words: int) -> bool:
    return (
        type(reply) is list
        and len(reply) == 2
        and type(reply[0]) is bytes
        and reply[0].isdigit()
        and len(reply[0]) <= 20
        and _strings(reply[1], words)
    )


def _cursor_of_pairs(reply: Reply, words: int) -> bool:
    return _cursor(reply, words) and len(reply[1]) % 2 == 0


def is_stream_id(value: object) -> bool:
    """Whether this is an id as XADD gives it: ``1700000000000-0``."""
    if type(value) is not bytes:
        return False
    head, dash, tail = value.partition(b"-")
    return bool(dash) and head.isdigit() and tail.isdigit() and len(value) <= 41


def _entries(reply: object, _: int) -> bool:
    return type(reply) is list and all(
        entry is None
        or (
            type(entry) is list
            and len(entry) == 2
            and is_stream_id(entry[0])
            and (entry[1] is None or _pairs(entry[1], 0))
        )
        for entry in reply
    )


def _entries_or_ids(reply: object, words: int) -> bool:
    return _entries(reply, words) or (type(reply) is list and all(map(is_stream_id, reply)))


def _streams(reply: object, words: int) -> bool:
    return reply is None or (
        type(reply) is list
        and all(
            type(one) is list and len(one) == 2 and type(one[0]) is bytes and _entries(one[1], words)
            for one in reply
        )
    )


def _claimed(reply: object, words: int) -> bool:
    return (
        type(reply) is list
        and len(reply) in (2, 3)
        and is_stream_id(reply[0])
        and _entries_or_ids(reply[1], words)
    )


def _pending(reply: object, _: int) -> bool:
    """A summary with the number of entries of each consumer, or rows of entries."""
    if type(reply) is not list:
        return False
    if len(reply) == 4 and type(reply[0]) is int:
        owners = reply[3]
        return owners is None or (
            type(owners) is list
            and all(
                type(one) is list and len(one) == 2 and type(one[0]) is bytes and _digits(one[1])
                for one in owners
            )
        )
    return all(
        type(row) is list and list(map(type, row)) == [bytes, bytes, int, int] and is_stream_id(row[0])
        for row in reply
    )


def _digits(value: object) -> bool:
    return type(value) is int or (type(value) is bytes and value.isdigit() and len(value) < 20)


def _hits(reply: object, _: int) -> bool:
    return type(reply) is list and all(
        type(hit) is bytes or (type(hit) is list and hit and type(hit[0]) is bytes) for hit in reply
    )


def _slots(reply: object, _: int) -> bool:
    """CLUSTER SLOTS: rows of first slot, last slot, primary, replicas; a node is at least host and port."""
    return (
        type(reply) is list
        and all(
            type(row) is list
            and len(row) >= 3
            and type(row[0]) is int
            and type(row[1]) is int
            and 0 <= row[0] <= row[1] < 16384
            and all(
                type(node) is list
                and len(node) >= 2
                and type(node[0]) in _BULK
                and type(node[1]) is int
                and 0 <= node[1] < 65536
                for node in row[2:]
            )
            for row in reply
        )
        and len(reply) <= 16384
    )


def _is_number(raw: bytes) -> bool:
    try:
        return not math.isnan(float(raw))
    except ValueError:
        return False


CHECKS: dict[bytes, Check] = {}
for _check, _names in (
    (
        _integer,
        """TTL PTTL EXPIRETIME PEXPIRETIME DECR DECRBY INCR INCRBY HINCRBY LINSERT LASTSAVE""",
    ),
    (
        _count,
        """APPEND BITCOUNT COPY DBSIZE DEL EXISTS EXPIRE EXPIREAT GEOADD HDEL HEXISTS HLEN HSET HSETNX
        HSTRLEN LLEN LPUSH LREM PERSIST PEXPIRE PUBLISH RENAMENX RPUSH SADD SCARD SETNX SISMEMBER SREM
        STRLEN TOUCH UNLINK XACK XDEL XLEN XTRIM ZCARD ZCOUNT ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE""",
    ),
    (_string, "AUTH ECHO FLUSHALL GETRANGE HMSET INFO LTRIM MSET RENAME SELECT CLUSTER|INFO"),
    (_word, "TYPE"),
    (_string_or_none, "DUMP GET GETDEL GETEX GETSET HGET LINDEX LMOVE RPOPLPUSH RANDOMKEY SET XADD"),
    (_integer_or_none, "MEMORY|USAGE ZRANK ZREVRANK"),
    (_score, "ZSCORE"),
    (_scores, "ZMSCORE"),
    (_strings, "PUBSUB|CHANNELS HKEYS HVALS LRANGE SMEMBERS TIME ZRANGEBYLEX"),
    (_pairs, "CONFIG|GET HGETALL"),
    (_strings, "ZRANGE ZRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZPOPMIN ZPOPMAX"),
    (_one_each(1), "MGET"),
    (_one_each(2), "HMGET"),
    (_popped, "LPOP RPOP SPOP SRANDMEMBER HRANDFIELD ZRANDMEMBER"),
    (_cursor, "SCAN SSCAN"),
    (_cursor_of_pairs, "HSCAN ZSCAN"),
    (_entries, "XRANGE XREVRANGE"),
    (_entries_or_ids, "XCLAIM"),
    (_streams, "XREAD XREADGROUP"),
    (_claimed, "XAUTOCLAIM"),
    (_hits, "GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO"),
    (
        _list,
        "GEOPOS GEOHASH COMMAND XINFO|STREAM XINFO|GROUPS XINFO|CONSUMERS SLOWLOG|GET ROLE LATENCY|LATEST",
    ),
    (_pending, "XPENDING"),
    (_slots, "CLUSTER|SLOTS"),
):
    for _name in _names.split():
        CHECKS[_name.encode()] = _check
_CONTAINERS = {name.partition(b"|")[0] for name in CHECKS if b"|" in name}
_plain: dict[object, bytes] = {}  # names of one word, as they are written, and in capitals
_SUBSCRIBING = {
    b"SUBSCRIBE",
    b"PSUBSCRIBE",
    b"SSUBSCRIBE",
    b"UNSUBSCRIBE",
    b"PUNSUBSCRIBE",
    b"MONITOR",
    b"HELLO",
}


class Expected:
    """The replies that a connection still owes. One thread at a time, like the connection."""

    def __init__(self) -> None:
        self._asked: deque[tuple[bytes, int]] = deque()
        self._queued: Optional[list[tuple[bytes, int]]] = None  # within MULTI: what EXEC will answer
        self._unknown = False  # after SUBSCRIBE and the like, replies come as they come

    def clear(self) -> None:
        """The connection was closed."""
        self._asked.clear()
        self._queued = None
        self._unknown = False

    def sent(self, name: bytes, words: int) -> None:
        """Note that a command with this name (see ``command_name``) and number of words was sent."""
        if name in _SUBSCRIBING:
            self._unknown = True
        if not self._unknown:
            self._asked.append((name, words))

    @property
    def all_answered(self) -> bool:
        """Whether nothing is owed, as far as is known."""
        return not self._asked

    @property
    def next_is(self) -> bytes:
        """The name of the command whose reply comes next, b"" where it is not known."""
        return self._asked[0][0] if self._asked else b""

    def answered(self, reply: object) -> None:
        """A reply (an exception for the server's no) has come. Raises UnexpectedReply where it is none to
        what was asked."""
        if not self._asked:
            return
        name, words = self._asked.popleft()
        refused = isinstance(reply, Exception)
        if name == b"MULTI":
            self._queued = None if refused else []
        elif self._queued is None:
            if not refused:
                _hold(name, words, reply)
        elif name in (b"EXEC", b"DISCARD"):
            queued, self._queued = self._queued, None
            if name == b"EXEC" and not refused:
                _hold_all(queued, reply)
        elif reply == b"QUEUED":
            self._queued.append((name, words))
        elif not refused:
            raise wrong(reply, "QUEUED", name.decode("latin-1"))


def command_name(words: Sequence[object]) -> bytes:
    """The name in capitals, with its subcommand where CHECKS tells them apart: ``GET``, ``XINFO|STREAM``."""
    name = _plain.get(words[0])
    if name is not None:
        return name
    name = _upper(words[0])
    if b" " in name:
        return name.replace(b" ", b"|", 1)
    if name not in _CONTAINERS and len(name) < 20 and len(_plain) < 1000:
        _plain[words[0]] = name
    if name in _CONTAINERS and len(words) > 1:
        return name + b"|" + _upper(words[1])
    return name


def _upper(word: object) -> bytes:
    raw = word if isinstance(word, bytes) else str(word).encode("utf-8", "replace")
    return raw.upper()


def _hold(name: bytes, words: int, reply: object) -> None:
    check = CHECKS.get(name)
    if check is not None and not check(reply, words):
        raise wrong(reply, "another reply", name.decode("latin-1"))


def _hold_all(queued: list[tuple[bytes, int]], reply: object) -> None:
    if reply is None:  # a watched key has changed
        return
    if type(reply) is not list or len(reply) != len(queued):
        raise wrong(reply, f"a list of {len(queued)}", "EXEC")
    for (name, words), one in zip(queued, reply):
        if not isinstance(one, Exception):
            _hold(name, words, one)
