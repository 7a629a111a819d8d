"""redis-py's internals stand where they are used, in one file; a redis-py that has lost one is noticed here."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import redis
from redis.cluster import ClusterPipeline, NodesManager, RedisCluster, TransactionStrategy
from redis.connection import AbstractConnection, ConnectionPool
from redis.exceptions import AskError, MovedError, ResponseError
from redis.sentinel import SentinelConnectionPool

from redis_geo_plugin.core.redis import connections
from redis_geo_plugin.core.redis.calls import LIMITS, Lines

CORE = Path(connections.__file__).resolve().parents[1]
INTERNALS = re.compile(
    r"\b(_sock|_parser|_command_packer|_in_use_connections|_available_connections|connect_check_health|set_parser"
    r"|parse_error|BaseParser|_RESP2Parser|_RESP3Parser|_execution_strategy|_transaction_connection)\b"
)
HOME = {"core/redis/connections.py", "core/redis/redispy.py"}


def test_no_other_file_names_them():
    named = {
        path.relative_to(CORE.parent).as_posix()
        for path in CORE.rglob("*.py")
        if INTERNALS.search(path.read_text(encoding="utf-8"))
    }
    assert named == HOME


def test_redis_py_still_has_them():
    made = inspect.getsource(AbstractConnection)
    for name in ("self._sock", "self._parser", "command_packer", "def connect_check_health", "def set_parser", "self._sock.sendall"):  # fmt: skip
        assert name in made, name
    assert "check_health" in inspect.signature(AbstractConnection.send_packed_command).parameters
    assert "check_health" in inspect.signature(AbstractConnection.connect_check_health).parameters
    for name in ("_in_use_connections", "inuse_connections"):
        assert name in inspect.getsource(ConnectionPool)
    assert "connection_class" in inspect.getsource(SentinelConnectionPool.__init__)


def test_redis_py_still_makes_a_clusters_pools_by_the_class_it_is_given():
    nodes = inspect.getsource(NodesManager)
    for name in (
        "self.connection_pool_class(",
        "startup_nodes",
        "def populate_startup_nodes",
        "def initialize",
    ):
        assert name in nodes, name
    assert "self.get_node(node_name=redirect_addr)" in inspect.getsource(RedisCluster), "where an ASK leads"
    assert "self.nodes_manager.get_node(" in inspect.getsource(RedisCluster.get_node)
    assert "from_url" in inspect.signature(NodesManager.__init__).parameters
    assert "url" in inspect.signature(RedisCluster.__init__).parameters


def test_redis_py_still_makes_a_clusters_transactions_by_what_is_put_in_its_place():
    made = inspect.getsource(TransactionStrategy)
    for name in (
        "self._get_client_and_connection_for_transaction()",
        "self._transaction_connection",
        "self._pipeline_slots",
        "self._executing = True",
        "self._retry.call_with_retry(",
        "self._reinitialize_on_error,",
    ):
        assert name in made, name
    assert "_execution_strategy" in inspect.getsource(ClusterPipeline.__init__)
    assert hasattr(ClusterPipeline, "_should_reinitialized")
    for name in ("update_moved_exception", "find_connection_owner", "get_node_from_slot"):
        assert hasattr(NodesManager, name), name


def test_a_connection_of_redis_py_uses_what_is_put_in_its_place():
    for kind in (
        connections.TimedConnection,
        connections.TimedTlsConnection,
        connections.TimedUnixConnection,
        connections.TimedSentinelConnection,
        connections.TimedSentinelTlsConnection,
    ):
        more = {"connection_pool": None} if "Sentinel" in kind.__name__ else {}
        made = kind(limits=LIMITS["bulk"], lines=Lines(), protocol=2, **more)
        assert isinstance(made, AbstractConnection) and made.reader is None and made.timed_socket is None
        assert type(made._parser).__module__ == connections.__name__
        assert made.pack_command("CONFIG GET", "x") == [b"*3\r\n$6\r\nCONFIG\r\n$3\r\nGET\r\n$1\r\nx\r\n"]
        assert kind._connect is connections._Timed._connect
        assert kind.read_response is connections._Timed.read_response


def test_a_redirection_to_nobody_is_one_to_the_node_that_was_asked():
    for host in ("", "?"):
        moved = connections._error(f"MOVED 3999 {host}:6381", "10.0.0.7")
        assert isinstance(moved, MovedError) and (moved.host, moved.port) == ("10.0.0.7", 6381)
        asked = connections._error(f"ASK 3999 {host}:6381", "10.0.0.7")
        assert isinstance(asked, AskError) and asked.host == "10.0.0.7"
    moved = connections._error("MOVED 3999 10.0.0.8:6381", "10.0.0.7")
    assert moved.host == "10.0.0.8"
    for rubbish in ("MOVED", "MOVED x", "ASK 1 2", "MOVED 1 :x", "MOVED 1 ::99999999", "LOADING"):
        assert isinstance(connections._error(rubbish, "a"), (ResponseError, redis.ConnectionError))


def test_a_layout_with_unknown_hosts_names_the_node_that_was_asked():
    rows = [[0, 1, [b"?", 1, b"id"], [b"", 2]], [2, 3, [None, 3], [b"there", 4]]]
    assert connections._with_hosts(rows, "here") == [
        [0, 1, [b"here", 1, b"id"], [b"here", 2]],
        [2, 3, [b"here", 3], [b"there", 4]],
    ]
