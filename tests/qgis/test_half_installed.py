"""A plugin, or a part of it, that fails while it is loaded leaves nothing behind: whichever line fails."""

from __future__ import annotations

import dis
import inspect
import re
import sys

import pytest
from qgis.core import QgsApplication

from redis_geo_plugin import plugin
from redis_geo_plugin.core.by_name import load as part_of
from redis_geo_plugin.gui import interface
from tests.support.census import census, grown, our_threads
from tests.support.waiting import spin, wait_until


class Broken(Exception):
    pass


def failing(function, line, *arguments):
    """Call it; it raises Broken where its line is reached."""
    earlier = sys.gettrace()

    def trace(frame, event, _argument):
        if frame.f_code is not function.__code__:
            return None
        if event == "line" and frame.f_lineno == line:
            raise Broken("Broken")
        return trace

    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(earlier)


def lines_of(function):
    """But those that say how to undo the line above them, which cannot fail."""
    source, first = inspect.getsourcelines(function)
    lines = {line for _, line in dis.findlinestarts(function.__code__) if line and line > first}
    return sorted(line for line in lines if not re.search(r"_undo\.callback\(", source[line - first]))


def count(iface):
    spin(0.02)
    return {**census(iface), **iface.registered()}


def left_since(before, iface):
    """What one deletes may be held by another that goes in the next turn of the event loop."""
    for _ in range(5):
        left = grown(before, count(iface))
        if not left:
            break
    return left


@pytest.mark.parametrize("part", plugin.COMPONENTS, ids=lambda part: part[1])
def test_a_part_that_fails_at_any_line_takes_itself_out(load, iface, monkeypatch, part):
    monkeypatch.setattr(plugin, "COMPONENTS", (part,))
    kind = part_of("redis_geo_plugin", *part)
    for _ in range(2):  # what is built once and kept is there now
        load().unload()
    before = count(iface)
    for line in lines_of(kind.install):
        install = kind.install
        monkeypatch.setattr(
            kind, "install", lambda self, line=line, install=install: failing(install, line, self)
        )
        loaded = load()
        monkeypatch.setattr(kind, "install", install)
        assert len(loaded.failed) == 1 and "Broken" in loaded.failed[0]
        loaded.unload()
        assert loaded.left == [], line
    assert left_since(before, iface) == {}


def test_docks_that_cannot_be_placed_leave_nothing(load, iface, saved_connection, monkeypatch):
    load().unload()
    before = count(iface)
    monkeypatch.setattr(interface, "action_of", lambda _dock: 1 / 0)
    loaded = load()
    assert len(loaded.failed) == 5
    loaded.unload()
    assert loaded.left == []
    assert left_since(before, iface) == {}


STEPS = (
    "gui.connection_monitor.ConnectionMonitor.__init__",
    "bridge.tasks.TaskKeeper.__init__",
    "gui.interface.Interface.__init__",
    "plugin.RedisGeoPlugin._install",
    "gui.connection_monitor.ConnectionMonitor.start",
)


@pytest.mark.parametrize("step", STEPS)
def test_a_plugin_that_cannot_be_loaded_takes_itself_out(load, iface, saved_connection, monkeypatch, step):
    """QGIS forgets it without calling ``unload``."""

    def fail(*_arguments):
        raise Broken

    for _ in range(2):  # what is built once and kept is there now
        load().unload()
    before = count(iface)
    monkeypatch.setattr(f"redis_geo_plugin.{step}", fail)
    with pytest.raises(Broken):
        load()
    assert left_since(before, iface) == {}
    assert iface.databaseMenu().actions() == []
    assert QgsApplication.processingRegistry().providerById("redisgeo") is None
    wait_until(lambda: not our_threads())
