"""A connection marked as production is locked until someone opens it, for this session."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.settings import ConnectionSettings


@pytest.fixture(autouse=True)
def as_at_the_start(monkeypatch):
    monkeypatch.setattr(production, "_allowed", set())
    monkeypatch.setattr(production, "_marked", set())


def named(name, locked=True):
    return ConnectionSettings(name=name, production=locked)


def test_a_production_connection_is_locked_and_says_which():
    with pytest.raises(StoreError) as refused:
        production.check(named("paris"))
    assert refused.value.failure.kind is FailureKind.PRODUCTION and refused.value.failure.words == "paris"


def test_others_are_open():
    production.check(named("mine", locked=False))
    assert not production.is_locked(named("mine", locked=False))


def test_opening_one_opens_no_other_and_can_be_taken_back():
    production.allow("paris", True)
    assert not production.is_locked(named("paris")) and production.is_locked(named("lyon"))
    production.allow("paris", False)
    production.allow("paris", False)
    assert production.is_locked(named("paris"))


def test_a_mark_holds_at_once_for_settings_read_before():
    before = named("paris", locked=False)
    production.mark("paris", True)
    assert production.is_locked(before) and production.is_production(before)
    production.allow("paris", True)
    assert not production.is_locked(before)


def test_what_was_allowed_is_allowed_no_more_once_the_connection_is_another():
    production.allow("paris", True)
    production.mark("paris", True)
    assert production.is_locked(named("paris"))
    production.allow("paris", True)
    production.mark("paris", False)
    assert production.is_locked(named("paris")) and not production.is_locked(named("paris", locked=False))
