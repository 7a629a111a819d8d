"""The algorithms on features in a model: publish a layer, read it back, give the polygons to a native step."""

from __future__ import annotations

import pytest
from qgis.analysis import QgsNativeAlgorithms
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildDependency,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProject,
    QgsVectorLayer,
)

Source = QgsProcessingModelChildParameterSource


@pytest.fixture
def provider(qgis_app):
    from redis_geo_plugin.processing.provider import RedisGeoProvider

    registry = QgsApplication.processingRegistry()
    natives = None
    if registry.providerById("native") is None:
        natives = QgsNativeAlgorithms(registry)
        registry.addProvider(natives)
    made = RedisGeoProvider()
    registry.addProvider(made)
    yield made
    registry.removeProvider(made)
    if natives is not None:
        registry.removeProvider(natives)


def child(model, algorithm, **values):
    step = QgsProcessingModelChildAlgorithm(algorithm)
    step.setChildId(algorithm)
    for name, value in values.items():
        step.addParameterSources(
            name, [value if isinstance(value, Source) else Source.fromStaticValue(value)]
        )
    model.addChildAlgorithm(step)
    return model.childAlgorithm(algorithm)


def test_published_and_read_in_one_model(provider, one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "p", "memory")
    for number in range(3):
        feature = QgsFeature(layer.fields())
        west = 2 + number
        ring = f"{west} 48, {west + 0.5} 48, {west} 49, {west} 48"
        feature.setGeometry(QgsGeometry.fromWkt(f"POLYGON (({ring}))"))
        feature.setAttributes([f"m{number}"])
        layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    model = QgsProcessingModelAlgorithm("m", "m")
    child(model, "redisgeo:publishfeatures", INPUT=layer.id(), KEY='zone:[% "name" %]', FORMAT=0, MODE=2)
    step = child(model, "redisgeo:readfeatures", SOURCE="zone:*", FORMAT=0)
    step.setDependencies([QgsProcessingModelChildDependency("redisgeo:publishfeatures")])
    polygons = Source.fromChildOutput("redisgeo:readfeatures", "OUTPUT_POLYGONS")
    last = child(model, "native:centroids", INPUT=polygons, ALL_PARTS=False)
    output = QgsProcessingModelOutput("found")
    output.setChildId("native:centroids")
    output.setChildOutputName("OUTPUT")
    last.setModelOutputs({"found": output})
    model.setChildAlgorithm(last)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    name = next(one.name() for one in model.outputDefinitions() if one.name().endswith("found"))
    results, good = model.create().run(
        {name: "memory:"}, context, QgsProcessingFeedback(), catchExceptions=False
    )
    assert good
    found = context.takeResultLayer(results[name])
    assert sorted(one["redis_id"] for one in found.getFeatures()) == ["m0", "m1", "m2"]
    assert sorted(one["name"] for one in found.getFeatures()) == ["m0", "m1", "m2"]
