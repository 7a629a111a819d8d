"""Replies of GEOSEARCH read straight from a socket, in pieces of any size."""

from __future__ import annotations

import socket
import threading

import pytest
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import NoPermissionError

from redis_geo_plugin.core.geo import wire

TRICKY = [
    b"plain",
    b"",
    b"a\r\nb",
    b"\r\n:12\r\n*2\r\n$1\r\nx\r\n:1\r\n",
    b"$5\r\n",
    b"\xff\x00",
    b"x" * 3000,
    b":9\r\n",
]


def reply(members):
    hits = b"".join(b"*2\r\n$%d\r\n%b\r\n:%d\r\n" % (len(m), m, 4_000_000_000_000 + i) for i, m in enumerate(members))
    return b"*%d\r\n%b" % (len(members), hits)


class Piecemeal:
    """A socket that gives at most ``size`` bytes at a time, as a slow network does."""

    def __init__(self, sock, size):
        self.sock, self.size = sock, size

    def recv(self, most):
        return self.sock.recv(min(most, self.size))


def read_in_pieces(data, size, read=wire._read):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=theirs.sendall, args=(data,))
        sender.start()
        ours.settimeout(10)
        try:
            return read(Piecemeal(ours, size), b"")
        finally:
            sender.join()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000_000])
@pytest.mark.parametrize("members", [[], [b"one"], TRICKY, [b"m%d" % i for i in range(500)]], ids=len)
def test_any_members_in_pieces_of_any_size(members, size):
    (found, scores), rest = read_in_pieces(reply(members), size)
    assert found == members and rest == b""
    assert scores.tolist() == [4_000_000_000_000 + i for i in range(len(members))]


def test_several_replies_one_after_the_other():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.sendall(b"".join(map(reply, ([b"one"], [], TRICKY, [b"two", b"three"]))))
        waiting, found = b"", []
        for _ in range(4):
            columns, waiting = wire._read(ours, waiting)
            found.append(columns[0])
    assert found == [[b"one"], [], TRICKY, [b"two", b"three"]] and waiting == b""


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 10_000_000])
@pytest.mark.parametrize("members", [[], [b"one"], TRICKY, [b"m%d" % i for i in range(500)]], ids=len)
def test_small_questions_in_pieces_of_any_size(members, size):
    listed = b"*%d\r\n" % len(members) + b"".join(b"$%d\r\n%b\r\n" % (len(m), m) for m in members)
    assert read_in_pieces(listed, size, wire._read_plain) == (members, b"")
    assert read_in_pieces(b":17\r\n", size, wire._read_plain) == (17, b"")
    refused, _ = read_in_pieces(b"-NOPERM no right\r\n", size, wire._read_plain)
    assert isinstance(refused, NoPermissionError) and str(refused) == "NOPERM no right"
    for unexpected in (b"-LOADING wait\r\n", b"+OK\r\n"):
        assert read_in_pieces(unexpected, size, wire._read_plain) == (None, b"")


def test_an_error_is_left_to_the_ordinary_way():
    assert read_in_pieces(b"-WRONGTYPE Operation against a key\r\n", 100) == (None, b"")


def test_a_connection_that_ends_in_the_middle():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.sendall(reply(TRICKY)[:-5])
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(LostConnection):
            wire._read(ours)
