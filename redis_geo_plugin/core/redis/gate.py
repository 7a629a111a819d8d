"""The one gate before every command: on a production connection nothing is changed unless it was allowed.

It stands on the clients themselves (``doors``) and on borrowed connections, so that no part of the plugin
can forget to ask. Who writes a lot asks ``production.check`` first all the same, to say so before the work
and not in the middle of it.

A command passes when it is known to change nothing. What is not known is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import production
from .settings import ConnectionSettings

_OF_THE_CONNECTION = """
    AUTH ECHO HELLO PING QUIT RESET SELECT READONLY READWRITE ASKING MULTI EXEC DISCARD WATCH UNWATCH
    SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE
"""
_OF_THE_SERVER = (
    "COMMAND DBSIZE INFO LASTSAVE LOLWUT ROLE TIME SLOWLOG|GET SLOWLOG|LEN LATENCY|LATEST LATENCY|HISTORY"
)
_OF_VALUES = """
    EXISTS EXPIRETIME PEXPIRETIME PTTL RANDOMKEY SCAN TTL TYPE DUMP
    GET GETRANGE MGET STRLEN LCS
    HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS
    LINDEX LLEN LPOS LRANGE
    SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER SRANDMEMBER SSCAN SUNION
    ZCARD ZCOUNT ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX
    ZRANGEBYSCORE ZRANK ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION
    GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH
    XINFO|CONSUMERS XINFO|GROUPS XINFO|STREAM XLEN XPENDING XRANGE XREAD XREVRANGE
    EVAL_RO EVALSHA_RO FCALL_RO
"""
_WITH_SUBCOMMAND = """
    ACL|CAT ACL|DRYRUN ACL|GETUSER ACL|LIST ACL|USERS ACL|WHOAMI
    CLIENT|CACHING CLIENT|GETNAME CLIENT|GETREDIR CLIENT|ID CLIENT|INFO CLIENT|LIST CLIENT|NO-EVICT
    CLIENT|NO-TOUCH CLIENT|REPLY
    CLIENT|SETINFO CLIENT|SETNAME CLIENT|TRACKING CLIENT|TRACKINGINFO
    CLUSTER|COUNTKEYSINSLOT CLUSTER|GETKEYSINSLOT CLUSTER|INFO CLUSTER|KEYSLOT CLUSTER|LINKS
    CLUSTER|MYID CLUSTER|MYSHARDID
    CLUSTER|NODES CLUSTER|REPLICAS CLUSTER|SHARDS CLUSTER|SLOTS
    CONFIG|GET MEMORY|DOCTOR MEMORY|STATS MEMORY|USAGE OBJECT|ENCODING OBJECT|FREQ
    OBJECT|IDLETIME OBJECT|REFCOUNT
    PUBSUB|CHANNELS PUBSUB|NUMPAT PUBSUB|NUMSUB SCRIPT|EXISTS
"""
READING = frozenset(" ".join((_OF_THE_CONNECTION, _OF_THE_SERVER, _OF_VALUES, _WITH_SUBCOMMAND)).split())
_registered: set[str] = set()  # by sources, of the commands of modules that they read with
_CONTAINERS = frozenset(name.partition("|")[0] for name in READING if "|" in name)


def changes_nothing(words: Sequence[object]) -> bool:
    """Whether this command only reads. It is given as its words, text or bytes; the first may hold two, as
    redis-py has it."""
    first = _text(words[0]).upper().split() if words else []
    if not first:
        return False
    name = first[0]
    if name not in _CONTAINERS:
        return name in READING or name in _registered
    sub = first[1] if len(first) > 1 else _text(words[1]).upper() if len(words) > 1 else ""
    return f"{name}|{sub}" in READING


def register_reading(names: Iterable[str]) -> None:
    """Register commands that only read, which the gate then passes. A test checks with the server that they
    do."""
    _registered.update(name for name in names if "|" not in name)


def check_command(settings: ConnectionSettings, words: Sequence[object]) -> None:
    """Raises StoreError (PRODUCTION) for a command that might change something where nothing may be."""
    if production.is_locked(settings) and not changes_nothing(words):
        production.check(settings)


def _text(word: object) -> str:
    return bytes(word).decode("latin-1") if isinstance(word, (bytes, bytearray, memoryview)) else str(word)
