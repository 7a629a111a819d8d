"""Names, ids, values and lines of others of many megabytes, and very many of them: every dock, the Browser, expressions and Find
positions are used beside them, and the window stays alive."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsProject

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import Server
from tests.qgis.test_misbehaving_servers_in_the_window import (
    COMPUTED,
    GONE,
    LEAVING,
    STILL,
    Window,
    answered,  # noqa: F401 - a fixture
    browse,
    use_all,
)
from tests.support import cases
from tests.support.census import our_threads
from tests.support.jobs import send, squares
from tests.support.layers import layer_of
from tests.support.main_thread import MainThread
from tests.support.waiting import wait_until

MB = 1_000_000
LONG = b"n" * (5 * MB)
MARKED = ("<b>" + "\u202e" * 1000).encode() * 1000
QUEUE = "{taches_spatiales}:"


def long_keys(client, _queue):
    """Keys of every kind whose names are many megabytes."""
    for name in (LONG, MARKED):
        client.geoadd(b"set:" + name, (2.35, 48.85, "a"))
        client.set(b"vehicule:" + name, '{"latitude": 48.0, "longitude": 2.0}')
        client.hset(b"bus:" + name, mapping={"lat": "48", "lon": "2"})
        client.set(b"calculs:buffers:" + name[:1000] + b":" + name, b"x")
        client.xadd(b"flux:" + name, {"id": "1", "lat": "48", "lon": "2"})


def long_members(client, _queue):
    """Members and fields whose names are many megabytes, and values beside them."""
    for name in (LONG, MARKED):
        client.geoadd("locations", (2.35, 48.85, name))
        client.hset("locations:attributs", name, json.dumps({"kind": "x" * MB}))
        client.hset("fleet", name, '{"lat": 48.0, "lon": 2.0}')
    client.geoadd("locations", (2.35, 48.85, "plain"))
    client.hset("locations:attributs", "plain", json.dumps({"k" * MB: "v", "tree": [["x" * 500_000]]}))


def long_records(client, _queue):
    """Positions with long ids, names of fields and texts, as values, in streams and in lists."""
    for number in range(30):
        record = {
            "latitude": 48.0,
            "longitude": 2.0,
            "id": "i" * MB,
            "line": "l" * MB,
            f"f{number}" * 9999: 1,
        }
        client.set(f"vehicule:{number}", json.dumps(record))
        client.xadd("flux:vehicules", {"id": "i" * MB, "lat": "48", "lon": "2", "k" * MB: "v"})
        client.lpush("positions", json.dumps(record))


def long_books(client, queue):
    """Batches, workers and failed jobs of which everything is long."""
    for number in range(5):
        batch = send(queue, squares(3))
        details = json.dumps({"fields": [["f" * MB, "x" * MB]], "crs": "c" * MB})
        client.hset(queue.batch_key(batch), mapping={"nom": "n" * 3 * MB, "details": details})
        client.zadd(QUEUE + "vus", {f"{'w' * MB}{number}": 2**42})
        client.hset(
            QUEUE + "travailleurs", f"{'w' * MB}{number}", json.dumps({"host": "h" * MB, "state": "s" * MB})
        )
        client.xadd(
            QUEUE + "ecartees",
            {"lot": batch, "n": "0", "raison": "error", "mots": "m" * 3 * MB, "o": "o" * MB},
        )


def many_of_all(client, _queue):
    """20,000 GEO sets, 20,000 prefixes, 20,000 members with names of attributes of their own, and 2,000 feeds' keys."""
    with client.pipeline(transaction=False) as pipe:
        for number in range(20_000):
            pipe.geoadd(f"s{number}:of:{number % 100}", (2.35, 48.85, "a"))
            pipe.geoadd("locations", (2 + number * 1e-5, 48.85, f"m{number}"))
            if number < 2000:
                pipe.hset(
                    "locations:attributs", f"m{number}", json.dumps({f"a{number}_{j}": j for j in range(10)})
                )
                pipe.set(f"p{number}:1", '{"latitude": 48.0, "longitude": 2.0}')
        pipe.execute()


@pytest.mark.parametrize("fill", [long_keys, long_members, long_records, long_books, many_of_all])
def test_the_window_stays_alive_beside_what_is_huge(iface, make_server, answered, fill):  # noqa: F811
    server = make_server()
    own = Server(server.settings())
    with server.client() as client:
        fill(client, JobQueue(own))
    own.close()
    layer = layer_of([f"POLYGON(({x} 0,{x + 1} 0,{x + 1} 1,{x} 0))" for x in range(3)])
    QgsProject.instance().addMapLayer(layer)
    iface.setActiveLayer(layer)
    connections.save(connections.SavedConnection(server.settings()))
    connections.set_active("test")
    with MainThread() as main:
        window = Window(iface, main)
        try:
            wait_until(lambda: window.plugin.context.connections.state.value == "connected")
            use_all(window)
            browse(window)
            main.spin(2.0)
        finally:
            window.leave()
    iface.bar.take_messages()
    wait_until(lambda: not our_threads(), 30)
    turns = [turn for turn in main.turns if turn.name != LEAVING]
    cases.count(len(turns))
    assert window.plugin.failed == window.plugin.left == []
    assert [turn for turn in turns if turn.network] == []
    assert [turn for turn in turns if turn.waited > STILL] == []
    slow = sorted((turn for turn in turns if turn.computed > COMPUTED), key=lambda turn: -turn.computed)
    assert [(turn.name, round(turn.computed, 3)) for turn in slow] == []
    leaving = main.turns[-1]
    assert leaving.name == LEAVING and leaving.computed + leaving.waited < GONE
