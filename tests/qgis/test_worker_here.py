# ruff: noqa: F811 - fixtures of another file are arguments here
"""*Start a worker here*: a process with this QGIS's GEOS, that works, tells in its log, and ends with the window."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QPushButton

from redis_geo_plugin.bridge import installing
from redis_geo_plugin.bridge.jobs import worker_here
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core.geometry import geos
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.watch import Watch
from redis_geo_plugin.gui.first_steps.leads import Lack
from tests.qgis.test_jobs_dock import component, dock, marked, queue, squares  # noqa: F401 - fixtures
from tests.support.answers import answer
from tests.support.jobs import WorkerProcess

# A GEOS that another Shapely brings than the one of this QGIS.
ANOTHER = next(f"{one}.9" for one in worker_here.SHAPELY_OF if not geos.version().startswith(one))

ROOT = Path(__file__).resolve().parents[2]


def alive(pid: int) -> bool:
    """Whether a process still runs; one that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in found.stdout.split()]


def test_jobs_that_wait_lead_to_a_worker(component, dock, squares, wait_until, iface):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(lambda: dock.snapshot.batches and dock.lead.lack is Lack.DATA)
    assert "Jobs that wait for one: 60" in dock.state.text()
    assert dock.lead.findChild(QPushButton, "redis_geo_jobs_empty_start_worker").isVisibleTo(dock.lead)
    wait_until(lambda: any("no worker is there" in i.text() for i in iface.bar.items()))


def test_a_batch_that_is_in_the_cache_waits_for_nobody(component, dock, squares, wait_until, iface, queue):
    running = WorkerProcess(queue.server.settings.full_url())
    dock.send.layer.setLayer(squares)
    dock.send.send()
    wait_until(lambda: dock.snapshot.batches and dock.snapshot.batches[0].finished, 60)
    running.close()
    wait_until(lambda: not any(line["alive"] for line in dock.snapshot.workers), 60)
    iface.bar.take_messages()
    dock.send.send()
    wait_until(lambda: len(dock.snapshot.batches) == 2 and all(b.finished for b in dock.snapshot.batches), 30)
    assert dock.lead.lack is None and dock.state.text() == "No worker is there."
    assert not any("no worker is there" in text for text in iface.bar.take_messages())


@pytest.fixture
def control(component):
    return component.worker


@pytest.mark.timed
def test_it_works_and_ends_with_the_window(plugin, control, dock, squares, wait_until, queue, iface):
    dock.send.layer.setLayer(squares)
    dock.send.send()
    (layer,) = wait_until(marked)
    said = wait_until(lambda: next((i for i in iface.bar.items() if "no worker is there" in i.text()), None))
    said.findChild(QPushButton).click()
    assert dock.tabs.currentWidget() is dock.workers
    wait_until(lambda: control.pid, 60)
    wait_until(lambda: layer.featureCount() == 60, 60)
    (line,) = queue.alive()
    assert line["pid"] == control.pid and line["geos"] == geos.version()
    here = dock.workers.here
    assert not here.start_button.isVisible() and here.stop_button.isVisible()
    assert str(control.pid) in here.state.text() and "“test”" in here.state.text()
    assert "redis://" not in Path(f"/proc/{control.pid}/cmdline").read_text()
    assert b"redis://" not in Path(f"/proc/{control.pid}/environ").read_bytes()
    processes = [control.pid, *children(control.pid)]
    assert len(processes) == 1 + worker_here.processes_here()
    before = time.monotonic()
    plugin.unload()
    assert time.monotonic() - before < 3.0, "nobody waits for it"
    wait_until(lambda: not any(map(alive, processes)), 30)
    assert not queue.alive(), "it said so"
    iface.bar.take_messages()


def test_it_is_stopped_and_its_log_is_shown(control, dock, wait_until, iface):
    dock.workers.here.start_button.click()
    assert dock.workers.here.state.text() == "Starting…" and not dock.workers.here.start_button.isEnabled()
    wait_until(lambda: control.pid, 60)
    pid = control.pid
    dock.workers.here.log_button.click()
    wait_until(lambda: "started" in control._log.lines.toPlainText(), 60)
    assert f"pid={pid}" in control._log.lines.toPlainText() or "worker=" in control._log.lines.toPlainText()
    control._log.reject()
    assert worker_here.log_path().stat().st_mode & 0o077 == 0
    dock.workers.here.stop_button.click()
    assert dock.workers.here.state.text() == "Finishes what it has…"
    wait_until(lambda: not control.pid, 30)
    assert not alive(pid) and dock.workers.here.start_button.isVisible()
    assert iface.bar.take_messages(Qgis.MessageLevel.Warning) == [], "it was asked to end"


def test_one_that_ends_by_itself_is_said(control, dock, wait_until, iface, monkeypatch):
    monkeypatch.setattr(worker_here, "REQUIREMENTS", ())
    control.start()
    wait_until(lambda: control.pid, 60)
    os.kill(control.pid, 9)
    wait_until(lambda: not control.pid, 30)
    assert "The worker on this computer has ended: exit code -9." in iface.bar.take_messages()


def test_on_a_production_server_none_is_started(plugin, control, dock, one_server, wait_until, iface):
    prod = replace(one_server.settings(), name="prod", production=True)
    connections.save(connections.SavedConnection(prod))
    plugin.context.connections.activate("prod")
    wait_until(lambda: not dock.workers.here.start_button.isEnabled())
    assert "production server" in dock.workers.here.start_button.toolTip()
    control.start()
    assert not control.busy and control.pid == 0
    assert any("production server" in text for text in iface.bar.take_messages())
    production.allow("prod", True)
    wait_until(dock.workers.here.start_button.isEnabled)


def allowed_no_more(connection):
    production.allow("prod", False)


def marked_anew(connection):
    connections.save(connection)


@pytest.mark.parametrize("forbid", [allowed_no_more, marked_anew])
def test_it_ends_where_changes_are_forbidden_while_it_works(
    plugin, control, one_server, wait_until, iface, forbid
):
    settings = replace(one_server.settings(), name="prod", production=forbid is allowed_no_more)
    connections.save(connections.SavedConnection(settings))
    production.allow("prod", True)
    plugin.context.connections.activate("prod")
    control.start()
    wait_until(lambda: control.pid, 60)
    pid = control.pid
    forbid(connections.SavedConnection(replace(settings, production=True)))
    wait_until(lambda: not control.pid, 30)
    assert not alive(pid)
    assert any("told to end" in text for text in iface.bar.take_messages())


def test_where_the_geos_is_another_packages_are_offered(control, dock, wait_until, iface, monkeypatch):
    monkeypatch.setattr(
        geos, "version", lambda: ANOTHER
    )  # as where QGIS computes with another than Shapely's own
    asked = []
    monkeypatch.setattr(worker_here, "make_environment", lambda wanted, _watch: asked.append(wanted))
    control.start()
    said = wait_until(
        lambda: next((i for i in iface.bar.items() if f"not with GEOS {ANOTHER}" in i.text()), None), 60
    )
    monkeypatch.undo()
    monkeypatch.setattr(worker_here, "make_environment", lambda wanted, _watch: asked.append(wanted))
    answer(monkeypatch, True)
    said.findChild(QPushButton).click()
    wait_until(lambda: asked == [ANOTHER])
    wait_until(lambda: control.pid, 60)  # then it is started
    iface.bar.take_messages()


def test_a_geos_that_no_package_brings_is_said_without_an_offer(control, wait_until, iface, monkeypatch):
    monkeypatch.setattr(geos, "version", lambda: "3.9")
    control.start()
    said = wait_until(
        lambda: next((i for i in iface.bar.items() if "not with GEOS 3.9" in i.text()), None), 60
    )
    assert said.findChildren(QPushButton) == []
    iface.bar.take_messages()


def test_packages_with_the_wrong_geos_are_not_put_in_place(qgis_app, monkeypatch, tmp_path):
    """pip's part is left out: what it would have fetched is what this Python has."""
    monkeypatch.setattr(worker_here, "folder", lambda: tmp_path / "worker")
    monkeypatch.setattr(
        installing, "_run_pip", lambda _python, there, words, _watch: Path(there, "x").touch()
    )
    with pytest.raises(StoreError) as failed:
        worker_here.make_environment(ANOTHER)
    assert f"GEOS {geos.version()}, not {ANOTHER}" in failed.value.failure.words
    assert not (tmp_path / "worker" / "python").exists()
    monkeypatch.setitem(worker_here.SHAPELY_OF, geos.version(), "shapely")
    worker_here.make_environment(geos.version())
    assert (tmp_path / "worker" / "python" / "x").exists()
    assert str(tmp_path / "worker" / "python") not in sys.path, "QGIS itself does not look into it"
    assert worker_here.find_runner() == worker_here.WorkerPython(installing.python_program())
    with pytest.raises(StoreError):
        worker_here.make_environment("3.9")
    with pytest.raises(StoreError):
        worker_here.make_environment(geos.version(), Watch(lambda: True))


def test_the_documentation_names_the_same_packages():
    for page in ("jobs.md", "fr/jobs.md"):
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        rows = dict(re.findall(r"\| (3\.\d+)[^|]*\| `pip install \"(shapely==[^\"]+)\"`", text))
        assert rows == worker_here.SHAPELY_OF, page
