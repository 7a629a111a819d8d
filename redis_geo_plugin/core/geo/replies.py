"""The replies of GEOSEARCH WITHHASH as columns, ten times as fast as item by item.

A parser that goes value by value takes some 2 us a hit, mostly to find out what comes next; here it is known.
Its list a hit would also wake Python's garbage collector, whose full round holds up the window. Small
questions may travel in the same round trip. On a cluster the ordinary way is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np

from ..geometry.arrays import Array
from ..redis.borrowed import Taken, can_borrow, run
from ..redis.expect import Expected, command_name
from ..redis.protocol import MAX_BULK, ReplyReader, pack
from ..redis.redispy import exceptions
from ..redis.types import RedisClient, Reply, Word

Columns = tuple[list[bytes], Array]  # members and their scores, both of length n
HIGHEST = 1 << 53  # above every score that stands for a place


def replies(client: RedisClient, commands: Sequence[tuple[Word, ...]]) -> Optional[list[Reply]]:
    """The replies to searches and to small questions beside them, all sent at once: columns for a search,
    else what the server says; an error of a single command in its place. None for a client of a cluster,
    which takes the ordinary way. Lost connections, retries and time limits are the client's own, as are the
    errors raised."""
    if not can_borrow(client):
        return None
    return run(client, lambda connection: _ask(connection, commands))


def _ask(connection: Taken, commands: Sequence[tuple[Word, ...]]) -> list[Reply]:
    for words in commands:
        connection.check(words)
    connection.send(pack(commands))
    found: list[Reply] = []
    for words in commands:
        columns = read_columns(connection.reader) if words[0] == "GEOSEARCH" else None
        if columns is None:
            expected = Expected()
            expected.sent(command_name(words), len(words))
            found.append(connection.read(expected))
        else:
            found.append(columns)
    return found


def read_columns(reader: ReplyReader) -> Optional[Columns]:
    """The columns of the reply that comes next; None for an error, which is left to be read.

    Raises InvalidResponse for what is no reply of GEOSEARCH WITHHASH.
    """
    count = reader.array_length()
    if count is None:
        return None
    members: list[bytes] = []
    scores = [np.zeros(0, np.uint64)]
    while True:
        found, numbers, rest = take(reader.take_buffer(), count - len(members))
        reader.put_back(rest)
        members += found
        scores.append(numbers)
        if len(members) == count:
            return members, np.concatenate(scores)
        reader.gather(_needed(rest))


def _needed(rest: bytes) -> int:
    """How many bytes have to be there before it is worth looking again: more than there are, and all of a
    member whose length is known, which may have megabytes."""
    start = rest.find(b"\r\n", 4) + 2
    digits = rest[5 : start - 2]
    if start < 8 or not rest.startswith(b"*2\r\n$") or not digits.isdigit() or len(digits) > 9:
        return len(rest) + 1
    return max(len(rest) + 1, start + min(int(digits), MAX_BULK) + len(b"\r\n:0\r\n"))


def take(data: bytes, most: int) -> tuple[list[bytes], Array, bytes]:
    """The complete hits at the start of ``data``, at most so many: their members and scores, and what is left
    of it.

    Split into lines of four a hit; the lengths tell whether a member has lines of its own.
    """
    lines = data.split(b"\r\n", 4 * most)
    count = min(most, (len(lines) - 1) // 4)
    end = 4 * count
    members = lines[2:end:4]
    if lines[0:end:4].count(b"*2") == count and lines[1:end:4] == [
        b"$%d" % size for size in map(len, members)
    ]:
        return members, _numbers(lines[3:end:4]), b"\r\n".join(lines[end:])
    return _take_by_lengths(data, most)


def _numbers(lines: list[bytes]) -> Array:
    """``:12`` and so on as uint64. Raises InvalidResponse for anything else."""
    if not lines:
        return np.zeros(0, np.uint64)
    joined = b"".join(lines)
    if joined.translate(None, b"0123456789") != b":" * len(lines):
        raise _broken()
    found = np.fromstring(joined[1:], np.uint64, sep=":")
    if len(found) != len(lines) or int(found.max()) >= HIGHEST:
        raise _broken()
    return found


def _take_by_lengths(data: bytes, most: int) -> tuple[list[bytes], Array, bytes]:
    """The same by the lengths alone, for members that look like the protocol itself."""
    members: list[bytes] = []
    scores: list[bytes] = []
    at = 0
    while len(members) < most:
        start = data.find(b"\r\n", at + 4)
        if start < 0:
            break
        digits = data[at + 5 : start]
        if data[at : at + 5] != b"*2\r\n$" or not digits.isdigit() or len(digits) > 10:
            raise _broken()
        end = start + 2 + int(digits)
        finish = data.find(b"\r\n", end + 3)
        if finish < 0:
            break
        members.append(data[start + 2 : end])
        scores.append(data[end + 2 : finish])
        at = finish + 2
    return members, _numbers(scores), data[at:]


def _broken() -> Exception:
    wrong: Exception = exceptions.InvalidResponse("Protocol Error: no reply of GEOSEARCH WITHHASH")
    return wrong
