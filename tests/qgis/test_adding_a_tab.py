"""A new tab of the Live dock is one file and one line, as docs/development.md has it: the dock shows the feed in it."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtWidgets import QWidget

from redis_geo_plugin.gui.live import tabs
from tests.support.added import PAGES, ROOT, load, same_in_all_languages, steps

PLACE = ("redis_geo_plugin/gui/live", "TABS", "redis_geo_plugin/gui/live/tabs.py")


def test_the_pages_in_both_languages_add_the_same_file_and_one_line():
    assert same_in_all_languages(*PLACE) == "FiguresTab,"


@pytest.fixture
def added(tmp_path, monkeypatch):
    """The class of the page, at the end of TABS before the dock is first shown."""
    file, line = steps(PAGES[0], *PLACE)
    kind = getattr(load(file, tmp_path, monkeypatch), line["line"].strip(" ,\n"))
    monkeypatch.setattr(tabs, "TABS", (*tabs.TABS, kind))
    return kind


def test_the_dock_shows_the_feed_in_it(added, live, feed, wait_until):
    dock = live.dock
    dock.show()
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    tab = dock.tab("figures")
    assert isinstance(tab, added)
    assert dock.tabs.tabText(dock.tabs.indexOf(tab)) == "Figures"
    assert dock.tabs.indexOf(tab) == dock.tabs.count() - 1
    dock.tabs.setCurrentWidget(tab)
    label = dock.findChild(QWidget, "redis_geo_live_figures")
    wait_until(lambda: label.text() == "5 vehicles, 0 refused records")
    live.remove(feed.spec.uid)
    dock.refresh()
    wait_until(lambda: label.text() == "")


def test_every_tab_is_registered_and_named_once():
    folder = ROOT / "redis_geo_plugin/gui/live"
    files = {path.stem for path in folder.glob("*_tab.py")} - {"feed_tab"}
    assert files == {kind.__module__.rpartition(".")[2] for kind in tabs.TABS}
    names = [kind.NAME for kind in tabs.TABS]
    assert all(names) and len(set(names)) == len(names)
    assert len({kind.title() for kind in tabs.TABS}) == len(names)
