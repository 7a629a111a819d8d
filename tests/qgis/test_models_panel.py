"""The tab *Models* of the Cache dock: Processing's own dialog, the table of steps, results as Processing adds them, Undo."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingAlgorithm

from redis_geo_plugin.bridge.steps.mirrored import PROVIDER
from redis_geo_plugin.bridge.steps.records import RunRecord, StepRecord
from redis_geo_plugin.bridge.steps.ways import Way
from redis_geo_plugin.gui.cache.options_box import CacheBox
from redis_geo_plugin.gui.models.steps_table import StepsTable
from tests.qgis.test_mirrored_models import fix_and_widen
from tests.support import step_models

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def models(qgis_processing):
    step_models.forget_all()
    yield
    step_models.forget_all()


@pytest.fixture
def panel(models, plugin, monkeypatch):
    from processing.gui import ParametersPanel, Postprocessing

    for module in (ParametersPanel, Postprocessing):  # the one of tests has no browser and no tree of layers
        monkeypatch.setattr(module, "iface", None, raising=False)
    dock = next(c for c in plugin.components if type(c).__name__ == "CacheComponent").dock
    dock.build()
    dock.show()
    dock.tabs.setCurrentIndex(1)
    return dock.models


def cells(table):
    return [
        [table.topLevelItem(row).text(c) for c in range(table.columnCount())]
        for row in range(table.topLevelItemCount())
    ]


def test_a_run_beside_the_window_is_followed_undone_and_ended():
    """In a process of its own, whose first run it is: then Python collects most garbage, in the thread of the run."""
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/qgis/models_beside_the_window.py",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout[-4000:] + done.stderr[-2000:]


def test_without_a_model_it_says_where_to_make_one(panel):
    assert not panel.controls.run_button.isEnabled() and not panel.note.isHidden()


def test_a_saved_model_is_listed_at_once(panel, wait_until):
    step_models.save(fix_and_widen())
    wait_until(lambda: panel.models.count() == 1)
    assert (
        panel.models.itemText(0) == "widen"
        and panel.controls.run_button.isEnabled()
        and panel.note.isHidden()
    )
    step_models.forget_all()
    wait_until(lambda: panel.models.count() == 0)
    assert not panel.controls.run_button.isEnabled()


def test_a_dialog_with_a_mistake_stays_open(panel, wait_until):
    step_models.save(fix_and_widen())
    wait_until(lambda: panel.models.count() == 1)
    panel.controls.run_button.click()
    panel.dialog.runAlgorithm()  # no layer is there to choose
    assert panel.dialog.isVisible() and not panel._runner.running


def test_the_option_brings_the_algorithms_into_the_toolbox(models, plugin, iface):
    from qgis.core import QgsProcessingAlgorithm

    from redis_geo_plugin.gui.cache.options_box import CacheBox

    def hidden():
        found = QgsApplication.processingRegistry().algorithmById(f"{PROVIDER}:buffer")
        return bool(found.flags() & QgsProcessingAlgorithm.Flag.FlagHideFromToolbox)

    assert hidden()
    box = CacheBox()
    box.in_toolbox.setChecked(True)
    box.apply()
    assert not hidden() and CacheBox().in_toolbox.isChecked()
    box.in_toolbox.setChecked(False)
    box.apply()
    assert hidden()


def test_the_table_shows_each_step_as_it_is(qgis_app):
    table = StepsTable()
    run = RunRecord("a model")
    run.plan(
        [
            StepRecord("a", "First", "native:buffer"),
            StepRecord("b", "Second", "gdal:warp", cached=False, reason="A raster"),
            StepRecord("c", "Third", "native:dissolve"),
        ]
    )
    table.show_steps(run.steps())
    assert [row[1] for row in cells(table)] == ["waiting"] * 3
    run.begin("a")
    table.show_steps(run.steps())
    assert cells(table)[0][1] == "under way"
    run.end("a", outcome(Way.ROWS, hits=1200, misses=3, seconds=1.5))
    run.begin("b")
    run.end("b", outcome(None, reason="Another"))
    run.begin("c")
    table.show_steps(run.steps())
    assert cells(table)[0][1:4] == ["by feature", "1,200", "3"]
    assert cells(table)[1][1] == "not cached" and table.topLevelItem(1).child(0).text(0).strip() == "A raster"
    run.leave_rest()
    table.show_steps(run.steps())
    assert cells(table)[2][1] == "not run"
    assert run.totals().run == 2 and run.totals().kept == 0


def outcome(way, **others):
    from redis_geo_plugin.bridge.steps.outcome import StepOutcome

    return StepOutcome(way=way, **others)


def test_only_who_chooses_so_has_runs_beside_the_window(models, plugin, wait_until):
    step_models.save(fix_and_widen())
    box = CacheBox()
    box.in_background.setChecked(False)
    box.apply()

    def flags(name):
        found = QgsApplication.processingRegistry().algorithmById(f"{PROVIDER}:{name}")
        return found.flags() if found is not None else None

    flag = QgsProcessingAlgorithm.Flag.FlagNoThreading
    wait_until(lambda: flags("model_widen") is not None)
    assert flags("model_widen") & flag and flags("buffer") & flag
    box.in_background.setChecked(True)
    box.apply()
    wait_until(lambda: flags("model_widen") is not None and not flags("model_widen") & flag)
    assert not flags("buffer") & flag
