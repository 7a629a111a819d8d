"""The engine of steps: a native algorithm run by its way gives what the algorithm itself gives."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback

from redis_geo_plugin.bridge.steps import engine
from redis_geo_plugin.bridge.steps.ways import ProvedWay, Way
from tests.support.layers import layer_of

SQUARES = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(12)]


def test_what_is_not_proved_runs_natively_and_says_so(algorithms):
    native = QgsApplication.processingRegistry().algorithmById("native:addautoincrementalfield")
    context = QgsProcessingContext()
    outcome = engine.run(
        native,
        {"INPUT": layer_of(SQUARES), "OUTPUT": "memory:"},
        context,
        QgsProcessingFeedback(),
        engine.StepOptions(),
    )
    assert (outcome.way, outcome.hits, outcome.misses) == (None, 0, 0)
    assert outcome.reason
    assert context.takeResultLayer(outcome.outputs["OUTPUT"]).featureCount() == 12


def test_a_way_holds_between_the_versions_that_prove_it():
    proof = ProvedWay(Way.ROWS, ((3, 22), (3, 40)))
    found = [proof.holds_on(v) for v in ((3, 20), (3, 22), (3, 34), (3, 40), (3, 44), (4, 0))]
    assert found == [False, True, True, True, False, False]
    assert not ProvedWay(Way.ROWS, ()).holds_on((3, 22))
