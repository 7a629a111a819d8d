"""What the matrix of ``make test-peers`` showed of buffers, on data of our own."""

from __future__ import annotations

import pytest
from qgis.core import QgsVectorLayer, QgsVertexId

from tests.support.layers import assert_same, layer_of

SQUARES = [f"Polygon(({i * 3} 0,{i * 3 + 1} 0,{i * 3 + 1} 1,{i * 3} 1,{i * 3} 0))" for i in range(3)]


@pytest.fixture
def both(algorithms, saved_connection):
    """A function that runs native and ours twice on the same layer, holds them equal, and gives the last."""
    import processing

    def run(source, **parameters):
        given = {"INPUT": source, "OUTPUT": "memory:", **parameters}
        native = processing.run("native:buffer", given)["OUTPUT"]
        for _ in range(2):
            ours = processing.run("redisgeo:cachedbuffer", given)["OUTPUT"]
            assert_same(ours, native)
        return ours

    return run


@pytest.mark.parametrize("segments", [1, 1001, 2500])
def test_any_number_of_segments(both, segments):
    layer = both(layer_of(["Point(0 0)", "Point(9 9)"], "Point"), DISTANCE=2, SEGMENTS=segments)
    assert len(list(next(layer.getFeatures()).geometry().vertices())) == 4 * segments + 1


def test_a_table_is_taken_as_native_takes_it(both):
    table = layer_of([None, None], "NoGeometry", crs="")
    assert both(table, DISTANCE=1).featureCount() == 2


def test_buffers_of_no_width_keep_their_z(both):
    solid = layer_of(["PolygonZ((0 0 5,4 0 6,4 4 7,0 4 8,0 0 5))", "PolygonZ EMPTY"], "PolygonZ")
    results = [feature.geometry() for feature in both(solid, DISTANCE=0).getFeatures()]
    assert results[0].constGet().is3D() and results[0].constGet().vertexAt(QgsVertexId(0, 0, 1)).z() >= 5


FAR = "MultiPoint((0 0),(90 90))"


@pytest.mark.parametrize("dissolve", [False, True])
def test_disjoint_parts_are_features_of_their_own_in_a_geopackage_too(
    algorithms, saved_connection, tmp_path, dissolve
):
    """Native does so since QGIS 3.32."""
    import processing

    rows = [("two", 7), ("one", 8), ("none", 9)]
    source = layer_of(
        [FAR, "MultiPoint((50 50))", None], "MultiPoint", rows=rows, fields="name:string,fid:integer"
    )
    given = {"INPUT": source, "DISTANCE": 1, "DISSOLVE": dissolve, "SEPARATE_DISJOINT": True}
    for again in (1, 2):
        path = str(tmp_path / f"{again}.gpkg")
        processing.run("redisgeo:cachedbuffer", {**given, "OUTPUT": path})
        found = list(QgsVectorLayer(path, "out", "ogr").getFeatures())
        names = [one["name"] for one in found]
        assert names == (["two"] * 3 if dissolve else ["two", "two", "one", "none"])
        assert [len(one.geometry().asMultiPolygon()) for one in found if not one.geometry().isEmpty()] == [
            1,
            1,
            1,
        ]
        assert sorted({one.id() for one in found}) == [one.id() for one in found]
