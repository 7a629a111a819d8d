"""The rigs of the tests themselves: what a failed start leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.support.cluster import RealCluster
from tests.support.real_qgis import ROOT
from tests.support.sentinels import RealSentinels
from tests.support.servers import OUTGOING, RealServer, free_port


def servers():
    """The server processes that this process has started and that still run."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    return {
        child.pid for child in children if "server" in child.name() and child.status() != psutil.STATUS_ZOMBIE
    }


@pytest.mark.parametrize("fails_at", [1, 3, None], ids=["first node", "last node", "joining"])
def test_a_cluster_that_does_not_start_leaves_no_server(monkeypatch, fails_at):
    before, starts = servers(), []
    start = RealServer.start

    def failing(self):
        start(self)
        starts.append(self)
        if len(starts) == fails_at:
            raise RuntimeError("does not start")

    def not_joining(self):
        raise AssertionError("they do not find each other")

    monkeypatch.setattr(RealServer, "start", failing)
    if fails_at is None:
        monkeypatch.setattr(RealCluster, "_join", not_joining)
    with pytest.raises((RuntimeError, AssertionError)):
        RealCluster()
    assert len(starts) == (fails_at or 3)
    assert servers() == before
    assert not any(server.directory.exists() for server in starts)


def test_sentinels_that_do_not_start_leave_no_server(monkeypatch):
    before = servers()

    def not_agreeing(_predicate, what):
        raise AssertionError(what)

    monkeypatch.setattr(RealSentinels, "_wait", staticmethod(not_agreeing))
    with pytest.raises(AssertionError, match="replicas"):
        RealSentinels()
    assert servers() == before


@pytest.mark.parametrize("flavour", ["redis", "valkey"])
def test_a_server_of_another_run_is_not_taken_for_ours(make_server, flavour):
    others = make_server(flavour)
    with pytest.raises(RuntimeError, match="Address already in use"):
        make_server(flavour, port=others.port)


def test_no_outgoing_connection_gets_a_free_port_by_chance():
    lowest, highest = map(int, OUTGOING.read_text().split())
    assert not [port for port in (free_port() for _ in range(100)) if lowest <= port <= highest]


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_run_that_is_killed_leaves_no_server(ended_by):
    lines = (
        "from tests.support.servers import RealServer; print(RealServer().process.pid, flush=True); input()"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", lines], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    server = psutil.Process(int(run.stdout.readline()))
    run.send_signal(ended_by)
    run.communicate()
    _, alive = psutil.wait_procs([server], timeout=10)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
