"""The Redis protocol (RESP2 and RESP3): the one place that packs commands and parses replies.

It is written for Python without hiredis: whole pieces of a reply are cut at what they have in common, where
a parser that goes value by value takes some 4 us each. Lengths, depth and types are checked: what breaks
the rules is InvalidResponse, never a loop, a huge allocation or a stack that overflows.
https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from operator import eq
from typing import Callable, Optional

from .redispy import exceptions
from .types import Reply, Word

Push = list[Reply]
READ_SIZE = 1 << 18  # bytes taken at once: parsed in some 2 ms, without giving up Python's lock
MAX_BULK = 512 << 20  # bytes of one string: the servers' own limit (proto-max-bulk-len)
MAX_REPLY = 1 << 30  # bytes of one reply
MAX_ITEMS = 10_000_000  # values in one reply
MAX_DEPTH = 32  # arrays in each other: servers send at most eight
MAX_LINE = 1 << 20  # bytes of a line, which holds a number or the words of an error
LEAST, LARGEST = -(2**63), 2**63 - 1  # of whole numbers
MAX_WORDS = 1000  # characters of an error that are kept
MANY = 16  # values from which on they are cut together
BREATH, PAUSE = 256, 0.001  # pushes that are read in one go before a reply, and seconds of a pause then
_WORD = b"$%d\r\n%b\r\n"


def pack(commands: Iterable[Sequence[Word]]) -> bytes:
    """Commands as the server reads them. Raises DataError for a word that is neither bytes, text nor a
    number."""
    pieces: list[bytes] = []
    heads: dict[Word, bytes] = {}
    for words in commands:
        key = words[-1]
        if len(words) == 2 and isinstance(key, bytes):  # a name and a key: most of those sent together
            name = words[0]
            head = heads.get(name)
            if head is None:
                raw = _encoded(name)
                head = heads[name] = b"*2\r\n" + _WORD % (len(raw), raw)
            pieces.append(b"%b$%d\r\n%b\r\n" % (head, len(key), key))
            continue
        plain = [word if type(word) is bytes else _encoded(word) for word in words]
        pieces.append(b"*%d\r\n" % len(plain))
        pieces += [_WORD % (len(word), word) for word in plain]
    return b"".join(pieces)


def pack_rows(head: Sequence[bytes], columns: Sequence[Sequence[bytes]] = ()) -> bytes:
    """One command: its first words, then row by row a word of each column (all of one length).

    A row is one formatting, since a million rows are many; columns, since a tuple a row would wake Python's
    garbage collector, which in a QGIS process takes 100 ms for a full round during which the window stands
    still.
    """
    width, rows = len(columns), len(columns[0]) if columns else 0
    parts = [b"*%d\r\n" % (len(head) + width * rows), *[_WORD % (len(w), w) for w in head]]
    if width == 3:
        form = _WORD * 3
        parts += [form % (len(a), a, len(b), b, len(c), c) for a, b, c in zip(*columns)]
    elif width == 2:
        form = _WORD * 2
        parts += [form % (len(a), a, len(b), b) for a, b in zip(*columns)]
    elif width:
        parts += [_WORD % (len(word), word) for row in zip(*columns) for word in row]
    return b"".join(parts)


def pack_keys(name: bytes, keys: Sequence[bytes]) -> bytes:
    """One command of its name and keys. Keys of results are all of one length, which makes it a join."""
    head = b"*%d\r\n" % (len(keys) + 1) + _WORD % (len(name), name)
    sizes = set(map(len, keys))
    if len(sizes) > 1:
        return head + b"".join([_WORD % (len(key), key) for key in keys])
    size = b"$%d\r\n" % sizes.pop()
    return head + size + (b"\r\n" + size).join(keys) + b"\r\n"


def pack_each(name: bytes, keys: Iterable[bytes]) -> bytes:
    """One command of its name and a key for each of the keys."""
    form = (b"*2\r\n" + _WORD % (len(name), name)).replace(b"%", b"%%") + _WORD
    return b"".join([form % (len(key), key) for key in keys])


def _encoded(word: object) -> bytes:
    if isinstance(word, str):
        try:
            return word.encode()
        except UnicodeEncodeError as error:
            raise exceptions.DataError(f"not text: {error}") from error
    if isinstance(word, (bytearray, memoryview, bytes)):
        return bytes(word)
    if isinstance(word, bool) or not isinstance(word, (int, float)):
        raise exceptions.DataError(f"a command cannot hold a {type(word).__name__}")
    return repr(word).encode()


def server_error(words: str) -> Exception:
    """The exception of an error reply."""
    kind = exceptions.NoPermissionError if words.startswith("NOPERM") else exceptions.ResponseError
    error: Exception = kind(words)
    return error


class ReplyReader:
    """The replies of one connection, from what ``receive`` gives.

    Args:
        receive: blocks for at most so many bytes; b"" when the server has closed. Its errors pass.
        on_push: is handed RESP3's pushes; without it they break the protocol, as they do in RESP2.
        error: makes an exception of the words of an error reply.

    Raises:
        ConnectionError when the server has closed, InvalidResponse for what is not the protocol.
    """

    def __init__(
        self,
        receive: Callable[[int], bytes],
        on_push: Optional[Callable[[Push], None]] = None,
        error: Callable[[str], Exception] = server_error,
    ):
        self._receive = receive
        self.on_push = on_push
        self._error = error
        self._buffer = b""
        self._pos = 0
        self._items = 0
        self._bytes = 0

    @property
    def waiting(self) -> bool:
        """Whether something was received that was not read yet."""
        return self._pos < len(self._buffer)

    def read(self) -> Reply:
        """The next reply; an error of the server is returned. Pushes before it are handed over, a flood of
        them with pauses in which the other threads, the window's among them, get Python's lock at once."""
        for pushes in itertools.count(1):
            is_push, value = self.read_any()
            if not is_push:
                return value
            if pushes % BREATH == 0:
                time.sleep(PAUSE)
        raise AssertionError("an endless count has ended")

    def read_any(self) -> tuple[bool, Reply]:
        """(is a push, value) of what comes next; a push has been handed over."""
        self._items = self._bytes = 0
        is_push, value = self._value(0)
        if self._pos == len(self._buffer):
            self._buffer, self._pos = b"", 0
        if is_push:
            if self.on_push is None:
                raise _broken("a push that nobody asked for")
            self.on_push(value)
        return is_push, value

    def add(self, data: bytes) -> None:
        """Add bytes that were received elsewhere than by ``receive``. Raises ConnectionError for b"": the
        server has closed the connection."""
        if not data:
            raise exceptions.ConnectionError("the server closed the connection")
        self._buffer = self._buffer[self._pos :] + data if self._pos < len(self._buffer) else data
        self._pos = 0

    def fill(self) -> None:
        """Receive one more piece."""
        data = self._receive(READ_SIZE)
        self._bytes += len(data)
        if self._bytes > MAX_REPLY:
            raise _broken("a reply without an end")
        self.add(data)

    def take_counts(self, most: int) -> list[Reply]:
        """At most so many replies at the front of what was received that are whole numbers from 0 on, up to
        the first that is anything else; in a tenth of the time of ``read``."""
        lines = self._buffer[self._pos :].split(b"\r\n", most)
        lines.pop()  # what follows, or a line that is not whole
        counts = list(map(COUNTS.__getitem__, lines))
        if -1 in counts:
            del counts[counts.index(-1) :]
        self._pos += sum(map(len, lines[: len(counts)])) + 2 * len(counts)
        return list(counts)

    def starts_with(self, mark: bytes) -> bool:
        """Whether what was received and not read yet starts with these bytes."""
        return self._buffer.startswith(mark, self._pos)

    def take_buffer(self) -> bytes:
        """What was received and not read yet, for whoever cuts it at what it knows of it; it ``puts_back``
        what is left."""
        data = self._buffer[self._pos :] if self._pos else self._buffer
        self._buffer, self._pos = b"", 0
        return data

    def put_back(self, data: bytes) -> None:
        """Give back the unread rest of ``take_buffer``."""
        self._buffer, self._pos = data, 0

    def array_length(self) -> Optional[int]:
        """The length of the array that comes next, whose head is read; None for any other reply, which is
        left as it is."""
        self._items = self._bytes = 0
        line = self._line()
        if line[:1] != b"*" or line == b"*-1":
            self._buffer, self._pos = line + b"\r\n" + self._buffer[self._pos :], 0
            return None
        return self._count(line[1:])

    def _line(self) -> bytes:
        searched = self._pos
        while True:
            end = self._buffer.find(b"\r\n", searched)
            if end >= 0:
                line = self._buffer[self._pos : end]
                self._pos = end + 2
                return line
            have = len(self._buffer) - self._pos
            if have > MAX_LINE:
                raise _broken("a line without an end")
            self.fill()
            searched = max(have - 1, 0)

    def gather(self, size: int) -> None:
        """Receive until so many bytes wait, without copying what is there for every piece."""
        missing = size - (len(self._buffer) - self._pos)
        if missing <= 0:
            return
        pieces = [self._buffer[self._pos :]]
        while missing > 0:
            self._buffer, self._pos = b"", 0
            self.fill()
            pieces.append(self._buffer)
            missing -= len(self._buffer)
        self._buffer, self._pos = b"".join(pieces), 0

    def _bulk(self, size: int) -> bytes:
        self.gather(size + 2)
        end = self._pos + size
        if self._buffer[end : end + 2] != b"\r\n":
            raise _broken("a string longer than it says")
        value = self._buffer[self._pos : end]
        self._pos = end + 2
        return value

    def _value(self, depth: int) -> tuple[bool, Reply]:
        """(is a push, value) of the next thing on the wire."""
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return False, None if rest == b"-1" else self._bulk(_size(rest))
        if kind == b":":
            return False, _integer(rest)
        if kind == b"+":
            return False, rest
        if kind in (b"*", b"~"):
            return False, None if rest == b"-1" else self._array(self._count(rest), depth + 1)
        if kind == b"-":
            return False, self._error(_words(rest))
        return self._value_of_resp3(kind, rest, depth)

    def _value_of_resp3(self, kind: bytes, rest: bytes, depth: int) -> tuple[bool, Reply]:
        if kind == b">":
            if depth:
                raise _broken("a push within a reply")
            return True, self._array(self._count(rest), depth + 1)
        if kind == b"%":
            return False, self._map(self._array(2 * self._count(rest), depth + 1))
        if kind == b"_":
            return False, None
        if kind == b"#":
            return False, rest == b"t"
        if kind == b",":
            return False, _double(rest)
        if kind == b"(":
            return False, _integer(rest)
        if kind == b"!":
            return False, self._error(_words(self._bulk(_size(rest))))
        if kind == b"=":
            return False, self._bulk(_size(rest))[4:]
        raise _broken(f"{(kind + rest)[:40]!r}")

    @staticmethod
    def _map(flat: list[Reply]) -> dict[Reply, Reply]:
        try:
            return dict(zip(flat[::2], flat[1::2]))
        except TypeError as error:
            raise _broken("a map whose keys are no plain values") from error

    def _count(self, digits: bytes) -> int:
        """The length of an array, counted against what a reply may hold."""
        count = _size(digits)
        self._items += count
        if self._items > MAX_ITEMS:
            raise _broken(f"a reply of more than {MAX_ITEMS} values")
        return count

    def _array(self, count: int, depth: int) -> list[Reply]:
        """``count`` values."""
        if depth > MAX_DEPTH:
            raise _broken(f"arrays more than {MAX_DEPTH} deep")
        result: list[Reply] = []
        while len(result) < count:
            result += self._cut_strings(count - len(result))
            result += self._one_by_one(count - len(result), depth)
        return result

    def _cut_strings(self, most: int) -> list[Reply]:
        """The strings at the front of what was received, cut where lines end, in half the time.

        None of them where one is not as long as it says, as its own lines were cut too.
        """
        if most < MANY:
            return []
        parts = self._buffer[self._pos :].split(b"\r\n", 2 * most)
        whole = (len(parts) - 1) // 2 * 2
        strings = parts[1:whole:2]
        if not all(map(eq, map(SIZES.__getitem__, parts[:whole:2]), map(len, strings))):
            return []
        rest = parts[whole:]
        self._pos = len(self._buffer) - sum(map(len, rest)) - 2 * (len(rest) - 1)
        return list(strings)

    def _one_by_one(self, most: int, depth: int) -> list[Reply]:
        """At most so many values, until more is received.

        The loop knows only strings that are there whole, the common case; the rest is left to ``_value``.
        Their sizes are remembered as they are written: there are few different ones.
        """
        result: list[Reply] = []
        append, sizes = result.append, SIZES
        buffer, pos, length = self._buffer, self._pos, len(self._buffer)
        find = buffer.find
        for _ in range(most):
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
            append(self._value(depth)[1])
            if self._buffer is not buffer:
                return result
            pos = self._pos
        self._pos = pos
        return result


class _Sizes(dict[bytes, int]):
    """``$135`` -> 135; -1 for what is no string."""

    def __missing__(self, head: bytes) -> int:
        digits = head[1:]
        size = int(digits) if head[:1] == b"$" and len(digits) < 11 and digits.isdigit() else -1
        if size >= 0 and len(self) < 10_000 and len(head) < 8:
            self[head] = size
        return size


class _Counts(dict[bytes, int]):
    """``:135`` -> 135; -1 for what is no whole number from 0 on."""

    def __missing__(self, line: bytes) -> int:
        digits = line[1:]
        count = int(digits) if line[:1] == b":" and len(digits) < 19 and digits.isdigit() else -1
        if count >= 0 and len(self) < 10_000 and len(line) < 8:
            self[line] = count
        return count


SIZES = _Sizes()
COUNTS = _Counts()


def _broken(words: str) -> Exception:
    error: Exception = exceptions.InvalidResponse(f"Protocol Error: {words}")
    return error


def _size(digits: bytes) -> int:
    """A length. Raises InvalidResponse for one that is negative, no number, or larger than servers send."""
    if len(digits) < 11 and digits.isdigit():
        size = int(digits)
        if size <= MAX_BULK:
            return size
    raise _broken(f"a length of {digits[:40]!r}")


def _integer(digits: bytes) -> int:
    """A whole number of 64 bits. The larger ones of RESP3 are the answer to nothing that is asked here, and
    would overflow where numbers are computed with."""
    if len(digits) <= 20 and digits[digits[:1] in (b"-", b"+") :].isdigit():
        value = int(digits)
        if LEAST <= value <= LARGEST:
            return value
    raise _broken(f"an integer of {digits[:40]!r}")


def _double(words: bytes) -> float:
    try:
        return float(words[:100])
    except ValueError as error:
        raise _broken(f"a number of {words[:40]!r}") from error


def _words(raw: bytes) -> str:
    return raw[: 4 * MAX_WORDS].decode("utf-8", "replace")[:MAX_WORDS]
