"""What ``bench_models`` measures of the engine of steps alone: what is found again, what a change costs, two cores."""

from __future__ import annotations

from collections import Counter
from contextlib import closing

from benchmarks.harness import compare, figure, qgis_application

CHANGED = (100, 1500, 3000)  # places of features that are moved


def again_after_changes(layers):
    """Rows: the offset lines of the countries again; intersection and difference of the states and a copy of theirs that is
    moved, after three states were moved."""
    from tests.support.servers import RealServer

    lines = _outlines(layers["COUNTRIES"])
    copy = _native("native:translategeometry", {"INPUT": layers["STATES"], "DELTA_X": 0.3, "DELTA_Y": 0.2})[1]
    moved = _with_three_moved(layers["STATES"])
    with closing(RealServer("valkey")) as server:
        settings = server.settings()
        given = {"INPUT": lines, "DISTANCE": 0.1}
        native, expected = _native("native:offsetline", given)
        assert _equal(_ours("native:offsetline", given, settings)[1], expected)
        ours, made = _ours("native:offsetline", given, settings)
        assert _equal(made, expected)
        yield compare("offset line: again", "241 countries", ours=ours, other=native, at_least=50)
        for name, most in (("intersection", 0.15), ("difference", 0.06)):
            given = {"INPUT": layers["STATES"], "OVERLAY": copy}
            _ours(f"native:{name}", given, settings)
            given["INPUT"] = moved
            native, expected = _native(f"native:{name}", given)
            ours, made = _ours(f"native:{name}", given, settings)
            assert _equal(made, expected)
            yield figure(
                f"{name}: three moved", "4,556 states twice", ours / native, "of native", at_most=most
            )


def on_two_cores(layers):
    """Rows: algorithms without any cache, on all cores, of native's time."""
    countries = layers["COUNTRIES"]
    copy = _native("native:translategeometry", {"INPUT": layers["STATES"], "DELTA_X": 0.3, "DELTA_Y": 0.2})[1]
    over = {"INPUT": layers["STATES"], "OVERLAY": copy}
    for name, given, most in (
        ("clip", {"INPUT": layers["STATES"], "OVERLAY": countries}, 0.45),
        ("difference", over, 0.5),
        ("intersection", over, 0.65),
        ("singlesidedbuffer", {"INPUT": _outlines(countries), "DISTANCE": 0.1}, 0.55),
    ):
        native, expected = _native(f"native:{name}", given)
        ours, made = _ours(f"native:{name}", given)
        assert _equal(made, expected), name
        yield figure(f"{name}: two cores, no cache", "world map", ours / native, "of native", at_most=most)


def _outlines(countries):
    return _native("native:polygonstolines", {"INPUT": countries})[1]


def _native(name, given):
    """Seconds and the layer of the algorithm itself."""
    import time

    from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback

    qgis_application()
    algorithm, context = QgsApplication.processingRegistry().algorithmById(name), QgsProcessingContext()
    started = time.perf_counter()
    found, ok = algorithm.create().run({"OUTPUT": "memory:", **given}, context, QgsProcessingFeedback(False))
    seconds = time.perf_counter() - started
    assert ok, name
    return seconds, context.takeResultLayer(found["OUTPUT"])


def _ours(name, given, settings=None):
    """Seconds and the layer by the engine."""
    from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback

    from redis_geo_plugin.bridge.steps import engine

    algorithm, context = QgsApplication.processingRegistry().algorithmById(name), QgsProcessingContext()
    outcome = engine.run(
        algorithm,
        {"OUTPUT": "memory:", **given},
        context,
        QgsProcessingFeedback(False),
        engine.StepOptions(settings=settings),
    )
    assert outcome.way is not None, outcome.reason
    return outcome.seconds, context.takeResultLayer(outcome.outputs["OUTPUT"])


def _with_three_moved(layer):
    from qgis.core import QgsFeatureRequest

    copy = layer.materialize(QgsFeatureRequest())
    features = [feature for feature in copy.getFeatures() if feature.hasGeometry()]
    shapes = {}
    for place in CHANGED:
        geometry = features[place].geometry()
        geometry.translate(0.02, 0.01)
        shapes[features[place].id()] = geometry
    copy.dataProvider().changeGeometryValues(shapes)
    return copy


def _equal(a, b):
    return _counted(a) == _counted(b)


def _counted(layer):
    """The features, whatever their order; NULL is None."""
    return Counter(
        (bytes(one.geometry().asWkb()), tuple(str(v) if v else "" for v in one.attributes()))
        for one in layer.getFeatures()
    )
