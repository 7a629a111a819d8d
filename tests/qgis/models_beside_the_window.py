# ruff: noqa: F811 - fixtures of another file are arguments here
"""A model that is run beside the window, by the option of few: followed, undone, and ended with the plugin.

Played by test_models_panel.py in a process of its own.
"""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication, QgsProject, QgsSettings
from qgis.PyQt.QtWidgets import QPushButton

from redis_geo_plugin.bridge.settings import STEPS_IN_BACKGROUND
from redis_geo_plugin.bridge.steps.mirrored import PROVIDER
from redis_geo_plugin.bridge.steps.records import State
from tests.qgis.test_mirrored_models import fix_and_widen, squares
from tests.qgis.test_models_panel import cells, models, panel  # noqa: F401 - fixtures
from tests.support import step_models
from tests.support.waiting import spin


@pytest.fixture(autouse=True)
def _in_background(models):
    QgsSettings().setValue(STEPS_IN_BACKGROUND, True)


def ask(panel, layer, wait_until):
    """Open the dialog of the chosen model, with this layer in it."""
    QgsProject.instance().addMapLayer(layer)
    panel.controls.run_button.click()
    wait_until(lambda: panel.dialog is not None and panel.dialog.isVisible())
    panel.dialog.setParameters({"INPUT": layer, "DISTANCE": 2.0})
    spin(0.5)  # what a new layer sets off in the project is over: QGIS 3.22 does not stand it beside a run
    return panel.dialog


def test_a_model_is_run_and_its_result_can_be_undone(panel, iface, wait_until):
    step_models.save(fix_and_widen())
    wait_until(lambda: panel.models.count() == 1)
    layer = squares()
    dialog = ask(panel, layer, wait_until)
    before = set(QgsProject.instance().mapLayers())
    able = []
    buttons = panel.controls.run_button, panel.controls.cancel_button
    panel._runner.started.connect(lambda: able.append([one.isEnabled() for one in buttons]))
    dialog.runAlgorithm()
    assert not dialog.isVisible()
    wait_until(lambda: able)
    assert able == [[False, True]]
    wait_until(lambda: not panel.controls.outcome.isHidden(), 60)
    made = set(QgsProject.instance().mapLayers()) - before
    assert len(made) == 1 and QgsProject.instance().mapLayer(made.pop()).featureCount() == 6
    assert [row[0] for row in cells(panel.table)] == ["fix", "Make wide"]
    assert all(row[4] for row in cells(panel.table)), "each step says how long it took"
    assert "2" in panel.controls.outcome.text() and panel.controls.run_button.isEnabled()
    undo = next(b for b in iface.bar.findChildren(QPushButton) if b.text() == "Undo")
    undo.click()
    assert set(QgsProject.instance().mapLayers()) == before
    iface.bar.take_messages()


def test_unloading_while_a_model_runs_ends_it(panel, plugin, wait_until):
    step_models.save(step_models.nine_steps("long"))
    wait_until(lambda: panel.models.count() == 1)
    layers = {key: squares(4000, 3.0) for key in ("STATES", "COUNTRIES", "POINTS")}
    QgsProject.instance().addMapLayers(list(layers.values()))
    spin(0.5)
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
