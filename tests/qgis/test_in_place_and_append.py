"""Where a native algorithm edits a layer in place or appends to one, ours does it too, with the same layer in the end."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsProperty,
    QgsRemappingSinkDefinition,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from tests.qgis.test_drop_ins import TWINS, find
from tests.support.layers import layer_of

SQUARES = [f"Polygon(({i * 3} 0,{i * 3 + 1} 0,{i * 3 + 1} 1,{i * 3} 1,{i * 3} 0))" for i in range(3)]
LINES = [f"LineString({i} 0,{i + 1} 0.01,{i + 2} 0,{i + 3} 4)" for i in range(3)]
IN_PLACE = QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits
KINDS = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "PolygonZ", "NoGeometry")


@pytest.mark.parametrize(("ours", "native"), TWINS.items())
def test_it_edits_the_layers_that_native_edits(algorithms, ours, native):
    ours, native = find(ours), find(native)
    assert bool(ours.flags() & IN_PLACE) == bool(native.flags() & IN_PLACE)
    if native.flags() & IN_PLACE:
        layers = [QgsVectorLayer(f"{kind}?crs=EPSG:3857", kind, "memory") for kind in KINDS]
        assert [ours.supportInPlaceEdit(one) for one in layers] == [
            native.supportInPlaceEdit(one) for one in layers
        ]


def edited(id, wkts, kind, parameters, chosen):
    """A layer after an algorithm has edited it in place: its features, and which of them are selected."""
    from processing.gui.AlgorithmExecutor import execute_in_place_run

    layer = layer_of(wkts, kind)
    QgsProject.instance().addMapLayer(layer)
    layer.selectByIds(chosen)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(id, {"IN_PLACE": True})
    given = {**parameters, "INPUT": layer}
    ok, _ = execute_in_place_run(algorithm, given, context, QgsProcessingFeedback(False), True)
    assert ok and layer.isEditable()
    assert layer.commitChanges(), layer.commitErrors()
    return [
        (f.id(), f.attributes(), f.geometry().asWkt(6)) for f in layer.getFeatures()
    ], layer.selectedFeatureCount()


@pytest.mark.parametrize(
    ("name", "native", "wkts", "kind", "parameters"),
    [
        ("buffer", "buffer", SQUARES, "Polygon", {"DISTANCE": 0.25}),
        ("buffer", "buffer", SQUARES, "MultiPolygon", {"DISTANCE": 0.25, "DISSOLVE": True}),
        ("simplify", "simplifygeometries", LINES, "LineString", {"TOLERANCE": 0.1}),
    ],
)
@pytest.mark.parametrize("chosen", [[], [1, 3]], ids=["all", "selected"])
def test_the_edited_layer_is_that_of_native(
    algorithms, saved_connection, name, native, wkts, kind, parameters, chosen
):
    theirs = edited(f"native:{native}", wkts, kind, parameters, chosen)
    mine = edited(f"redisgeo:cached{name}", wkts, kind, parameters, chosen)
    assert mine == theirs
    assert (
        mine[0]
        != edited(f"redisgeo:cached{name}", wkts, kind, {**parameters, next(iter(parameters)): 0}, chosen)[0]
    )


def appended(id, parameters, path):
    """The rows of a layer with one feature in a GeoPackage, after an algorithm's output was appended to it."""
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "there"
    there = layer_of([SQUARES[0].replace("Polygon(", "MultiPolygon((") + ")"], "MultiPolygon")
    QgsVectorFileWriter.writeAsVectorFormatV3(there, path, QgsProject.instance().transformContext(), options)
    target = QgsVectorLayer(f"{path}|layername=there", "there", "ogr")
    remapped = QgsRemappingSinkDefinition()
    remapped.setFieldMap({"name": QgsProperty.fromField("name")})
    remapped.setSourceCrs(target.crs())
    remapped.setDestinationCrs(target.crs())
    remapped.setDestinationFields(target.fields())
    remapped.setDestinationWkbType(target.wkbType())
    definition = QgsProcessingOutputLayerDefinition(f"ogr:dbname='{path}' table=\"there\" (geom)")
    definition.setRemappingDefinition(remapped)
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    feedback = QgsProcessingFeedback(False)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(id)
    _, ok = algorithm.run({**parameters, "OUTPUT": definition}, context, feedback)
    assert ok, feedback.textLog()
    target = QgsVectorLayer(f"{path}|layername=there", "there", "ogr")
    return [(f.id(), f.attribute("name"), f.geometry().asWkt(6)) for f in target.getFeatures()]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("buffer", {"DISTANCE": 0.25}), ("intersection", {"OVERLAY": "INPUT"})],
)
def test_it_appends_what_native_appends(algorithms, saved_connection, tmp_path, name, parameters):
    source = layer_of(SQUARES)
    QgsProject.instance().addMapLayer(source)
    given = {key: source.id() if value == "INPUT" else value for key, value in parameters.items()}
    given["INPUT"] = source.id()
    theirs = appended(f"native:{name}", given, str(tmp_path / "native.gpkg"))
    mine = appended(f"redisgeo:cached{name}", given, str(tmp_path / "ours.gpkg"))
    assert mine == theirs and len(mine) == 4


def test_every_layer_of_ours_can_be_appended_to_another(algorithms):
    provider = QgsApplication.processingRegistry().providerById("redisgeo")
    sinks = [
        (algorithm.id(), output.name(), output.supportsAppend())
        for algorithm in provider.algorithms()
        for output in algorithm.destinationParameterDefinitions()
        if output.type() == "sink"
    ]
    assert len(sinks) > 6 and [one for one in sinks if not one[2]] == []
