"""A model from the Cache panel: run, three states edited, run again, and the table of what was kept."""

from __future__ import annotations

import shutil
import time

from qgis.core import QgsApplication, QgsFeatureRequest, QgsProject, QgsSettings
from qgis.PyQt.QtWidgets import QPushButton

from redis_geo_plugin.bridge.settings import STEPS_IN_BACKGROUND

from .. import places
from .cache import EUROPE

ORDER = 15
OPTIONAL = True  # it runs a model in the background, which is experimental
MODEL = places.ROOT / "tools" / "demo" / "data" / "regions.model3"
EDITED = 3
MOVED = 0.05  # degrees
NAMESPACE = f"demo-{int(time.time())}"  # of this play alone, so that its first run computes
SECONDS = 3600  # that the results are kept


def play(stage) -> None:
    _offer_model(stage)
    states = _states(stage)
    dock = stage.show_dock("redis_geo_cache_dock")
    dock.tabs.setCurrentIndex(1)
    panel = dock.models
    stage.wait_until(lambda: panel.models.count(), 20, "the list of models")
    stage.picture("14-model-parameters", _ask(stage, panel, states))
    first = _run(stage, panel, "first run")
    _edit(stage, states)
    _ask(stage, panel, states)
    second = _run(stage, panel, f"after {EDITED} states were edited")
    stage.picture("15-model-again")
    stage.picture("16-model-steps", dock)
    stage.say(f"the second run took 1/{first / second:.1f} of the time of the first")
    _tidy(stage, states, dock)


def _offer_model(stage) -> None:
    """Put the model among the user's own, as the designer does, and let it run in the background."""
    QgsSettings().setValue(STEPS_IN_BACKGROUND, True)
    provider = QgsApplication.processingRegistry().providerById("model")
    stage.wait_until(lambda: provider is not None, 5, "the provider of models")
    folder = places.PROFILE / "processing" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(MODEL, folder)
    provider.refreshAlgorithms()


def _states(stage):
    """The states of Europe, in memory, so that they can be edited."""
    request = QgsFeatureRequest().setFilterExpression(EUROPE)
    states = stage.layer("States and provinces").materialize(request)
    states.setName("States of Europe")
    QgsProject.instance().addMapLayer(states)
    if states.featureCount() < 300:
        stage.fail(f"only {states.featureCount()} states")
    return states


def _ask(stage, panel, states):
    """Press the button, and fill in Processing's dialog."""
    panel.controls.run_button.click()
    dialog = stage.wait_until(lambda: panel.dialog, 20, "the dialog of the model")
    dialog.setParameters(
        {
            "STATES": states,
            "COUNTRIES": stage.layer("Countries"),
            "DISTANCE": 5000.0,
            "NAMESPACE": NAMESPACE,
            "TTL": SECONDS,
        }
    )
    stage.wait(0.3)
    return dialog


def _run(stage, panel, what: str) -> float:
    """Press Run in the dialog, wait for the result, say what the steps did; returns the seconds."""
    before = stage.layer_ids()
    started = time.perf_counter()
    panel.dialog.runAlgorithm()
    stage.wait_until(lambda: panel._runner.running, 20, "the run")
    stage.wait_until(lambda: not panel._runner.running, 240, "the end of the model")
    taken = time.perf_counter() - started
    if stage.errors():
        stage.fail("; ".join(stage.errors()))
    made = stage.new_layers(before)
    if len(made) != 1:
        stage.fail(f"{len(made)} layers came of the model")
    stage.say(f"{what}: {made[0].featureCount()} regions in {taken:.1f} s: {panel.controls.outcome.text()}")
    for row in range(panel.table.topLevelItemCount()):
        item = panel.table.topLevelItem(row)
        stage.say("  " + " | ".join(item.text(column) for column in range(item.columnCount())))
    QgsProject.instance().removeMapLayers([one.id() for one in made[:-1]])
    return taken


def _edit(stage, states) -> None:
    """Move three states, as somebody does by hand; the edits are not saved."""
    states.startEditing()
    features = [one for one in states.getFeatures() if one.hasGeometry()]
    for feature in features[:: len(features) // EDITED][:EDITED]:
        geometry = feature.geometry()
        geometry.translate(MOVED, MOVED)
        states.changeGeometry(feature.id(), geometry)
    stage.say(f"{EDITED} states edited, not saved")
    _undo(stage)


def _undo(stage) -> None:
    """The message about the first result offers to take it away again."""
    undo = [
        b
        for b in stage.iface.messageBar().findChildren(QPushButton)
        if b.text() in ("Undo", "Annuler l’ajout")
    ]
    if not undo:
        stage.fail("the message about the result has no Undo")
    before = len(stage.layer_ids())
    undo[-1].click()
    stage.wait_until(lambda: len(stage.layer_ids()) < before, 10, "the result to go")


def _tidy(stage, states, dock) -> None:
    states.rollBack()
    kept = {"States and provinces", "Countries"}
    project = QgsProject.instance()
    project.removeMapLayers([key for key, one in project.mapLayers().items() if one.name() not in kept])
    stage.iface.messageBar().clearWidgets()
    dock.tabs.setCurrentIndex(0)
