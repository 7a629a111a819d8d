"""A large fleet that a process of its own reads: its layer does what the memory layer does, and whatever ends, ends all."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from qgis.core import QgsFeatureRequest, QgsProject, QgsSettings, QgsVectorLayer

from redis_geo_plugin.bridge.compat import is_null
from redis_geo_plugin.bridge.live.layer import new_layer
from redis_geo_plugin.bridge.live.live_feed import LiveFeed
from redis_geo_plugin.bridge.live.manager import FeedManager
from redis_geo_plugin.bridge.live.mapped_layer import USUAL_SIZE, read_anew, show_pictures, size_from
from redis_geo_plugin.bridge.settings import MAPPED, MAPPED_FROM
from redis_geo_plugin.core.live.mapped import folder as folders
from redis_geo_plugin.core.live.spec import FeedSpec, Fencing
from redis_geo_plugin.gui.live.options_box import LiveBox
from redis_geo_plugin.gui.live.wording import details_text, mapping_text

COUNT = 1_200
SPEC = FeedSpec(name="large", interval=0.2, max_speed=0.0)
BASE = 1_796_000_000.5


def record(number, turn):
    return json.dumps(
        {
            "latitude": number // 100 + turn * 0.001,
            "longitude": number % 100 + turn * 0.001,
            "timestamp": BASE + turn + number * 0.001,
            "speed": 10.25 + turn,
            "heading": (number + turn) % 360,
            "line of the vehicle": f"Ligne {number % 7} é",
            "seats": number,
            "full": number % 2 == 0,
            "load": number / 3,
        }
    )


def put(client, numbers, turn=0):
    client.mset({f"vehicule:{number}": record(number, turn) for number in numbers})


@pytest.fixture
def parent(tmp_path, monkeypatch):
    """Where the folders of mapped fleets are made."""
    where = tmp_path / "shared"
    where.mkdir()
    monkeypatch.setattr(folders, "parent_folder", lambda: where)
    return where


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        client.flushdb()
        put(client, range(1, COUNT + 1))
        yield client


def mapping(on=True):
    QgsSettings().setValue(MAPPED, on)
    QgsSettings().setValue(MAPPED_FROM, 1_000)


@pytest.fixture
def feeds(one_server, wait_until):
    """Makes running feeds with their layers in the project."""
    made = []

    def make(spec=SPEC):
        feed = LiveFeed(spec)
        QgsProject.instance().addMapLayer(feed.layer)
        made.append(feed)
        feed.start(one_server.settings())
        return feed

    yield make
    for feed in made:
        feed.close()
    QgsProject.instance().clear()
    wait_until(lambda: not [t.name for t in threading.enumerate() if "redis-geo-mapped" in t.name])


def shows_all(feed, count=COUNT):
    return feed.is_mapped and feed.filling.shows and feed.layer.featureCount() == count


@pytest.fixture
def mapped(parent, client, feeds, wait_until):
    mapping()
    feed = feeds()
    wait_until(lambda: shows_all(feed))
    return feed


def rows(layer):
    found = {}
    for feature in layer.getFeatures():
        values = dict(zip([f.name() for f in layer.fields()], feature.attributes()))
        del values["age_s"]
        point = feature.geometry().asPoint()
        found[values["id"]] = (point.x(), point.y(), values)
    return found


def process_of(feed):
    return feed.filling.mapped.process.process.pid


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_its_rows_are_those_of_the_memory_layer(mapped, feeds, client, wait_until):
    mapping(on=False)
    memory = feeds(SPEC.changed(name="large", uid="other"))
    wait_until(lambda: memory.layer.featureCount() == COUNT and not memory.writer.busy)
    assert not memory.is_mapped and mapped.is_mapped
    mine, theirs = rows(mapped.layer), rows(memory.layer)
    assert list(mapped.layer.fields().names()) == list(memory.layer.fields().names())
    assert mine.keys() == theirs.keys() and len(mine) == COUNT
    for ident, (x, y, values) in theirs.items():
        assert mine[ident][2].pop("time").toMSecsSinceEpoch() == values.pop("time").toMSecsSinceEpoch()
        assert (mine[ident][0], mine[ident][1]) == (x, y)
        assert mine[ident][2].keys() == values.keys()
        for name, value in values.items():
            found = mine[ident][2][name]
            if is_null(value) or is_null(found):
                assert is_null(value) and is_null(found), name
                continue
            assert type(found) is type(value), name
            assert found == value or abs(found - value) < 1e-9, name


def test_the_layer_keeps_selection_style_labels_filter_and_ids(parent, client, feeds, wait_until):
    mapping(on=False)
    feed = feeds()
    layer = feed.layer
    wait_until(lambda: layer.featureCount() == COUNT and not feed.writer.busy)
    layer.setSubsetString('"seats" > 5')  # QGIS clears the selection then
    layer.selectByIds([feed.writer.fid("7"), feed.writer.fid("800")])
    renderer, key = layer.renderer().type(), layer.id()
    mapping()
    put(client, [1], 1)
    wait_until(lambda: feed.is_mapped and feed.filling.shows)
    assert (
        feed.layer is layer and layer.id() == key and layer.renderer().type() == renderer and layer.readOnly()
    )
    assert {f["id"] for f in layer.getSelectedFeatures()} == {"7", "800"}
    assert layer.featureCount() == COUNT - 5 and layer.subsetString()
    layer.setSubsetString("")
    layer.selectByIds([feed.writer.fid("7"), feed.writer.fid("800")])
    before = {f["id"]: f.id() for f in layer.getFeatures()}
    client.unlink("vehicule:7", "vehicule:9")
    put(client, [5001, 5002, 5003])
    wait_until(lambda: layer.featureCount() == COUNT + 1)
    after = {f["id"]: f.id() for f in layer.getFeatures()}
    assert {ident: after.get(ident) for ident in before if ident not in ("7", "9")} == {
        ident: fid for ident, fid in before.items() if ident not in ("7", "9")
    }
    assert {f["id"] for f in layer.getSelectedFeatures()} == {"800"} and layer.selectedFeatureCount() == 1
    found = list(
        layer.getFeatures(
            QgsFeatureRequest().setFilterExpression("\"line of the vehicle\" = 'Ligne 3 é' and age_s > 0")
        )
    )
    assert len(found) > 100
    assert feed.fix("800").lat == 8.0 and feed.writer.fid("800") == after["800"]


def test_a_change_arrives_and_the_panel_tells(mapped, client, wait_until):
    put(client, [12], 3)
    wait_until(
        lambda: (
            mapped.layer.getFeature(mapped.writer.fid("12"))["speed_ms"] is not None
            and mapped.fix("12").time > BASE + 3
        )
    )
    fid = mapped.writer.fid("12")
    assert mapped.layer.getFeature(fid).geometry().asPoint().y() == pytest.approx(0.003)
    status = mapped.status()
    assert status.vehicles == COUNT and status.state.value == "live" and mapped.tick.rows >= 1
    assert len(mapped.where()) == COUNT


def test_a_killed_process_is_started_again_and_rows_keep_their_ids(mapped, client, wait_until):
    before, first = {f["id"]: f.id() for f in mapped.layer.getFeatures()}, process_of(mapped)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: mapped.status().state.value == "reconnecting")
    assert mapped.status().failure.kind.value == "reader_ended"
    client.unlink("vehicule:3")
    put(client, [6001], 1)
    wait_until(lambda: process_of(mapped) != first and mapped.status().state.value == "live")
    wait_until(lambda: "6001" in mapped.writer.shown and "3" not in mapped.writer.shown)
    after = {f["id"]: f.id() for f in mapped.layer.getFeatures()}
    assert all(after[ident] == fid for ident, fid in before.items() if ident != "3")


def test_one_that_never_lives_gives_way_to_the_memory_layer(mapped, client, wait_until):
    mapped.filling.mapped.python = lambda: Path("/bin/false")
    mapped.layer.selectByIds([mapped.writer.fid("77")])
    os.kill(process_of(mapped), signal.SIGKILL)
    wait_until(lambda: not mapped.is_mapped, 60)
    wait_until(lambda: mapped.layer.featureCount() == COUNT and not mapped.writer.busy)
    assert mapped.layer.providerType() == "memory" and mapped.unmapped.kind.value == "reader_ended"
    wait_until(lambda: {f["id"] for f in mapped.layer.getSelectedFeatures()} == {"77"})
    assert mapped.status().state.value == "live"


def test_a_full_disk_gives_way_to_the_memory_layer_and_leaves_nothing(mapped, parent, client, wait_until):
    resource.prlimit(process_of(mapped), resource.RLIMIT_FSIZE, (1_000, 1_000))
    put(client, range(1, 50), 5)
    wait_until(lambda: not mapped.is_mapped)
    wait_until(lambda: mapped.layer.featureCount() == COUNT and not mapped.writer.busy)
    assert mapped.unmapped.kind.value == "reader_full"
    wait_until(lambda: not list(parent.iterdir()))


@pytest.mark.parametrize("how", ["layer deleted", "project closed", "feed closed"])
def test_whatever_ends_the_feed_ends_the_process_and_its_files(mapped, parent, wait_until, how):
    pid = process_of(mapped)
    assert list(parent.iterdir())
    if how == "layer deleted":
        QgsProject.instance().removeMapLayer(mapped.layer_id)
    elif how == "project closed":
        QgsProject.instance().clear()
    else:
        mapped.close()
        assert mapped.layer is None
    wait_until(lambda: not lives(pid) and not list(parent.iterdir()))


def test_a_stopped_feed_shows_its_rows_until_it_starts_again(mapped, client, one_server, wait_until):
    pid = process_of(mapped)
    mapped.stop()
    assert lives(pid) and len(rows(mapped.layer)) == COUNT
    with one_server.client() as other:
        wait_until(lambda: len(other.client_list()) <= 2)  # none of the process is left
    put(client, [7], 9)
    mapped.start(one_server.settings())
    wait_until(lambda: mapped.fix("7").time > BASE + 9)
    assert process_of(mapped) == pid


@pytest.mark.parametrize("what", ["trails", "fences", "view"])
def test_what_needs_an_ordinary_layer_makes_it_one(mapped, parent, wait_until, what):
    mapped.layer.selectByIds([mapped.writer.fid("77")])
    if what == "trails":
        mapped.show_trails(QgsVectorLayer("LineStringM?crs=EPSG:4326", "trails", "memory"))
    elif what == "fences":
        mapped.update_spec(SPEC.changed(fencing=Fencing(layer="some", watched=True)))
    else:
        mapped.look_at((-180.0, -90.0, 180.0, 90.0))
        mapped.update_spec(SPEC.changed(in_view=True))
    assert not mapped.is_mapped and mapped.layer.providerType() == "memory"
    wait_until(lambda: mapped.layer.featureCount() == COUNT and not mapped.writer.busy)
    wait_until(lambda: {f["id"] for f in mapped.layer.getSelectedFeatures()} == {"77"})
    assert not mapped.is_mapped
    wait_until(lambda: not list(parent.iterdir()))


def test_a_project_keeps_no_trace_of_the_file_and_the_feed_comes_back(
    parent, client, saved_connection, tmp_path, wait_until
):
    mapping()
    manager = FeedManager()
    feed = manager.add(SPEC)
    try:
        wait_until(lambda: shows_all(feed))
        names = feed.layer.fields().names()
        path = tmp_path / "project.qgs"
        assert QgsProject.instance().write(str(path))
        assert "redis-geo-fleet" not in path.read_text() and feed.is_mapped
        QgsProject.instance().clear()
        wait_until(lambda: not list(parent.iterdir()))
        assert QgsProject.instance().read(str(path))
        (layer,) = QgsProject.instance().mapLayers().values()
        assert layer.isValid() and layer.providerType() == "memory" and layer.fields().names() == names
        manager.adopt()
        (again,) = manager.feeds.values()
        wait_until(lambda: shows_all(again))
    finally:
        manager.close()
        QgsProject.instance().clear()
    wait_until(lambda: not list(parent.iterdir()))


def test_small_fleets_and_the_setting_off_stay_as_they_were(parent, client, feeds, wait_until, spin):
    QgsSettings().setValue(MAPPED, True)
    QgsSettings().setValue(MAPPED_FROM, COUNT + 1)
    feed = feeds()
    wait_until(lambda: feed.layer.featureCount() == COUNT and not feed.writer.busy)
    put(client, range(1, 300), 2)
    wait_until(lambda: feed.fix("7").time > BASE + 2)
    assert not feed.is_mapped and not list(parent.iterdir())


def test_no_secret_is_on_the_command_line_or_in_the_environment(mapped, one_server):
    pid = process_of(mapped)
    said = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    assert str(one_server.port).encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"REDIS_GEO_URL" not in said
    assert time.time() > 0 and (mapped.filling.mapped.folder.path.stat().st_mode & 0o777) == 0o700


def test_the_panel_says_how_it_is_read_and_why_not(mapped, wait_until):
    assert "process of its own" in details_text(mapped) and mapping_text(mapped) in details_text(mapped)
    mapped.show_trails(QgsVectorLayer("LineStringM?crs=EPSG:4326", "trails", "memory"))
    wait_until(lambda: "its trails need that" in details_text(mapped))
    mapping(on=False)
    assert mapping_text(mapped) == ""


def test_options_keep_what_was_entered(qgis_app):
    box = LiveBox()
    assert not box.mapped.isChecked() and not box.size.isEnabled() and box.size.value() == USUAL_SIZE
    box.mapped.setChecked(True)
    box.size.setValue(70_000)
    box.apply()
    assert size_from() == 70_000
    again = LiveBox()
    assert again.mapped.isChecked() and again.size.value() == 70_000 and again.size.isEnabled()
    again.mapped.setChecked(False)
    again.apply()
    assert size_from() == 0


WRITER = """
import sys
from pathlib import Path
from redis_geo_plugin.core.live.fleet import Fixes
from redis_geo_plugin.core.live.mapped import picture
from redis_geo_plugin.core.live.mapped.table import Table
from redis_geo_plugin.core.live.records import Fix
folder, table, kept = Path(sys.argv[1]), Table("x"), 300
turn, there = 0, set()
while True:
    turn += 1
    wanted = {f"v{i}" for i in range(kept + turn % 5 * 100)}
    fixes = [Fix(i, b"", turn % 180, turn % 90, float(turn), 0.0, float(turn), None, {"text": f"t{turn}"}, None) for i in wanted]
    table.apply(Fixes.of(fixes), there - wanted, {"text": "text"})
    there = wanted
    picture.write(folder, turn, table)
    table.shown()
    picture.remove(folder, turn - 200)  # the window tells when it has taken one: here nobody does
    if turn == 1:
        print("ready", flush=True)
"""


def test_no_reader_meets_half_a_record_while_the_writer_never_pauses(tmp_path):
    words = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout.readline() == "ready\n"
            layer = new_layer("x")
            assert show_pictures(layer, tmp_path)
            rows, turns, counts = {}, set(), set()
            deadline = time.monotonic() + 6.0
            while time.monotonic() < deadline:
                read_anew(layer)
                seen = set()
                features = list(layer.getFeatures())
                for feature in features:
                    point, turn = feature.geometry().asPoint(), round(feature["speed_ms"])
                    place = (
                        point.x(),
                        point.y(),
                        feature["text"],
                        round(feature["time"].toMSecsSinceEpoch() / 1000),
                    )
                    assert place == (turn % 180, turn % 90, f"t{turn}", turn)
                    seen.add(turn)
                    if int(feature["id"][1:]) < 300:  # who was always there keeps the feature
                        assert rows.setdefault(feature["id"], feature.id()) == feature.id()
                (turn,) = seen  # one picture, not parts of two
                assert len({feature["id"] for feature in features}) == len(features) == 300 + turn % 5 * 100
                turns.add(turn)
                counts.add(len(features))
            assert len(turns) > 20 and len(counts) == 5
        finally:
            writer.kill()
