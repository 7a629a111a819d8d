"""Names that are looked at a piece at a time, with hours between the pieces."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from redis_geo_plugin.core.live.reader import Reader, ScanCursor
from redis_geo_plugin.core.live.sources.base import NamesInTurn
from redis_geo_plugin.core.redis import scanning

PIECES = 5


class SmallKeyspace:
    """Answers a SCAN with one name a step; a node of a cluster, too."""

    nodes = ("a:1", "b:2")

    def __init__(self):
        self.cursors = []

    def ask(self, _scan, cursor, *_more):
        self.cursors.append(cursor)
        return (cursor + 1) % PIECES, [b"k%d" % cursor]

    def ask_node(self, node, *words):
        following, (name,) = self.ask(*words)
        return following, [node.encode() + name]


@pytest.fixture
def hours(monkeypatch):
    """A function that lets an hour pass."""
    now = [1000.0]
    monkeypatch.setattr(scanning, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return lambda: now.__setitem__(0, now[0] + 3600.0)


def reader_of(keyspace, is_cluster):
    reader = Reader.__new__(Reader)
    reader.away = []
    reader._wire, reader.cluster = (None, keyspace) if is_cluster else (keyspace, None)
    return reader


@pytest.mark.parametrize("is_cluster", [False, True])
def test_every_name_comes_however_long_the_breaks_are(hours, is_cluster):
    keyspace = SmallKeyspace()
    names, reader, found = NamesInTurn(b"k*", ""), reader_of(keyspace, is_cluster), []
    while (some := names.step(reader)) is not None:
        found += some
        hours()
    every = [b"k%d" % n for n in range(PIECES)]
    assert found == ([node + name for node in (b"a:1", b"b:2") for name in every] if is_cluster else every)
    assert names.is_at_start


def test_a_round_that_was_left_is_begun_again():
    keyspace = SmallKeyspace()
    names, reader = NamesInTurn(b"k*", ""), reader_of(keyspace, False)
    names.step(reader)
    names.step(reader)
    assert not names.is_at_start
    names.begin()
    assert names.is_at_start
    names.step(reader)
    assert keyspace.cursors == [0, 1, 0]


def test_a_search_through_the_names_may_take_breaks_too(hours):
    cursor, found = ScanCursor(SmallKeyspace().ask, b"k*"), []
    while not cursor.done:
        found += cursor.step(1)
        hours()
    assert found == [b"k%d" % n for n in range(PIECES)]
