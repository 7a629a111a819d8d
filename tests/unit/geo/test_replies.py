"""Replies of GEOSEARCH read straight from a socket, in pieces of any size."""

from __future__ import annotations

import socket
import threading

import pytest
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import InvalidResponse

from redis_geo_plugin.core.geo import replies
from redis_geo_plugin.core.redis.protocol import ReplyReader

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
    hits = b"".join(
        b"*2\r\n$%d\r\n%b\r\n:%d\r\n" % (len(m), m, 4_000_000_000_000 + i) for i, m in enumerate(members)
    )
    return b"*%d\r\n%b" % (len(members), hits)


class Piecemeal:
    """A socket that gives at most ``size`` bytes at a time, as a slow network does."""

    def __init__(self, sock, size):
        self.sock, self.size = sock, size

    def recv(self, most):
        return self.sock.recv(min(most, self.size))


def read_in_pieces(data, size, read=replies.read_columns):
    """What ``read`` makes of a reply that arrives in pieces, and what is left over."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=theirs.sendall, args=(data,))
        sender.start()
        ours.settimeout(10)
        reader = ReplyReader(Piecemeal(ours, size).recv)
        try:
            return read(reader), reader.take_buffer()
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
        reader = ReplyReader(ours.recv)
        found = [replies.read_columns(reader)[0] for _ in range(4)]
    assert found == [[b"one"], [], TRICKY, [b"two", b"three"]] and not reader.waiting


def test_an_error_is_left_to_be_read():
    error = b"-WRONGTYPE Operation against a key\r\n"
    assert read_in_pieces(error, 100) == (None, error)


@pytest.mark.parametrize(
    "hit",
    [
        b"*2\r\n$1\r\nx\r\n:-1\r\n",
        b"*2\r\n$1\r\nx\r\n:99999999999999999999999\r\n",
        b"*2\r\n$1\r\nx\r\n:1.5\r\n",
        b"*2\r\n$1\r\nx\r\n$1\r\n1\r\n",
        b"*2\r\n$-5\r\nx\r\n:1\r\n",
        b"*2\r\n$9999999999999999\r\nx\r\n:1\r\n",
        b"*3\r\n$1\r\nx\r\n:1\r\n:2\r\n",
        b":1\r\n:2\r\n:3\r\n:4\r\n",
        b"+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
    ],
)
def test_rows_of_another_shape_are_refused(hit):
    with pytest.raises(InvalidResponse):
        read_in_pieces(b"*3\r\n" + reply([b"one"])[4:] + hit + reply([b"two", b"three"])[4:], 10_000_000)


def test_a_connection_that_ends_in_the_middle():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(10)
        theirs.sendall(reply(TRICKY)[:-5])
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(LostConnection):
            replies.read_columns(ReplyReader(ours.recv))


@pytest.mark.parametrize("member", [b"x" * 1_000_000, b"\r\n:12\r\n*2\r\n" * 80_000])
def test_a_huge_member_is_looked_at_when_it_is_there_not_with_every_piece(monkeypatch, member):
    data, looks, cut = reply([b"a", member, b"b"]), [], replies.take

    def counted(waiting, most):
        looks.append(len(waiting))
        return cut(waiting, most)

    monkeypatch.setattr(replies, "take", counted)
    pieces = iter([data[at : at + 1000] for at in range(0, len(data), 1000)])
    members, scores = replies.read_columns(ReplyReader(lambda _most: next(pieces)))
    assert members == [b"a", member, b"b"] and len(scores) == 3 and len(looks) < 10
