"""One connection read in bulk: the Redis protocol (RESP2 and RESP3) parsed from large pieces.

redis-py connects, authenticates and speaks TLS; what comes afterwards is read here, because its pure Python parser takes
about 4 us a value and this one less than 1 us, in a thread that shares Python's lock with the window.
Protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Sequence
from typing import Any, Callable, Optional, Union

from ..redispy import exceptions

Word = Union[bytes, str, int, float]
READ_SIZE = 1 << 20
_INVALIDATED = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$"  # and then the key
ANSWER_TIMEOUT = 2.0  # seconds; whoever must end sooner calls ``close`` from another thread


class Wire:
    """A connected redis-py connection, taken over. Not for two threads at once, but for ``close``.

    Every method raises redis-py's ConnectionError, TimeoutError or ResponseError. Pushes (RESP3) go to ``on_push``.
    """

    def __init__(self, connection: Any, on_push: Optional[Callable[[list[Any]], None]] = None):
        self._connection = connection
        self._socket: Any = connection._sock
        try:  # whole answers in few reads: each read waits for Python's lock
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_SIZE)
        except OSError:
            pass
        self._buffer = b""
        self._pos = 0
        self._on_push = on_push
        self.closed = False

    def ask(self, *words: Word) -> Any:
        """One command, its reply. Raises ResponseError for the server's no."""
        reply = self.ask_many([words])[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def ask_many(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """Commands in one go, their replies in order; a refused one gives its ResponseError in its place."""
        self.send(pack(commands))
        return [self.read() for _ in commands]

    def send(self, packed: bytes) -> None:
        try:
            self._socket.settimeout(ANSWER_TIMEOUT)
            self._socket.sendall(packed)
        except socket.timeout as error:
            raise exceptions.TimeoutError("the server does not take the command") from error
        except (OSError, ValueError) as error:
            raise exceptions.ConnectionError(str(error)) from error

    def read(self) -> Any:
        """The next reply; pushes before it are handed to ``on_push``."""
        while True:
            is_push, value = self._value()
            if self._pos == len(self._buffer):
                self._buffer, self._pos = b"", 0
            if not is_push:
                return value
            self._push(value)

    def wait(self, seconds: float) -> bool:
        """Hand over the pushes that arrive within ``seconds`` (0: those already there). True when one came."""
        came = False
        deadline = time.monotonic() + seconds
        while True:
            while self._pos < len(self._buffer):
                keys = self._invalidated()
                if keys:
                    self._push([b"invalidate", keys])
                    came = True
                    continue
                is_push, value = self._value()
                if is_push:
                    self._push(value)
                    came = True
            self._buffer, self._pos = b"", 0
            left = deadline - time.monotonic()
            if came:
                left = 0.0
            if not self._more_within(max(left, 0.0)):
                return came

    def close(self) -> None:
        """End the connection; a read that waits in another thread ends at once."""
        self.closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass  # it was gone already
        try:
            self._connection.disconnect()
        except Exception:  # nosec B110 - the connection is being thrown away
            pass

    def _push(self, value: list[Any]) -> None:
        if self._on_push is not None:
            self._on_push(value)

    def _invalidated(self) -> list[bytes]:
        """The keys of the invalidations at the front of the buffer, one key each, as the server sends them by the
        thousand: cut at what they have in common. Empty where something else comes first, or a key looks odd."""
        buffer, pos = self._buffer, self._pos
        if not buffer.startswith(_INVALIDATED, pos):
            return []
        pieces = buffer[pos + len(_INVALIDATED) :].split(_INVALIDATED)
        last = pieces.pop()  # may be cut off, or have something else behind it
        keys, end, sizes = [], pos, _SIZES
        for piece in pieces:
            line = piece.find(b"\r\n")
            key = piece[line + 2 : -2]
            if line < 1 or len(key) != sizes[b"$" + piece[:line]] or piece[-2:] != b"\r\n":
                break  # a key that has the mark in it: the general way reads it
            keys.append(key)
            end += len(_INVALIDATED) + len(piece)
        else:
            line = last.find(b"\r\n")
            size = sizes[b"$" + last[:line]] if line > 0 else -1
            stop = line + 2 + size
            if size >= 0 and last[stop : stop + 2] == b"\r\n":
                keys.append(last[line + 2 : stop])
                end += len(_INVALIDATED) + stop + 2
        self._pos = end
        return keys

    def _more_within(self, seconds: float) -> bool:
        """Read what comes within this time; False when nothing does."""
        try:
            self._socket.settimeout(seconds or 0.0001)
            data = self._socket.recv(READ_SIZE)
        except (socket.timeout, BlockingIOError):
            return False
        except (OSError, ValueError) as error:
            raise exceptions.ConnectionError(str(error)) from error
        if not data:
            raise exceptions.ConnectionError("the server closed the connection")
        self._buffer = self._buffer[self._pos :] + data if self._pos < len(self._buffer) else data
        self._pos = 0
        return True

    def _fill(self) -> None:
        """Read at least one more piece of a reply that has begun."""
        if not self._more_within(ANSWER_TIMEOUT):
            raise exceptions.TimeoutError("the server stopped in the middle of an answer")

    def _line(self) -> bytes:
        while True:
            end = self._buffer.find(b"\r\n", self._pos)
            if end >= 0:
                line = self._buffer[self._pos : end]
                self._pos = end + 2
                return line
            self._fill()

    def _bulk(self, size: int) -> bytes:
        have = len(self._buffer) - self._pos
        if have < size + 2:
            pieces, missing = [self._buffer[self._pos :]], size + 2 - have
            while missing > 0:  # large values: without copying what is there for every piece
                self._buffer, self._pos = b"", 0
                self._fill()
                pieces.append(self._buffer)
                missing -= len(self._buffer)
            self._buffer, self._pos = b"".join(pieces), 0
        value = self._buffer[self._pos : self._pos + size]
        self._pos += size + 2
        return value

    def _value(self) -> tuple[bool, Any]:
        """(is a push, value) of the next thing on the wire."""
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return False, None if rest == b"-1" else self._bulk(int(rest))
        if kind in b":(":
            return False, int(rest)
        if kind == b"+":
            return False, rest
        if kind == b"*" or kind == b"~":
            return False, None if rest == b"-1" else self._array(int(rest))
        if kind == b">":
            return True, self._array(int(rest))
        if kind == b"-":
            return False, _error(rest)
        if kind == b"!":
            return False, _error(self._bulk(int(rest)))
        if kind == b"_":
            return False, None
        if kind == b"%":
            flat = self._array(2 * int(rest))
            return False, dict(zip(flat[::2], flat[1::2]))
        if kind == b",":
            return False, float(rest)
        if kind == b"#":
            return False, rest == b"t"
        if kind == b"=":
            return False, self._bulk(int(rest))[4:]
        raise exceptions.InvalidResponse(f"Protocol Error: {line[:40]!r}")

    def _array(self, count: int) -> list[Any]:
        """``count`` values. The loop knows only bulk strings that are there whole, the common case; the rest is left
        to ``_value``. Their sizes are remembered as they are written: there are few different ones."""
        result: list[Any] = []
        append, sizes = result.append, _SIZES
        buffer, pos, length = self._buffer, self._pos, len(self._buffer)
        find = buffer.find
        for _ in range(count):
            end = find(b"\r\n", pos)
            if end >= 0:
                size = sizes[buffer[pos:end]]
                start = end + 2
                stop = start + size
                if size >= 0 and stop <= length - 2:
                    append(buffer[start:stop])
                    pos = stop + 2
                    continue
            self._pos = pos
            append(self._value()[1])
            buffer, pos, length = self._buffer, self._pos, len(self._buffer)
            find = buffer.find
        self._pos = pos
        return result


class _Sizes(dict[bytes, int]):
    """``$135`` -> 135; -1 for what is no bulk string."""

    def __missing__(self, head: bytes) -> int:
        size = int(head[1:]) if head[:1] == b"$" and head[1:].isdigit() else -1
        if len(self) < 10_000 and len(head) < 8:
            self[head] = size
        return size


_SIZES = _Sizes()


def _error(words: bytes) -> Exception:
    text = words.decode("utf-8", "replace")
    if text.startswith("NOPERM"):
        return exceptions.NoPermissionError(text)
    return exceptions.ResponseError(text)


def pack(commands: Iterable[Sequence[Word]]) -> bytes:
    """Commands as the server reads them."""
    pieces: list[bytes] = []
    for words in commands:
        plain = [word if type(word) is bytes else str(word).encode() for word in words]
        pieces.append(b"*%d\r\n" % len(plain))
        pieces += [b"$%d\r\n%b\r\n" % (len(word), word) for word in plain]
    return b"".join(pieces)


def open_wires(client: Any, on_push: Optional[Callable[[list[Any]], None]] = None) -> list[Wire]:
    """Connections of a client (``Server.blocking``), connected and logged in: one, or one for each primary of a
    cluster that can be reached (see ``away``). Raises where none can."""
    pools = [client.connection_pool] if not is_cluster(client) else [pool_of(client, n) for n in client.get_primaries()]
    wires: list[Wire] = []
    failure: Optional[Exception] = None
    try:
        for pool in pools:
            try:
                wires.append(Wire(pool.get_connection(), on_push))
            except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
                if isinstance(error, exceptions.AuthenticationError):
                    raise
                failure = error
    except Exception:
        for wire in wires:
            wire.close()
        raise
    if failure is not None and not wires:
        raise failure
    return wires


def is_cluster(client: Any) -> bool:
    return hasattr(client, "get_primaries")


def pool_of(client: Any, node: Any) -> Any:
    """The connections of a cluster's client to one of its nodes."""
    return client.get_redis_connection(node).connection_pool


def answers(address: tuple[str, int]) -> bool:
    """Whether something listens there; asked in a moment."""
    try:
        socket.create_connection(address, 0.2).close()
        return True
    except OSError:
        return False
