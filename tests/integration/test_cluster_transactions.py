"""Transactions on clusters: done once or not at all, guarded from WATCH to EXEC, while slots move and connections break."""

from __future__ import annotations

import pytest
from redis.crc import key_slot

from redis_geo_plugin.core.redis.guarded import guarded
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from tests.support.cluster import RealCluster

KEY, BESIDE = b"{here}:count", b"{here}:beside"
SLOT = key_slot(KEY)


@pytest.fixture(params=["valkey", "redis8"])
def growing(request):
    cluster = RealCluster(3, flavour=request.param)
    yield cluster
    cluster.close()


@pytest.fixture
def opened(growing):
    server = Server(growing.settings())
    yield server
    server.close()


def node_of(growing):
    return growing.node_of(KEY.decode())


def elsewhere(growing):
    return next(node for node in growing.nodes if node is not node_of(growing))


def in_use(server):
    """Connections that a client has taken and not given back."""
    nodes = server.bulk.nodes_manager.nodes_cache.values()
    pools = [node.redis_connection.connection_pool for node in nodes if node.redis_connection]
    return sum(len(pool._in_use_connections) for pool in pools)


def count_up(server, between=lambda attempt: None):
    """Add one to what is read, in a guarded transaction; returns how many attempts it took."""
    attempts = []

    def step(watch):
        watch([KEY])
        now = int(server.bulk.get(KEY) or 0)
        attempts.append(now)
        between(len(attempts))
        return [("SET", KEY, now + 1), ("INCR", BESIDE)], None

    guarded(server, step)
    return len(attempts)


def values(growing):
    with growing.client() as client:
        return int(client.get(KEY) or 0), int(client.get(BESIDE) or 0)


def test_a_change_by_another_is_seen(growing, opened):
    with growing.client() as client:
        assert count_up(opened, lambda attempt: client.set(KEY, 7) if attempt == 1 else None) == 2
    assert values(growing) == (8, 1) and in_use(opened) == 0


def test_a_slot_that_moves_between_the_look_and_the_transaction(growing, opened):
    """What another writes on the new node is seen, whatever of the layout is known."""
    count_up(opened)

    def move(attempt):
        if attempt == 1:
            growing.move_slot(SLOT, elsewhere(growing))
            with growing.client() as client:
                client.set(KEY, 10)
            opened.bulk.get(KEY)  # by which the client learns that the slot has moved

    assert count_up(opened, move) >= 2
    assert values(growing) == (11, 2) and in_use(opened) == 0


def test_a_slot_on_its_way_holds_the_transaction_up(growing, opened):
    """One key is on the old node and one on the new, until the move has ended."""
    for _ in range(2):
        count_up(opened)
    target = elsewhere(growing)
    source = growing.begin_move(SLOT, target)
    with source.client() as here:
        here.execute_command("MIGRATE", target.host, target.port, BESIDE, 0, 2000)
    attempts = count_up(opened, lambda attempt: growing.move_slot(SLOT, target) if attempt == 5 else None)
    assert attempts > 5 and values(growing) == (3, 3) and in_use(opened) == 0


def lose_replies(growing, opened, monkeypatch, is_done):
    """The connection breaks at EXEC, once."""
    lost = []
    pipeline = type(opened.bulk).pipeline

    def made(client, **words):
        pipe = pipeline(client, **words)
        strategy = pipe._execution_strategy
        run = strategy._execute_transaction

        def executed(stack, raise_on_error):
            if lost:
                return run(stack, raise_on_error)
            lost.append(True)
            if is_done:
                run(stack, raise_on_error)
            raise exceptions.ConnectionError("the connection broke")

        strategy._execute_transaction = executed
        return pipe

    monkeypatch.setattr(type(opened.bulk), "pipeline", made)
    return lost


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_a_guarded_transaction_whose_reply_is_lost_is_not_sent_again_unseen(
    growing, opened, monkeypatch, is_done
):
    """redis-py would send it once more by itself, over a connection that watches nothing."""
    count_up(opened)
    lost = lose_replies(growing, opened, monkeypatch, is_done)
    seen = []

    def step(watch):
        watch([KEY])
        seen.append((int(opened.bulk.get(KEY)), watch.unanswered, watch.before))
        if watch.unanswered and seen[-1][0] == 2:
            return [], watch.before
        return [("SET", KEY, 2), ("INCR", BESIDE)], "told"

    assert guarded(opened, step) == "told" and lost
    assert seen == [(1, False, None), (2 if is_done else 1, True, "told")]
    assert values(growing) == (2, 2) and in_use(opened) == 0
