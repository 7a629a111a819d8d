"""Sizes asked before values are read, so that one huge key of somebody else neither fills the memory nor
stops the rest.

A shared server holds pictures, exports and logs of other programs beside the keys that a source reads.
Whoever reads values of others asks here first: ``fitting`` sorts out the keys that are too large,
``read_strings`` also reads what is left. What is skipped comes back as ``Oversize`` with
its key and size, to be told to the user; nothing is raised for it.

    ask = sized.asker(server)  # or ``reader.ask_many`` of a live feed: the same shape
    values, skipped = sized.read_strings(ask, keys)  # in the order of the keys, None where there is none
    fit = sized.fitting(ask, keys, "stream")  # fit.keys, fit.skipped

All questions of a call go out in a few pipelined round trips: 10,000 keys take some 50 ms on a local server.

Sizes by type of value: STRLEN of a string (exact bytes); HLEN, ZCARD, SCARD, LLEN, XLEN (entries) of the
others and, where the user may ask and there are few entries, MEMORY USAGE (bytes on the server, a little
more than those of the value). A key whose size cannot be told, because a right is missing, counts as
fitting: the parser's own limits still hold for it. https://redis.io/docs/latest/commands/memory-usage/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Callable, Optional, TypeVar

from .borrowed import can_borrow, run
from .redispy import exceptions
from .server import Server
from .types import RedisClient, Reply, Word

Ask = Callable[
    [Sequence[Sequence[Word]]], list[Reply]
]  # replies in order, a refused command's error in its place

_Key = TypeVar("_Key")
COUNTING = {
    "string": "STRLEN",
    "hash": "HLEN",
    "zset": "ZCARD",
    "set": "SCARD",
    "list": "LLEN",
    "stream": "XLEN",
}
TOGETHER = 1000  # commands in one round trip
EXACT = 10_000  # MEMORY USAGE visits every entry of a key that has no more than this; else it estimates
ROUGHLY, CLOSELY = 5, 1000  # entries from which it does, and where that seems too much


@dataclass(frozen=True)
class SizeLimits:
    """What is read at most. ``value_bytes`` of one key, ``entries`` of one key, ``batch_bytes`` in one
    round trip; of strings that are read at once ``total_bytes`` (None: of any number)."""

    value_bytes: int = 1_000_000
    entries: int = 10_000
    batch_bytes: int = 16_000_000
    total_bytes: Optional[int] = None


DEFAULT = SizeLimits()


@dataclass(frozen=True)
class Oversize:
    """A key that is skipped, since it holds ``size`` bytes (or ``size`` entries, where ``is_entries``)."""

    key: bytes
    size: int
    is_entries: bool = False


@dataclass
class Fitting:
    """``keys`` that may be read, in their order, with their ``sizes`` in bytes (0 where unknown);
    ``missing`` ones, which do not exist or hold another type of value; ``skipped`` ones, which are too
    large."""

    keys: list[bytes] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    missing: list[bytes] = field(default_factory=list)
    skipped: list[Oversize] = field(default_factory=list)


def asker(server: Server, client: Optional[RedisClient] = None) -> Ask:
    """Commands sent in one go through this server's bulk client (or ``client``), on clusters to their nodes.

    The function raises redis-py's errors for a server that is away; a command that is refused gives its
    ResponseError.
    """

    def ask(commands: Sequence[Sequence[Word]]) -> list[Reply]:
        asked = client or server.bulk
        if can_borrow(asked):
            return run(asked, lambda connection: connection.ask(commands))
        with asked.pipeline(transaction=False) as pipeline:
            for words in commands:
                pipeline.execute_command(*words)
            return list(pipeline.execute(raise_on_error=False))

    return ask


def fitting(ask: Ask, keys: Sequence[bytes], kind: str, limits: SizeLimits = DEFAULT) -> Fitting:
    """Sort out which of these keys may be read whole.

    Args:
        ask: how commands are sent.
        keys: keys that are expected to hold values of one type.
        kind: that type as TYPE names it: string, hash, zset, set, list or stream.
        limits: what is too large.

    Returns:
        The keys that fit, those that are missing (or of another type) and those that are too large.
    """
    counting = COUNTING[kind]
    replies = ask_all(ask, [(counting, key) for key in keys])
    if kind == "string":
        return fitting_strings(keys, replies, limits)
    result, small = _sorted_out(keys, replies, limits.entries, True)
    _weigh(ask, small, limits, result)
    return result


def fitting_strings(keys: Sequence[bytes], replies: Sequence[Reply], limits: SizeLimits = DEFAULT) -> Fitting:
    """``fitting`` of strings, for which STRLEN was asked and these replies came."""
    limit = limits.value_bytes
    if all(type(reply) is int and 0 < reply <= limit for reply in replies):
        return Fitting(list(keys), list(replies))  # by far the most
    result, small = _sorted_out(keys, replies, limit, False)
    result.keys, result.sizes = [key for key, _ in small], [size for _, size in small]
    return result


def _sorted_out(
    keys: Sequence[bytes], replies: Sequence[Reply], limit: int, are_entries: bool
) -> tuple[Fitting, list[tuple[bytes, int]]]:
    """What is missing or too large, and the others with their counts (0 where unknown)."""
    result = Fitting()
    small: list[tuple[bytes, int]] = []
    for key, count in zip(keys, map(_count, replies)):
        if count == 0:
            result.missing.append(key)
        elif count is not None and count > limit:
            result.skipped.append(Oversize(key, count, are_entries))
        else:
            small.append((key, count or 0))
    return result, small


def read_strings(
    ask: Ask, keys: Sequence[bytes], limits: SizeLimits = DEFAULT
) -> tuple[list[Optional[bytes]], list[Oversize]]:
    """The values of string keys in their order, None for what is missing, of another type or too large; and
    what is too large."""
    fit = fitting(ask, keys, "string", limits)
    if limits.total_bytes is not None and sum(fit.sizes) > limits.total_bytes:
        fit = _first(fit, limits.total_bytes)
    found: dict[bytes, bytes] = {}
    for piece in pieces(fit.keys, fit.sizes, limits):
        # not MGET: a cluster refuses it for keys of several slots
        replies = ask([("GET", key) for key in piece])
        found.update((key, reply) for key, reply in zip(piece, replies) if isinstance(reply, bytes))
    return [found.get(key) for key in keys], fit.skipped


def _first(fit: Fitting, total: int) -> Fitting:
    """The first of the keys, up to so many bytes together; the others are skipped, too."""
    kept = Fitting(missing=fit.missing, skipped=list(fit.skipped))
    for key, size in zip(fit.keys, fit.sizes):
        total -= size
        if total < 0:
            kept.skipped.append(Oversize(key, size))
        else:
            kept.keys.append(key)
            kept.sizes.append(size)
    return kept


def read_fields(
    ask: Ask, fields: Sequence[tuple[bytes, bytes]], most: int = DEFAULT.value_bytes
) -> list[Optional[bytes]]:
    """The values of fields of hashes, each a key and a name, in their order; None for what is missing, of
    another type, not to be read, or larger than ``most`` bytes."""
    sizes = map(_count, ask_all(ask, [("HSTRLEN", *place) for place in fields]))
    fit = [(place, size or 0) for place, size in zip(fields, sizes) if size is None or 0 < size <= most]
    found: dict[tuple[bytes, bytes], bytes] = {}
    for piece in pieces([place for place, _ in fit], [size for _, size in fit]):
        replies = ask([("HGET", *place) for place in piece])
        found.update((place, reply) for place, reply in zip(piece, replies) if isinstance(reply, bytes))
    return [found.get(place) for place in fields]


def read_heads(ask: Ask, keys: Sequence[bytes], most: int) -> list[Optional[tuple[bytes, int]]]:
    """The first ``most`` bytes of each string key, and its whole length in bytes; None for what is missing,
    of another type, or not to be read.

    Where the server has no GETRANGE, values that are not too large are read whole. Raises its error where
    none of them may be read either.
    """
    commands: list[Sequence[Word]] = []
    for key in keys:
        commands += (("GETRANGE", key, 0, most - 1), ("STRLEN", key))
    replies = ask_all(ask, commands)
    heads, lengths = replies[::2], replies[1::2]
    refused = [head for head in heads if isinstance(head, Exception) and _count(head) is None]
    if keys and len(refused) == len(keys):
        whole = read_strings(ask, keys)[0]
        if not any(whole):
            raise refused[0]
        return [None if value is None else (value[:most], len(value)) for value in whole]
    return [
        (head, length) if isinstance(head, bytes) and isinstance(length, int) and length else None
        for head, length in zip(heads, lengths)
    ]


def pieces(keys: Sequence[_Key], sizes: Sequence[int], limits: SizeLimits = DEFAULT) -> Iterator[list[_Key]]:
    """Keys in batches of at most ``TOGETHER``, the values of a batch not over ``limits.batch_bytes`` (one
    alone may be)."""
    return in_batches(keys, sizes, TOGETHER, limits.batch_bytes)


def in_batches(
    items: Sequence[_Key], sizes: Sequence[int], most: int, most_bytes: int
) -> Iterator[list[_Key]]:
    """Items in batches of at most ``most``, whose sizes together are at most ``most_bytes`` (one alone may
    be larger)."""
    if items and len(items) <= most and sum(sizes) <= most_bytes:
        yield list(items)
        return
    batch: list[_Key] = []
    weight = 0
    for item, size in zip(items, sizes):
        if batch and (len(batch) >= most or weight + size > most_bytes):
            yield batch
            batch, weight = [], 0
        batch.append(item)
        weight += size
    if batch:
        yield batch


def ask_all(ask: Ask, commands: Sequence[Sequence[Word]]) -> list[Reply]:
    """Many commands, ``TOGETHER`` in a round trip."""
    replies: list[Reply] = []
    for start in range(0, len(commands), TOGETHER):
        replies += ask(commands[start : start + TOGETHER])
    return replies


def _weigh(ask: Ask, small: list[tuple[bytes, int]], limits: SizeLimits, result: Fitting) -> None:
    """Ask for the bytes of keys that hold few entries, of which one alone may be a picture; of those with
    many that seem too large again, as one large entry among five counts for a fifth of them."""
    sizes = _bytes_of(ask, [(key, 0 if count <= EXACT else ROUGHLY) for key, count in small])
    doubtful = [at for at, (_, count) in enumerate(small) if count > EXACT and sizes[at] > limits.value_bytes]
    closer = _bytes_of(ask, [(small[at][0], CLOSELY) for at in doubtful])
    for at, size in zip(doubtful, closer):
        sizes[at] = size or sizes[at]
    for (key, _), size in zip(small, sizes):
        if size > limits.value_bytes:
            result.skipped.append(Oversize(key, size))
        else:
            result.keys.append(key)
            result.sizes.append(size)


def _bytes_of(ask: Ask, samples: Sequence[tuple[bytes, int]]) -> list[int]:
    """The bytes of keys, from so many of their entries each (0: all); 0 where the server does not tell."""
    commands = [("MEMORY", "USAGE", key, "SAMPLES", count) for key, count in samples]
    return [reply if isinstance(reply, int) else 0 for reply in ask_all(ask, commands)]


def _count(reply: object) -> Optional[int]:
    """Parse the number of entries; 0 for a value of another type, None where the server does not tell."""
    if isinstance(reply, int):
        return reply
    return 0 if isinstance(reply, exceptions.ResponseError) and "WRONGTYPE" in _words(reply) else None


def _words(error: Exception) -> str:
    text = str(error)
    return "WRONGTYPE " + text if "wrong kind of value" in text else text
