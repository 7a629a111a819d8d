"""The comparison of ``make test-peers`` sees what it is there for."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

from tests.peers.compare import (
    compare,
    compare_groups,
    compare_joined,
    compare_parts,
    same_geometry,
    same_value,
)
from tests.peers.outcome import Outcome, read
from tests.support.layers import layer_of
from tests.support.twins import index_takes_boxes_for_geometries

SQUARE = "Polygon((0 0,4 0,4 4,0 4,0 0))"


def aspects(one, other):
    return [difference.aspect for difference in compare(one, other)]


def outcome(**changes):
    found = read(layer_of([SQUARE, None], "Polygon"))
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def test_equal_outcomes_do_not_differ():
    assert aspects(outcome(), outcome()) == []


@pytest.mark.parametrize(
    ("aspect", "changes"),
    [
        ("messages", {"said": ["warning: more"]}),
        ("type", {"wkb_type": 6}),
        ("crs", {"crs": "EPSG:4326"}),
        ("fields", {"fields": []}),
        ("refused", {"refused": "no"}),
        ("count", {"rows": []}),
    ],
)
def test_each_aspect_is_seen(aspect, changes):
    assert aspects(outcome(), outcome(**changes)) == [aspect]


def test_ids_attributes_and_geometries_are_compared_in_order():
    rows = outcome().rows
    assert aspects(outcome(), outcome(rows=rows[::-1])) == ["ids", "attributes", "geometry"]


def test_the_same_shape_from_another_vertex_is_equal_and_another_type_is_not():
    one = QgsGeometry.fromWkt(SQUARE)
    assert same_geometry(one, QgsGeometry.fromWkt("Polygon((4 0,4 4,0 4,0 0,4 0))"))
    assert not same_geometry(one, QgsGeometry.fromWkt("MultiPolygon(((0 0,4 0,4 4,0 4,0 0)))"))
    assert not same_geometry(one, QgsGeometry.fromWkt("Polygon((0 0,4 0,4 4.001,0 4,0 0))"))
    assert not same_geometry(one, QgsGeometry())


def test_a_lost_z_or_m_is_seen():
    one = QgsGeometry.fromWkt("LineStringZ(0 0 1,1 1 2)")
    assert not same_geometry(one, QgsGeometry.fromWkt("LineString(0 0,1 1)"))
    assert not same_geometry(one, QgsGeometry.fromWkt("LineStringZ(0 0 1,1 1 3)"))


def test_messages_have_no_order_but_a_number():
    assert aspects(outcome(said=["a", "b"]), outcome(said=["b", "a"])) == []
    assert aspects(outcome(said=["a", "a"]), outcome(said=["a"])) == ["messages"]


def test_an_empty_collection_in_a_layer_of_polygons_is_an_empty_polygon(tmp_path):
    path, options = str(tmp_path / "out.gpkg"), QgsVectorFileWriter.SaveVectorOptions()
    kind, crs, context = (
        QgsWkbTypes.Type.MultiPolygon,
        QgsCoordinateReferenceSystem(),
        QgsCoordinateTransformContext(),
    )
    writer = QgsVectorFileWriter.create(path, QgsFields(), kind, crs, context, options)
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("GeometryCollection EMPTY"))
    assert writer.addFeature(feature)
    del writer
    (empty,) = read(QgsVectorLayer(path, "out", "ogr")).rows
    assert same_geometry(empty[2], QgsGeometry.fromWkt("MultiPolygon EMPTY"))
    assert not same_geometry(empty[2], QgsGeometry.fromWkt("GeometryCollection EMPTY"))


def test_values_of_other_types_differ():
    assert same_value(None, None) and same_value(0.1 + 0.2, 0.3)
    assert not same_value(1, True) and not same_value(None, 0) and not same_value("1", 1)


def joined(name, n, distance):
    return (1, [name, n, distance, 0.0, 0.0, 0.0, 0.0], QgsGeometry())


def test_of_a_join_neither_geometries_nor_the_order_of_what_is_equally_near_counts():
    native = Outcome(wkb_type=1, rows=[joined("x", 1, 5.0), joined("x", 2, 5.0)])
    ours = Outcome(wkb_type=5, rows=[joined("x", 2, 5.0), joined("x", 1, 5.0)])
    assert compare_joined(native, ours) == []
    ours.rows = [joined("x", 1, 5.0), joined("x", 2, 0.0)]
    (found,) = compare_joined(native, ours)
    assert found.aspect == ("boxes: " if index_takes_boxes_for_geometries() else "") + "attributes"


def test_groups_have_no_order():
    rows = outcome().rows
    assert compare_groups(outcome(), outcome(rows=rows[::-1])) == []
    assert [one.aspect for one in compare_groups(outcome(), outcome(rows=rows[:1]))] == ["count"]


def test_parts_of_one_union_have_no_order_but_features_have():
    shapes = [QgsGeometry.fromWkt(f"Polygon(({x} 0,{x + 1} 0,{x} 1,{x} 0))") for x in (0, 5)]

    def made(order, names):
        return Outcome(rows=[(i, [name], shapes[n]) for i, (n, name) in enumerate(zip(order, names))])

    assert compare_parts(made((0, 1), "aa"), made((1, 0), "aa")) == []
    assert compare_parts(made((0, 1), "aa"), made((0, 0), "aa")) != []
    assert compare_parts(made((0, 1), "ab"), made((1, 0), "ab")) != []


def test_ids_among_the_attributes_of_groups_go_with_their_order_where_they_count_all_of_them():
    def numbered(ids, names):
        none = QgsGeometry()
        return Outcome(rows=[(i, [i, name], none) for i, name in zip(ids, names)])

    assert compare_groups(numbered((1, 2), "ab"), numbered((1, 2), "ba")) == []
    assert compare_groups(numbered((1, 8), "ab"), numbered((1, 2), "ba")) == []
    assert [one.aspect for one in compare_groups(numbered((1, 2), "ab"), numbered((1, 2), "ac"))] == [
        "attributes"
    ]
    # of a GML file, as an attribute of a memory layer: by chance as the rows are counted, or not
    rows = [(1, ["x.0", "a"], QgsGeometry()), (2, ["x.1", "b"], QgsGeometry())]
    moved = [(1, ["x.1", "b"], QgsGeometry()), (2, ["x.0", "a"], QgsGeometry())]
    assert compare_groups(Outcome(rows=rows), Outcome(rows=moved)) == []
