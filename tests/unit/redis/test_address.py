"""The parts of an address: what each place of the @ would mean, strict hosts and queries, and what two readings fit."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.redis import address
from redis_geo_plugin.core.redis.address import AddressParts, Doubtful, Split


def test_each_at_may_end_the_user():
    assert list(address.splits("a:b@c@host/0")) == [
        Split("", "a:b@c@host/0"), Split("a:b", "c@host/0"), Split("a:b@c", "host/0"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("userinfo", "found"),
    [
        ("", ("", "")), (":pw", ("", "pw")), ("ana:pw", ("ana", "pw")), ("ana:p:w", ("ana", "p:w")), ("ana", ("ana", "")),
        ("a%3Ab:p%40w", ("a:b", "p@w")), ("ana:100%", ("ana", "100%")), (":p/w?x#y", ("", "p/w?x#y")), ("ana:caf%C3%A9", ("ana", "café")),
    ],
)  # fmt: skip
def test_user_and_password(userinfo, found):
    assert address.credentials(userinfo) == found


@pytest.mark.parametrize("userinfo", ["a?b:pw", "a#b:pw", ":p%40w@x", "ana:p%2Fw#y"])
def test_what_two_readings_fit_is_doubtful(userinfo):
    with pytest.raises(Doubtful):
        address.credentials(userinfo)


@pytest.mark.parametrize("userinfo", ["a/b", "a?b", "a#b", "ana:%FF"])
def test_what_no_user_is_called_is_refused(userinfo):
    with pytest.raises(ValueError, match=r"."):
        address.credentials(userinfo)


def test_hosts_path_and_query():
    assert address.place("h:1,[::1]:2/0?a=1&b_2=x%20y") == AddressParts(
        "h:1,[::1]:2", "/0", {"a": "1", "b_2": "x y"}
    )
    assert address.place("h") == AddressParts("h", "", {})
    assert address.place("h/0?a=x+y").query == {"a": "x+y"}
    for wrong in ("h#x", "h?", "h?a", "h?=1", "h?a=1&", "h?a b=1", "h?a=%FF"):
        if wrong == "h?":
            assert address.place(wrong).query == {}
            continue
        with pytest.raises(ValueError, match=r"."):
            address.place(wrong)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("", "127.0.0.1", 6379), (":7000", "127.0.0.1", 7000), ("Redis.Example", "redis.example", 6379), ("10.0.0.1:1", "10.0.0.1", 1),
        ("[::1]", "::1", 6379), ("[FE80::1%25eth0]:65535", "fe80::1%eth0", 65535), ("[fe80::1%eth0]", "fe80::1%eth0", 6379),
    ],
)  # fmt: skip
def test_hosts_and_ports(text, host, port):
    assert address.split_host(text) == (host, port)
    assert address.split_host(address.host_port(host, port)) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "h:0",
        "h:65536",
        "h:x",
        "h i",
        "::1",
        "[::1",
        "[1.2.3.4]",
        "[fe80::1%]",
        "[fe80::1%a b]",
        "h/x",
        "a@b",
        "[]:1",
    ],
)
def test_what_is_no_host_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        address.split_host(text)
