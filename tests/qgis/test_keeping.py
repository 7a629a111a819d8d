"""Settings are kept by a thread: the window waits for no disk."""

from __future__ import annotations

import re
from pathlib import Path

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QLockFile

from redis_geo_plugin.bridge import keeping
from redis_geo_plugin.core import background

ROOT = Path(__file__).resolve().parents[2] / "redis_geo_plugin"
NAME = "redis_geo/essai/kept"
# Written by a dialog that was just confirmed, and read back by what follows: connections, Options.
IN_DIALOGS = {
    "bridge/server/connections.py",
    "bridge/cache/sharing.py",
    "gui/connections/options_page.py",
    "gui/cache/options_box.py",
    "gui/live/options_box.py",
}


def written(path=None):
    """What stands in the file itself."""
    path = path or Path(QgsSettings().fileName())
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def test_what_is_kept_is_read_at_once_and_reaches_the_file(wait_until):
    keeping.keep({NAME: "first", NAME + "2": 5})
    assert QgsSettings().value(NAME) == "first" and QgsSettings().value(NAME + "2", type=int) == 5
    wait_until(lambda: "first" in written())
    keeping.keep({NAME: "second"})
    background.close(5.0)
    assert "second" in written(), "closing leaves nothing unwritten"
    keeping.keep({NAME: "third"})
    assert QgsSettings().value(NAME) == "third", "and is no end"
    QgsSettings().remove("redis_geo/essai")


def test_a_disk_that_hangs_keeps_the_thread_waiting_and_not_the_window(wait_until):
    """Another process holds the lock of the file: whoever writes it waits for as long."""
    QgsSettings().sync()
    path = Path(QgsSettings().fileName())
    lock = QLockFile(str(path) + ".lock")
    lock.setStaleLockTime(0)
    assert lock.lock()
    try:
        keeping.keep({NAME: "while it hangs"})
        assert "while it hangs" not in written(path)
    finally:
        lock.unlock()
    wait_until(lambda: "while it hangs" in written(path))
    QgsSettings().remove("redis_geo/essai")


def test_what_is_already_kept_is_not_written_again():
    keeping.keep({NAME: "same"})
    background.close(5.0)
    keeping.keep({NAME: "same"})
    assert keeping._keeper is None
    QgsSettings().remove("redis_geo/essai")


def test_nobody_else_writes_settings_in_passing():
    direct = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if re.search(r"(settings|QgsSettings\(\)|store)\.setValue\(", path.read_text(encoding="utf-8"))
    }
    assert direct - {"bridge/keeping.py"} == IN_DIALOGS
