"""Calls end with their deadline and when they are cancelled, whatever the other side does."""

from __future__ import annotations

import threading
import time

import pytest
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import TimeoutError as TooSlow

from redis_geo_plugin.core.redis import sockets
from redis_geo_plugin.core.redis.borrowed import Taken, borrowed
from redis_geo_plugin.core.redis.calls import (
    LIMITS,
    Call,
    CallCancelled,
    CallLimits,
    UnexpectedReply,
    current,
)
from redis_geo_plugin.core.scope import Scope
from tests.support.paired import paired_client
from tests.support.patience import PATIENCE

SHORT = CallLimits(0.5, 0.5)


def in_thread(work):
    """Runs ``work`` in a thread; gives a function that waits for what it returned or raised."""
    results = []

    def run():
        try:
            results.append(work())
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result():
        thread.join(PATIENCE)
        assert results, "the call did not end"
        return results[0]

    return result


def test_a_server_that_drips_bytes_does_not_hold_a_call():
    client, theirs = paired_client(SHORT)
    result = in_thread(lambda: client.get("a"))
    theirs.recv(100)
    for byte in b"$1000\r\n" + b"x" * 30:
        try:
            theirs.send(bytes([byte]))
        except OSError:
            break  # it has given up
        time.sleep(0.05)
    assert isinstance(result(), TooSlow)
    theirs.close()


def test_what_a_large_reply_needs_is_given_to_it():
    limits = CallLimits(0.5, 0.5, rate=100_000.0, longest=30.0)
    client, theirs = paired_client(limits)
    result = in_thread(lambda: client.get("a"))
    theirs.recv(100)
    theirs.sendall(b"$400000\r\n")
    for _ in range(8):
        theirs.sendall(b"x" * 50_000)
        time.sleep(0.1)
    theirs.sendall(b"\r\n")
    assert result() == b"x" * 400_000
    theirs.close()


def test_a_cancelled_scope_ends_the_call_that_waits_and_refuses_the_next():
    client, theirs = paired_client(LIMITS["bulk"])
    scope = Scope()

    def work():
        with scope.entered():
            try:
                client.get("a")
            except LostConnection as error:
                with pytest.raises(CallCancelled):
                    client.get("b")
                return error

    result = in_thread(work)
    theirs.recv(100)
    scope.cancel()
    assert isinstance(result(), CallCancelled)
    theirs.close()


def test_a_scope_holds_the_threads_that_enter_it_and_no_other():
    client, theirs = paired_client(LIMITS["bulk"])
    scope = Scope()
    scope.cancel()
    other = in_thread(lambda: client.get("a"))
    theirs.recv(100)
    theirs.sendall(b"$1\r\nx\r\n")
    assert other() == b"x"

    def inside():
        with scope.entered():
            return client.get("a")

    assert isinstance(in_thread(inside)(), CallCancelled)
    theirs.close()


def test_all_of_a_servers_calls_end_when_it_is_aborted():
    client, theirs = paired_client(LIMITS["bulk"])
    result = in_thread(lambda: client.get("a"))
    theirs.recv(100)
    client.door.lines.abort()
    assert isinstance(result(), CallCancelled) and client.door.lines.open_sockets == 0
    theirs.close()


def test_a_taken_connection_is_ended_from_another_thread():
    client, theirs = paired_client(LIMITS["bulk"])
    taken: list[Taken] = []

    def work():
        taken.append(Taken(client))
        return taken[0].ask([("GET", "a")])

    result = in_thread(work)
    theirs.recv(100)
    taken[0].close()
    assert isinstance(result(), LostConnection)
    theirs.close()


def test_a_call_within_a_call_has_the_limits_of_the_outer_one():
    with Call(SHORT) as outer, Call(LIMITS["bulk"]) as inner:
        assert inner is outer and current() is outer
    assert current() is None


def test_what_a_strange_reply_makes_of_redis_py_is_unexpected():
    with pytest.raises(UnexpectedReply), Call(SHORT):
        raise TypeError("unhashable type: 'list'")
    client, theirs = paired_client(SHORT)
    result = in_thread(lambda: client.get("a"))
    theirs.recv(100)
    theirs.sendall(b":5\r\n")
    assert isinstance(result(), UnexpectedReply) and "GET" in str(result())
    theirs.close()


def test_a_name_server_that_hangs_does_not_hold_a_call(monkeypatch):
    hang, answered = threading.Event(), []
    real = sockets.socket.getaddrinfo

    def slow(host, *words):
        if host == "slow.example":
            if 4 in words:  # AI_NUMERICHOST
                raise sockets.socket.gaierror
            hang.wait(PATIENCE)
            answered.append(host)
        return real(host, *words)

    monkeypatch.setattr(sockets.socket, "getaddrinfo", slow)
    client, theirs = paired_client()
    for end in ("time", "cancelled"):
        scope = Scope()
        if end == "cancelled":
            threading.Timer(0.1, scope.cancel).start()
        with pytest.raises((TooSlow, LostConnection)), scope.entered(), Call(SHORT):
            sockets.connect("slow.example", 1, 5.0, client.door.lines, lambda sock: None)
        assert answered == []
    hang.set()
    theirs.close()


def test_a_borrowed_connection_goes_back_or_is_closed_after_doubt():
    client, theirs = paired_client(SHORT)
    pool = client.connection_pool
    with borrowed(client) as connection:
        connection.send(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
        theirs.sendall(b":5\r\n-ERR no\r\n")
        assert connection.read() == 5 and isinstance(connection.read(), Exception)
    assert pool._available_connections == [connection.connection] and connection.connection._sock
    with pytest.raises(ZeroDivisionError), borrowed(client) as connection:
        connection.send(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
        raise ZeroDivisionError
    assert not connection.connection._sock
    theirs.close()
