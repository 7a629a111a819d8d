"""A link between a client and a server that can be slowed down, made to stall, cut and mended, without the kernel's help: what takes
the place of ``packet_link.py`` on machines where no network namespace can be made.

Delay is added to every piece of data in both directions; a lost packet shows to TCP as a pause until it is sent again, so
loss is a chance of such a pause.
"""

from __future__ import annotations

import random
import socket
import threading
import time

from tests.support.listening import stop_listening
from tests.support.shut import shut

RESENT_AFTER = 0.25  # seconds until a lost packet is sent again


class SlowLink:
    """Listens on ``port``; passes to ``target`` (host, port). ``cut`` lets nothing through and refuses nothing: data just
    do not arrive."""

    kind = "relay"

    def __init__(self, target: tuple[str, int]):
        self._target = target
        self._open = threading.Event()
        self._open.set()
        self.delay = 0.0
        self.loss = 0.0
        self.drip = 0.0  # seconds between two bytes on the way to the client; 0: as they come
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def line(self, delay: float = 0.0, loss: float = 0.0, rate: float = 0.0) -> dict[str, int]:
        """From now on: seconds of delay each way, share of pieces resent. The rate is as it is; there is nothing to count."""
        del rate
        self.delay, self.loss = delay, loss
        return {}

    def cut(self) -> None:
        self._open.clear()

    def mend(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._closed = True
        self._open.set()
        stop_listening(self._listener)
        with self._lock:
            for one in self._sockets:
                one.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target, timeout=2)
                far.settimeout(None)
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:  # nothing listens there, or the client has hung up already
                near.close()
                continue
            with self._lock:
                self._sockets |= {near, far}
            for source, sink, answers in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pass, args=(source, sink, answers), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(65536):
                self._open.wait()
                while answers and self.drip and data and not self._closed:
                    time.sleep(self.drip)
                    sink.sendall(data[:1])
                    data = data[1:]
                if self.delay:
                    time.sleep(self.delay)
                if self.loss and random.random() < self.loss:
                    time.sleep(RESENT_AFTER)
                self._open.wait()
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for one in (source, sink):
                shut(one)
                with self._lock:
                    self._sockets.discard(one)
