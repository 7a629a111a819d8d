"""The tab *Models* of the Cache dock: Processing's own dialog, the table of steps, results as Processing adds them, Undo."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication, QgsProcessingAlgorithm, QgsProject, QgsSettings
from qgis.PyQt.QtWidgets import QPushButton

from redis_geo_plugin.bridge.settings import STEPS_IN_BACKGROUND
from redis_geo_plugin.bridge.steps.mirrored import PROVIDER
from redis_geo_plugin.bridge.steps.records import RunRecord, State, StepRecord
from redis_geo_plugin.bridge.steps.ways import Way
from redis_geo_plugin.gui.cache.options_box import CacheBox
from redis_geo_plugin.gui.models.steps_table import StepsTable
from tests.qgis.test_mirrored_models import fix_and_widen, squares
from tests.support import step_models


@pytest.fixture
def models(qgis_processing):
    step_models.forget_all()
    QgsSettings().setValue(STEPS_IN_BACKGROUND, True)
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


def ask(panel, layer, wait_until):
    """Open the dialog of the chosen model, with this layer in it."""
    QgsProject.instance().addMapLayer(layer)
    panel.run_button.click()
    wait_until(lambda: panel.dialog is not None and panel.dialog.isVisible())
    panel.dialog.setParameters({"INPUT": layer, "DISTANCE": 2.0})
    return panel.dialog


def test_without_a_model_it_says_where_to_make_one(panel):
    assert not panel.run_button.isEnabled() and not panel.note.isHidden()


def test_a_saved_model_is_listed_at_once(panel, wait_until):
    step_models.save(fix_and_widen())
    wait_until(lambda: panel.models.count() == 1)
    assert panel.models.itemText(0) == "widen" and panel.run_button.isEnabled() and panel.note.isHidden()
    step_models.forget_all()
    wait_until(lambda: panel.models.count() == 0)
    assert not panel.run_button.isEnabled()


def test_a_model_is_run_and_its_result_can_be_undone(panel, iface, wait_until):
    step_models.save(fix_and_widen())
    wait_until(lambda: panel.models.count() == 1)
    layer = squares()
    dialog = ask(panel, layer, wait_until)
    before = set(QgsProject.instance().mapLayers())
    dialog.runAlgorithm()
    assert not dialog.isVisible() and not panel.run_button.isEnabled() and panel.cancel_button.isEnabled()
    wait_until(lambda: not panel.outcome.isHidden(), 60)
    made = set(QgsProject.instance().mapLayers()) - before
    assert len(made) == 1 and QgsProject.instance().mapLayer(made.pop()).featureCount() == 6
    assert [row[0] for row in cells(panel.table)] == ["fix", "Make wide"]
    assert all(row[4] for row in cells(panel.table)), "each step says how long it took"
    assert "2" in panel.outcome.text() and panel.run_button.isEnabled()
    undo = next(b for b in iface.bar.findChildren(QPushButton) if b.text() == "Undo")
    undo.click()
    assert set(QgsProject.instance().mapLayers()) == before
    iface.bar.take_messages()


def test_a_dialog_with_a_mistake_stays_open(panel, wait_until):
    step_models.save(fix_and_widen())
    wait_until(lambda: panel.models.count() == 1)
    panel.run_button.click()
    panel.dialog.runAlgorithm()  # no layer is there to choose
    assert panel.dialog.isVisible() and not panel._runner.running


def test_unloading_while_a_model_runs_ends_it(panel, plugin, wait_until):
    step_models.save(step_models.nine_steps("long"))
    wait_until(lambda: panel.models.count() == 1)
    layers = {key: squares(4000, 3.0) for key in ("STATES", "COUNTRIES", "POINTS")}
    QgsProject.instance().addMapLayers(list(layers.values()))
    runner = panel._runner
    runner.start(
        panel.models.currentData(),
        {**layers, "DISTANCE": 5.0, step_models.output_key("unite", "united"): "memory:"},
    )
    wait_until(lambda: any(step.state is State.RUNNING for step in runner.record.steps()))
    feedback = runner._run.feedback
    plugin.unload()
    assert feedback.isCanceled()
    assert QgsApplication.processingRegistry().providerById(PROVIDER) is None


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
            StepRecord("b", "Second", "gdal:warp", cached=False, reason="A raster", after=("a",)),
            StepRecord("c", "Third", "native:dissolve", after=("b",)),
        ]
    )
    table.show_steps(run.steps())
    assert [row[1] for row in cells(table)] == ["waiting"] * 3
    run.begin("a")
    table.show_steps(run.steps())
    assert cells(table)[0][1] == "under way"
    run.end("a", outcome(Way.ROWS, hits=1200, misses=3, seconds=1.5))
    run.begin("c")
    table.show_steps(run.steps())
    assert cells(table)[0][1:4] == ["by feature", "1,200", "3"]
    assert cells(table)[1][1] == "not cached" and table.topLevelItem(1).child(0).text(0).strip() == "A raster"
    run.leave_rest()
    table.show_steps(run.steps())
    assert cells(table)[2][1] == "not run"
    assert run.totals().run == 2 and run.totals().kept == 0


def outcome(way, **numbers):
    from redis_geo_plugin.bridge.steps.outcome import StepOutcome

    return StepOutcome(way=way, **numbers)


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
