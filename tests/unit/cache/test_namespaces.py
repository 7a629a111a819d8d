"""Names of namespaces; what is counted and purged is tested against real servers in tests/integration."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core import keys
from redis_geo_plugin.core.cache import namespaces, statistics
from redis_geo_plugin.core.registry import families


@pytest.mark.parametrize("name", ["defaut", "a", "A-1_b", "x" * 64])
def test_names(name):
    assert namespaces.is_name(name)


@pytest.mark.parametrize("name", ["", "a:b", "a b", "é", "*", "a?", "[a]", "x" * 65, "a\n", "a/b", "{a}"])
def test_what_is_no_name(name):
    assert not namespaces.is_name(name)


def test_bad_arguments_are_refused_before_anything_is_asked():
    with pytest.raises(ValueError, match="namespace"):
        namespaces.count(None, "a*")
    with pytest.raises(ValueError, match="operation"):
        namespaces.count(None, "a", "explode")


def test_a_rate_needs_something_asked():
    assert namespaces.Namespace("buffer", "a").hit_rate is None
    assert namespaces.Namespace("buffer", "a", hits=3, misses=1).hit_rate == 0.75


def test_the_statistics_do_not_look_like_a_result():
    for family in families().values():
        assert not statistics.name(family, "defaut").startswith(family)


@pytest.mark.parametrize("text", ["a*b", "a?b", "[ab]", "a\\b", "a^b"])
def test_a_prefix_is_taken_literally(text):
    escaped = keys.glob_escape(text)
    assert escaped != text and escaped.replace("\\", "") == text.replace("\\", "")


def test_what_steps_keep_is_counted_and_purged_too():
    from redis_geo_plugin.core.steps import names

    assert {names.ROWS, names.STEPS, names.PIECES} <= set(families().values())
    assert families()["steps"] == "calculs:etapes"
