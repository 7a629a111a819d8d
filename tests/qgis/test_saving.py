"""What is said to be saved is saved: whole, or not at all and the earlier file as it was."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from qgis import processing
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsProcessingUtils,
    QgsVectorLayer,
    QgsWkbTypes,
)

from redis_geo_plugin.bridge import compat, saving
from redis_geo_plugin.bridge.live.save import POSITIONS, TRAILS, save_history
from redis_geo_plugin.bridge.server import export
from redis_geo_plugin.bridge.steps import reports
from redis_geo_plugin.bridge.steps.records import RunRecord
from redis_geo_plugin.core.admin.export import Entry
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.full_disk import full_disk
from tests.support.layers import layer_of
from tests.support.source_tree import SOURCES, name_of, text_of

MANY = 30_000


class Trails:
    """Ways as the trails of a feed give them."""

    def __init__(self, vehicles, fixes):
        self._vehicles, self._fixes = vehicles, fixes

    def ids(self):
        return [f"v{n}" for n in range(self._vehicles)]

    def way(self, ident):
        return [(1.7e9 + n, 2.0 + n * 1e-4, 48.0, float("nan"), 90.0) for n in range(self._fixes)]


def entries(count):
    return [Entry(b"vehicule:%d" % n, 60.0, point=(2.0, 48.0), text="x" * 50) for n in range(count)]


def save_positions(path, count, stop=None):
    watch = Watch(lambda: stop is not None and not stop())
    return save_history(Trails(10, count // 10), 60.0, str(path), watch)


def save_export(path, count, stop=None):
    def read():
        for number, entry in enumerate(entries(count)):
            if stop is not None and number % 100 == 0 and not stop():
                raise Cancelled
            yield entry

    return export.write(read, str(path), Watch()).count


WAYS = pytest.mark.parametrize("save", [save_positions, save_export])


def rows(path):
    layer = QgsVectorLayer(str(path), "", "ogr")
    layers = layer.dataProvider().subLayers()
    return {
        name.split("!!::!!")[1]: saving.feature_count(str(path), name.split("!!::!!")[1]) for name in layers
    }


@WAYS
def test_a_file_that_is_whole(qgis_app, tmp_path, save):
    path = tmp_path / "saved.gpkg"
    assert save(path, 500) == 500
    assert 500 in rows(path).values()
    assert [one.name for one in tmp_path.iterdir()] == ["saved.gpkg"]


@WAYS
@pytest.mark.parametrize("earlier", [False, True])
def test_a_full_disk_is_told_and_leaves_no_broken_file(qgis_app, tmp_path, save, earlier):
    path = tmp_path / "saved.gpkg"
    if earlier:
        save(path, 50)
    before = path.read_bytes() if earlier else None
    with full_disk(), pytest.raises(saving.SaveFailed):
        save(path, MANY)
    assert (path.read_bytes() if path.exists() else None) == before
    assert [one.name for one in tmp_path.iterdir()] == (["saved.gpkg"] if earlier else [])


@WAYS
@pytest.mark.parametrize("after", [0, 3])
def test_a_cancelled_save_keeps_the_earlier_file_and_reports_no_success(qgis_app, tmp_path, save, after):
    path = tmp_path / "saved.gpkg"
    save(path, 50)
    before, asked = path.read_bytes(), []
    with pytest.raises(Cancelled):
        save(path, 1000, lambda: asked.append(1) or len(asked) <= after)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["saved.gpkg"]


@WAYS
def test_a_folder_that_is_not_there(qgis_app, tmp_path, save):
    with pytest.raises(saving.SaveFailed):
        save(tmp_path / "no" / "such" / "saved.gpkg", 10)


def test_what_a_link_points_to_is_replaced(qgis_app, tmp_path):
    target = tmp_path / "elsewhere" / "real.gpkg"
    target.parent.mkdir()
    save_positions(target, 50)
    link = tmp_path / "saved.gpkg"
    link.symlink_to(target)
    save_positions(link, 100)
    assert link.is_symlink()
    assert rows(target) == {POSITIONS: 100, TRAILS: 10}


def test_a_layer_of_which_the_file_lost_rows_is_not_called_saved(qgis_app, tmp_path):
    path = str(tmp_path / "saved.gpkg")
    fields = save_fields()
    crs = QgsCoordinateReferenceSystem("EPSG:4326")
    features = [point(fields, n) for n in range(20)]
    assert saving.write_layer(path, "a", fields, QgsWkbTypes.Type.Point, crs, features, first=True) == 20
    saving.check_count(path, "a", 20)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("DELETE FROM a WHERE fid > 15")
    for name, count in (("a", 20), ("b", 1)):
        with pytest.raises(saving.SaveFailed):
            saving.check_count(path, name, count)


def save_fields():
    from qgis.core import QgsFields

    fields = QgsFields()
    fields.append(compat.field("n", compat.INTEGER))
    return fields


def point(fields, number):
    feature = QgsFeature(fields)
    feature.setAttributes([number])
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(2.0, 48.0)))
    return feature


def test_an_algorithm_tells_of_a_full_disk(algorithms, saved_connection, tmp_path):
    """Native's sink takes what no disk keeps; a run that left its file broken is a failed run."""
    layer = squares(2000)
    path = tmp_path / "out.gpkg"
    with full_disk(), pytest.raises(QgsProcessingException):
        run_buffer(layer, path)
    found = run_buffer(layer, tmp_path / "good.gpkg")
    assert saving.feature_count(found["OUTPUT"]) == 2000


FORMATS = ("gpkg", "geojson", "csv", "shp", "fgb", "kml", "gml", "sqlite", "tab")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_full_disk_is_told_in_every_format(algorithms, saved_connection, tmp_path, ending):
    """Most drivers of GDAL say nothing of it: the file is read back, down to its last byte."""
    layer = squares(300)
    whole = tmp_path / f"cut9.{ending}"
    run_buffer(layer, whole)
    size = whole.stat().st_size
    for number, room in enumerate((size // 100, size // 2, size * 19 // 20, size - 1)):
        path = tmp_path / f"cut{number}.{ending}"
        with full_disk(room):
            try:
                run_buffer(layer, path)
            except QgsProcessingException as error:
                assert str(error)
                continue
        found = QgsVectorLayer(str(path), "found", "ogr")
        assert sum(1 for _ in found.getFeatures()) == 300, (room, size)
        end = size - (0 if ending == "csv" else 1)  # a line feed more or less at the end of JSON and XML
        assert ending in ("gpkg", "sqlite") or path.stat().st_size >= end


@pytest.mark.parametrize("name", ["buffer", "simplify"])
def test_flatgeobuf_leaves_out_what_has_no_shape(algorithms, saved_connection, tmp_path, name):
    """Or ends the run, where QGIS's own ends for it (with GDAL 3.8 and later)."""
    layer = layer_of(["POLYGON((0 0, 5 0, 5 5, 0 0))", None])
    natives = {"buffer": "native:buffer", "simplify": "native:simplifygeometries"}
    found = [
        _rows_or_refusal(algorithm, layer, tmp_path / f"{number}.fgb")
        for number, algorithm in enumerate((natives[name], f"redisgeo:cached{name}"))
    ]
    assert found[0] == found[1] and found[0] in (1, "refused")


def _rows_or_refusal(algorithm, layer, path):
    try:
        processing.run(algorithm, {"INPUT": layer, "OUTPUT": str(path)})
    except QgsProcessingException:
        return "refused"
    return QgsVectorLayer(str(path), "out", "ogr").featureCount()


def squares(count):
    return layer_of([f"POLYGON(({n * 9} 0, {n * 9 + 5} 0, {n * 9 + 5} 5, {n * 9} 0))" for n in range(count)])


def run_buffer(layer, path):
    return processing.run(
        "redisgeo:cachedbuffer", {"INPUT": layer, "DISTANCE": 5, "SEGMENTS": 40, "OUTPUT": str(path)}
    )


def test_an_algorithm_may_append_to_a_layer_that_has_rows(algorithms, saved_connection, tmp_path):
    path = tmp_path / "out.gpkg"
    first = run_buffer(squares(30), path)["OUTPUT"]
    assert saving.feature_count(first) == 30
    second = run_buffer(squares(10), f"ogr:dbname='{path}' table=\"second\" (geom)")["OUTPUT"]
    assert saving.feature_count(str(path), "second") == 10
    assert second and saving.feature_count(str(path), "out") == 30


def test_positions_that_cannot_be_saved_are_said_so_in_the_window(live, feed, iface, tmp_path, wait_until):
    path = tmp_path / "saved.gpkg"
    with full_disk(20_000):
        live.copies.save(feed, str(path))
        wait_until(lambda: any("could not be saved" in text for text in texts(iface)))
    assert not path.exists()
    iface.bar.take_messages()
    live.copies.save(feed, str(path))
    wait_until(lambda: any("saved with their time" in text for text in texts(iface)))
    assert rows(path)[POSITIONS] >= 5
    iface.bar.take_messages()


def texts(iface):
    return [json.dumps(message[1:], default=str) for message in iface.bar.messages]


@pytest.mark.parametrize("room", [0, 500, 2000])
def test_a_page_of_a_run_is_whole_or_not_there(qgis_app, room):
    """With room for it in neither folder, no page is named."""
    run = RunRecord("a run")
    folders = [
        Path(QgsApplication.qgisSettingsDirPath()) / reports.FOLDER,
        Path(QgsProcessingUtils.tempFolder()),
    ]
    before = {path for folder in folders if folder.is_dir() for path in folder.iterdir()}
    size = len(reports.page(run).encode())
    with full_disk(min(room, size - 1)):
        assert reports.write(run) == ""
    assert {path for folder in folders for path in folder.iterdir()} == before
    assert Path(reports.write(run)).stat().st_size == size


def test_files_are_written_in_the_ways_that_are_tried():
    """Whoever writes a file takes one of these, which leave an earlier file as it was; logs may be cut."""
    ways = ("bridge/saving.py", "core/redis/programs/native.py")
    logs = ("core/redis/local_server.py", "bridge/jobs/worker_here.py")
    through = ("bridge/steps/reports.py",)  # into the place that replacing() gives
    shown = ("core/live/mapped/picture.py",)  # new files in a folder of its own, that a later one replaces
    pipes = ("worker/child.py", "core/live/mapped/lines.py")
    words = (
        "write_text(",
        "write_bytes(",
        "O_WRONLY",
        "O_CREAT",
        '"wb"',
        "QgsVectorFileWriter.",
        "os.fdopen(",
    )
    found = {
        name_of(path).partition("/")[2] for path in SOURCES if any(word in text_of(path) for word in words)
    }
    assert found <= {*ways, *logs, *through, *shown, *pipes}
