"""A proxy as they are sold: it passes commands to a server one by one, but knows only some of them.

What it does not know it answers with an error, refuses for want of rights, or closes the connection, as twemproxy does.
"""

from __future__ import annotations

import socket
import threading

from tests.support.listening import stop_listening
from tests.support.shut import shut

REFUSALS = {
    "unknown": b"-ERR unknown command '%b', with args beginning with: \r\n",
    "denied": b"-NOPERM User default has no permissions to run the '%b' command\r\n",
    "closes": b"",
}


class PoorProxy:
    """Listens on ``port``. ``without``: names of commands (``CLIENT``, ``INFO``) that it refuses in the given way."""

    def __init__(self, target: tuple[str, int], without: set[str], way: str = "unknown"):
        self._target, self._without, self._answer = target, {w.encode() for w in without}, REFUSALS[way]
        self.refused: list[str] = []
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        stop_listening(self._listener)
        for one in list(self._sockets):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets |= {near, far}
            threading.Thread(target=self._serve, args=(near, far), daemon=True).start()

    def _serve(self, near: socket.socket, far: socket.socket) -> None:
        asked, answered = near.makefile("rb"), far.makefile("rb")
        try:
            while raw := _message(asked):
                words = _words(raw)
                name = words[0].upper()
                if name in self._without:
                    self.refused.append(name.decode())
                    if not self._answer:
                        return
                    near.sendall(self._answer % name if b"%b" in self._answer else self._answer)
                    continue
                far.sendall(raw)
                near.sendall(_message(answered))
        except OSError:
            pass
        finally:
            for one in (near, far):
                shut(one)
                self._sockets.discard(one)


def _message(file) -> bytes:
    """One whole message of RESP2, empty at the end."""
    line = file.readline()
    if not line:
        return b""
    kind, number = line[:1], line[1:].strip()
    if kind == b"$":
        return line if int(number) < 0 else line + file.read(int(number) + 2)
    if kind == b"*":
        return line + b"".join(_message(file) for _ in range(max(0, int(number))))
    return line


def _words(raw: bytes) -> list[bytes]:
    parts = raw.split(b"\r\n")
    return [parts[i] for i in range(2, len(parts), 2)]
