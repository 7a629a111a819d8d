"""A server that misbehaves: half a hundred ways in which what stands at an address is not the Redis that one hoped for.

    with Misbehaving(BEHAVIOURS["drips a byte now and then"]) as server:
        probe(server.settings())

Each behaviour has a sentence as its name. Most log a client in as a server does, then answer every other command in their way.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Callable

from redis_geo_plugin.core.redis.settings import ConnectionSettings, Deployment
from tests.support.listening import stop_listening
from tests.support.servers import WITH_US

ROOT = Path(__file__).resolve().parents[2]

LOGIN = {b"AUTH", b"CLIENT", b"SELECT", b"READONLY", b"ECHO"}
DRIP = 0.05  # seconds between two bytes


class Session:
    """One connection: commands are read, bytes are sent. ``ended`` once the test is over."""

    def __init__(self, sock: socket.socket, ended: threading.Event):
        self.socket, self.ended = sock, ended
        self.commands = 0
        self._file = sock.makefile("rb")

    def command(self) -> list[bytes]:
        """The next command. Raises OSError at the end of the connection."""
        head = self._file.readline()
        if not head.startswith(b"*"):
            raise OSError("closed")
        words = []
        for _ in range(int(head[1:])):
            size = int(self._file.readline()[1:])
            words.append(self._file.read(size + 2)[:-2])
        self.commands += 1
        return words

    def asked(self) -> list[bytes]:
        """The next command that is none of a login; those are answered as a server does."""
        while True:
            words = self.command()
            if words[0].upper() not in LOGIN:
                return words
            self.send(b"+OK\r\n")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hang(self) -> None:
        """Say nothing until the test is over or the client gives up."""
        self.socket.settimeout(0.2)
        while not self.ended.is_set():
            try:
                if not self.socket.recv(1 << 16):
                    return
            except socket.timeout:
                continue

    def drip(self, data: bytes) -> None:
        """Byte by byte, for ever."""
        for byte in itertools.cycle(data):
            self.send(bytes([byte]))
            if self.ended.wait(DRIP):
                return


Behaviour = Callable[[Session], None]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(sentence: str) -> Callable[[Behaviour], Behaviour]:
    """Registers a behaviour under its sentence."""

    def register(function: Behaviour) -> Behaviour:
        BEHAVIOURS[sentence] = function
        return function

    return register


class Place:
    """How a server on ``port`` is reached."""

    port: int

    def settings(self, **more) -> ConnectionSettings:
        return ConnectionSettings(name="test", host="127.0.0.1", port=self.port, **more)

    def cluster_settings(self) -> ConnectionSettings:
        return self.settings(deployment=Deployment.CLUSTER)


class Elsewhere(Place):
    """A server of the behaviour with this sentence in a process of its own, which shares no lock of Python with the test's."""

    def __init__(self, sentence: str):
        words = (*WITH_US, sys.executable, "-m", __name__, sentence)
        self._process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *_error) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


class Misbehaving(Place):
    """A listening server of one behaviour, a thread for each connection."""

    def __init__(self, behaves: Behaviour):
        self._behaves = behaves
        self._ended = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        session = Session(sock, self._ended)
        session.port = self.port
        try:
            self._behaves(session)
        except (OSError, ValueError):
            pass  # the client has gone
        finally:
            self._sockets.discard(sock)
            try:
                sock.shutdown(socket.SHUT_RDWR)  # the reading file holds it open else
            except OSError:
                pass
            sock.close()

    def __enter__(self) -> Misbehaving:
        return self

    def __exit__(self, *_error) -> None:
        self._ended.set()
        stop_listening(self._listener)
        for sock in list(self._sockets):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


# -- before anything was asked --------------------------------------------------------------------------------


@behaviour("accepts and says nothing")
def says_nothing(session: Session) -> None:
    session.hang()


@behaviour("closes at once")
def closes_at_once(session: Session) -> None:
    del session


@behaviour("is a web server")
def is_a_web_server(session: Session) -> None:
    session.socket.recv(1000)
    session.send(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html><b>no</b></html>")


@behaviour("is a web server that speaks first")
def speaks_first(session: Session) -> None:
    session.send(b"220 mail.example ESMTP ready\r\n")
    session.hang()


@behaviour("answers with a TLS alert")
def answers_with_an_alert(session: Session) -> None:
    session.socket.recv(1000)
    session.send(b"\x15\x03\x03\x00\x02\x02\x28")


@behaviour("sends rubbish without an end")
def sends_rubbish(session: Session) -> None:
    rubbish = os.urandom(1 << 16)
    while not session.ended.is_set():
        session.send(rubbish)


@behaviour("sends a line without an end")
def sends_an_endless_line(session: Session) -> None:
    session.asked()
    session.send(b"+")
    while not session.ended.is_set():
        session.send(b"x" * (1 << 16))


@behaviour("drips a byte now and then")
def drips_at_login(session: Session) -> None:
    session.socket.recv(1000)
    session.drip(b"+OKOKOKOK")


# -- in the middle --------------------------------------------------------------------------------------------


@behaviour("closes after the login")
def closes_after_the_login(session: Session) -> None:
    session.asked()


@behaviour("answers PING and nothing else")
def answers_only_ping(session: Session) -> None:
    while session.asked()[0].upper() == b"PING":
        session.send(b"+PONG\r\n")
    session.hang()


def cut(sentence: str, data: bytes, after: str) -> None:
    """A reply that is begun, then ``after``: hang, close or drip."""

    @behaviour(sentence)
    def serve(session: Session) -> None:
        while session.asked()[0].upper() == b"PING":
            session.send(b"+PONG\r\n")
        session.send(data)
        if after == "hang":
            session.hang()
        elif after == "drip":
            session.drip(b"x")


cut("sends half a string, then nothing", b"$100\r\nabc", "hang")
cut("sends half a string, then closes", b"$100\r\nabc", "close")
cut("drips the bytes of a string", b"$1000000\r\n", "drip")
cut("sends half a list, then nothing", b"*3\r\n$1\r\na\r\n", "hang")
cut("drips the values of a list", b"*1000000\r\n$1000000\r\n", "drip")
cut("sends half a length", b"$12", "hang")


# -- the same answer to everything ----------------------------------------------------------------------------


def constant(sentence: str, reply: bytes) -> None:
    """Answers each command with the same bytes."""

    @behaviour(sentence)
    def serve(session: Session) -> None:
        while True:
            words = session.asked()
            session.send(b"+PONG\r\n" if words[0].upper() == b"PING" else reply)


constant("gives a string a negative length", b"$-5\r\n")
constant("gives a string an absurd length", b"$99999999999999999999\r\nx\r\n")
constant("gives a string half a terabyte", b"$549755813888\r\nx\r\n")
constant("gives a length that is no number", b"$abc\r\nabc\r\n")
constant("gives a list a negative length", b"*-7\r\n")
constant("gives a list an absurd length", b"*9999999999\r\n")
constant("gives a string more bytes than it says", b"$3\r\nabcdefgh\r\n")
constant("nests lists a hundred thousand deep", b"*1\r\n" * 100_000 + b":1\r\n")
constant("answers everything with OK", b"+OK\r\n")
constant("answers everything with one", b":1\r\n")
constant("answers everything with a huge number", b":9223372036854775807\r\n")
constant("answers everything with a number below zero", b":-3\r\n")
constant("answers everything with nothing", b"$-1\r\n")
constant("answers everything with an empty list", b"*0\r\n")
constant("answers everything with no list", b"*-1\r\n")
constant("answers everything with bytes that are no text", b"$4\r\n\xff\xfe\x00\x80\r\n")
constant("answers everything with a list of lists", b"*2\r\n*1\r\n:1\r\n*1\r\n*0\r\n")
constant("answers everything with words", b"*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n")
constant("answers with a map of RESP3", b"%1\r\n$1\r\na\r\n:1\r\n")
constant("answers with a null, a truth and a double of RESP3", b"_\r\n#t\r\n,1.5\r\n")
constant("pushes what nobody asked for", b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n+OK\r\n")
constant("answers twice", b"+OK\r\n+OK\r\n")
constant("answers with a cursor that never ends", b"*2\r\n$2\r\n17\r\n*1\r\n$3\r\nkey\r\n")
constant("names keys that are no strings", b"*2\r\n$1\r\n0\r\n*2\r\n:5\r\n*0\r\n")
constant("says that it is loading", b"-LOADING Redis is loading the dataset in memory\r\n")
constant("says that it is busy", b"-BUSY Redis is busy running a script\r\n")
constant("says that its primary is down", b"-MASTERDOWN Link with MASTER is down\r\n")
constant("asks for a password in the middle", b"-NOAUTH Authentication required.\r\n")
constant("allows nothing", b"-NOPERM this user has no permissions\r\n")
constant("sends every command to itself", b"-MOVED 0 ?:1\r\n")
constant("sends every command into the void", b"-MOVED 99999 nowhere.invalid:99999\r\n")
constant("asks to ask elsewhere, for ever", b"-ASK 5 127.0.0.1:1\r\n")
constant("knows no command", b"-ERR unknown command\r\n")
constant("explains itself in a megabyte of HTML", b"-ERR <img src='x'>" + b"<b>no</b>" * 110_000 + b"\r\n")
constant("explains itself in bytes that are no text", b"-ERR \xff\xfe\x00 \x1b[31m\r\n")
constant("is out of memory", b"-OOM command not allowed when used memory > 'maxmemory'.\r\n")


# -- almost right ---------------------------------------------------------------------------------------------

RIGHT = {
    b"PING": b"+PONG\r\n",
    b"TYPE": b"+string\r\n",
    b"EXISTS": b":1\r\n",
    b"DBSIZE": b":5\r\n",
    b"STRLEN": b":5\r\n",
    b"ZCARD": b":5\r\n",
    b"SCAN": b"*2\r\n$1\r\n0\r\n*1\r\n$9\r\nlocations\r\n",
    b"INFO": b"$22\r\nredis_version:7.0.15\r\n\r\n",
    b"MULTI": b"+OK\r\n",
    b"TIME": b"*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n",
}


def almost(sentence: str, **replies: bytes) -> None:
    """A server that is right but for some commands, by name; ``other`` answers what is unknown."""
    other = replies.pop("other", b"$-1\r\n")
    named = {**RIGHT, **{name.encode(): reply for name, reply in replies.items()}}

    @behaviour(sentence)
    def serve(session: Session) -> None:
        while True:
            session.send(named.get(session.asked()[0].upper(), other))


almost("counts in a cursor for ever", SCAN=b"*2\r\n$2\r\n17\r\n*0\r\n", HSCAN=b"*2\r\n$1\r\n3\r\n*0\r\n", ZSCAN=b"*2\r\n$1\r\n3\r\n*0\r\n")  # fmt: skip
almost(
    "lies about types",
    TYPE=b"+zset\r\n",
    other=b"-WRONGTYPE Operation against a key holding the wrong kind\r\n",
)
almost(
    "says rubbish about itself",
    INFO=b"$30\r\nredis_version\r\n\xff:\r\n:::\r\nused=\r\n\r\n",
    CONFIG=b"*1\r\n$1\r\na\r\n",
)
almost(
    "says numbers about itself that are none",
    INFO=b"$46\r\nused_memory:x\r\nconnected_clients:-\r\ndb0:keys=z\r\n\r\n",
)
almost("gives fewer values than keys", MGET=b"*0\r\n", HMGET=b"*0\r\n", ZMSCORE=b"*0\r\n")
almost(
    "gives more values than keys", MGET=b"*9\r\n" + b"$1\r\na\r\n" * 9, HMGET=b"*9\r\n" + b"$1\r\na\r\n" * 9
)
almost("finds members that are no members", GEOSEARCH=b"*2\r\n:1\r\n*1\r\n:2\r\n", ZRANGEBYSCORE=b"*1\r\n$1\r\na\r\n", TYPE=b"+zset\r\n")  # fmt: skip
almost("finds members beyond the earth", GEOSEARCH=b"*1\r\n*2\r\n$1\r\na\r\n:99999999999999999\r\n", TYPE=b"+zset\r\n",
       ZRANGEBYSCORE=b"*2\r\n$1\r\na\r\n$5\r\n1e308\r\n", ZSCAN=b"*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n$3\r\nnan\r\n",
       ZSCORE=b"$3\r\ninf\r\n", ZRANGE=b"*2\r\n$1\r\na\r\n$4\r\n-inf\r\n")  # fmt: skip
almost("numbers entries of streams with words", XRANGE=b"*1\r\n*2\r\n$3\r\nnow\r\n*0\r\n", XREVRANGE=b"*1\r\n*2\r\n:5\r\n*0\r\n",
       XREADGROUP=b"*1\r\n*2\r\n$1\r\ns\r\n:5\r\n", TYPE=b"+stream\r\n")  # fmt: skip
NONE_YET = {"TYPE": b"+none\r\n", "ZCARD": b"+QUEUED\r\n"}  # so that a set is loaded under the name
almost("loses transactions", EXEC=b"*-1\r\n", other=b"+QUEUED\r\n", **NONE_YET)
almost("answers transactions with something else", EXEC=b"*1\r\n:1\r\n", other=b"+QUEUED\r\n", **NONE_YET)
almost("tells a layout of rubbish", CLUSTER=b"*2\r\n$1\r\nx\r\n:5\r\n")
almost(
    "tells a layout with slots that there are not",
    CLUSTER=b"*1\r\n*3\r\n:0\r\n:99999999\r\n*2\r\n$1\r\n?\r\n:1\r\n",
)


@behaviour("answers the question before")
def answers_the_question_before(session: Session) -> None:
    before = b"+OK\r\n"
    while True:
        words = session.asked()
        session.send(before)
        before = RIGHT.get(words[0].upper(), b"$-1\r\n")


@behaviour("invalidates unknown keys by the million")
def invalidates_by_the_million(session: Session) -> None:
    numbers = itertools.count()
    while True:
        name = session.asked()[0].upper()
        session.send(b"%0\r\n" if name == b"HELLO" else RIGHT.get(name, b"$-1\r\n"))
        if name == b"HELLO":
            while not session.ended.is_set():
                keys = [b"k%d" % next(numbers) for _ in range(2000)]
                session.send(
                    b"".join(b">2\r\n$10\r\ninvalidate\r\n*1\r\n$%d\r\n%b\r\n" % (len(k), k) for k in keys)
                )


almost("is a cluster that has no slots", CLUSTER=b"*0\r\n")
_ENTRY = b"*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n"
almost("tells the same entries of a stream for ever", TYPE=b"+stream\r\n", XLEN=b":5\r\n", XRANGE=b"*500\r\n" + 500 * _ENTRY,
       XREVRANGE=b"*1000\r\n" + 1000 * _ENTRY, XREAD=b"*1\r\n*2\r\n$1\r\ns\r\n*1000\r\n" + 1000 * _ENTRY)  # fmt: skip
almost("tells the same entries of a list for ever", TYPE=b"+list\r\n", LLEN=b":5\r\n", LINDEX=b"$1\r\na\r\n",
       LRANGE=b"*500\r\n" + 500 * b"$1\r\na\r\n")  # fmt: skip


@behaviour("publishes on channels what is no message")
def publishes_no_messages(session: Session) -> None:
    odd = (b"*2\r\n:1\r\n:2\r\n", b":5\r\n", b"_\r\n", b"*0\r\n", b"$7\r\nmessage\r\n", b"$2\r\n\xff\xfe\r\n")
    while True:
        name = session.asked()[0].upper()
        session.send(b"%0\r\n" if name == b"HELLO" else RIGHT.get(name, b"$-1\r\n"))
        if name.endswith(b"SUBSCRIBE"):
            for kind in (b"$7\r\nmessage\r\n", b"$8\r\npmessage\r\n", *odd):
                for length in range(5):
                    session.send(b">%d\r\n" % (length + 1) + kind + b"".join((*odd, *odd)[:length]))
                    session.send(b">%d\r\n" % (length + 1) + kind + length * b":7\r\n")


@behaviour("is a cluster whose layout points into the void")
def points_into_the_void(session: Session) -> None:
    slots = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n"
    while True:
        name = session.asked()[0].upper()
        session.send(slots if name == b"CLUSTER" else RIGHT.get(name, b"$-1\r\n"))


@behaviour("is a cluster that sends each command round in a circle")
def sends_round_in_a_circle(session: Session) -> None:
    while True:
        name = session.asked()[0].upper()
        if name == b"CLUSTER":
            session.send(b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$1\r\n?\r\n:%d\r\n" % session.port)
        elif name == b"PING":
            session.send(b"+PONG\r\n")
        else:
            session.send(b"-MOVED 5 ?:%d\r\n" % session.port)


if __name__ == "__main__":
    print(Misbehaving(BEHAVIOURS[sys.argv[1]]).port, flush=True)
    threading.Event().wait()
