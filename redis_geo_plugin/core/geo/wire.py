"""The replies of GEOSEARCH WITHHASH read straight from the socket, ten times as fast as item by item.

redis-py's own parser takes 2.6 us a hit, mostly to find out what comes next; here it is known. Its list a hit would also
wake Python's garbage collector, whose full round holds up the window. Small questions may travel in the same round trip.
Only plain connections with redis-py's Python parser are read so; everything else (a cluster, hiredis, an error that is not
expected) goes the ordinary way. ``core/live/wire.py`` reads any reply, item by item.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from functools import partial
from typing import Any, Optional

import numpy as np

from ..redispy import exceptions

Columns = tuple[list[bytes], np.ndarray]  # members and their scores, both of length n
PARSER = "_RESP2Parser"
RECEIVE = 1 << 18  # bytes taken at once: split into lines in some 2 ms, without giving up the interpreter lock


def replies(client: Any, commands: Sequence[tuple[Any, ...]]) -> Optional[list[Any]]:
    """The replies to searches and to small questions beside them, all sent at once: columns for a search; an integer, a list
    of bytes, or the error of a missing right for a question. None where the ordinary way has to be taken (which then also
    tells what is wrong). Lost connections, retries and time limits are the client's own, as are the errors raised."""
    pool = getattr(client, "connection_pool", None)
    if pool is None:
        return None
    connection = pool.get_connection()
    try:
        if type(getattr(connection, "_parser", None)).__name__ != PARSER or not hasattr(connection, "_sock"):
            return None
        ask = partial(_ask, connection, connection.pack_commands(commands), commands)
        found: Optional[list[Any]] = connection.retry.call_with_retry(ask, lambda _error: connection.disconnect())
        return found
    except BaseException:  # an answer may still be on its way, and must not reach the next command
        connection.disconnect()
        raise
    finally:
        pool.release(connection)


def _ask(connection: Any, packed: Any, commands: Sequence[tuple[Any, ...]]) -> Optional[list[Any]]:
    connection.send_packed_command(packed)
    found: list[Any] = []
    waiting = b""
    for command in commands:
        read = _read if command[0] == "GEOSEARCH" else _read_plain
        reply, waiting = read(connection._sock, waiting)
        if reply is None:
            if waiting or len(found) + 1 < len(commands):
                connection.disconnect()
            return None
        found.append(reply)
    return found


def _read(sock: Any, waiting: bytes = b"") -> tuple[Optional[Columns], bytes]:
    """The columns of the next reply (None for an error), and what has come of the one after it."""
    head, waiting = _line(sock, waiting)
    if not head.startswith(b"*"):  # an error: one line, and the ordinary way will meet it again
        return None, waiting
    count = int(head[1:])
    members: list[bytes] = []
    scores = [np.zeros(0, np.uint64)]
    while True:
        found, numbers, waiting = take(waiting, count - len(members))
        members += found
        scores.append(numbers)
        if len(members) == count:
            return (members, np.concatenate(scores)), waiting
        waiting += _more(sock)


def _read_plain(sock: Any, waiting: bytes) -> tuple[Any, bytes]:
    """An integer, a list of bytes, or the error of a missing right (None for another error); and what came after it."""
    head, waiting = _line(sock, waiting)
    if head.startswith(b"-NOPERM"):
        return exceptions.NoPermissionError(head[1:].decode("utf-8", "replace")), waiting
    if head.startswith(b":"):
        return int(head[1:]), waiting
    if not head.startswith(b"*"):
        return None, waiting
    found, at = [], 0
    for _ in range(int(head[1:])):
        while (end := waiting.find(b"\r\n", at)) < 0:
            waiting += _more(sock)
        start = end + 2
        stop = start + int(waiting[at + 1 : end])
        while len(waiting) < stop + 2:
            waiting += _more(sock)
        found.append(waiting[start:stop])
        at = stop + 2
    return found, waiting[at:]


def _line(sock: Any, waiting: bytes) -> tuple[bytes, bytes]:
    """The next line, and what has come after it."""
    while b"\r\n" not in waiting:
        waiting += _more(sock)
    head, _, waiting = waiting.partition(b"\r\n")
    return head, waiting


def _more(sock: Any) -> bytes:
    try:
        received = sock.recv(RECEIVE)
    except socket.timeout as error:
        raise exceptions.TimeoutError("the server does not answer") from error
    except OSError as error:
        raise exceptions.ConnectionError(str(error)) from error
    if not received:
        raise exceptions.ConnectionError("closed by the server")
    return bytes(received)


def take(data: bytes, most: int) -> tuple[list[bytes], np.ndarray, bytes]:
    """The complete hits at the start of ``data``, at most so many: their members and scores, and what is left of it.

    Split into lines of four a hit; the lengths tell whether a member has lines of its own.
    """
    lines = data.split(b"\r\n", 4 * most)
    count = min(most, (len(lines) - 1) // 4)
    end = 4 * count
    members = lines[2:end:4]
    if lines[0:end:4].count(b"*2") == count and lines[1:end:4] == [b"$%d" % size for size in map(len, members)]:
        return members, _numbers(lines[3:end:4]), b"\r\n".join(lines[end:])
    return _take_by_lengths(data, most)


def _numbers(lines: list[bytes]) -> np.ndarray:
    """``:12`` and so on as uint64."""
    if not lines:
        return np.zeros(0, np.uint64)
    return np.fromstring(b"".join(lines)[1:], np.uint64, sep=":")


def _take_by_lengths(data: bytes, most: int) -> tuple[list[bytes], np.ndarray, bytes]:
    """The same by the lengths alone, for members that look like the protocol itself."""
    members: list[bytes] = []
    scores: list[int] = []
    at = 0
    while len(members) < most:
        start = data.find(b"\r\n", at + 4)
        if start < 0:
            break
        end = start + 2 + int(data[at + 5 : start])
        finish = data.find(b"\r\n", end + 3)
        if finish < 0:
            break
        members.append(data[start + 2 : end])
        scores.append(int(data[end + 3 : finish]))
        at = finish + 2
    return members, np.array(scores, np.uint64), data[at:]
