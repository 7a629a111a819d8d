"""Models with the cache in ``qgis_process``: without a window, without a server, by two programs at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "tools" / "demo" / "data" / "regions.model3"
SETTINGS = "[PythonPlugins]\nredis_geo_plugin=true\nprocessing=true\n"
STEPS = 7
FIXED_FIELDS = ("HITS", "MISSES", "STEPS_KEPT", "STEPS_RUN", "SPARED_SECONDS", "REPORT")


def stars(name, count, shift=0.0):
    """A file of GeoJSON with wobbly polygons in a row, in degrees."""
    features = []
    for at in range(count):
        ring = [[shift + at + x / 480, 40 + (x % 3) / 10] for x in range(400)]
        ring += [[shift + at + x / 480, 41 - (x % 4) / 10] for x in reversed(range(400))]
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
        properties = {"name": f"{name} {at}", "iso_a2": "ab"[at % 2]}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


@pytest.fixture
def place(tmp_path):
    """A profile with the plugin and the model, and the layers."""
    profile = tmp_path / "profile" / "profiles" / "default"
    (profile / "QGIS").mkdir(parents=True)
    (profile / "QGIS" / "QGIS3.ini").write_text(SETTINGS)
    (profile / "processing" / "models").mkdir(parents=True)
    shutil.copy(MODEL, profile / "processing" / "models")
    (tmp_path / "states.geojson").write_text(json.dumps(stars("state", 40)))
    (tmp_path / "lands.geojson").write_text(json.dumps(stars("land", 40, 0.3)))
    return tmp_path


def started(place, algorithm, output, url=""):
    """qgis_process, under way."""
    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    assert program, "no qgis_process on PATH: run make setup"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QGIS_PLUGINPATH": str(ROOT)}
    environment.update(
        PYTHONPATH=sysconfig.get_paths()["purelib"], QGIS_CUSTOM_CONFIG_PATH=str(place / "profile")
    )
    environment.pop("REDIS_GEO_URL", None)
    if url:
        environment["REDIS_GEO_URL"] = url
    layers = [f"STATES={place / 'states.geojson'}", f"COUNTRIES={place / 'lands.geojson'}"]
    words = [
        program,
        "--json",
        "run",
        algorithm,
        "--",
        *layers,
        "DISTANCE=500",
        f"unite:regions={output}",  # the name that the file gives it
    ]
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    said, errors = process.communicate(timeout=240)
    assert process.returncode == 0, said[-2000:] + errors[-2000:]
    return json.loads(said[said.index("{") :])["results"]


def features(path):
    return json.loads(Path(path).read_text())["features"]


def assert_alike(mine, native):
    """The same regions, in whatever order: QGIS's own dissolve has another in each process. The order of what an overlay
    gives for one state is the overlay's, and so the vertex at which the union of these begins."""
    mine, native = (sorted(some, key=lambda one: one["properties"]["iso_a2"]) for some in (mine, native))
    assert [one["properties"]["iso_a2"] for one in mine] == [one["properties"]["iso_a2"] for one in native]
    for one, other in zip(mine, native):
        shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in (one, other)]
        assert shapely.symmetric_difference(*shapes).area <= 1e-9 * shapes[1].area > 0


@pytest.mark.slow
def test_a_model_without_a_window_and_without_a_server(place):
    native = ended(started(place, "model:Regions", place / "native.geojson"))
    mine = ended(started(place, "redisgeocache:model_Regions", place / "mine.geojson"))
    assert_alike(features(place / "mine.geojson"), features(place / "native.geojson"))
    assert len(features(place / "mine.geojson")) == 2 and set(native) <= set(mine)
    assert set(FIXED_FIELDS) <= set(mine) and mine["HITS"] == 0
    assert mine["STEPS_KEPT"] == 0 and mine["STEPS_RUN"] == STEPS
    report = Path(mine["REPORT"]).read_text(encoding="utf-8")
    assert report.count("<tr>") == STEPS + 1 and "Unite by country" in report
    assert (
        place / "profile" / "profiles" / "default" / "processing" / "models" / MODEL.name
    ).read_bytes() == (MODEL.read_bytes())


@pytest.mark.slow
def test_two_programs_at_once_and_one_after_them(place, make_server):
    server = make_server("valkey")
    native = ended(started(place, "model:Regions", place / "native.geojson"))
    both = [
        started(place, "redisgeocache:model_Regions", place / f"{n}.geojson", server.url) for n in range(2)
    ]
    told = [ended(process) for process in both]
    after = ended(started(place, "redisgeocache:model_Regions", place / "after.geojson", server.url))
    for name in ("0", "1", "after"):
        assert_alike(features(place / f"{name}.geojson"), features(place / "native.geojson"))
    assert [one["STEPS_KEPT"] + one["STEPS_RUN"] for one in (*told, after)] == [STEPS] * 3
    assert after["HITS"] > 0 and after["STEPS_KEPT"] > 0 and set(native) <= set(after)
    with server.client() as client:
        assert not list(client.scan_iter("calculs:verrous:*")), "no claim is left"
        assert list(client.scan_iter("calculs:*:defaut:*"))
