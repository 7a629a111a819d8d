"""Sockets whose every wait ends with the call it belongs to, or as soon as the call is cancelled.

redis-py gives each ``recv`` the whole time limit anew, so that a server which sends a byte now and then
holds a call for ever; name servers are not under its limits at all.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
import threading
import time
from typing import Any, Callable, Optional, Union

from .calls import SLICE, Call, CallLimits, Lines, current
from .redispy import exceptions
from .types import RawSocket

Address = tuple[Any, ...]  # of IPv4 or IPv6, as the socket module has it
AddressInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, Address]  # of getaddrinfo
PIECE = 1 << 16  # bytes sent at once: what they buy of time is known piece by piece
_PENDING = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, errno.EALREADY, 10035}  # 10035: Windows


class TimedSocket:
    """A connected socket (plain, or TLS) as redis-py uses it. ``wake`` may be called from any thread.

    Within a call it has the call's deadline. Reading raises redis-py's TimeoutError after the silence
    allowed and ConnectionError for a broken connection; writing socket.timeout and OSError; both
    DeadlinePassed and Aborted as Call does.
    """

    def __init__(self, raw: RawSocket, limits: CallLimits, lines: Lines):
        self._raw = raw
        self._limits = limits
        self._lines = lines
        lines.opened(self)

    def recv(self, size: int) -> bytes:
        """What there is, at most ``size`` bytes; b"" when the other side has closed."""
        call = current() or Call(self._limits)
        silent = time.monotonic() + self._limits.silence
        call.waits_on(self)
        try:
            while True:
                left = min(call.left(), silent - time.monotonic())
                if left <= 0.0:
                    raise exceptions.TimeoutError("the server does not answer")
                self._raw.settimeout(min(left, SLICE))
                try:
                    data: bytes = self._raw.recv(size)
                except socket.timeout:
                    continue
                except OSError as error:
                    call.check()
                    raise exceptions.ConnectionError(str(error)) from error
                call.check()  # a socket shut down to cancel its call looks like one closed by the server
                call.moved(len(data))
                return data
        finally:
            call.waits_on(None)

    def recv_within(self, size: int, seconds: float) -> Optional[bytes]:
        """What comes within so many seconds (0: what is there already), None when nothing does."""
        call = current() or Call(self._limits)
        until = time.monotonic() + seconds
        call.waits_on(self)
        try:
            while True:
                call.check()
                left = until - time.monotonic()
                self._raw.settimeout(min(max(left, 0.0), SLICE))  # 0 does not wait at all
                try:
                    data: bytes = self._raw.recv(size)
                except (socket.timeout, BlockingIOError, ssl.SSLWantReadError):
                    if left <= SLICE:
                        return None
                    continue
                except OSError as error:
                    call.check()
                    raise exceptions.ConnectionError(str(error)) from error
                call.moved(len(data))
                return data
        finally:
            call.waits_on(None)

    def sendall(self, data: Union[bytes, memoryview]) -> None:
        """All of it."""
        call = current() or Call(self._limits)
        view = memoryview(data)
        call.waits_on(self)
        try:
            for start in range(0, len(view), PIECE):
                self._raw.settimeout(min(call.left(), self._limits.silence))
                self._raw.sendall(view[start : start + PIECE])
                call.moved(min(PIECE, len(view) - start))
        finally:
            call.waits_on(None)

    def wake(self) -> None:
        """Shut the socket down, which ends a wait on it. Its owner closes it."""
        shut_down(self._raw)

    def shutdown(self, how: int) -> None:
        """As a socket does."""
        del how
        self.wake()

    def close(self) -> None:
        """As a socket does."""
        self._lines.closed(self)
        self._raw.close()

    def fileno(self) -> int:
        """For ``select``."""
        return int(self._raw.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


class Connecting:
    """A socket that is not connected yet (or shakes hands), to be woken."""

    def __init__(self, sock: socket.socket):
        self._plain = sock

    def wake(self) -> None:
        """End what waits on it."""
        shut_down(self._plain)


def shut_down(sock: Any) -> None:
    """End both directions. Not by SSLSocket's own method, which pulls the TLS state from under a thread
    that reads."""
    plain = getattr(sock, "plain", sock)
    try:
        socket.socket.shutdown(plain, socket.SHUT_RDWR)
    except (OSError, ValueError, TypeError):
        pass  # it was gone already


def connect(
    host: str, port: int, seconds: float, lines: Lines, prepare: Callable[[socket.socket], None]
) -> socket.socket:
    """A TCP connection.

    Args:
        host: a name or an address; a name is looked up in a thread of its own, which is left alone when it
            hangs.
        port: the port.
        seconds: for all addresses of the name together.
        lines: where the socket can be woken while it connects.
        prepare: sets options of the new socket.

    Raises:
        OSError: of the last address; socket.timeout, socket.gaierror; DeadlinePassed, Aborted.
    """
    call = current() or Call(CallLimits(seconds, seconds))
    left = min(seconds, call.left())
    until = time.monotonic() + left  # taken last: never before the call's own deadline, which is told as such
    addresses = resolve(host, port, call, until)
    failure: OSError = OSError("the name has no address")
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        share = (until - time.monotonic()) / (len(addresses) - number)
        sock = socket.socket(family, kind, protocol)
        waking = Connecting(sock)
        lines.opened(waking)
        try:
            prepare(sock)
            _connect_within(sock, address, call, time.monotonic() + share)
            return sock
        except OSError as error:
            failure = error
            sock.close()
        except BaseException:
            sock.close()
            raise
        finally:
            lines.closed(waking)
    raise failure


def resolve(host: str, port: int, call: Call, until: float) -> list[AddressInfo]:
    """The addresses of a host, as getaddrinfo gives them. Raises socket.gaierror, socket.timeout,
    DeadlinePassed, Aborted."""
    try:
        return list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST))
    except OSError:
        pass  # a name
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, str(error)) from error
    found: list[Union[list[AddressInfo], OSError, UnicodeError]] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            found.append(list(socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.append(error)
        done.set()

    threading.Thread(target=look_up, name="redis-geo-name", daemon=True).start()
    while not done.wait(0.02):
        call.left()
        if time.monotonic() > until:
            call.left()
            raise socket.timeout("the name server does not answer")
    [answer] = found
    if isinstance(answer, UnicodeError):
        raise socket.gaierror(socket.EAI_NONAME, str(answer)) from answer
    if isinstance(answer, OSError):
        raise answer
    return list(answer)


def _connect_within(sock: socket.socket, address: Address, call: Call, until: float) -> None:
    sock.setblocking(False)
    code = sock.connect_ex(address)
    if code in _PENDING:
        code = _wait_connected(sock, call, until)
    if code:
        raise OSError(code, os.strerror(code))
    sock.setblocking(True)


def _wait_connected(sock: socket.socket, call: Call, until: float) -> int:
    call.waits_on(Connecting(sock))
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_WRITE)
            while True:
                left = min(call.left(), until - time.monotonic())
                if left <= 0.0:
                    raise socket.timeout("timed out")
                if selector.select(min(left, SLICE)):
                    call.check()
                    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    finally:
        call.waits_on(None)
