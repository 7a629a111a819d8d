"""The zip in an empty profile, with the system's Python: it loads, talks, and does without Shapely."""

from __future__ import annotations

import subprocess

import pytest

from tests.packaging.conftest import SYSTEM_PYTHON

WITH_SHAPELY = ("cachedbuffer", "cachedintersection")


def test_it_loads_and_unloads(profile):
    found = profile.run("load")
    assert found["failed"] == []
    assert "redisgeo:cachedbuffer" in found["algorithms"]
    assert found["components"]
    assert found["package"].startswith(str(profile.folder))
    assert found["unloaded"] is True
    assert found["foreign"] == []


def test_it_serves_qgis_process(profile):
    found = profile.run("headless")
    assert found["started"] is True
    assert found["algorithms"] == profile.run("load")["algorithms"]


def test_its_own_redis_py_talks_to_a_server(profile, one_server):
    found = profile.run("talk", hide="redis hiredis async_timeout", REDIS_GEO_URL=one_server.url)
    assert found["redis"].startswith(str(profile.folder))
    assert (found["version"], found["reply"], found["deleted"]) == ("7.0.1", "00ff", 1)
    assert found["product"] == "Valkey"
    assert found["foreign"] == []


def test_another_plugins_redis_is_left_alone(profile, one_server, tmp_path):
    """A redis package found first on the path is neither imported nor needed."""
    other = tmp_path / "redis"
    other.mkdir()
    (other / "__init__.py").write_text("raise RuntimeError('the wrong redis')\n", encoding="utf-8")
    assert profile.run("talk", REDIS_GEO_URL=one_server.url)["reply"] == "00ff"


def test_without_shapely_everything_is_listed_and_a_buffer_says_what_to_do(profile, one_server):
    found = profile.run("buffer", hide="shapely", REDIS_GEO_URL=one_server.url)
    assert found["failed"] == []
    assert found["algorithms"] == profile.run("load")["algorithms"]
    assert "Shapely 2" in found["answer"] and "Install Shapely" in found["answer"]


def old_shapely(folder):
    """A Shapely 1.8 as far as it can be told from 2: its version, and that the functions on arrays are not there."""
    (folder / "shapely").mkdir(parents=True)
    (folder / "shapely" / "__init__.py").write_text("__version__ = '1.8.5'\n", encoding="utf-8")
    record = folder / "shapely-1.8.5.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: shapely\nVersion: 1.8.5\n", encoding="utf-8"
    )


@pytest.mark.parametrize("found", ["none", "1.8"])
def test_without_shapely_2_live_search_and_server_work_and_it_is_offered(
    profile, one_server, tmp_path, found
):
    old_shapely(tmp_path / "old")
    hidden = {"hide": "shapely"} if found == "none" else {"PYTHONPATH": str(tmp_path / "old")}
    told = profile.run("without_shapely", REDIS_GEO_URL=one_server.url, **hidden)
    assert told["failed"] == [] and told["in slots"] == []
    areas = told["algorithms"].pop("areas")
    assert told["algorithms"] == {
        "added": 3, "radius": 2, "nearest": 6, "exported": 3, "published": 3, "snapshot": 3, "deleted": 0,
    }  # fmt: skip
    assert told["search"]["sets"] == "locations"
    assert told["search"]["radius"][0] and told["search"]["nearest"][0], told["search"]
    assert told["live"] == [3, "live"]
    assert "keys looked at" in told["server"]
    assert len(told["geofences"]) == 1
    for words in (areas, *told["geofences"], *told["offer"]["said"]):
        assert "Shapely 2" in words and "Install Shapely" in words
    assert told["offer"]["said"] and set(told["offer"]["buttons"]) == {"Install Shapely…", "Zoom", "Undo"}
    assert told["offer"]["in the menu"] is True
    assert told["unloaded"] is True


@pytest.mark.slow
def test_the_menu_installs_shapely_and_the_next_start_finds_it(profile, one_server):
    """Where the system has a Shapely 2 already (newer versions of QGIS import it themselves), that one may stay in use."""
    system = subprocess.run(
        [SYSTEM_PYTHON, "-sc", "from shapely import from_wkb; print(2)"],
        capture_output=True,
        text=True,
        check=False,
    )
    has_shapely = system.stdout.strip() == "2"
    found = profile.run("install_shapely", REDIS_GEO_URL=one_server.url)
    assert found["version"].startswith("2.")
    assert found["missing"] is not has_shapely
    assert has_shapely or "Shapely 2" in found["before"]
    assert "Polygon" in found["after"]
    later = profile.run("next_start", REDIS_GEO_URL=one_server.url)
    assert "Polygon" in later["answer"]
    if not has_shapely:
        assert later["shapely"].startswith(str(profile.folder / "redis_geo" / "python"))
