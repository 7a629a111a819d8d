"""Connections borrowed from a client's pool, for commands whose bytes and replies are handled here and not
by redis-py.

    with borrowed(client) as connection:        # a Taken
        replies = connection.ask([("ZCARD", key), ("STRLEN", other)])

A borrowed connection sends only what the production gate passes. After any error it is closed, since a
reply may still be on its way and must not reach the next command; else it goes back to the pool. ``run``
also tries again as the client would.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Optional, TypeVar

from . import production
from .closings import Trial, persist
from .doors import TimedClient
from .expect import Expected, command_name, is_count
from .protocol import READ_SIZE, Push, ReplyReader, pack
from .redispy import exceptions
from .sockets import TimedSocket
from .types import Reply, Word

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

    from .connections import TimedConnection

Answer = TypeVar("Answer")


class Taken:
    """A connection taken from a pool: commands sent ahead of their replies, replies read at will, pushes
    heard.

    For one thread, but for ``close`` and ``wake``. Outside a call each method is a call by itself.
    """

    def __init__(self, client: TimedClient, on_push: Optional[Callable[[Push], None]] = None):
        self.door = client.door
        self.pool = client.connection_pool
        self._on_push = on_push
        self._owner = threading.get_ident()
        self._passed: set[bytes] = set()
        self._closings = self.door.lines.closings
        with self.door.call():
            self.connection: TimedConnection = self.pool.get_connection()
            self.ensure()

    @property
    def reader(self) -> ReplyReader:
        """What parses the replies. Raises ConnectionError once the connection is closed."""
        reader: Optional[ReplyReader] = self.connection.reader
        if reader is None:
            raise exceptions.ConnectionError("the connection was closed")
        return reader

    @property
    def _socket(self) -> TimedSocket:
        sock: Optional[TimedSocket] = self.connection.timed_socket
        if sock is None:
            raise exceptions.ConnectionError("the connection was closed")
        return sock

    @property
    def _may_be_locked(self) -> bool:
        """Whether the connection is one of production by now, which may be locked at any time."""
        return production.is_production(self.door.settings)

    def _must_be_open(self) -> None:
        """Raises ConnectionError once it is closed."""
        self._socket.fileno()

    def ensure(self) -> None:
        """Connect anew where the connection was closed."""
        if self.connection.timed_socket is None:
            self.connection.connect()
        self.reader.on_push = self._on_push

    def send(self, packed: bytes) -> None:
        """Send packed commands that ``check`` has passed."""
        self._must_be_open()  # redis-py would connect anew, without what was agreed on this connection
        with self.door.call():
            self.connection.send_packed_command([packed], check_health=False)

    def check(self, words: Sequence[Word]) -> None:
        """Ask the production gate about a command, once per command name. Raises StoreError (PRODUCTION)."""
        name = command_name(words)
        if name not in self._passed or self._may_be_locked:
            self.door.check(words)
            self._passed.add(name)

    def ask(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send commands in one write. Returns their replies in order, checked for their types; the error of a
        refused command stands in its place.

        Where the connection is lost at one that ``closings`` knows, all are sent again on a new one: what is
        agreed on a connection (HELLO) and what needs it belong into one call.
        """
        if not commands:
            return []
        names = [command_name(words) for words in commands]
        if self._may_be_locked or not self._passed.issuperset(names):
            for name, words in zip(names, commands):
                if name not in self._passed or self._may_be_locked:
                    self.check(words)
        with self.door.call() as call:
            return persist(lambda: self._in_steps(commands, names, call.trial))

    def _in_steps(self, commands: Sequence[Sequence[Word]], names: list[bytes], trial: Trial) -> list[Reply]:
        """All commands in one write, or in doubt in several. Raises ClosedAt, with a new connection."""
        replies: list[Reply] = []
        for step in trial.steps(names):
            together = slice(len(replies), len(replies) + step)
            try:
                replies += self._ask(commands[together], names[together])
            except exceptions.ConnectionError as error:
                closed = self._closings.lost(trial, names[together], error)
                if closed is None:
                    raise
                self.disconnect()
                self.ensure()  # raises where the server is away
                raise closed from error
        return replies

    def _ask(self, commands: Sequence[Sequence[Word]], names: list[bytes]) -> list[Reply]:
        """Send the commands, but for those at which the server closes. Returns all replies in order."""
        replies: list[Reply] = []
        refused = self._closings.among(names)
        expected, sent, sent_names = Expected(), commands, names
        if refused:
            sent = [words for name, words in zip(names, commands) if name not in refused]
            sent_names = [name for name in names if name not in refused]
        expected.sent_all(sent_names, sent)
        if sent:
            self.send(pack(sent))
        reader = self.reader
        if not refused and is_count(names[0]) and names.count(names[0]) == len(names):
            return self._counts(len(names), expected)
        for name in names:
            if refused and name in refused:
                replies.append(refused[name])
                continue
            reply = reader.read()
            if isinstance(reply, exceptions.ConnectionError):  # LOADING, too many clients
                raise reply
            expected.answered(reply)
            replies.append(reply)
        return replies

    def _counts(self, wanted: int, expected: Expected) -> list[Reply]:
        """The replies to commands of one name whose right replies are counts; these are cut together."""
        reader = self.reader
        replies: list[Reply] = []
        in_pieces = True
        while len(replies) < wanted:
            if in_pieces:
                counts = reader.take_counts(wanted - len(replies))
                expected.counted(len(counts))
                replies += counts
                if len(replies) == wanted:
                    break
            reply = reader.read()
            if isinstance(reply, exceptions.ConnectionError):
                raise reply
            expected.answered(reply)
            replies.append(reply)
            in_pieces = isinstance(reply, int)  # else others like it may follow
        return replies

    def read(self, expected: Optional[Expected] = None) -> Reply:
        """Read the next reply and check it against what was asked. An error of the server is returned."""
        with self.door.call():
            reply = self.reader.read()
            if isinstance(reply, exceptions.ConnectionError):  # LOADING, too many clients
                raise reply
            if expected is not None:
                expected.answered(reply)
            return reply

    def read_counts(self, wanted: int, expected: Expected) -> list[Reply]:
        """Read so many replies that are counts, or the errors of the server in their place."""
        with self.door.call():
            return self._counts(wanted, expected)

    def receive_within(self, seconds: float) -> int:
        """Take what comes within so many seconds to the reader. Returns how many bytes, 0 when nothing does.
        Raises ConnectionError at the end."""
        reader = self.reader
        with self.door.call():
            data = self._socket.recv_within(READ_SIZE, seconds)
        if data is None:
            return 0
        reader.add(data)
        return len(data)

    def receive_in_large_pieces(self) -> None:
        """Enlarge the receive buffer, so that whole replies come in few reads: each read waits for Python's
        lock."""
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * READ_SIZE)
        except OSError:
            pass

    def fileno(self) -> int:
        """For ``select``."""
        return int(self._socket.fileno())

    def wake(self) -> None:
        """Wake whoever waits on the connection, from any thread; the wait ends with an error."""
        self.connection.wake()

    def give_back(self) -> None:
        """Return the connection to the pool."""
        self.pool.release(self.connection)

    def disconnect(self) -> None:
        """Close it; ``ensure`` opens it again."""
        self.connection.disconnect()

    def close(self) -> None:
        """Close the connection for good, from any thread. Whoever waits on it is woken; its own thread also
        frees it."""
        self.wake()
        if threading.get_ident() == self._owner:
            self.disconnect()


@contextmanager
def borrowed(client: TimedClient) -> Iterator[Taken]:
    """A connection for a while, all of it within one call of the client (unless the caller has one already).

    Not for a generator that yields meanwhile: the call would be that of whoever runs it.
    """
    with client.door.call(callers_code=True):
        connection = Taken(client)
        try:
            yield connection
        except BaseException:
            connection.disconnect()
            raise
        finally:
            connection.give_back()


def run(client: TimedClient, work: Callable[[Taken], Answer]) -> Answer:
    """Call ``work`` with a borrowed connection and return its result. Retries after a lost connection as the
    client does."""
    with borrowed(client) as connection:

        def attempt() -> Answer:
            connection.ensure()
            return work(connection)

        answer: Answer = connection.connection.retry.call_with_retry(
            attempt, lambda _: connection.disconnect()
        )
        return answer


def can_borrow(client: object) -> TypeGuard[TimedClient]:
    """Whether this is a client of one server: those of clusters have a pool for each node, pipelines none."""
    return isinstance(client, TimedClient)
