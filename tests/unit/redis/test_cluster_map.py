"""Which node of a cluster holds a key, learned from whoever answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.redis import cluster_map
from redis_geo_plugin.core.redis.cluster_map import NOWHERE, ClusterMap, address_of
from redis_geo_plugin.core.redis.redispy import exceptions, key_slot


class Cluster:
    """Nodes by address; each answers with the layout, or with an error."""

    def __init__(self, *rows):
        self.said = None  # instead of the rows
        self.rows, self.away, self.asked, self.open = rows, set(), [], 0

    def client(self, address):
        self.open += 1
        return Node(self, address)


class Node:
    def __init__(self, cluster, address):
        self.cluster, self.address = cluster, address

    def execute_command(self, words):
        assert words == "CLUSTER SLOTS"
        self.cluster.asked.append(self.address)
        if self.address in self.cluster.away:
            raise exceptions.ConnectionError("away")
        return self.cluster.said or [list(row) for row in self.cluster.rows]

    def close(self):
        self.cluster.open -= 1


A, B = [b"10.0.0.1", 7001, b"id"], [b"10.0.0.2", 7002, b"id"]
WHOLE = ((0, 8191, A), (8192, 16383, B))
SEEDS = [("10.0.0.1", 7001), ("10.0.0.2", 7002)]


def made(*rows):
    cluster = Cluster(*rows)
    return cluster, ClusterMap(SEEDS, cluster.client)


@given(st.binary(min_size=1, max_size=30))
def test_a_key_is_on_the_node_of_its_slot(key):
    _, layout = made(*WHOLE)
    assert layout.node_of(key) == ("10.0.0.1:7001" if key_slot(key) < 8192 else "10.0.0.2:7002")


def test_the_layout_is_asked_for_once_and_the_connection_closed():
    cluster, layout = made(*WHOLE)
    for i in range(100):
        layout.node_of(b"%d" % i)
    assert layout.nodes() == ["10.0.0.1:7001", "10.0.0.2:7002"]
    assert len(cluster.asked) == 1 and cluster.open == 0


def test_a_slot_that_nobody_serves_is_nowhere():
    _, layout = made((0, 99, A), (8192, 16383, B))
    lost = next(b"%d" % i for i in range(1000) if 99 < key_slot(b"%d" % i) < 8192)
    assert layout.node_of(lost) == NOWHERE
    with pytest.raises(exceptions.ClusterDownError):
        layout.client(NOWHERE)


def test_the_second_seed_is_asked_where_the_first_is_away():
    cluster, layout = made(*WHOLE)
    cluster.away = {SEEDS[0]}
    assert len(layout.nodes()) == 2 and cluster.asked == SEEDS and cluster.open == 0


def test_without_any_node_the_last_failure_is_raised_and_what_was_known_is_kept(monkeypatch):
    monkeypatch.setattr(cluster_map, "RELEARN_AFTER", -1.0)
    cluster, layout = made(*WHOLE)
    cluster.away = set(SEEDS)
    with pytest.raises(exceptions.ConnectionError):
        layout.nodes()
    cluster.away = set()
    known = layout.nodes()
    cluster.away = set(SEEDS)
    layout.doubt()
    assert layout.nodes() == known, "a layout in doubt is better than none"


def test_doubt_is_answered_at_most_once_a_second():
    cluster, layout = made(*WHOLE)
    layout.nodes()
    for _ in range(10):
        layout.doubt()
        layout.node_of(b"a")
    assert len(cluster.asked) == 1


def test_slots_that_moved_are_another_layout(monkeypatch):
    monkeypatch.setattr(cluster_map, "RELEARN_AFTER", -1.0)
    cluster, layout = made(*WHOLE)
    layout.nodes()
    before = layout.layout()
    layout.doubt()
    layout.nodes()
    assert layout.layout() == before
    cluster.rows = ((0, 16383, B),)
    layout.doubt()
    assert layout.nodes() == ["10.0.0.2:7002"] and layout.layout() != before


@pytest.mark.parametrize("unknown", [b"", b"?", None])
def test_a_node_that_does_not_know_its_own_address_is_where_it_was_asked(unknown):
    _, layout = made((0, 16383, [unknown, 7001]))
    assert layout.nodes() == ["10.0.0.1:7001"]


def test_one_client_a_node_until_they_are_taken_to_be_closed():
    _, layout = made(*WHOLE)
    node = layout.nodes()[0]
    first = layout.client(node)
    assert layout.client(node) is first and first.address == SEEDS[0]
    assert layout.take_clients() == [first] and layout.take_clients() == []
    assert layout.client(node) is not first


def test_addresses_of_either_kind_are_read_back():
    assert address_of("10.0.0.1:7001") == ("10.0.0.1", 7001)
    assert address_of("fe80::1:7001") == ("fe80::1", 7001)


@pytest.mark.parametrize(
    "said",
    [
        5,
        "OK",
        [5],
        [[]],
        [[0, 1]],
        [[0, 1, []]],
        [["a", 1, A]],
        [[0, None, A]],
        [[0, 1, [b"h", b"x"]]],
        {1: 2},
    ]
    + [{(0, 1): {}}, [[0, 1, 7]], [[0, 1, [b"h"]]]],
)
def test_what_is_no_list_of_slots_is_a_failure_of_the_server(said):
    cluster, layout = made(*WHOLE)
    cluster.said = said
    with pytest.raises(exceptions.RedisError):
        layout.nodes()
    assert cluster.open == 0


def test_while_no_node_serves_a_slot_there_is_none_to_ask():
    cluster, layout = made()
    with pytest.raises(exceptions.ClusterDownError):
        layout.client(layout.any_node())
    cluster.rows = WHOLE
    assert layout.any_node() == "10.0.0.1:7001"
