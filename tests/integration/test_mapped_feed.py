"""A fleet read by a process of its own, with a real server: the rows of an ordinary feed, and what is left when either side
is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.mapped import folder as folders
from redis_geo_plugin.core.live.mapped.feed import Mapped, MappedFeed
from redis_geo_plugin.core.live.mapped.folder import Folder
from redis_geo_plugin.core.live.spec import FeedSpec
from tests.support.positions import position, wait_for
from tests.support.small_disk import small_disk

ROOT = Path(__file__).resolve().parents[2]
SPEC = FeedSpec(name="fleet", interval=0.2, max_speed=0.0)
PROGRAM = """
import json, sys, time
from pathlib import Path
from redis_geo_plugin.core.live.mapped.feed import Mapped, MappedFeed
from redis_geo_plugin.core.live.mapped.folder import Folder
from redis_geo_plugin.core.live.mapped.lines import connection_of
from redis_geo_plugin.core.live.spec import FeedSpec
settings = connection_of(json.loads(sys.stdin.readline()))
mapped = Mapped(Folder(Path(sys.argv[1])), lambda: Path(sys.executable))
feed = MappedFeed(FeedSpec(interval=0.2), settings, mapped)
feed.start()
while True:
    found = feed.take()
    if found is not None:
        feed.taken(found)
        print(mapped.process.process.pid, found.count, flush=True)
    time.sleep(0.05)
"""


class Window:
    """Takes each picture over, as the window does."""

    def __init__(self, settings, parent, spec=SPEC):
        self.mapped = Mapped(Folder(parent), lambda: Path(sys.executable))
        self.feed = MappedFeed(spec, settings, self.mapped)
        self.written = self.gone = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._take, daemon=True)
        self.feed.start()
        self._thread.start()

    @property
    def latest(self):
        return self.feed.positions.latest

    @property
    def pid(self):
        return self.mapped.process.process.pid

    def _take(self):
        while not self._ends.wait(0.02):
            found = self.feed.take()
            if found is not None:
                self.written += found.written
                self.gone += len(found.gone)
                self.feed.taken(found)

    def close(self):
        self._ends.set()
        self._thread.join()
        self.feed.stop()
        self.mapped.close()


@pytest.fixture
def window(one_server, tmp_path):
    made = []

    def make(parent=None, spec=SPEC):
        parent = parent or tmp_path / "shared"
        parent.mkdir(exist_ok=True)
        made.append(Window(one_server.settings(), parent, spec))
        return made[-1]

    with one_server.client() as client:
        client.flushdb()
        make.client = client
        yield make
    for one in made:
        one.close()
    wait_for(lambda: not [t.name for t in threading.enumerate() if "redis-geo-mapped" in t.name])


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def put_odd_ones(client):
    """Some of every kind that is refused or computed, and some that are in order."""
    now = time.time()
    for i in range(300):
        client.set(
            f"vehicule:{i}",
            position(48.0 + i / 1000, 2.0, when=now - i, line=i % 5, name=f"n°{i}", free=bool(i % 2)),
        )
    client.set("vehicule:null", position(0.0, 0.0))
    client.set("vehicule:beyond", position(98.0, 2.0))
    client.set("vehicule:future", position(48.0, 2.0, when=now + 86_400))
    client.set("vehicule:rubbish", "{")
    client.set("vehicule:zoë", position(-33.9, 151.2))


def facts(fleet):
    fixes = fleet.everything().each()
    return {
        f.id: (
            f.lon,
            f.lat,
            f.time,
            f.speed,
            f.heading,
            f.derived,
            {k: v for k, v in f.attributes.items() if v is not None},
        )
        for f in fixes
    }


def test_the_rows_are_those_of_an_ordinary_feed(window, one_server):
    put_odd_ones(window.client)
    ordinary = Feed(SPEC, one_server.settings())
    ordinary.start()
    try:
        mine = window()
        wait_for(lambda: ordinary.status().full_reads and mine.feed.status().full_reads)
        for i in range(0, 300, 3):  # they move, so speeds and headings are computed here
            window.client.set(f"vehicule:{i}", position(48.001 + i / 1000, 2.001, when=time.time(), line=9))
        window.client.unlink("vehicule:7", "vehicule:8")
        wait_for(lambda: len(ordinary.positions.latest) == 299 == len(mine.latest))
        wait_for(lambda: facts(mine.latest) == facts(ordinary.positions.latest))
        assert mine.feed.schema.kinds == ordinary.schema.kinds
        assert mine.feed.status().refused == ordinary.status().refused and mine.feed.status().tracking
        refused = [{(r.id, r.reason, r.raw) for r in f.positions.last_refused} for f in (mine.feed, ordinary)]
        assert refused[0] == refused[1] and len(refused[0]) >= 4
    finally:
        ordinary.stop()


def test_a_pause_and_other_settings_reach_the_process(window):
    put_odd_ones(window.client)
    mine = window()
    wait_for(lambda: len(mine.latest) == 301)
    mine.feed.pause()
    wait_for(lambda: mine.feed.status().state.value == "paused")
    window.client.set("vehicule:0", position(10.0, 10.0))
    time.sleep(0.5)
    assert mine.latest["0"].lat != 10.0
    mine.feed.resume()
    wait_for(lambda: mine.latest["0"].lat == 10.0 and mine.feed.status().state.value == "live")


def test_a_server_that_goes_and_comes_back_is_told_as_of_every_feed(window, one_server):
    put_odd_ones(window.client)
    mine = window()
    wait_for(lambda: len(mine.latest) == 301)
    one_server.kill()
    try:
        wait_for(lambda: mine.feed.status().state.value == "reconnecting")
        assert mine.feed.status().failure is not None and len(mine.latest) == 301
    finally:
        one_server.start()
    wait_for(lambda: mine.feed.status().state.value == "live", 30)


def test_a_killed_process_is_replaced_and_rows_stay(window):
    put_odd_ones(window.client)
    mine = window()
    wait_for(lambda: len(mine.latest) == 301)
    rows, first = {ident: mine.latest.slot(ident) for ident in mine.latest}, mine.pid
    for _ in range(4):  # also more often than it may fail without having shown anything
        before = mine.pid
        os.kill(before, signal.SIGKILL)
        wait_for(lambda before=before: mine.pid != before and mine.feed.status().state.value == "live", 30)
        window.client.set("vehicule:5", position(1.0, float(mine.pid % 100)))
        wait_for(lambda: mine.latest["5"].lon == mine.pid % 100)
    assert mine.pid != first and mine.feed.given_up is None
    assert {ident: mine.latest.slot(ident) for ident in mine.latest} == rows


def test_when_the_window_is_killed_the_process_ends_and_leaves_nothing(one_server, tmp_path):
    from redis_geo_plugin.core.live.mapped.lines import connection_words

    with one_server.client() as client:
        client.flushdb()
        put_odd_ones(client)
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as program:
        try:
            program.stdin.write(json.dumps(connection_words(one_server.settings())) + "\n")
            program.stdin.flush()
            count = 0
            while count != 301:
                pid, count = map(int, program.stdout.readline().split())
            assert lives(pid) and len(list(tmp_path.iterdir())) == 1
        finally:
            program.kill()
    wait_for(lambda: not lives(pid) and not list(tmp_path.iterdir()))


def test_what_others_left_is_removed_by_the_process_and_what_is_in_use_stays(window, tmp_path):
    parent = tmp_path / "shared"
    left, used = parent / "redis-geo-fleet-left", parent / "redis-geo-fleet-used"
    for one in (left, used):
        one.mkdir(parents=True)
        (one / "1.shp").write_bytes(b"rows")
    folders.hold(left).close()
    with folders.hold(used):
        put_odd_ones(window.client)
        window()
        wait_for(lambda: not left.exists())
        assert (used / "1.shp").exists()


def test_a_full_disk_is_told_and_nothing_is_left(window, tmp_path):
    put_odd_ones(window.client)
    with small_disk(tmp_path / "disk") as disk:
        mine = window(disk.path)
        wait_for(lambda: len(mine.latest) == 301)
        disk.fill(mine.mapped.process.process)
        put_odd_ones(window.client)
        wait_for(lambda: mine.feed.given_up is not None)
        assert mine.feed.given_up.kind.value == "reader_full"
        disk.free(mine.mapped.process.process)
        mine.close()
        wait_for(lambda: not [entry for entry in disk.path.iterdir() if entry.is_dir()])


def test_a_fleet_that_does_not_fit_is_told(window):
    window.client.set("vehicule:" + "x" * 300, position())
    mine = window()
    wait_for(lambda: mine.feed.given_up is not None)
    assert mine.feed.given_up.kind.value == "reader_ended"


def test_ends_by_itself_and_removes_its_folder(window, tmp_path):
    put_odd_ones(window.client)
    mine = window()
    wait_for(lambda: len(mine.latest) == 301)
    pid = mine.pid
    mine.close()
    wait_for(lambda: not lives(pid) and not list((tmp_path / "shared").iterdir()))
