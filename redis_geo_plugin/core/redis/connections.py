"""redis-py's connections and pools, kept to the rules of this house: the only file that names their
internals.

What is put in the place of redis-py's own, on every connection whatever client it belongs to: the socket
ends its waits with the call it belongs to (``sockets``) the packer    packs a command in one piece, and
notes what was asked (``protocol``, ``expect``) the parser    checks lengths, depth and types
(``protocol``), then the reply against what was asked (``expect``) The clients and pipelines above them are
in ``doors``.

``tests/unit/redis/test_connections.py`` fails when a new redis-py loses one of the internals used here.
"""

from __future__ import annotations

import itertools
import re
import socket
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Optional, Union

from .calls import Call, CallLimits, Lines, current
from .closings import Trial, persist
from .expect import Expected, command_name
from .protocol import READ_SIZE, ReplyReader, pack
from .redispy import (
    BaseParser,
    Connection,
    ConnectionPool,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
    SSLConnection,
    UnixDomainSocketConnection,
    exceptions,
)
from .sockets import Connecting, TimedSocket, connect
from .tls import AlertSocket
from .types import Reply, Word

_REDIRECTED = re.compile(r"(MOVED|ASK) (\d{1,5}) (.*):(\d{1,5})(?:@.*)?")
NOBODY = (None, b"", b"?")  # a host that the server does not know: the node that was asked
SEVERAL = 1 << 20  # bytes of packed commands handed to the socket at once


class _Packed(list[bytes]):
    """Packed commands, and what was asked with them: the commands, and the name and length of each."""

    commands: Sequence[Sequence[Word]] = ()
    asked: tuple[tuple[bytes, int], ...] = ()

    @property
    def names(self) -> list[bytes]:
        """The names of the commands."""
        return [name for name, _ in self.asked]


def _packed(commands: Iterable[Sequence[Word]]) -> _Packed:
    result, together, size, asked = _Packed(), [], 0, []
    result.commands = commands = list(commands)
    for words in commands:
        first = words[0]
        if (isinstance(first, str) and " " in first) or (isinstance(first, bytes) and b" " in first):
            split = (*first.split(), *words[1:])  # redis-py names a subcommand with its command
        else:
            split = tuple(words)
        piece = pack([split])
        asked.append((command_name(split), len(split)))
        together.append(piece)
        size += len(piece)
        if size > SEVERAL:
            result.append(b"".join(together))
            together, size = [], 0
    if together:
        result.append(b"".join(together))
    result.asked = tuple(asked)
    return result


def _pieces(command: _Packed, trial: Trial, refused: dict[bytes, Exception]) -> deque[_Packed | Exception]:
    """What is sent at once and what later, with the answers to what is not sent, in order."""
    pieces: deque[_Packed | Exception] = deque()
    places = iter(range(len(command.commands)))
    for step in trial.steps(command.names):
        piece: list[Sequence[Word]] = []
        for place in itertools.islice(places, step):
            refusal = refused.get(command.asked[place][0])
            if refusal is None:
                piece.append(command.commands[place])
                continue
            pieces += [_packed(piece), refusal] if piece else [refusal]
            piece = []
        if piece:
            pieces.append(_packed(piece))
    return pieces


class _Packer:
    """In the place of redis-py's packer."""

    @staticmethod
    def pack(*words: Word) -> _Packed:
        return _packed([words])


class _Parser:
    """In the place of redis-py's parser."""

    def __init__(self, expected: Expected):
        self._expected = expected
        self._socket: Optional[TimedSocket] = None
        self.reader: Optional[ReplyReader] = None

    def on_connect(self, connection: Reply) -> None:
        """A connection was made."""
        sock: TimedSocket = connection._sock
        self._socket = sock
        self.reader = ReplyReader(sock.recv, error=lambda words: _error(words, _host(connection)))

    def on_disconnect(self) -> None:
        """Reset the state of a connection that was closed."""
        self._socket = self.reader = None
        self._expected.clear()

    def can_read(self, timeout: float = 0, **_: object) -> bool:
        """Whether something has come, or comes within this time."""
        if self.reader is None or self._socket is None:
            return False
        if not self.reader.waiting:
            data = self._socket.recv_within(READ_SIZE, timeout or 0.0)
            if data is None:
                return False
            self.reader.add(data)
        return True

    def read_response(self, disable_decoding: bool = False, **_: object) -> Reply:
        """The next reply; an error as an exception, one that ends the connection raised."""
        del disable_decoding
        if self.reader is None:
            raise exceptions.ConnectionError("the connection was closed")
        reply = self.reader.read()
        if isinstance(reply, exceptions.ConnectionError):
            raise reply
        return reply


def _host(connection: object) -> str:
    return str(getattr(connection, "host", "") or "")


def _error(words: str, asked: str) -> Exception:
    """The exception of an error reply; a redirection to nobody is one to the node that was asked."""
    found = _REDIRECTED.fullmatch(words)
    if found is not None:
        kind, slot, host, port = found.groups()
        words = f"{kind} {slot} {asked if host in ('', '?') else host}:{port}"
    elif words.startswith(("MOVED", "ASK")):
        return _plain_error(words)
    try:
        error: Exception = BaseParser.parse_error(words)
    except (ValueError, TypeError, LookupError):
        return _plain_error(words)
    return error


def _plain_error(words: str) -> Exception:
    error: Exception = exceptions.ResponseError(words)
    return error


def _with_hosts(slots: Reply, asked: str) -> Reply:
    """A reply of CLUSTER SLOTS with the node that was asked in the place of hosts that it does not know."""
    host = asked.encode()
    for row in slots:
        for node in row[2:]:
            if node[0] in NOBODY:
                node[0] = host
    return slots


class _Timed:
    """Mixed into each of redis-py's connections. ``limits`` and ``lines`` are those of its Door."""

    _sock: Optional[TimedSocket]

    def __init__(self, *, limits: CallLimits, lines: Lines, **options: object):
        self._limits = limits
        self._lines = lines
        self._expected = Expected()
        self._sent: list[bytes] = []  # the names of what was sent together last
        self._later: deque[Union[_Packed, Exception]] = deque()  # what is not sent yet, and answers without
        options.pop("parser_class", None)
        super().__init__(command_packer=_Packer(), **options)  # type: ignore[call-arg]

    def set_parser(self, parser_class: type) -> None:
        """Whatever redis-py asks for, it is ours."""
        del parser_class
        self._parser = _Parser(self._expected)

    def _connect(self) -> Any:
        with Call(self._limits, self._lines) as call:
            try:
                return TimedSocket(super()._connect(), self._limits, self._lines)  # type: ignore[misc]
            finally:
                call.waits_on(None)

    def connect(self) -> None:
        """Connect and log in, within one call. No PING before: it would connect again where it fails."""
        with Call(self._limits, self._lines):
            persist(partial(self.connect_check_health, check_health=False))  # type: ignore[attr-defined]

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send what ``pack_command`` or ``pack_commands`` gave, or bytes whose replies are read by the
        caller."""
        call = current()
        if call is None:
            with Call(self._limits, self._lines):
                self.send_packed_command(command, check_health)
            return
        if not self._sock:
            self.connect()
        if check_health:
            self.check_health()  # type: ignore[attr-defined]
        if not isinstance(command, _Packed):
            super().send_packed_command(command, check_health=False)  # type: ignore[misc]
            return
        names = command.names  # MULTI and EXEC belong together, with what is between them
        refused = {} if b"MULTI" in names else self._lines.closings.among(names)
        if refused or call.trial.doubted:
            self._later = _pieces(command, call.trial, refused)
        else:
            self._send(command)

    def _send(self, command: _Packed) -> None:
        self._sent = command.names
        for name, length in command.asked:
            self._expected.sent(name, length)
        super().send_packed_command(command, check_health=False)  # type: ignore[misc]

    def read_response(self, *words: object, **options: object) -> Reply:
        """The next reply. One of another type than was asked for is UnexpectedReply, and the connection is
        closed."""
        if current() is None:
            with Call(self._limits, self._lines):
                return self._read(*words, **options)
        return self._read(*words, **options)

    def _read(self, *words: object, **options: object) -> Reply:
        if self._later and self._expected.all_answered:
            later = self._later.popleft()
            if isinstance(later, Exception):
                raise later
            self._send(later)
        layout = self._expected.next_is == b"CLUSTER|SLOTS"
        try:
            reply = super().read_response(*words, **options)  # type: ignore[misc]
            self._expected.answered(reply)
        except exceptions.ResponseError as error:
            self._expected.answered(error)
            raise
        except BaseException as error:  # a reply may still be on its way, and must not reach the next command
            self.disconnect()
            call = current()
            closed = call and self._lines.closings.lost(call.trial, self._sent, error)
            if closed:
                raise closed from error
            raise
        return _with_hosts(reply, _host(self)) if layout else reply

    def pack_commands(self, commands: Iterable[Sequence[Word]]) -> _Packed:
        """Commands to be sent in one go."""
        return _packed(commands)

    def disconnect(self, *words: object) -> None:
        """Close it. By the thread that uses it: others ``wake`` it."""
        self._expected.clear()
        self._later.clear()
        super().disconnect(*words)  # type: ignore[misc]

    @property
    def reader(self) -> Optional[ReplyReader]:
        """What parses the replies; None while it is closed."""
        reader: Optional[ReplyReader] = self._parser.reader
        return reader

    @property
    def timed_socket(self) -> Optional[TimedSocket]:
        """Its socket; None while it is closed."""
        sock: Optional[TimedSocket] = self._sock
        return sock

    def wake(self) -> None:
        """End whatever waits on it, from another thread."""
        sock = self._sock
        if sock is not None:
            sock.wake()


class _Tcp:
    """Mixed in below the TLS classes: the TCP connection, within the time of the call."""

    def _connect(self: Any) -> socket.socket:
        def prepare(sock: socket.socket) -> None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

        sock = connect(self.host, self.port, self.socket_connect_timeout, self._lines, prepare)
        call = current()
        if isinstance(self, SSLConnection) and call is not None:
            sock.settimeout(min(call.left(), self._limits.silence))  # for the whole handshake
            call.waits_on(Connecting(sock.dup()))  # TLS takes the socket itself away
        return sock


class _Plain(_Tcp, Connection):
    """TCP."""


class _TlsOverTcp(SSLConnection):
    """TLS that tells why the server closed; MRO puts ``_Tcp`` below it."""

    def _connect(self) -> Any:
        call = current()
        try:
            return AlertSocket(super()._connect())
        except OSError:
            if call is not None:
                call.check()  # a handshake that was cut off to cancel the call
            raise


class TimedConnection(_Timed, _Tcp, Connection):
    """A plain connection."""


class TimedUnixConnection(_Timed, UnixDomainSocketConnection):
    """A connection through a file."""


class TimedTlsConnection(_Timed, _TlsOverTcp, _Plain):
    """A TLS connection."""


class _BySentinel(_Timed):
    """Mixed in where Sentinel is asked for the address at each connection."""

    def connect(self) -> None:
        """Ask, connect and log in, within one call."""
        with Call(self._limits, self._lines):
            persist(super(_Timed, self).connect)  # type: ignore[misc]


class TimedSentinelConnection(_BySentinel, SentinelManagedConnection, _Plain):
    """A connection to the primary or a replica that Sentinel names."""


class TimedSentinelTlsConnection(_BySentinel, SentinelManagedSSLConnection, _TlsOverTcp, _Plain):
    """The same with TLS."""


class _WakingPool:
    """A pool whose ``disconnect`` leaves connections in use to their threads: it wakes them."""

    def disconnect(self: Any, inuse_connections: bool = True) -> None:
        super().disconnect(inuse_connections=False)  # type: ignore[misc]
        if inuse_connections:
            for connection in self._in_use_connections.copy():
                connection.wake()


class TimedPool(_WakingPool, ConnectionPool):
    """The pool of one server."""


class TimedSentinelPool(_WakingPool, SentinelConnectionPool):
    """The pool of a service that Sentinels know."""


class ClusterTransaction:
    """Made for a transaction on a cluster before it begins: done once, or not at all.

    redis-py sends one whose connection broke again, though it may have been done, and over a connection that
    watches nothing; so it does where the slot has moved since WATCH. It also forgets connections in use.
    """

    def __init__(self, pipe: Any, nodes: Any):
        self._strategy, self._pipe, self._nodes = pipe._execution_strategy, pipe, nodes
        self._watches = False
        self._connect = self._strategy._get_client_and_connection_for_transaction
        self._strategy._get_client_and_connection_for_transaction = self._connected
        self._strategy._reinitialize_on_error = self._failed

    def watches(self) -> None:
        """Keys are watched from now on."""
        self._watches = True
        self._strategy._retry.update_retries(0)

    def _connected(self) -> Any:
        strategy = self._strategy
        if strategy._transaction_connection is not None and strategy._pipeline_slots:
            node = self._nodes.get_node_from_slot(next(iter(strategy._pipeline_slots)))
            pool = self._pipe.get_redis_connection(node).connection_pool
            if not pool.owns_connection(strategy._transaction_connection):
                self._drop()
                if self._watches:
                    raise exceptions.WatchError("the slot has moved since keys were watched")
        return self._connect()

    def _failed(self, error: Exception) -> None:
        """What redis-py does before it tries again, or gives up."""
        self._drop()
        self._strategy._executing = False
        if isinstance(error, exceptions.MovedError):
            self._nodes.update_moved_exception(error)
        elif not isinstance(error, exceptions.AskError):
            self._pipe.reinitialize_counter += 1
            if self._pipe._should_reinitialized():
                self._nodes.initialize()
        if self._watches and not isinstance(error, exceptions.AskError):
            raise exceptions.WatchError("the connection broke, and with it the watch") from error

    def _drop(self) -> None:
        """Close the connection, with what it watches and what may still come, and give it back."""
        connection, self._strategy._transaction_connection = self._strategy._transaction_connection, None
        if connection is None:
            return
        connection.disconnect()
        owner = self._nodes.find_connection_owner(connection)
        if owner is not None:
            owner.redis_connection.connection_pool.release(connection)
