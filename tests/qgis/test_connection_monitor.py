"""The connection's state as the window hears of it, over everything that a server can do to it."""

from __future__ import annotations

import threading

import pytest

from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.bridge.server.connections import SavedConnection
from redis_geo_plugin.core.redis.failures import FailureKind
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from redis_geo_plugin.gui import connection_monitor
from redis_geo_plugin.gui.connection_monitor import ConnectionMonitor, ConnectionState
from redis_geo_plugin.gui.connections.lamp import tip
from tests.support.servers import free_port


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Pauses short enough for a test; that they grow is tested by their announced times."""
    monkeypatch.setattr(connection_monitor, "PING_EVERY", 0.05)
    monkeypatch.setattr(connection_monitor, "FIRST_PAUSE", 0.1)


@pytest.fixture
def monitor():
    made = ConnectionMonitor()
    made.states = []
    made.changes = []
    made.state_changed.connect(lambda state, failure: made.states.append((state, failure and failure.kind)))
    made.changed.connect(lambda: made.changes.append(made.name))
    yield made
    made.stop()


def save(settings, active=True):
    connections.save(SavedConnection(settings))
    if active:
        connections.set_active(settings.name)


def test_none(monitor, spin):
    monitor.start()
    spin(0.1)
    assert (monitor.state, monitor.settings()) == (ConnectionState.NONE, None)


def test_connected_with_product_and_latency(monitor, server, wait_until):
    save(server.settings())
    monitor.start()
    assert monitor.state is ConnectionState.CONNECTING
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    assert monitor.news.product == ("Redis" if server.flavour == "redis" else "Valkey")
    assert monitor.latency_ms > 0
    assert monitor.states == [(ConnectionState.CONNECTING, None), (ConnectionState.CONNECTED, None)]


def test_killed_and_restarted(monitor, make_server, wait_until):
    server = make_server()
    save(server.settings())
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    server.kill()
    wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
    assert monitor.failure.kind in (FailureKind.REFUSED, FailureKind.LOST)
    server.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    assert monitor.changes == ["test"]  # a reconnection changes nothing for whoever works


def test_a_restart_between_two_pings_is_not_even_noticed(monitor, make_server, wait_until, monkeypatch):
    server = make_server()
    save(server.settings())
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    monkeypatch.setattr(connection_monitor, "PING_EVERY", 1.0)
    heard = []
    monitor.heard.connect(lambda: heard.append(monitor.state))
    wait_until(lambda: heard)  # the next ping is a second away
    server.restart()
    heard.clear()
    wait_until(lambda: heard)
    assert monitor.state is ConnectionState.CONNECTED
    assert (ConnectionState.RECONNECTING, FailureKind.LOST) not in monitor.states


def test_stopped_and_continued(monitor, make_server, wait_until):
    server = make_server()
    save(server.settings())
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    server.stop()
    wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
    assert monitor.failure.kind is FailureKind.TOO_SLOW
    server.resume()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)


def test_password_changed(monitor, make_server, wait_until):
    server = make_server("redis", "--requirepass", "old")
    authcfg = connections.store_secret("test", "", "old")
    connections.save(SavedConnection(server.settings(), authcfg))
    connections.set_active("test")
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    with server.client(password="old") as admin:
        admin.config_set("requirepass", "new")
    with server.client(password="new") as admin:
        admin.client_kill_filter(_type="normal", skipme=True)
    wait_until(lambda: monitor.state is ConnectionState.FAILED)
    assert monitor.failure.kind is FailureKind.WRONG_PASSWORD
    connections.store_secret("test", "", "new", authcfg)
    monitor.reload()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)


def test_the_pauses_grow_and_retry_now_ends_them(monitor, wait_until, monkeypatch, make_server):
    monkeypatch.setattr(connection_monitor, "FIRST_PAUSE", 0.2)
    port = free_port()
    save(ConnectionSettings(name="test", port=port))
    tries = []
    monitor.heard.connect(lambda: tries.append(monitor.news.next_try))
    monitor.start()
    wait_until(lambda: len([t for t in tries if t]) >= 4)
    found = [t for t in tries if t]
    gaps = [later - earlier for earlier, later in zip(found, found[1:])]
    assert gaps == sorted(gaps) and gaps[-1] > 1.5 * gaps[0]
    monkeypatch.setattr(connection_monitor, "FIRST_PAUSE", 60.0)
    monitor.retry_now()
    count = len(tries)
    wait_until(lambda: len(tries) > count)
    make_server(port=port)
    monitor.retry_now()  # without it, the next try is a minute away
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)


def test_another_connection(monitor, make_server, one_server, wait_until):
    save(one_server.settings())
    other = make_server("redis")
    save(ConnectionSettings(name="other", port=other.port), active=False)
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    monitor.activate("other")
    assert monitor.state is ConnectionState.CONNECTING
    assert monitor.settings().port == other.port
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED and monitor.news.product == "Redis")
    assert monitor.changes == ["test", "other"]
    with one_server.client() as admin:
        wait_until(lambda: not [c for c in admin.client_list() if c["name"] == "redis-geo"])


def test_saving_without_a_change_disturbs_nobody(monitor, one_server, wait_until):
    save(one_server.settings())
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    monitor.reload()
    assert monitor.state is ConnectionState.CONNECTED
    assert monitor.changes == ["test"]


def test_a_locked_authentication_database(monitor, one_server, wait_until):
    """The configuration is gone or cannot be read: said in words, mended by trying again once it can be read."""
    connections.save(SavedConnection(one_server.settings(), "nothere"))
    connections.set_active("test")
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.FAILED)
    assert monitor.failure.kind is FailureKind.SECRETS_LOCKED
    connections.save(SavedConnection(one_server.settings()))
    monitor.retry_now()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)


def test_stopping_while_the_server_hangs_leaves_no_thread(monitor, make_server, wait_until):
    server = make_server()
    save(server.settings())
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    server.stop()
    wait_until(lambda: monitor.state is ConnectionState.RECONNECTING)
    monitor.retry_now()
    monitor.stop()
    wait_until(lambda: not any(t.name == "redis-geo-monitor" for t in threading.enumerate()))


def test_the_tip_tells_all_but_the_secret(monitor, make_server, wait_until):
    server = make_server("valkey", "--requirepass", "geheim-7up")
    authcfg = connections.store_secret("test", "default", "geheim-7up")
    connections.save(SavedConnection(server.settings(), authcfg))
    connections.set_active("test")
    monitor.start()
    wait_until(lambda: monitor.state is ConnectionState.CONNECTED)
    text = tip(monitor)
    assert "Valkey 9" in text and f"127.0.0.1:{server.port}" in text and " ms" in text and "Since" in text
    server.kill()
    wait_until(lambda: monitor.state is ConnectionState.RECONNECTING and monitor.news.next_try)
    broken = tip(monitor)
    assert ("Next try" in broken and "Nothing listens" in broken) or "broke" in broken
    assert "geheim" not in text + broken
