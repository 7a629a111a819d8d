"""Patterns of keys: which match, with which id, and what a feed of them is called."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core import readable
from redis_geo_plugin.core.live.key_patterns import KeyPattern, readable_name, starred

idents = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("pattern", "key", "ident"),
    [
        ("vehicule:*", b"vehicule:7", "7"),
        ("vehicule:*", b"vehicule:", None),
        ("vehicule:*", b"vehicules:7", None),
        ("vehicule:*:status", b"vehicule:7:status", "7"),
        ("vehicule:*:status", b"vehicule:7:other", None),
        ("vehicule:*:status", b"vehicule::status", None),
        ("vehicle7*", b"vehicle71", "71"),  # the digits before the star belong to the id
        ("vehicle7*", b"vehicle81", None),
        ("fleet:*:bus:*", b"fleet:a:bus:1", "a:1"),
        ("bus[1]:*", b"bus[1]:4", "4"),
        ("bus?:*", b"bus1:4", None),  # a question mark is one
        ("alone", b"alone", "alone"),
    ],
)
def test_ids_of_keys(pattern, key, ident):
    assert KeyPattern(pattern, "").ident(key) == ident


@given(
    idents,
    st.sampled_from(["", "tenant:", "té*ant:", "a[b]:"]),
    st.sampled_from(["v:*", "v:*:pos", "*", "*:pos"]),
)
def test_the_id_comes_back_behind_any_prefix(ident, prefix, pattern):
    key = (prefix + pattern.replace("*", ident)).encode()
    made = KeyPattern(pattern, prefix)
    assert made.ident(key) == readable.text(ident.encode())
    assert key.startswith(made.literal)


@given(
    st.binary(min_size=1, max_size=12)
    | st.sampled_from([b"caf\xe9", b"\\xe9", b"a\0b", b"C:\\x64", b"\xed\xa0\x80"]),
    st.binary(min_size=1, max_size=12),
)
def test_names_of_any_bytes_come_back(head, ident):
    head = head.replace(b"*", b"")
    made = KeyPattern(readable.text(head) + "*", "t:")
    key = b"t:" + head + b":" + ident
    shown = made.ident(key)
    assert key.startswith(made.literal) and shown is not None
    assert (b"t:" + head + readable.bytes_of(shown)).endswith(ident)
    assert KeyPattern(readable.text(head), "t:").literal == b"t:" + head


@given(idents, st.sampled_from(["v:*", "v:*:pos", "[v]:*"]))
def test_the_servers_pattern_takes_the_same_keys(ident, pattern):
    made = KeyPattern(pattern, "t:")
    simple = made.glob.decode("latin-1").replace("\\[", "[[]").replace("\\]", "]")
    key = ("t:" + pattern.replace("*", ident)).encode()
    assert fnmatch.fnmatchcase(key.decode("latin-1"), simple)
    assert not fnmatch.fnmatchcase("x" + key.decode("latin-1"), simple)


def test_a_key_that_is_no_text_has_a_readable_id():
    assert KeyPattern("v:*", "").ident(b"v:\xff\xfe") not in (None, "")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [("vehicule:*:status", "vehicule status"), ("{fleet}.a/b|c", "fleet a b c"), ("*", "*"), (":::", ":::")],
)
def test_a_feed_has_a_readable_name(pattern, name):
    assert readable_name(pattern) == name


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("vehicule:7", "vehicule:*"),
        ("fleet:bus/7", "fleet:*"),
        ("fleet/7", "fleet/*"),
        ("a.b.7", "a.b.*"),
        ("bus12", "bus*"),
        ("bus", "bus"),
        ("12", "12"),
    ],
)
def test_a_lone_key_is_the_first_of_a_family(key, pattern):
    assert starred(key) == pattern


PLAIN = [b"zone:1", b"zone:abc", b"zone:a:b", "zone:é".encode(), b"zone:" + bytes([0xE9]), b"zone:\xe2\x82"]


@pytest.mark.parametrize("prefix", ["", "team:"])
@pytest.mark.parametrize("pattern", ["zone:*", "zone7*", "zone:*:geom", "*", "zone"])
@pytest.mark.parametrize(
    "odd", [[], [b"zone:"], [b"zone:a\0b"], [b"zon"], [b"other:1"], [b"zone71"], [b"zone:1:geom"]]
)
def test_ids_of_many_are_those_of_each(pattern, prefix, odd):
    pattern = KeyPattern(pattern, prefix)
    keys = [prefix.encode() + key for key in [*PLAIN, *odd, b"zone72", *PLAIN]]
    assert pattern.idents(keys) == [pattern.ident(key) for key in keys]
    assert pattern.idents([key for key in keys if key.startswith(pattern.literal)]) == [
        pattern.ident(key) for key in keys if key.startswith(pattern.literal)
    ]
