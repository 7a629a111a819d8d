"""The algorithms in a model: load a layer, search around points, keep the nearest."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProject,
    QgsVectorLayer,
)


@pytest.fixture
def provider(qgis_app):
    from redis_geo_plugin.processing.provider import RedisGeoProvider

    registry = QgsApplication.processingRegistry()
    made = RedisGeoProvider()
    registry.addProvider(made)
    yield made
    registry.removeProvider(made)


def child(model, algorithm, **values):
    step = QgsProcessingModelChildAlgorithm(algorithm)
    step.setChildId(algorithm)
    for name, value in values.items():
        if not isinstance(value, QgsProcessingModelChildParameterSource):
            value = QgsProcessingModelChildParameterSource.fromStaticValue(value)
        step.addParameterSources(name, [value])
    model.addChildAlgorithm(step)
    return step


def test_load_and_search_in_one_model(provider, one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=name:string", "p", "memory")
    for number in range(10):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(number * 0.01, 45)))
        feature.setAttributes([f"m{number}"])
        layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    model = QgsProcessingModelAlgorithm("m", "m")
    child(model, "redisgeo:loadgeoset", INPUT=layer.id(), KEY="of_a_model", MEMBER_FIELD='"name"', MODE=2)
    search = child(
        model,
        "redisgeo:radiussearch",
        KEY="of_a_model",
        CENTER="0.05,45 [EPSG:4326]",
        RADIUS=2,
        UNIT=1,
        LIMIT=3,
    )
    step = model.childAlgorithm(search.childId())
    step.setDependencies([_dependency("redisgeo:loadgeoset")])
    output = QgsProcessingModelOutput("found")
    output.setChildId(search.childId())
    output.setChildOutputName("OUTPUT")
    step.setModelOutputs({"found": output})
    model.setChildAlgorithm(step)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    name = next(d.name() for d in model.outputDefinitions() if d.name().endswith("found"))
    results, good = model.create().run(
        {name: "memory:"}, context, QgsProcessingFeedback(), catchExceptions=False
    )
    assert good
    found = context.takeResultLayer(results[name])
    assert sorted(f["member"] for f in found.getFeatures()) == ["m4", "m5", "m6"]


def _dependency(child_id):
    from qgis.core import QgsProcessingModelChildDependency

    return QgsProcessingModelChildDependency(child_id)
