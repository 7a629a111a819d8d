"""Texts compared as people search them."""

import pytest

from redis_geo_plugin.core.folding import folded
from redis_geo_plugin.core.geo.names import caseless, patterns


@pytest.mark.parametrize(
    "one, other",
    [
        ("Café", "cafe"),
        ("CAFE\u0301", "café"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Smørrebrød", "smorrebrod"),
        ("Œuvre", "oeuvre"),
        ("İstanbul", "istanbul"),
        ("Việt Nam", "viet nam"),
        ("МОСКВА", "москва"),
        ("東京", "東京"),
        ("", ""),
    ],
)
def test_case_and_accents_do_not_count(one, other):
    assert folded(one) == folded(other)


@pytest.mark.parametrize("one, other", [("cafe", "cave"), ("Paris", "Pari"), ("か", "き"), ("Ж", "З")])
def test_other_letters_do(one, other):
    assert folded(one) != folded(other)


def test_an_ascii_text_is_looked_for_cheaply_first():
    assert patterns("a*b") == [caseless("a*b"), b"*[\x80-\xff]*"]
    assert caseless("a*b") == rb"*[aA]\*[bB]*"
    assert patterns("москва") == [b"*[\x80-\xff]*"]
