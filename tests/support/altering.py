"""A server in between that passes all to a real one, and alters some of its replies: right in their form, wrong in what they
hold. It finds what a server of one answer never reaches: code that has read ten sound replies, and trusts the eleventh.

    with Altering(real.port) as between:
        between.alter(b"XRANGE", seed=3)     # from now on, this way in each reply to XRANGE
        job(between.settings())
"""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter, deque
from typing import Union

from redis_geo_plugin.core.redis.expect import command_name
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from tests.support.listening import stop_listening
from tests.support.shut import shut


class Line(bytes):
    """A reply of one line as it stands on the wire: a status, an error, anything of RESP3."""


class Listed(list):
    """A list, a map or a push, by the sign it begins with."""

    kind = b"*"


Node = Union[bytes, int, None, Line, Listed]
LARGEST, LEAST = 2**63 - 1, -(2**63)
ODD: tuple[Node, ...] = (
    None,
    *(0, 1, -1, 7, LARGEST, LEAST, 2**31),
    *(b"", b"0", b"-1", b"1", b"a", b"\xff\xfe", b"\xed\xa0\x80", b"\x00", b"nan", b"inf", b"-inf", b"1e308", b"9" * 19),
    *(b"9" * 40, b"1e999", b" 1", b"\xd9\xa1", b"{}", b"[]", b"[[]]", b"null", b'{"a":', b"[" * 5000, b"1-1", b"0-0"),
    *(b"9" * 19 + b"-1", b"(", b"*", b"string", b"hash", b"zset", b"stream", b"list", b"set", b"ReJSON-RL", b"TSDB-TYPE"),
    *(b'{"longitude": 1e400, "latitude": [], "lat": {}, "lon": true}', b"POINT (nan inf)", b"x" * 3000),
    *(Line(b"+"), Line(b"+OK"), Line(b"+\xff"), Line(b"-ERR no"), Line(b"-WRONGTYPE no"), Line(b"-ERR \xff <b>"), Line(b"*-1")),
    *(Listed(), Listed([Listed()]), Listed([None]), Listed([b"a"]), Listed([1, b"a", None])),
)  # fmt: skip


def read(file) -> tuple[Node, bool]:
    """The next reply, and whether it is a push. Raises OSError at the end."""
    line = file.readline()
    if not line.endswith(b"\r\n"):
        raise OSError("closed")
    sign, rest = line[:1], line[1:-2]
    if sign == b"$":
        return (None if rest == b"-1" else file.read(int(rest) + 2)[:-2]), False
    if sign == b":":
        return int(rest), False
    if sign in (b"*", b"%", b"~", b">") and rest != b"-1":
        found = Listed(read(file)[0] for _ in range(int(rest) * (2 if sign == b"%" else 1)))
        found.kind = sign
        return found, sign == b">"
    return Line(line[:-2]), False


def packed(node: Node) -> bytes:
    """A reply as it stands on the wire."""
    if isinstance(node, Line):
        return node + b"\r\n"
    if node is None:
        return b"$-1\r\n"
    if isinstance(node, bytes):
        return b"$%d\r\n%b\r\n" % (len(node), node)
    if isinstance(node, int):
        return b":%d\r\n" % node
    size = len(node) // 2 if node.kind == b"%" else len(node)
    return node.kind + b"%d\r\n" % size + b"".join(map(packed, node))


def _places(node: Node) -> list[tuple[Listed, int]]:
    """Every value within a list, at any depth, by its list and place."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Listed):
            found += [(one, at) for at in range(len(one))]
            waiting += one
    return found


def altered(reply: Node, chance: random.Random) -> Node:
    """The same reply with one thing wrong."""
    places = _places(reply)
    if not places or chance.random() < 0.2:
        return chance.choice(ODD)
    within, at = chance.choice(places)
    way = chance.random()
    if way < 0.65 or within.kind == b"%":
        within[at] = chance.choice(ODD)
    elif way < 0.8:
        del within[at]
    elif way < 0.9:
        within.insert(at, chance.choice(ODD))
    else:
        within[at : at + 1] = [within[at]] * 2
    return reply


class Altering:
    """Listens on ``port``; ``asked`` counts the commands that passed, by name."""

    def __init__(self, target: int):
        self._target = target
        self._name, self._chance, self._only_first = b"", random.Random(), False
        self.asked: Counter[bytes] = Counter()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def settings(self, **more) -> ConnectionSettings:
        return ConnectionSettings(name="test", host="127.0.0.1", port=self.port, **more)

    def alter(self, name: bytes, seed: int) -> None:
        """Alter the replies to this command; b"" for none. Of every other seed only the first one."""
        self._name, self._chance, self._only_first = name, random.Random(seed), bool(seed % 2)
        self.asked.clear()

    def __enter__(self) -> Altering:
        return self

    def __exit__(self, *_error) -> None:
        stop_listening(self._listener)
        for one in list(self._sockets):
            shut(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            self._sockets |= {near, far}
            owed: deque[bytes] = deque()
            for work in (self._ask, self._answer):
                threading.Thread(target=self._ended, args=(work, near, far, owed), daemon=True).start()

    def _ended(self, work, near: socket.socket, far: socket.socket, owed: deque[bytes]) -> None:
        try:
            work(near, far, owed)
        except (OSError, ValueError):
            pass
        finally:
            for one in (near, far):
                shut(one)
                self._sockets.discard(one)

    def _ask(self, near: socket.socket, far: socket.socket, owed: deque[bytes]) -> None:
        with near.makefile("rb") as file:
            while True:
                words, _ = read(file)
                name = command_name(words)
                self.asked[name] += 1
                owed.append(name)
                far.sendall(packed(words))

    def _answer(self, near: socket.socket, far: socket.socket, owed: deque[bytes]) -> None:
        with far.makefile("rb") as file:
            while True:
                reply, is_push = read(file)
                name = b"" if is_push or not owed else owed.popleft()
                if name and name == self._name:
                    if not (self._only_first and self.asked[b"altered"]):
                        reply = altered(reply, self._chance)
                    self.asked[b"altered"] += 1
                near.sendall(packed(reply))
