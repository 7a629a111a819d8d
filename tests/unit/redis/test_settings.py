"""Addresses as URLs: what people paste, what they get shown, and that a password is never in the latter."""

from __future__ import annotations

import pickle
from dataclasses import replace
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.redis.settings import (
    AmbiguousUrl,
    ConnectionSettings,
    Deployment,
    InvalidUrl,
    from_environment,
    from_url,
    read_nodes,
    write_nodes,
)

SECRET = "kl@ve:r/50%#geheim"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://localhost", {"host": "localhost", "port": 6379, "database": 0}),
        ("redis://h:6380/3", {"host": "h", "port": 6380, "database": 3}),
        ("valkey://h/2", {"host": "h", "database": 2, "tls": False}),
        ("rediss://h:6380", {"tls": True}),
        ("valkeys://h", {"tls": True}),
        ("redis://h?db=4", {"database": 4}),
        ("redis://[::1]:7000/1", {"host": "::1", "port": 7000, "database": 1}),
        ("redis://[2001:db8::5]", {"host": "2001:db8::5", "port": 6379}),
        ("  redis://h:6380/3 \n", {"host": "h", "port": 6380}),
        ("REDIS://h", {"host": "h"}),
        ("redis://:pw@h", {"username": "", "password": "pw"}),
        ("redis://ana@h", {"username": "ana", "password": ""}),
        ("redis://ana:a@b:c/d%e@h:1/2", {"username": "ana", "password": "a@b:c/d%e", "host": "h", "port": 1}),
        ("redis://ana:p%40ss%2Fw%3Ard%25@h", {"password": "p@ss/w:rd%"}),
        ("unix:///run/redis.sock", {"unix_socket": "/run/redis.sock", "database": 0}),
        ("unix://ana:pw@/tmp/r.sock?db=2", {"unix_socket": "/tmp/r.sock", "database": 2, "password": "pw"}),
        ("unix:///run/user@1000/redis.sock", {"unix_socket": "/run/user@1000/redis.sock", "username": ""}),
        ("unix://ana:pw@/run/user@1000/r.sock", {"unix_socket": "/run/user@1000/r.sock", "password": "pw"}),
        ("unix:///tmp/a%3Fb%23c.sock", {"unix_socket": "/tmp/a?b#c.sock"}),
        ("rediss://h?ssl_ca_certs=/home/user@corp/ca.pem",
         {"tls_ca": "/home/user@corp/ca.pem", "host": "h", "username": ""}),
        ("rediss://ana:pw@h:1/2?ssl_ca_certs=/home/user@corp/ca.pem",
         {"tls_ca": "/home/user@corp/ca.pem", "password": "pw", "host": "h", "database": 2}),
        ("redis://h/0?prefix=a@b:", {"key_prefix": "a@b:", "host": "h"}),
        ("redis+sentinel://ana:pw@s1/mymaster/0?sentinel_username=eve&sentinel_password=s%40p",
         {"username": "ana", "password": "pw", "sentinel_username": "eve", "sentinel_password": "s@p"}),
        ("redis+sentinel://s1/my%2Fmaster", {"service": "my/master"}),
        ("redis://h?prefix=team1:", {"key_prefix": "team1:"}),
        ("rediss://h?ssl_ca_certs=/c/ca.pem&ssl_certfile=/c/me.crt&ssl_keyfile=/c/me.key",
         {"tls_ca": "/c/ca.pem", "tls_certificate": "/c/me.crt", "tls_key": "/c/me.key"}),
        ("redis+sentinel://s1:26379,s2:26380/mymaster/3",
         {"deployment": Deployment.SENTINEL, "service": "mymaster", "nodes": (("s2", 26380),), "database": 3}),
        ("redis://u:12?x@h", {"username": "u", "password": "12?x", "host": "h", "port": 6379}),
        ("redis://u:12#x@h:1", {"username": "u", "password": "12#x", "host": "h", "port": 1}),
        ("redis://u:12/3?@h/4", {"password": "12/3?", "host": "h", "database": 4}),
        ("redis://u@corp:1@h", {"username": "u@corp", "password": "1", "host": "h"}),
        ("redis://a/b:c@h", {"username": "a/b", "password": "c", "host": "h"}),
        ("redis://u:a+b@h?sentinel_password=c+d", {"password": "a+b", "sentinel_password": "c+d"}),
        ("redis://[fe80::1%25eth0]:7000", {"host": "fe80::1%eth0", "port": 7000}),
        ("redis://u:p@[FE80::1%eth0]", {"host": "fe80::1%eth0", "port": 6379, "password": "p"}),
        ("redis://[fe80::1%2525eth0]", {"host": "fe80::1%25eth0"}),
        ("redis://[fe80::1%25]", {"host": "fe80::1%25"}),
        ("redis://bücher.example", {"host": "bücher.example"}),
        ("rediss+cluster://a,b:7001,[::1]:7002",
         {"deployment": Deployment.CLUSTER, "tls": True, "nodes": (("b", 7001), ("::1", 7002))}),
    ],
)  # fmt: skip
def test_urls_that_people_paste(url, expected):
    settings = from_url(url, "name")
    assert settings.name == "name"
    assert {key: getattr(settings, key) for key in expected} == expected


@pytest.mark.parametrize(
    "url",
    ["", "localhost:6379", "http://h", "redis://", "redis://h:abc", "redis://h:70000", "redis://h/db", "redis://[::1",
     "redis+ring://h", "redis://h/-1", "unix://", "unix+cluster:///a", "redis://h/1/2", "unix://?db=1",
     "redis://h/0#x", "redis://h?x", "redis://h:0", "redis://h:+5", "redis://h:5_0", "redis://h:５", "redis://a,,b", "redis://::1",
     "redis://[127.0.0.1]", "redis://[fe80::1%]", "redis://[fe80::1%25%2F]", "redis://u:%ff@h", "redis://a?b:c@h", "redis://a/b@h", "redis://h h",
     "redis://h/３", "unix://a.sock", "unix://tmp/a.sock", "redis://h%41", "redis://" + "@" * 9000, "redis://a b@c d"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url):
    with pytest.raises(InvalidUrl):
        from_url(url)


@pytest.mark.parametrize(
    "url",
    ["redis://h:12?prefix=x@corp", "redis://h:6379?client_name=ana@corp", "redis://u:p@h:1?prefix=a@b", "redis+sentinel://u:p@s/w@h",
     "unix://u:a@/b@/run/x", "redis://u:a?%41@h", "redis://u:%23#@h"],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_not_guessed(url):
    with pytest.raises(AmbiguousUrl):
        from_url(url)


@pytest.mark.parametrize(
    "bad", [f"ftp://u:{SECRET}@h", f"redis://u:{SECRET}@h:port", f"redis://u:{SECRET}@h/x"]
)
def test_the_refusal_does_not_repeat_the_password(bad):
    with pytest.raises(InvalidUrl) as caught:
        from_url(bad)
    error = caught.value
    while error is not None:
        assert "geheim" not in str(error)
        error = error.__cause__ or error.__context__


def test_the_password_is_in_neither_repr_nor_url():
    settings = ConnectionSettings(username="ana", password=SECRET, sentinel_password=SECRET)
    shown = repr(settings) + str(settings) + settings.url() + settings.full_url()
    assert "geheim" not in shown
    assert pickle.loads(pickle.dumps(settings)).password == SECRET  # still passed between processes


words = st.text(min_size=1, max_size=20).filter(lambda t: "\x00" not in t)
hosts = st.sampled_from(["localhost", "db.example.org", "10.0.0.7", "::1", "2001:db8::5"])
ports = st.integers(1, 65535)


@given(st.text(max_size=20), st.text(max_size=20), hosts, ports, st.integers(0, 100), st.booleans())
def test_any_password_survives_a_url(username, password, host, port, database, tls):
    shown = f"[{host}]" if ":" in host else host
    scheme = "rediss" if tls else "redis"
    url = f"{scheme}://{quote(username, safe='')}:{quote(password, safe='')}@{shown}:{port}/{database}"
    read = from_url(url)
    assert (read.username, read.password, read.host, read.port, read.database, read.tls) == (
        username, password, host, port, database, tls,
    )  # fmt: skip


odd = st.text("a1@:/?#%&=+[], .é\U0001f600\\\"'", max_size=12) | st.from_regex(
    r"[a-c1-9@:/?#%&=+,]{0,12}", fullmatch=True
)
zones = st.sampled_from(["", "%eth0", "%25", "%wlan-1", "%é"])
any_host = hosts | st.builds("fe80::{:x}{}".format, st.integers(1, 0xFFFF), zones)


def as_address(user, password, host, port, tail, quoting):
    """The address, where each part is quoted as one way of quoting has it."""
    who = quoting(user) + ":" + quoting(password) + "@"
    zone = quoting(host) if quoting is not raw else host
    shown = (
        f"[{zone if ':' in zone else zone.replace('%3A', ':').replace('%3a', ':')}]" if ":" in host else host
    )
    return f"redis://{who}{shown}:{port}{tail}"


def raw(text):
    return text


def as_python(text):
    return quote(text)


def wholly(text):
    return quote(text, safe="")


def in_small(text):
    return "".join(
        f"%{byte:02x}" if chr(byte) in "@:/?#% " or byte > 127 else chr(byte) for byte in text.encode()
    )


@settings(max_examples=2000)
@given(odd, odd, any_host, ports, st.sampled_from(["", "/", "/0", "/7", "/7?prefix=a", "?db=7"]),
       st.sampled_from([raw, as_python, wholly, in_small]))  # fmt: skip
def test_any_user_password_and_host_are_read_right_or_refused(user, password, host, port, tail, quoting):
    """However they are written: as they are, or quoted in whatever way. Never as something else."""
    url = as_address(user, password, host, port, tail, quoting)
    if quoting is raw and ":" in user:  # there the password begins, as everywhere
        user, _, rest = user.partition(":")
        password = f"{rest}:{password}"
    try:
        read = from_url(url)
    except InvalidUrl:
        assert quoting is raw and set(user + password) & set("@/?#%"), "refused without need"
        return
    assert (read.host, read.port) == (host, port)
    if quoting is raw:  # what holds a %XX and nothing that quoting would not leave is taken for quoted
        assert read.username in (user, unquote(user)) and read.password in (password, unquote(password))
        assert read.password == password or not set(password) & set("@?# ")
    else:
        assert (read.username, read.password) == (user, password)


@settings(max_examples=1000)
@given(st.text("ab19@:/?#%&=[],.-", max_size=30))
def test_any_text_is_read_as_it_is_shown_again_or_refused(text):
    try:
        read = from_url("redis://" + text)
    except InvalidUrl:
        return
    assert from_url(read.full_url(password=True)) == read


nodes = st.lists(st.tuples(hosts, ports), max_size=4).map(tuple)


@given(hosts, ports, nodes, st.sampled_from(Deployment), st.text(max_size=10))
def test_what_url_shows_reads_back_as_the_same_place(host, port, more, deployment, username):
    settings = ConnectionSettings(
        host=host,
        port=port,
        username=username,
        deployment=deployment,
        nodes=() if deployment is Deployment.SINGLE else more,
        service="mymaster" if deployment is Deployment.SENTINEL else "",
    )
    assert from_url(settings.url()) == settings


paths = st.text("abz09@:/?#%&=+ é.-_", min_size=1, max_size=30).map(lambda text: "/" + text)


@given(st.data(), st.sampled_from(Deployment), st.booleans(), paths)
def test_the_full_address_reads_back_as_the_same_connection(data, deployment, unix, path):
    sentinel = deployment is Deployment.SENTINEL
    unix = unix and deployment is Deployment.SINGLE
    tls = data.draw(st.booleans()) and not unix
    settings = ConnectionSettings(
        host="127.0.0.1" if unix else data.draw(hosts),
        port=6379 if unix else data.draw(ports),
        unix_socket=path if unix else "",
        database=data.draw(st.integers(0, 100)),
        username=data.draw(st.text(max_size=10)),
        password=data.draw(st.text(max_size=20)),
        deployment=deployment,
        nodes=() if deployment is Deployment.SINGLE else data.draw(nodes),
        service=data.draw(words) if sentinel else "",
        tls=tls,
        tls_ca=data.draw(paths) if tls else "",
        key_prefix=data.draw(st.text(max_size=10)),
        search_replicas=sentinel and data.draw(st.booleans()),
        sentinel_username=data.draw(st.text(max_size=10)) if sentinel else "",
        sentinel_password=data.draw(st.text(max_size=10)) if sentinel else "",
    )
    assert from_url(settings.full_url(password=True)) == settings
    without = replace(settings, password="", sentinel_password="")
    assert from_url(settings.full_url()) == without


@given(nodes)
def test_nodes_read_back(pairs):
    assert read_nodes(write_nodes(pairs)) == pairs


def test_a_bad_node_is_refused():
    with pytest.raises(ValueError):
        read_nodes("a:1, b:x")


def test_the_environment(monkeypatch):
    monkeypatch.delenv("REDIS_GEO_URL", raising=False)
    assert from_environment() is None
    monkeypatch.setenv("REDIS_GEO_URL", "redis://h:7/1")
    assert (from_environment().host, from_environment().database) == ("h", 1)
