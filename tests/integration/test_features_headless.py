"""The algorithms of features in ``qgis_process``: published, read, searched and followed in time, each by a program of its own
that has no window, on a Redis Stack."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import shapely

from tests.support.zones import zone

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "[PythonPlugins]\nredis_geo_plugin=true\nprocessing=true\n"


@pytest.fixture
def run(tmp_path, stack_server):
    """Runs an algorithm; the words it said, and its outputs."""
    profile = tmp_path / "profile" / "profiles" / "default" / "QGIS"
    profile.mkdir(parents=True)
    (profile / "QGIS3.ini").write_text(SETTINGS)
    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    assert program, "no qgis_process on PATH: run make setup"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QGIS_PLUGINPATH": str(ROOT)}
    environment.update(
        PYTHONPATH=sysconfig.get_paths()["purelib"],
        QGIS_CUSTOM_CONFIG_PATH=str(tmp_path / "profile"),
        REDIS_GEO_URL=stack_server.url,
    )

    def call(algorithm, **parameters):
        words = [program, "--json", "run", f"redisgeo:{algorithm}", "--"]
        words += [f"{name}={value}" for name, value in parameters.items()]
        done = subprocess.run(
            words, env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(done.stdout[done.stdout.index("{") :])["results"]

    return call


def features(path):
    return json.loads(Path(path).read_text())["features"]


@pytest.mark.slow
def test_published_read_and_searched_without_a_window(run, stack_server, tmp_path):
    zones = {"type": "FeatureCollection", "features": [zone(number) for number in range(5)]}
    (tmp_path / "zones.geojson").write_text(json.dumps(zones))
    published = run(
        "publishfeatures", INPUT=tmp_path / "zones.geojson", KEY='zone:[% "n" %]', FORMAT=3, INDEX="zones"
    )
    assert published["COUNT"] == 5 and published["REFUSED"] == 0
    with stack_server.client() as client:
        client.execute_command("JSON.SET", "zone:bad", "$", '{"geom": "no place"}')
        assert client.execute_command("FT._LIST") == [b"zones"]
    for source in ("zone:*", "zones"):
        out = tmp_path / f"{source[:5].strip(':*')}.geojson"
        read = run("readfeatures", SOURCE=source, OUTPUT_POLYGONS=out)
        assert read["COUNT"] == 5 and read["REFUSED"] == 1
        assert {one["properties"]["name"] for one in features(out)} == {f"zone {n}" for n in range(5)}
        for one in features(out):
            wanted = next(
                other for other in zones["features"] if other["properties"]["n"] == one["properties"]["n"]
            )
            assert shapely.equals(
                shapely.from_geojson(json.dumps(one["geometry"])),
                shapely.from_geojson(json.dumps(wanted["geometry"])),
            )
    found = run(
        "indexsearch", INDEX="zones", CENTER="2.25,48.5 [EPSG:4326]", RADIUS=1, UNIT=1, FILTER="@n:[2 +inf]",
        OUTPUT=tmp_path / "found.geojson")  # fmt: skip
    assert found["COUNT"] == 3
    assert {one["properties"]["member"] for one in features(tmp_path / "found.geojson")} == {
        "zone:2", "zone:3", "zone:4"}  # fmt: skip


@pytest.mark.slow
def test_tracks_of_series_without_a_window(run, stack_server, tmp_path):
    with stack_server.client() as client:
        for coord, start in (("lon", 2.0), ("lat", 48.0)):
            for at in range(5):
                client.execute_command(
                    "TS.ADD", f"bus:7:{coord}", 1_764_500_000_000 + at * 1000, start + at / 100,
                    "LABELS", "vehicle", "7", "coord", coord)  # fmt: skip
    made = run("readtracks", FILTER="coord=(lon,lat)", OUTPUT=tmp_path / "tracks.geojson")
    assert made["COUNT"] == 1
    (line,) = features(tmp_path / "tracks.geojson")
    assert line["properties"]["id"] == "7" and line["properties"]["vertices"] == 5
    assert [place[:2] for place in line["geometry"]["coordinates"][0]][-1] == [2.04, 48.04]
