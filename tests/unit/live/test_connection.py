"""What the server pushes, read from a connection in whatever pieces it arrives."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.live.connection import Wire
from tests.support.paired import paired_client

MARK = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$"
KEYS = st.one_of(
    st.integers(0, 10**6).map(lambda n: b"vehicule:%d" % n),
    st.binary(max_size=30),
    st.sampled_from([b"", b"\r\n", MARK, b"a" + MARK + b"1\r\nb\r\n", b"1\r\nx\r\n" + MARK]),
)


def push(*keys: bytes) -> bytes:
    listed = b"".join(b"$%d\r\n%b\r\n" % (len(key), key) for key in keys)
    return b">2\r\n$10\r\ninvalidate\r\n*%d\r\n%b" % (len(keys), listed)


def heard(stream: bytes, cuts: list[int]) -> list:
    """What a Wire hands over of a stream of pushes that arrives cut at these places."""
    client, theirs = paired_client()
    messages: list = []
    wire = Wire(client, messages.append)
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    try:
        for start, end in zip(places, places[1:]):
            theirs.sendall(stream[start:end])
            if end == len(stream) or not stream[start:end]:
                theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(Exception, match="closed the connection"):
            while True:
                wire.wait(0.2)
    finally:
        wire.close()
        theirs.close()
    return messages


@given(keys=st.lists(KEYS, min_size=1, max_size=30), cuts=st.lists(st.integers(0, 2000), max_size=5))
def test_every_key_is_heard_once_and_in_order(keys, cuts):
    messages = heard(b"".join(map(push, keys)), cuts)
    assert all(message[0] == b"invalidate" for message in messages)
    assert [key for message in messages for key in message[1]] == keys


def test_thousands_of_keys_are_handed_over_together():
    keys = [b"vehicule:%d" % n for n in range(3000)]
    messages = heard(b"".join(map(push, keys)), [])
    assert [key for message in messages for key in message[1]] == keys
    assert len(messages) < 100


def test_several_keys_in_one_push_and_a_flush_are_heard_in_their_place():
    flush = b">2\r\n$10\r\ninvalidate\r\n_\r\n"
    messages = heard(push(b"a") + push(b"b") + flush + push(b"c", b"d") + push(b"e"), [])
    said = [key for _, keys in messages for key in (keys if keys is not None else ["everything"])]
    assert said == [b"a", b"b", "everything", b"c", b"d", b"e"]


def test_a_key_cut_in_the_middle_waits_for_its_rest():
    stream = push(b"first") + push(b"second")
    for cut in range(1, len(stream)):
        messages = heard(stream, [cut])
        assert [key for message in messages for key in message[1]] == [b"first", b"second"], cut
