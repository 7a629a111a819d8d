"""Results on their way into the cache."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.cache import writer as module
from redis_geo_plugin.core.cache.writer import Writer


@pytest.fixture
def stored():
    return []


def test_small_results_are_gathered_and_stored_in_their_order(stored):
    writer = Writer(stored.append)
    entries = [(bytes([i]) * 32, b"wkb%d" % i, float(i)) for i in range(10)]
    for entry in entries:
        writer.add(*entry)
    assert stored == []
    writer.flush()
    assert stored == [entries]


def test_nothing_is_stored_twice_and_nothing_is_no_call(stored):
    writer = Writer(stored.append)
    writer.flush()
    writer.add(b"d", b"v", 1.0)
    writer.flush()
    writer.flush()
    assert stored == [[(b"d", b"v", 1.0)]]


def test_many_bytes_are_stored_at_once(stored, monkeypatch):
    monkeypatch.setattr(module, "FLUSH_BYTES", 100)
    writer = Writer(stored.append)
    for i in range(25):
        writer.add(b"%d" % i, b"x" * 10, 1.0)
    assert [len(entries) for entries in stored] == [10, 10]
    writer.flush()
    assert sum(map(len, stored)) == 25


def test_it_is_due_after_a_while_and_not_right_after_a_store(stored, monkeypatch):
    now = [5.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    writer = Writer(stored.append)
    assert not writer.due()
    now[0] += module.FLUSH_SECONDS * 2
    assert writer.due()
    writer.flush()
    assert not writer.due()
