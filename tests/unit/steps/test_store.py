"""The store of steps on real servers: all or nothing, never more than there is room for, never raising."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from redis_geo_plugin.core.cache.link import Link
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.steps import store as store_module
from redis_geo_plugin.core.steps.columns import pack
from redis_geo_plugin.core.steps.store import StepStore

A, B, C = (bytes([n]) * 32 for n in (1, 2, 3))
PIECES = [pack([None], [[n]]) for n in range(3)]


@pytest.fixture
def make_store(server):
    made = []

    def make(namespace="defaut", ttl=1000, **changes):
        from dataclasses import replace

        made.append(Server(replace(server.settings(), **changes)))
        return StepStore(Link(made[-1]), namespace, ttl)

    yield make
    for one in made:
        one.close()


def names(server):
    with server.client() as client:
        return sorted(key.decode() for key in client.scan_iter("*"))


def test_rows_are_read_back_by_those_of_the_namespace(make_store, server):
    store = make_store()
    assert store.rows([A, B]) == [None, None]
    assert store.write_rows([(A, b"one", 70.5), (B, b"", 0.0)]) == 2
    assert make_store().rows([B, C, A]) == [(b"", 0), None, (b"one", 70)]
    assert make_store("team").rows([A]) == [None]
    assert names(server) == sorted(f"calculs:lignes:defaut:{d.hex()}" for d in (A, B))
    with server.client() as client:
        assert 900 <= client.ttl(names(server)[0]) <= 1000


def test_a_step_has_all_of_its_pieces_or_is_a_miss(make_store, server):
    store = make_store()
    assert store.write_step(A, {"x": 1}, [*PIECES, PIECES[0]], 5000.0)
    found = make_store().step(A)
    assert found is not None and found.cost_us == 5000 and found.outputs["x"] == 1
    assert [found.pieces[bytes.fromhex(n)] for n in found.outputs["pieces"]] == [*PIECES, PIECES[0]]
    assert len(names(server)) == 4  # a piece stands once
    with server.client() as client:
        client.delete(next(n for n in names(server) if ":morceaux:" in n))
    assert make_store().step(A) is None


def test_an_unchanged_piece_is_stored_once(make_store, server):
    make_store().write_step(A, {}, PIECES, 0.0)
    make_store().write_step(B, {}, PIECES, 0.0)
    assert len([n for n in names(server) if ":morceaux:" in n]) == 3


@pytest.mark.parametrize("wrong", [b"", b"rubbish", None])
def test_a_damaged_piece_is_a_miss_and_is_written_over(make_store, server, wrong):
    make_store(ttl=0).write_step(A, {}, PIECES, 0.0)
    piece = next(n for n in names(server) if ":morceaux:" in n)
    with server.client() as client:
        right = client.get(piece)
        client.set(piece, right[:-1] + b"?" if wrong is None else wrong)
    store = make_store(ttl=0)
    assert store.step(A) is None
    assert store.write_step(A, {}, PIECES, 0.0)
    assert make_store().step(A) is not None
    with server.client() as client:
        assert client.get(piece) == right and client.ttl(piece) == -1


def test_a_foreign_piece_behind_a_right_header_is_a_miss(make_store, server):
    store = make_store()
    store.write_step(A, {}, PIECES, 0.0)
    piece = next(n for n in names(server) if ":morceaux:" in n)
    digest = bytes.fromhex(piece[-64:])
    with server.client() as client:
        client.set(piece, store._frames.encode(digest, b"another layer"))
    assert make_store().step(A) is None


@pytest.mark.parametrize(
    "head", [b"", b"[]", b"{}", b'{"pieces":7}', b'{"pieces":["zz"]}', b'{"pieces":["00"]}', b"[" * 100_000]
)
def test_a_head_that_is_none_is_a_miss(make_store, server, head):
    store = make_store()
    store._write([("calculs:etapes", A, head, 0.0)])
    assert store.step(A) is None


def test_a_step_that_names_one_piece_over_and_over_is_a_miss(make_store, server, monkeypatch):
    """Some bytes would become more features than there is memory for; nobody writes so much of one step."""
    monkeypatch.setattr(store_module, "STEP_BYTES", 10_000)
    store = make_store()
    assert store.write_step(A, {}, [PIECES[0]] * 20, 0.0) and make_store().step(A) is not None
    name = hashlib.sha256(PIECES[0]).hexdigest()
    head = json.dumps({"pieces": [name] * 10_000}).encode()
    store._left = None
    with server.client() as client:
        client.set(f"calculs:etapes:defaut:{B.hex()}", store._frames.encode(B, head))
    monkeypatch.setattr(store_module, "STEP_BYTES", 100_000)
    assert make_store().step(B) is None


def test_rows_that_are_together_too_large_are_not_all_read(make_store, server, monkeypatch):
    store = make_store()
    assert store.write_rows([(A, bytes(900), 0.0), (B, bytes(900), 0.0), (C, b"", 0.0)]) == 3
    monkeypatch.setattr(store_module, "_ROWS", dataclasses.replace(store_module._ROWS, total_bytes=1500))
    assert [row is not None for row in make_store().rows([A, B])] == [True, False]


def test_a_value_of_another_type_or_too_large_is_never_read(make_store, server, monkeypatch):
    with server.client() as client:
        client.lpush(f"calculs:lignes:defaut:{A.hex()}", "x")
        client.set(f"calculs:lignes:defaut:{B.hex()}", bytes(5_000_000))
        before = client.info("commandstats")
    assert make_store().rows([A, B]) == [None, None]
    with server.client() as client:
        after = client.info("commandstats")
    assert "cmdstat_mget" not in after
    assert after.get("cmdstat_get", {}).get("calls", 0) == before.get("cmdstat_get", {}).get("calls", 0)


def test_no_more_is_written_than_there_is_room_for(make_store, server, monkeypatch):
    monkeypatch.setattr(store_module, "STEP_BYTES", 1000)
    store = make_store()
    assert store.write_rows([(A, bytes(600), 0.0), (B, bytes(600), 0.0), (C, b"", 0.0)]) == 1
    assert not make_store().write_step(A, {}, [bytes(2000)], 0.0)
    assert len(names(server)) == 1


def test_a_tenth_of_what_the_server_has_left_is_the_most(make_store, make_server):
    with make_server("redis", "--maxmemory", "20mb").client() as client:
        left = 20 * 2**20 - client.info("memory")["used_memory"]
        port = client.connection_pool.connection_kwargs["port"]
    room = make_store(port=port).room()
    assert 0.08 * left < room < 0.12 * left


def test_with_a_secret_others_values_are_misses(make_store):
    make_store(cache_secret="mine").write_step(A, {}, PIECES, 0.0)
    assert make_store(cache_secret="mine").step(A) is not None
    assert make_store(cache_secret="another").step(A) is None
    assert make_store().step(A) is not None


def test_without_a_server_or_with_one_that_dies_all_is_a_miss(make_store, make_server):
    nowhere = StepStore(Link(None), "defaut")
    assert not nowhere.up and nowhere.rows([A]) == [None] and nowhere.step(A) is None
    assert nowhere.write_rows([(A, b"", 0.0)]) == 0 and not nowhere.write_step(A, {}, PIECES, 0.0)
    real = make_server("valkey")
    store = make_store(port=real.port)
    assert store.write_rows([(A, b"x", 0.0)]) == 1
    real.kill()
    assert store.rows([A]) == [None] and store.write_rows([(A, b"", 0.0)]) == 0
    assert not store.write_step(A, {}, PIECES, 0.0) and store.step(A) is None
    assert store.link.failure is not None


def test_two_who_ask_compute_once(make_store):
    mine, theirs = make_store(), make_store()
    first, second = mine.claims(), theirs.claims()
    try:
        assert first.take([A]) == ([A], [])
        assert second.take([A]) == ([], [A])
        rounds = second.rounds([A], lambda: mine.write_step(A, {"x": 2}, PIECES, 0.0))
        (((digest, head),),) = list(rounds)
        assert digest == A and b'"x":2' in head
        found = theirs.step(A)
        assert found is not None and found.outputs["x"] == 2
    finally:
        first.close()
        second.close()
