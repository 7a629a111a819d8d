"""A TLS socket tells why the server closed it."""

from __future__ import annotations

import errno
import ssl

import pytest

from redis_geo_plugin.core.redis.tls import ALERT_TIMEOUT, AlertSocket


class Broken:
    """A socket whose writes break, and what is left to be read on it."""

    def __init__(self, error, *unread):
        self.error, self.unread, self.timeout = error, list(unread), None

    def sendall(self, _data):
        raise self.error

    def settimeout(self, seconds):
        self.timeout = seconds

    def recv(self, _count):
        left = self.unread.pop(0)
        if isinstance(left, Exception):
            raise left
        return left

    recv_into = None


RESETS = [ConnectionResetError("reset"), BrokenPipeError("pipe"), ssl.SSLEOFError("eof")]


@pytest.mark.parametrize("reset", RESETS, ids=lambda error: type(error).__name__)
def test_the_alert_that_lies_unread_is_raised_in_place_of_the_reset(reset):
    alert = ssl.SSLError("TLSV13_ALERT_CERTIFICATE_REQUIRED")
    sock = Broken(reset, b"left over", alert)
    with pytest.raises(ssl.SSLError) as raised:
        AlertSocket(sock).sendall(b"PING")
    assert raised.value is alert and raised.value.__cause__ is reset
    assert sock.timeout == ALERT_TIMEOUT, "it waits no longer than that"


@pytest.mark.parametrize("rest", [b"", TimeoutError("nothing comes"), ConnectionResetError("again")])
def test_without_an_alert_it_is_a_broken_pipe(rest):
    with pytest.raises(BrokenPipeError) as raised:
        AlertSocket(Broken(ConnectionResetError("reset by peer"), rest)).sendall(b"PING")
    assert raised.value.errno == errno.EPIPE and "reset by peer" in str(raised.value)


def test_other_errors_and_the_rest_of_the_socket_are_passed_through():
    sock = Broken(TimeoutError("slow"))
    alerting = AlertSocket(sock)
    with pytest.raises(TimeoutError):
        alerting.sendall(b"PING")
    assert alerting.plain is sock and alerting.settimeout.__self__ is sock
