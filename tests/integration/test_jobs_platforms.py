"""The worker where there is no Linux: what macOS and Windows do differently, as far as it can be run here.

Computing processes are new interpreters everywhere (what Windows calls its only way, and ``multiprocessing`` calls spawn):
nothing is forked. On macOS they end by their closed pipe and their memory is asked of ``ps``; on Windows Ctrl+Break asks
the worker to end, and modules, signals and functions that others have do not exist.
"""

from __future__ import annotations

import signal

import psutil
import pytest

from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import WorkerProcess, assert_right, send, squares, wait_finished, wait_until
from tests.support.patience import PATIENCE
from tests.support.slow_operations import Devour, Sleep

BSD = """
import signal, sys
sys.platform = "freebsd14"  # the way of macOS and the BSDs
signal.SIGBREAK = signal.SIGUSR1  # Windows' Ctrl+Break
"""
# What Windows lacks is taken away, once the libraries that would ask for its own have found their way on this system.
WINDOWS = """
import asyncio, ctypes.wintypes, multiprocessing, os, platform, signal, socket, ssl, subprocess, sys, tempfile
import threading, time
import pyproj, redis, shapely
signal.SIGBREAK, kill = signal.SIGUSR1, signal.SIGKILL
subprocess.Popen.kill = lambda process: process.send_signal(kill)
subprocess.CREATE_NEW_PROCESS_GROUP = 0  # it is 0x200, which Popen refuses here
for name in ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "SIGALRM", "SIGCHLD", "SIGPIPE"):
    delattr(signal, name)
for name in ("fork", "forkpty", "sysconf", "getuid", "geteuid", "setsid", "killpg", "uname", "wait3", "wait4"):
    delattr(os, name)
for name in ("resource", "fcntl", "termios", "pwd", "grp"):
    sys.modules[name] = None  # importing it fails

class Kernel32:
    class Call:
        def __init__(self, work):
            self.work = work
        def __call__(self, *given):
            return self.work(*given)

    def __init__(self, name):
        assert name == "kernel32"
        self.OpenProcess = self.Call(lambda rights, inherit, pid: pid)
        self.K32GetProcessMemoryInfo = self.Call(self.tell)
        self.CloseHandle = self.Call(lambda process: 1)

    def tell(self, process, counters, size):
        assert size == ctypes.sizeof(counters._obj) == 72  # as PROCESS_MEMORY_COUNTERS of 64 bits
        with open(f"/proc/{process}/statm") as file:
            counters._obj.WorkingSetSize = int(file.read().split()[1]) * 4096
        return 1

class AskedForInput:
    # A library that asks for standard input as it is loaded, as OpenBLAS in NumPy does, waits while a thread reads there.

    def find_spec(self, name, path=None, target=None):
        while name == "redis_geo_plugin.worker.computing" and self.read_by_another():
            time.sleep(0.1)

    def read_by_another(self):
        others = [frame for thread, frame in sys._current_frames().items() if thread != threading.get_ident()]
        return any(frame.f_code.co_filename.endswith("frames.py") for frame in others)

sys.meta_path.insert(0, AskedForInput())
ctypes.WinDLL, ctypes.wintypes.DWORD = Kernel32, ctypes.c_uint32
sys.platform = "win32"
"""
SLOW = ("--operations", "tests.support.slow_operations")


@pytest.fixture(params=[BSD, WINDOWS], ids=["bsd", "windows"])
def elsewhere(request, one_server, tmp_path):
    """Starts workers that take this machine for another kind."""
    (tmp_path / "sitecustomize.py").write_text(request.param, encoding="utf-8")
    started = []

    def start(*words, **options):
        started.append(WorkerProcess(one_server.url, *words, PYTHONPATH=str(tmp_path), **options))
        return started[-1]

    yield start
    for worker in started:
        worker.close()


@pytest.fixture
def queue(one_server):
    return JobQueue(open_server(one_server.settings()))


def test_a_batch_is_worked_by_new_interpreters(elsewhere, queue):
    shapes = squares(300)
    batch = send(queue, shapes)
    worker = elsewhere(processes=2)
    assert wait_finished(queue, batch).computed == 300
    assert_right(queue, batch, shapes)
    children = psutil.Process(worker.process.pid).children()
    assert [child.cmdline()[-2:] for child in children] == 2 * [["-m", "redis_geo_plugin.worker.child"]]
    assert worker.terminate() == 0


READS_INPUT = """
import os, sys
assert os.read(0, 1) == b"" == sys.stdin.buffer.read(), "its parent's messages are not for others"
"""


def test_further_operations_find_an_empty_standard_input(one_server, queue, tmp_path):
    (tmp_path / "curious.py").write_text(READS_INPUT)
    worker = WorkerProcess(one_server.url, "--operations", "curious", "--burst", PYTHONPATH=str(tmp_path))
    try:
        batch = send(queue, squares(20))
        assert wait_finished(queue, batch).computed == 20
        assert worker.process.wait(PATIENCE) == 0
    finally:
        worker.close()


def test_a_job_over_its_memory_is_ended(elsewhere, queue):
    greedy, quick = send(queue, squares(1), operation=Devour()), send(queue, squares(20))
    elsewhere(*SLOW, "--job-memory", "400", "--tries", "1")
    assert wait_finished(queue, greedy).failed == 1 and wait_finished(queue, quick).computed == 20
    assert queue.set_aside()[0].reason == "over_memory"


def test_computing_processes_end_with_a_killed_worker(elsewhere, queue):
    send(queue, squares(2_000), operation=Sleep(seconds=0.1))  # more than it does before it is looked at
    worker = elsewhere(*SLOW, processes=2)
    wait_until(lambda: any(line["current"] for line in queue.alive()))
    children = psutil.Process(worker.process.pid).children()
    assert len(children) == 2
    worker.kill()
    wait_until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))


def test_ctrl_break_asks_it_to_end_in_order(elsewhere, queue):
    batch = send(queue, squares(1), operation=Sleep(seconds=5.0))
    worker = elsewhere(*SLOW)
    wait_until(lambda: any(line["current"] for line in queue.alive()))
    for process in (
        *psutil.Process(worker.process.pid).children(),
        worker.process,
    ):  # it reaches all of a console
        process.send_signal(signal.SIGUSR1)
    assert worker.process.wait(PATIENCE) == 0
    assert queue.progress([batch])[batch].computed == 1
