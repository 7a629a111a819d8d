"""Read from the source: every module that writes is tried on a production connection, every client has the gate."""

from __future__ import annotations

import ast

from tests.support.written_calls import PACKAGE, calls_in


def test_clients_are_made_in_one_place_and_packed_commands_are_known():
    makers = {
        *("Redis", "RedisCluster", "StrictRedis", "Sentinel", "Connection", "UnixDomainSocketConnection"),
        *(
            "TimedClient",
            "TimedCluster",
            "TimedPipeline",
            "TimedPool",
            "TimedSentinelPool",
            "pubsub",
            "monitor",
        ),
    }
    made, packed = set(), set()
    for path in PACKAGE.rglob("*.py"):
        if "_vendor" in path.parts:
            continue
        name = path.relative_to(PACKAGE).as_posix()
        called = {attribute for attribute, _ in calls_in(path)}
        if called & makers or {one for one, _ in names_called(path)} & makers:
            made.add(name)
        if called & PACKED:
            packed.add(name)
    assert made == {"core/redis/clients.py", "core/redis/doors.py"}
    # sockets.py and tls.py are the sockets below redis-py.
    assert packed == {
        "core/redis/connections.py",
        "core/redis/borrowed.py",
        "core/redis/greeting.py",
        "core/redis/sockets.py",
        "core/redis/tls.py",
    }


PACKED = {"send_packed_command", "send_command", "pack_command", "pack_commands", "sendall", "get_connection"}


# What sends bytes on a taken connection, and asks the gate for each of their commands beforehand (``Taken.check``).
TAKERS = {
    "core/redis/server.py",
    "core/redis/string_walk.py",
    "core/geo/replies.py",
    "core/geo/fill.py",
    "core/live/connection.py",
}
OTHER_PACKERS = {"connections.py", "borrowed.py", "protocol.py"}  # of the door itself


def test_whoever_sends_packed_bytes_asks_the_gate_before():
    takers = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "_vendor" in path.parts or path.name in OTHER_PACKERS:
            continue
        names = {name for name, _ in names_called(path)}
        if "protocol import" in text and {"pack", "pack_rows", "pack_keys"} & names:
            takers.add(path.relative_to(PACKAGE).as_posix())
            assert ".check(" in text, path
    assert takers == TAKERS


def names_called(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node.lineno
