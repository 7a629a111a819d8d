"""The layers that the matrix runs over: QGIS's own test layers, and a few kinds that are not among them."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsLineString,
    QgsPoint,
    QgsPolygon,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, Qt, QTime

from redis_geo_plugin.bridge import compat
from tests.support.layers import layer_of

# Files of python/plugins/processing/tests/testdata, by the names of the table.
FILES = {
    "points": "points.gml",
    "multipoints": "multipoints.gml",
    "lines": "lines.gml",
    "multilines": "multilines.gml",
    "polys": "polys.gml",
    "multipolys": "multipolys.gml",
    "invalid": "invalidgeometries.gml",
    "points Z": "pointsz.gml",
    "points ZM": "custom/pointszm.shp",
    "lines Z": "lines_z.shp",
    "lines M": "lines_m.shp",
    "curves": "custom/circular_strings.gpkg|layername=circular_strings",
    "mixed": "custom/snap_geometries.geojson",
    "no geometry": "custom/nullGeometryDissolve.gml",
    "empty geometries": "custom/multi_polys_with_empty_geoms.gpkg|layername=multi_polys_with_empty_geoms",
    "groups": "dissolve_polys.gml",
    "dates": "custom/points_with_date.shp",
    "custom": "custom/PolygonDissolveTest.gml",
    "table": "table.dbf",
}
SQUARE = "Polygon(({0} {0},{1} {0},{1} {1},{0} {1},{0} {0}))"


class Layers:
    """Makes each layer once, in the project; its first and third feature are selected."""

    def __init__(self, source: Path, work: Path):
        self._data = source / "python/plugins/processing/tests/testdata"
        self._work = work
        self._made: dict[str, QgsVectorLayer] = {}

    def id(self, name: str) -> str:
        """The id, in the project, of the layer of this name."""
        return self.layer(name).id()

    def layer(self, name: str) -> QgsVectorLayer:
        """The layer of this name; ``NAME as gpkg`` is it as a GeoPackage."""
        if name not in self._made:
            layer = self._make(name)
            assert layer.isValid(), name
            QgsProject.instance().addMapLayer(layer, False)
            ids = sorted(feature.id() for feature in layer.getFeatures())
            layer.selectByIds(ids[0:3:2])
            self._made[name] = layer
        return self._made[name]

    def _make(self, name: str) -> QgsVectorLayer:
        if name in FILES:
            path = f"{self._data}/{FILES[name]}"
            if path.endswith(".gml"):
                path += "|option:FORCE_SRS_DETECTION=YES"
            options = QgsVectorLayer.LayerOptions()
            options.loadDefaultStyle = False
            return QgsVectorLayer(path, name, "ogr", options)
        if name.endswith(" as gpkg"):
            return self._as_geopackage(name, self.layer(name[: -len(" as gpkg")]))
        return MADE[name](self)

    def _as_geopackage(self, name: str, layer: QgsVectorLayer) -> QgsVectorLayer:
        path = self._work / f"{name}.gpkg"
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName, options.layerName = "GPKG", "kept"
        columns = [i for i, one in enumerate(layer.fields()) if one.name() != "fid"]  # GML's is a text
        fields = QgsFields()
        for i in columns:
            fields.append(layer.fields().at(i))
        context = QgsProject.instance().transformContext()
        writer = QgsVectorFileWriter.create(str(path), fields, layer.wkbType(), layer.crs(), context, options)
        del writer
        made = QgsVectorLayer(f"{path}|layername=kept", name, "ogr")
        features = []
        for (
            feature
        ) in layer.getFeatures():  # by the provider: the writer of QGIS 3.22 makes empty ones of NULL
            one, values = QgsFeature(made.fields()), feature.attributes()
            one.setAttributes([None, *(values[i] for i in columns)])
            one.setGeometry(feature.geometry())
            features.append(one)
        assert made.dataProvider().addFeatures(features)[0], made.dataProvider().lastError()
        assert made.featureCount() == layer.featureCount(), name
        return made


def _collections(_layers: Layers) -> QgsVectorLayer:
    wkts = [
        "GeometryCollection(Polygon((1 1,4 1,4 4,1 4,1 1)),LineString(0 0,5 5))",
        "GeometryCollection(Point(2 2),Polygon((5 5,6 5,6 6,5 6,5 5)))",
        "GeometryCollection(LineString(3 3,4 4))",
    ]
    return layer_of(wkts, "GeometryCollection", "EPSG:4326")


def _polygons_z(_layers: Layers) -> QgsVectorLayer:
    wkts = [f"PolygonZ(({x} 1 5,{x + 2} 1 6,{x + 2} 4 7,{x} 4 8,{x} 1 5))" for x in (0, 3, 6)]
    return layer_of(wkts, "PolygonZ", "EPSG:4326")


def _all_types(_layers: Layers) -> QgsVectorLayer:
    """A field of each type, with lengths, precision and an alias; the second and third moment are the same instant."""
    fields = "name:string(30),moment:datetime,day:date,hour:time,count:integer,big:int8,yes:bool,blob:binary"
    layer = layer_of([], "Polygon", "EPSG:4326", fields=fields)
    more = QgsFields()
    more.append(compat.field("number", compat.DOUBLE, 10, 3))
    more.at(0).setAlias("with an alias")
    assert layer.dataProvider().addAttributes(list(more))
    layer.updateFields()
    zoned = QDateTime.fromString("2024-05-01T12:00:00+02:00", Qt.DateFormat.ISODate)
    noon, day = QDateTime(QDate(2024, 5, 1), QTime(10, 0)), QDate(2024, 5, 1)
    rows = [
        ["a", noon, day, QTime(10, 0), 3, 2**40, True, QByteArray(b"x"), 1.125],
        ["a", zoned, None, None, None, None, None, None, None],
        [None, zoned.toUTC(), day.addDays(1), QTime(11, 30, 0, 500), -3, 5, False, None, 2.5],
        ["b", None, day.addDays(1), QTime(11, 30), -3, 5, False, None, 2.5],
    ]
    features = []
    for i, row in enumerate(rows):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(row)
        feature.setGeometry(QgsGeometry.fromWkt(SQUARE.format(i, i + 1.5)))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def _in_3857(layers: Layers) -> QgsVectorLayer:
    import processing

    given = {"INPUT": layers.layer("polys"), "TARGET_CRS": "EPSG:3857", "OUTPUT": "memory:"}
    return processing.run("native:reprojectlayer", given)["OUTPUT"]


def _empty(_layers: Layers) -> QgsVectorLayer:
    return layer_of([], "Polygon", "EPSG:4326")


def _without_crs(_layers: Layers) -> QgsVectorLayer:
    return layer_of([SQUARE.format(i, i + 1) for i in range(3)], "Polygon", "")


def _bow_tie(_layers: Layers) -> QgsVectorLayer:
    wkts = [SQUARE.format(0, 2), "Polygon((3 3,5 5,5 3,3 5,3 3))", SQUARE.format(4, 6)]
    return layer_of(wkts, "Polygon", "EPSG:4326")


def _short_line(_layers: Layers) -> QgsVectorLayer:
    return layer_of(["LineString(0 0,3 3)", "LineString(1 1,1 1)"], "LineString", "EPSG:4326")


def _own_distance(_layers: Layers) -> QgsVectorLayer:
    rows = [("a", 7.0), ("b", None), ("c", -1.0)]
    wkts = ["Point(0 0)", "Point(3 4)", "Point(9 9)"]
    return layer_of(wkts, "Point", "EPSG:4326", rows, "name:string,distance:double")


def _odd_fields(_layers: Layers) -> QgsVectorLayer:
    """Lists, a JSON object, long names, names that clash with those that outputs make, and ids that come twice."""
    long = "a_field_name_that_is_far_too_long_for_a_shapefile"
    layer = layer_of(
        [],
        "Polygon",
        "EPSG:4326",
        fields=f"fid:integer,{long}_1:string,{long}_2:string,area:double,perimeter:double,n:string,"
        "feature_x:double,été:string,with space:integer",
    )
    strings, numbers, an_object = 11, 9, 8  # kinds of fields
    kinds = [("words", strings, compat.STRING), ("numbers", numbers, compat.INTEGER)]
    kinds += [("reals", numbers, compat.DOUBLE), ("bigs", numbers, compat.LONG)]
    more = [QgsField(name, compat.kind(kind), "", 0, 0, "", part) for name, kind, part in kinds]
    more.append(QgsField("object", compat.kind(an_object), "map", 0, 0, "", compat.STRING))
    assert layer.dataProvider().addAttributes(more)
    layer.updateFields()
    values = ["l", "m", 7.0, 8.0, "n", 0.5, "é", 1]
    rows = [
        [1, *values, ["a", "b,c"], [1, 2], [0.5, 1.25], [2**40], {"k": [1, {"x": "y"}]}],
        [1, "", None, -1.0, -1.0, "", None, None, None, [], [], [], [], {}],
        [7, None, "m", None, None, None, -0.5, "", 2, None, None, None, None, None],
        [None, *values, ["a", "b,c"], [1, 2], None, None, {"k": "v"}],
    ]
    features = []
    for i, row in enumerate(rows):
        feature = QgsFeature(layer.fields())
        feature.setAttributes(row)
        feature.setGeometry(QgsGeometry.fromWkt(SQUARE.format(i, i + 1.5)))
        features.append(feature)
    assert layer.dataProvider().addFeatures(features)[0]
    return layer


def _feet(_layers: Layers) -> QgsVectorLayer:
    wkts = [f"Polygon(({x} 200000,{x}.5 200000,{x} 200001.5,{x} 200000))" for x in (984000, 984001, 984005)]
    return layer_of(wkts, "Polygon", "EPSG:2263")


def _grads(_layers: Layers) -> QgsVectorLayer:
    return layer_of(["Point(2 52)", "Point(2.5 52)", "Point(2 53)"], "Point", "EPSG:4807")


def _curve_polygons(_layers: Layers) -> QgsVectorLayer:
    wkts = [
        "MultiSurfaceZ(CurvePolygonZ(CompoundCurveZ(CircularStringZ(0 0 1,1 1 2,2 0 3),(2 0 3,0 0 1))))",
        "MultiSurfaceZ(((5 5 1,6 5 1,6 6 1,5 5 1)))",
    ]
    return layer_of(wkts, "MultiSurfaceZ", "EPSG:4326")


def _measured_polygons(_layers: Layers) -> QgsVectorLayer:
    wkts = [f"MultiPolygonZM((({x} 1 5 1,{x + 2} 1 6 2,{x + 2} 4 7 3,{x} 1 5 1)))" for x in (0, 1, 6)]
    return layer_of(wkts, "MultiPolygonZM", "EPSG:4326")


def _all_null(_layers: Layers) -> QgsVectorLayer:
    return layer_of([None, None], "Polygon", "EPSG:4326", [("a",), ("b",)], "name:string")


def _flat_polygon(_layers: Layers) -> QgsVectorLayer:
    return layer_of([SQUARE.format(1, 3), "Polygon((2 2,3 3,2 2,2 2))"], "Polygon", "EPSG:4326")


def _not_finite(_layers: Layers) -> QgsVectorLayer:
    places = [QgsPoint(2, 1), QgsPoint(float("inf"), 1), QgsPoint(3, 3), QgsPoint(2, 1)]
    return layer_of(
        [SQUARE.format(1, 3), QgsGeometry(QgsPolygon(QgsLineString(places)))], "Polygon", "EPSG:4326"
    )


MADE = {
    "collections": _collections,
    "polygons Z": _polygons_z,
    "all types": _all_types,
    "polys in 3857": _in_3857,
    "empty": _empty,
    "no CRS": _without_crs,
    "bow tie": _bow_tie,
    "short line": _short_line,
    "own distance": _own_distance,
    "odd fields": _odd_fields,
    "feet": _feet,
    "grads": _grads,
    "curve polygons": _curve_polygons,
    "polygons ZM": _measured_polygons,
    "all NULL": _all_null,
    "flat polygon": _flat_polygon,
    "not finite": _not_finite,
}
NAMES = (*FILES, *MADE)
