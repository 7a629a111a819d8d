"""The protocol's packer and parser: what servers send is read, whatever breaks the rules is refused at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import DataError, InvalidResponse, NoPermissionError, ResponseError

from redis_geo_plugin.core.redis import protocol
from redis_geo_plugin.core.redis.protocol import ReplyReader, pack, pack_keys, pack_rows

VALUES = st.recursive(
    st.one_of(st.none(), st.binary(max_size=40), st.integers(-(2**63), 2**63 - 1)),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=25,
)


def written(value) -> bytes:
    """A value as a server writes it."""
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, bytes):
        return b"$%d\r\n%b\r\n" % (len(value), value)
    return b"*%d\r\n" % len(value) + b"".join(map(written, value))


def reader_of(stream: bytes, size: int = 10_000, **more) -> ReplyReader:
    """A reader that receives this in pieces of a size, then the end."""
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    return ReplyReader(lambda _: pieces.pop(0) if pieces else b"", **more)


def read(stream: bytes, size: int = 10_000, **more):
    return reader_of(stream, size, **more).read()


@given(values=st.lists(VALUES, min_size=1, max_size=4), size=st.integers(1, 60))
def test_what_a_server_writes_is_read_in_pieces_of_any_size(values, size):
    reader = reader_of(b"".join(map(written, values)), size)
    assert [reader.read() for _ in values] == values and not reader.waiting


OTHERS = st.sampled_from(
    [b"-WRONGTYPE no\r\n", b":-1\r\n", b":+1\r\n", b"$1\r\n7\r\n", b":1234567890123456789\r\n"]
)


@given(counts=st.lists(st.integers(0, 10**17), max_size=30), other=OTHERS, cut=st.integers(0, 12))
def test_counts_are_taken_together_up_to_what_is_none(counts, other, cut):
    """What is no count, or not there whole, is left for the next read, which judges it."""
    stream = b"".join(map(written, counts))
    reader = reader_of(stream + other + written(5), 10_000)
    reader.fill()
    assert reader.take_counts(len(counts) + 2) == counts
    rest = reader_of(other)
    assert repr(reader.read()) == repr(rest.read()) and reader.take_counts(9) == [5] and not reader.waiting
    short = reader_of(stream + b":77\r\n", max(1, len(stream) - cut))
    short.fill()
    taken = short.take_counts(len(counts) + 1)
    assert [*taken, *[short.read() for _ in range(len(counts) + 1 - len(taken))]] == [*counts, 77]


PIECES = st.sampled_from([b"\r\n", b"$1\r\na\r\n", b"$3", b"\r", b"", b"plain", b"another one"])


@given(
    values=st.lists(PIECES | st.none() | st.just(7) | st.just([b"in"]), min_size=30, max_size=60),
    plain=st.integers(0, 60),
    size=st.integers(1, 400),
)
def test_long_lists_are_read_whatever_their_strings_hold(values, plain, size):
    mixed = [b"x" * (place % 12) for place in range(plain)] + values
    reader = reader_of(written(mixed) + written(b"next"), size)
    assert reader.read() == mixed and reader.read() == b"next" and not reader.waiting


@given(st.lists(st.lists(st.binary(max_size=30), min_size=1, max_size=5), min_size=1, max_size=4))
def test_commands_are_packed_as_lists_of_strings(commands):
    reader = reader_of(pack(commands))
    assert [reader.read() for _ in commands] == commands


@given(st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9), st.binary(max_size=9)), min_size=1))
def test_rows_and_keys_are_packed_as_any_command(rows):
    for width in (1, 2, 3):
        columns = [list(column) for column in list(zip(*rows))[:width]]
        words = [b"GEOADD", b"key", *(word for row in rows for word in row[:width])]
        assert pack_rows([b"GEOADD", b"key"], columns) == pack([words])
    keys = [row[0] for row in rows]
    assert pack_keys(b"MGET", keys) == pack([[b"MGET", *keys]])


def test_numbers_and_text_are_packed_and_what_is_neither_is_refused():
    assert read(pack([["SET", "clé", 12, 1.5, memoryview(b"x")]])) == [
        b"SET",
        "clé".encode(),
        b"12",
        b"1.5",
        b"x",
    ]
    for word in (None, True, [1], "\ud800"):
        with pytest.raises(DataError):
            pack([["SET", word]])


@pytest.mark.parametrize(
    ("stream", "value"),
    [
        (b"_\r\n", None),
        (b"#t\r\n", True),
        (b",1.5\r\n", 1.5),
        (b"(9223372036854775807\r\n", 2**63 - 1),
        (b"=7\r\ntxt:abc\r\n", b"abc"),
        (b"~2\r\n:1\r\n:2\r\n", [1, 2]),
        (b"%1\r\n+a\r\n:1\r\n", {b"a": 1}),
        (b">1\r\n+x\r\n:5\r\n", 5),
    ],
)
def test_resp3_is_read(stream, value):
    assert read(stream, on_push=lambda push: None) == value


def test_errors_are_returned_and_their_words_are_cut():
    assert isinstance(read(b"-NOPERM no\r\n"), NoPermissionError)
    for stream in (
        b"-ERR " + b"<b>\xff</b>" * 20_000 + b"\r\n",
        b"!%d\r\n" % 900_000 + b"x" * 900_000 + b"\r\n",
    ):
        error = read(stream)
        assert isinstance(error, ResponseError) and len(str(error)) <= protocol.MAX_WORDS
    nested = read(b"*2\r\n-ERR no\r\n:1\r\n")
    assert isinstance(nested[0], ResponseError) and nested[1] == 1


@pytest.mark.parametrize(
    "stream",
    [
        *(kind + length + b"\r\n" for kind in (b"$", b"*", b"%", b"~", b">", b"!", b"=") for length in (
            b"-2", b"-999999999999999999999", b"99999999999999999999", b"9" * 5000, b"1e3", b"", b" 1", b"1_0", b"+1", b"x",
            b"536870913", b"\xc2\xb2",
        )),
        b"*10000001\r\n",
        b"*3\r\n*0\r\n*9999999\r\n",  # more in all than a reply may hold
        b"*1\r\n" * 100_000,
        b":\r\n", b":x\r\n", b":" + b"9" * 5000 + b"\r\n", b":9223372036854775808\r\n", b":-9223372036854775809\r\n",
        b"(123456789012345678901234567890\r\n", b",abc\r\n", b"(1_0\r\n",
        b"HTTP/1.1 400 Bad Request\r\n", b"\x15\x03\x03\x00\x02\x02\x28\r\n", b"\r\n", b"\x00\r\n",
        b"$3\r\nabcdef\r\n", b"%1\r\n*0\r\n:1\r\n", b"*1\r\n>1\r\n:1\r\n",
        b"+" + b"x" * 2_000_000,
    ],
    ids=lambda stream: repr(stream[:24]),
)  # fmt: skip
def test_what_breaks_the_rules_is_refused_at_once(stream):
    with pytest.raises(InvalidResponse):
        reader = reader_of(stream, 50_000, on_push=lambda push: None)
        reader.read()
        reader.read()


def test_a_push_that_nobody_asked_for_breaks_the_rules():
    with pytest.raises(InvalidResponse):
        read(b">1\r\n+x\r\n:5\r\n")


def test_a_reply_without_an_end_is_not_kept(monkeypatch):
    monkeypatch.setattr(protocol, "MAX_REPLY", 1_000_000)
    with pytest.raises(InvalidResponse):
        ReplyReader(lambda size: b":1\r\n" * 10_000, None).__class__(lambda size: b"x" * 100_000).read()
    reader = ReplyReader(lambda size: b"$90000\r\n" + b"x" * 90_000 + b"\r\n")
    reader.put_back(b"*9000\r\n")
    with pytest.raises(InvalidResponse):
        reader.read()


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_give_a_value_or_one_of_two_errors(stream, size):
    reader = reader_of(stream, size, on_push=lambda push: None)
    try:
        while True:
            reader.read()
    except (InvalidResponse, LostConnection):
        pass
    assert len(reader.take_buffer()) <= len(stream)
