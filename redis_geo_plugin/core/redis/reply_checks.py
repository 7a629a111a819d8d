"""What each command can answer, as it stands on the wire (RESP2): a line for each command that is used.

https://redis.io/docs/latest/commands/
"""

from __future__ import annotations

import math
from typing import Callable

from .types import Reply

_BULK = {bytes, type(None)}
MOST_SECONDS = 10**12  # of a clock, 30,000 years
# A function of the reply and the number of the command's words.
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


def _scored(reply: Reply, words: int) -> bool:
    """Members and scores in turn."""
    if not _pairs(reply, words):
        return False
    try:
        return not any(map(math.isnan, map(float, reply[1::2])))
    except ValueError:
        return False


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


def _cursor_of_scores(reply: Reply, words: int) -> bool:
    return _cursor(reply, words) and _scored(reply[1], words)


def is_stream_id(value: object) -> bool:
    """Whether this is an id as XADD gives it: ``1700000000000-0``, two numbers of 64 bits."""
    if type(value) is not bytes:
        return False
    head, dash, tail = value.partition(b"-")
    return bool(dash) and all(
        part.isdigit() and len(part) <= 20 and int(part) < 2**64 for part in (head, tail)
    )


def _entry(entry: Reply) -> bool:
    return type(entry) is list and len(entry) == 2 and is_stream_id(entry[0]) and _pairs(entry[1], 0)


def _entries(reply: object, _: int) -> bool:
    return type(reply) is list and all(map(_entry, reply))


def _claims(reply: object, _: int) -> bool:
    """Entries that a consumer owns: those deleted meanwhile come without fields, or as nothing."""
    return type(reply) is list and all(
        entry is None
        or _entry(entry)
        or (type(entry) is list and len(entry) == 2 and is_stream_id(entry[0]) and entry[1] is None)
        for entry in reply
    )


def _entries_or_ids(reply: object, words: int) -> bool:
    return _claims(reply, words) or (type(reply) is list and all(map(is_stream_id, reply)))


def _of_streams(check: Check) -> Check:
    """A list of streams, each its key and a list of entries; nothing where nothing came in time."""

    def of_each(reply: object, words: int) -> bool:
        return reply is None or (
            type(reply) is list
            and all(
                type(one) is list and len(one) == 2 and type(one[0]) is bytes and check(one[1], words)
                for one in reply
            )
        )

    return of_each


def _time(reply: object, _: int) -> bool:
    """Seconds and microseconds: digits, or whole numbers as Dragonfly sends them."""
    return (
        type(reply) is list
        and len(reply) == 2
        and all(_digits(one) and 0 <= int(one) < MOST_SECONDS for one in reply)
    )


def _positions(reply: object, words: int) -> bool:
    """GEOPOS: longitude and latitude of each member, nothing for one that is not there."""
    return (
        type(reply) is list
        and len(reply) == words - 2
        and all(
            one is None or (type(one) is list and len(one) == 2 and all(_score(x, 0) and x for x in one))
            for one in reply
        )
    )


def _counts(reply: object, words: int) -> bool:
    return type(reply) is list and len(reply) == words - 2 and set(map(type, reply)) <= {int}


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


def _cursor_page(reply: object, _: int) -> bool:
    """A page of FT.AGGREGATE WITHCURSOR: a list that begins with a number, and the cursor; or the OK of
    FT.CURSOR DEL."""
    return type(reply) is bytes or (
        type(reply) is list
        and len(reply) >= 2
        and type(reply[0]) is list
        and len(reply[0]) >= 1
        and type(reply[0][0]) is int
        and type(reply[1]) is int
        and reply[1] >= 0
    )


def _sample(reply: object, _: int) -> bool:
    """A sample of a time series: milliseconds and a number; or none."""
    return type(reply) is list and (
        not reply or (len(reply) == 2 and type(reply[0]) is int and type(reply[1]) is bytes)
    )


def _samples(reply: object, words: int) -> bool:
    return type(reply) is list and all(_sample(one, words) and one for one in reply)


def _series(reply: object, words: int) -> bool:
    """TS.MGET: rows of key, labels, latest sample."""
    return type(reply) is list and all(
        type(one) is list
        and len(one) == 3
        and type(one[0]) is bytes
        and type(one[1]) is list
        and _sample(one[2], words)
        for one in reply
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
        STRLEN TOUCH UNLINK XACK XDEL XLEN XTRIM ZADD ZCARD ZCOUNT ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE""",
    ),
    (_string, "AUTH ECHO FLUSHALL GETRANGE HMSET INFO LSET LTRIM MSET RENAME SELECT CLUSTER|INFO"),
    (_word, "TYPE"),
    (_string_or_none, "DUMP GET GETDEL GETEX GETSET HGET LINDEX LMOVE RPOPLPUSH RANDOMKEY SET XADD"),
    (_integer_or_none, "MEMORY|USAGE ZRANK ZREVRANK"),
    (_score, "ZSCORE"),
    (_scores, "ZMSCORE"),
    (_strings, "FT._LIST PUBSUB|CHANNELS HKEYS HVALS LRANGE SMEMBERS ZRANGEBYLEX"),
    (_time, "TIME"),
    (_counts, "SMISMEMBER"),
    (_positions, "GEOPOS"),
    (_pairs, "CONFIG|GET HGETALL"),
    (_strings, "ZRANGE ZRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE ZPOPMIN ZPOPMAX"),
    (_one_each(1), "MGET"),
    (_one_each(2), "HMGET JSON.MGET"),
    (_popped, "LPOP RPOP SPOP SRANDMEMBER HRANDFIELD ZRANDMEMBER"),
    (_cursor, "SCAN SSCAN"),
    (_string_or_none, "JSON.GET JSON.SET"),
    (_cursor_of_pairs, "HSCAN"),
    (_cursor_of_scores, "ZSCAN"),
    (_entries, "XRANGE XREVRANGE"),
    (_entries_or_ids, "XCLAIM"),
    (_of_streams(_entries), "XREAD"),
    (_of_streams(_claims), "XREADGROUP"),
    (_claimed, "XAUTOCLAIM"),
    (_hits, "GEOSEARCH GEORADIUS_RO GEORADIUSBYMEMBER_RO"),
    (
        _list,
        "FT.INFO HPEXPIREAT HPEXPIRETIME TS.INFO GEOHASH COMMAND XINFO|STREAM XINFO|GROUPS XINFO|CONSUMERS "
        "SLOWLOG|GET ROLE LATENCY|LATEST",
    ),
    (_pending, "XPENDING"),
    (_cursor_page, "FT.AGGREGATE FT.CURSOR"),
    (_sample, "TS.GET"),
    (_samples, "TS.RANGE"),
    (_series, "TS.MGET"),
    (_slots, "CLUSTER|SLOTS"),
):
    for _name in _names.split():
        CHECKS[_name.encode()] = _check
SCORED = {  # with WITHSCORES at the end
    name: name + b" WITHSCORES"
    for name in b"ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANDMEMBER".split()
}
CHECKS.update(dict.fromkeys(SCORED.values(), _scored))
