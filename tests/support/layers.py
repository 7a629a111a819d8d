"""Layers for tests, and the comparison of an algorithm's result with the native one's."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
)

WORLD = "resources/data/world_map.gpkg"
TOLERANCE = 1e-6  # relative symmetric difference


def layer_of(wkts, kind="Polygon", crs="EPSG:3857", rows=None, fields="name:string"):
    """A memory layer of WKT texts (None for NULL, a QgsGeometry as it is) with their number as name, or ``rows``."""
    parts = [f"crs={crs}"] if crs else []
    layer = QgsVectorLayer(
        "?".join([kind, "&".join([*parts, *(f"field={f}" for f in fields.split(","))])]), "in", "memory"
    )
    if not crs:
        layer.setCrs(QgsCoordinateReferenceSystem())
    features = []
    for i, wkt in enumerate(wkts):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(list(rows[i]) if rows is not None else [f"f{i}"])
        if isinstance(wkt, QgsGeometry):
            feature.setGeometry(wkt)
        elif wkt is not None:
            geometry = QgsGeometry.fromWkt(wkt)
            assert not geometry.isNull(), wkt
            feature.setGeometry(geometry)
        features.append(feature)
    ok, _ = layer.dataProvider().addFeatures(features)
    assert ok and layer.featureCount() == len(wkts)
    return layer


def row_of_squares(count):
    """A layer of the project, of squares of a metre side by side, named s0, s1 and so on."""
    wkts = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(count)]
    layer = layer_of(wkts, rows=[[f"s{i}"] for i in range(count)])
    layer.setName("squares")
    QgsProject.instance().addMapLayer(layer)
    return layer


def world(name, limit, where=""):
    """The first features of a layer of the world map that comes with QGIS, as a memory layer."""
    from qgis.core import QgsApplication

    source = QgsVectorLayer(f"{QgsApplication.pkgDataPath()}/{WORLD}|layername={name}", name, "ogr")
    assert source.isValid()
    request = QgsFeatureRequest().setLimit(limit)
    if where:
        request.setFilterExpression(where)
    return source.materialize(request)


def difference(ours, native):
    """The area of the symmetric difference over the native area (0 where both are empty)."""
    if ours.isEmpty() and native.isEmpty():
        return 0.0
    if ours.equals(native):
        return 0.0
    size = native.area() or native.length() or 1.0
    apart = ours.symDifference(native)
    assert not apart.isNull(), ours.lastError()
    return (apart.area() or apart.length()) / size


def assert_same(ours, native, order=True):
    """Fields, types, CRS, number and order of features, attributes, and geometries as close as the tolerance."""
    assert [(f.name(), f.typeName(), f.length()) for f in ours.fields()] == [
        (f.name(), f.typeName(), f.length()) for f in native.fields()
    ]
    assert ours.wkbType() == native.wkbType()
    assert ours.crs() == native.crs()
    first, second = list(ours.getFeatures()), list(native.getFeatures())
    assert len(first) == len(second)
    if not order:
        first, second = sorted(first, key=_by_content), sorted(second, key=_by_content)
    for one, other in zip(first, second):
        assert one.attributes() == other.attributes()
        assert one.hasGeometry() == other.hasGeometry(), one.attributes()
        one, other = one.geometry(), other.geometry()
        assert one.isNull() == other.isNull()
        if not other.isNull():
            # single parts in a layer of multi-polygons too, where native keeps dissolved parts apart
            assert one.wkbType() == other.wkbType()
            assert difference(one, other) < TOLERANCE


def _by_content(feature):
    box = feature.geometry().boundingBox()
    return [str(a) for a in feature.attributes()], round(box.xMinimum(), 6), round(box.yMinimum(), 6)
