"""Peers that are no Redis: one that speaks HTTP, one that hangs up, one that accepts and stays mute; certificates."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path

from tests.support.listening import stop_listening


class Peer:
    """Listens on a free port of 127.0.0.1 and treats each connection with ``behave(connection)`` in a thread."""

    def __init__(self, behave):
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held = []
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(connection)
            threading.Thread(target=self._behave, args=(connection,), daemon=True).start()

    def close(self):
        stop_listening(self._listener)
        for connection in self._held:
            connection.close()


def web_server(connection):
    """Answers as an HTTP server does to what it does not understand."""
    try:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.close()
    except OSError:
        pass


def hang_up(connection):
    connection.close()


def black_hole(connection):
    """Accepts and says nothing."""


def certificates(directory: Path) -> Path:
    """A private authority with certificates "good" (127.0.0.1, localhost), "elsewhere" and "expired", a client's, and one
    that is self-signed; each NAME.crt and NAME.key, the authority as ca.crt."""
    _openssl(directory, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test CA",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign",  # Python 3.13 and newer want it of an authority
             "-keyout", "ca.key", "-out", "ca.crt")  # fmt: skip
    for name, alternative, validity in (
        ("good", "IP:127.0.0.1,DNS:localhost", ("-days", "30")),
        ("elsewhere", "DNS:elsewhere.example.org", ("-days", "30")),
        ("expired", "IP:127.0.0.1", ("-days", "0")),
        ("client", "DNS:client", ("-days", "30")),
    ):
        _openssl(directory, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
                 "-keyout", f"{name}.key", "-out", f"{name}.csr")  # fmt: skip
        (directory / f"{name}.ext").write_text(
            f"subjectAltName={alternative}\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
        )
        _openssl(directory, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                 "-CAcreateserial", *validity, "-extfile", f"{name}.ext", "-out", f"{name}.crt")  # fmt: skip
    _openssl(directory, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=self",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "self.key", "-out", "self.crt")  # fmt: skip
    return directory


def _openssl(directory: Path, *words: str):
    subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)
