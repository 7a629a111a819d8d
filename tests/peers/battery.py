"""Proves, on the QGIS it runs on, by which way each algorithm may be cached, and writes resources/steps/ways.json.

    python -m tests.peers.battery            prove every algorithm and write the table
    python -m tests.peers.battery --check    only say what differs from the table
    python -m tests.peers.battery ID...      only these

An algorithm is proved for *rows* when its own run over a layer equals its runs over the halves of it, over the layer in
reverse, and the engine's run feature by feature; it is *blind* when attributes and ids make no difference. *nearby*,
*groups* and *whole* are proved by the engine's runs, the first and the second, which must find everything. What fails, or
what cannot be given parameters here, has no line in the table.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import contextmanager

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsMemoryProviderUtils,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureBasedAlgorithm,
    QgsProcessingFeedback,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterVectorLayer,
    QgsProcessingUtils,
    QgsProject,
)

from redis_geo_plugin.bridge.compat import is_null, number
from redis_geo_plugin.bridge.steps import engine, groups, nearby, ways
from redis_geo_plugin.bridge.steps.ways import ProvedWay, Way
from redis_geo_plugin.core.steps import costs

PROVIDERS = ("native", "qgis", "3d")
LAYERS = (
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterVectorLayer,
    QgsProcessingParameterMultipleLayers,
)
# Whatever they give here: of chance, of the network, of databases, of other layers of the project; the last ones
# take minutes.
NEVER = {"native:batchnominatimgeocoder", "qgis:executesql", "qgis:advancedpythonfieldcalculator", "native:coveragevalidate",
         "native:addautoincrementalfield", "native:filterlayersbytype", "native:exportlayersinformation",
         "native:geocodebyaddress",
         "qgis:findprojection", "native:findprojection", "qgis:knearestconcavehull", "native:knearestconcavehull"}  # fmt: skip
CHANCE = ("random", "executesql", "geocod", "python")
# What an algorithm needs to be given beside its layers.
GIVEN = {
    "native:refactorfields": {
        "FIELDS_MAPPING": [
            {"expression": "\"NAME\"||'x'", "length": 0, "name": "a", "precision": 0, "type": 10},
            {"expression": '"num"*2', "length": 0, "name": "b", "precision": 0, "type": 6},
        ]
    },
    "native:fieldcalculator": {"FIELD_NAME": "z", "FIELD_TYPE": 0, "FORMULA": '"num"*2'},
    "native:geometrybyexpression": {"EXPRESSION": "buffer($geometry,1)"},
    "native:renametablefield": {"FIELD": "num", "NEW_NAME": "num2"},
    "native:deletecolumn": {"COLUMN": ["num"]},
    "native:retainfields": {"FIELDS": ["num"]},
    "native:addfieldtoattributestable": {"FIELD_NAME": "q"},
    "native:splitfeaturesbycharacter": {"FIELD": "NAME", "CHAR": " ", "REGEX": False},
    "native:taperedbuffer": {"START_WIDTH": 0.1, "END_WIDTH": 0.4},
    "native:extractspecificvertices": {"VERTICES": "0,-1"},
    "native:simplifygeometries": {"TOLERANCE": 0.1},
    "native:poleofinaccessibility": {"TOLERANCE": 0.1},
    "native:subdivide": {"MAX_NODES": 16},
    "native:arrayoffsetlines": {"COUNT": 2, "OFFSET": 0.1},
    "native:linesubstring": {"START_DISTANCE": 0.1, "END_DISTANCE": 0.5},
    "native:rotatefeatures": {"ANGLE": 30, "ANCHOR": "1,2"},
    "native:multiringconstantbuffer": {"RINGS": 2, "DISTANCE": 0.1},
    "native:wedgebuffers": {"AZIMUTH": 0, "WIDTH": 45, "OUTER_RADIUS": 1},
    "native:dissolve": {"FIELD": ["GRP"]},
    "native:collect": {"FIELD": ["GRP"]},
    "qgis:statisticsbycategories": {"CATEGORIES_FIELD_NAME": ["GRP"], "VALUES_FIELD_NAME": "num"},
    "native:aggregate": {
        "GROUP_BY": '"GRP"',
        "AGGREGATES": [
            {"aggregate": "sum", "delimiter": ",", "input": '"num"', "length": 0, "name": "n", "precision": 0, "type": 6},
            {"aggregate": "concatenate", "delimiter": ",", "input": '"NAME"', "length": 0, "name": "all", "precision": 0,
             "type": 10},
        ],
    },
    "native:joinattributestable": {"FIELD": "NAME", "FIELD_2": "NAME"},
    "native:hublines": {"HUB_FIELD": "GRP", "SPOKE_FIELD": "GRP"},
    "native:extractbyattribute": {"FIELD": "num", "OPERATOR": 2, "VALUE": "5"},
    "native:extractbyexpression": {"EXPRESSION": '"num" > 5'},
    "native:splitwithlines": {"LINES": "@cut"},  # by each other the countries take minutes
}  # fmt: skip


class Layers:
    """Small layers of each kind of geometry: ``poly``, ``line``, ``point`` and ``solid`` (with Z and M)."""

    def __init__(self, project=None):
        import processing

        from tests.support.layers import layer_of, world

        def made(name, layer, **more):
            return processing.run(name, {"INPUT": layer, **more, "OUTPUT": "memory:"})["OUTPUT"]

        countries = world("countries", 60, "area($geometry) < 60")
        small = made("native:simplifygeometries", countries, TOLERANCE=0.2)
        small = made("native:fixgeometries", small)
        small = made("native:retainfields", small, FIELDS=["NAME"])
        small = made(
            "native:fieldcalculator", small, FIELD_NAME="num", FIELD_TYPE=0, FORMULA='length("NAME")+1.5'
        )
        self.poly = made(
            "native:fieldcalculator", small, FIELD_NAME="GRP", FIELD_TYPE=2, FORMULA='left("NAME",1)'
        )
        self.line = made("native:multiparttosingleparts", made("native:boundary", self.poly))
        self.point = made("native:centroids", self.poly)
        self.solid = made("native:setmvalue", made("native:setzvalue", self.poly, Z_VALUE=3), M_VALUE=0.5)
        self.moved = made("native:translategeometry", self.poly, DELTA_X=0.7, DELTA_Y=0.4)
        self.cut = layer_of(["LineString(-180 10, 180 30)"], "LineString", "EPSG:4326")
        self.all = [self.poly, self.line, self.point, self.solid]
        for layer in (*self.all, self.moved, self.cut):
            if project is not None:
                project.addMapLayer(layer)

    def other(self, layer):
        """A layer to lay over this one."""
        return self.moved if layer is self.poly else self.poly


def native_run(algorithm, parameters):
    """The outputs of the algorithm itself: by name the layers' features, or the value. None where it fails."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    try:
        results, ok = algorithm.create().run(parameters, context, QgsProcessingFeedback(False), {}, False)
    except Exception:
        return None
    return outputs_of(algorithm, results, context) if ok else None


def engine_run(algorithm, parameters, settings=None):
    """The outputs of the engine, and its outcome."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    outcome = engine.run(
        algorithm, parameters, context, QgsProcessingFeedback(False), engine.StepOptions(settings=settings)
    )
    return outputs_of(algorithm, outcome.outputs, context), outcome


def outputs_of(algorithm, results, context):
    """By name: what a layer is and its features, or the value."""
    sinks = {one.name() for one in algorithm.destinationParameterDefinitions()}
    found = {}
    for name, value in results.items():
        if name in sinks:
            layer = QgsProcessingUtils.mapLayerFromString(value, context)
            fields = [
                (f.name(), number(f.type()), f.typeName(), f.length(), f.precision()) for f in layer.fields()
            ]
            head = (fields, number(layer.wkbType()), layer.crs().authid())
            found[name] = (head, [content(feature) for feature in layer.getFeatures()])
        else:
            found[name] = value
    return found


def content(feature):
    """A feature in a form that compares: NULL is None, whichever of the two PyQGIS has for it."""
    wkb = None if feature.geometry().isNull() else bytes(feature.geometry().asWkb())
    return wkb, tuple("" if is_null(value) else repr(value) for value in feature.attributes())


def same(a, b):
    """Equal outputs, the features of a layer in whatever order."""
    if a is None or b is None or a.keys() != b.keys():
        return False
    for name, value in a.items():
        if isinstance(value, tuple):
            if value[0] != b[name][0] or Counter(value[1]) != Counter(b[name][1]):
                return False
        elif value != b[name]:
            return False
    return True


def copy_of(layer, features, blank=False):
    """A layer of these features; ``blank`` without attributes and with other ids."""
    copy = QgsMemoryProviderUtils.createMemoryLayer("copy", layer.fields(), layer.wkbType(), layer.crs())
    provider = copy.dataProvider()
    if blank:
        provider.addFeatures([QgsFeature(layer.fields()) for _ in range(7)])
        provider.deleteFeatures([feature.id() for feature in copy.getFeatures()])
    rows = []
    for feature in features:
        row = QgsFeature(layer.fields())
        row.setGeometry(QgsGeometry(feature.geometry()))
        row.setAttributes([None] * len(layer.fields()) if blank else feature.attributes())
        rows.append(row)
    provider.addFeatures(rows)
    return copy


def parameters_of(algorithm, layers):
    """Parameters with which the algorithm runs here, trying each kind of geometry, and its input's layer."""
    definitions = algorithm.parameterDefinitions()
    mains = [one for one in definitions if isinstance(one, LAYERS)]
    for layer in layers.all:
        if mains and not _takes(mains[0], layer):
            continue  # some crash
        given = {}
        for one in definitions:
            value = _guess(one, layer, layers, one is mains[0] if mains else False)
            if value is not None:
                given[one.name()] = value
        for name, value in GIVEN.get(algorithm.id(), {}).items():
            given[name] = getattr(layers, value[1:]) if str(value).startswith("@") else value
        found = native_run(algorithm, given)
        if found is not None and any(isinstance(v, tuple) and v[1] for v in found.values()):
            return given, layer, found
    return None


def _takes(definition, layer):
    """Whether a parameter is for the layer's kind of geometry: 0 points, 1 lines, 2 polygons."""
    if isinstance(definition, QgsProcessingParameterMultipleLayers):
        return True
    wanted = {number(one) for one in definition.dataTypes()} - {-1, -2, 5}
    return not wanted or number(layer.geometryType()) in wanted


def _guess(one, layer, layers, first):
    kind = one.type()
    if isinstance(one, QgsProcessingParameterFeatureSink):
        return QgsProcessing.TEMPORARY_OUTPUT
    if isinstance(one, QgsProcessingParameterMultipleLayers):
        return [layer, layers.other(layer)]
    if isinstance(one, LAYERS):
        if first:
            return layer
        wanted = [number(t) for t in one.dataTypes()]
        return layers.point if wanted == [0] else layers.line if wanted == [1] else layers.other(layer)
    if kind == "distance" and isinstance(one.defaultValue(), (int, float)) and one.defaultValue() >= 1:
        return 0.3  # degrees: the default of 10 takes minutes
    if not is_null(one.defaultValue()) and one.defaultValue() != "":
        return None
    optional = number(one.flags()) & number(type(one).FlagOptional)
    if optional:
        return None
    return {
        "number": 1, "distance": 0.5, "duration": 1, "string": "x", "boolean": False, "enum": 0, "crs": "EPSG:3857",
        "field": "num", "expression": "true", "extent": "-10,20,30,50 [EPSG:4326]", "point": "5,45 [EPSG:4326]",
    }.get(kind)  # fmt: skip


def candidate(algorithm):
    """The way that might do for an algorithm, None for none."""
    name = algorithm.id()
    flags = QgsProcessingAlgorithm.Flag
    hidden = flags.FlagHideFromModeler | flags.FlagDeprecated | flags.FlagNotAvailableInStandaloneTool
    if name in NEVER or any(word in name for word in CHANCE) or algorithm.flags() & hidden:
        return None
    definitions = algorithm.parameterDefinitions()
    inputs = [one for one in definitions if isinstance(one, LAYERS)]
    outputs = [one for one in definitions if one.isDestination()]
    others = {"raster", "layer", "mesh", "pointcloud", "file", "providerconnection", "databaseschema", "databasetable",
              "authcfg", "layout", "maptheme"}  # fmt: skip
    if not inputs or not outputs or any(one.type() in others for one in definitions):
        return None
    if not all(isinstance(one, QgsProcessingParameterFeatureSink) for one in outputs):
        return None
    if name in groups.ALGORITHMS:
        return Way.GROUPS
    if name in nearby.ALGORITHMS:
        return Way.NEARBY if nearby.ALGORITHMS[name].overlay else Way.ROWS
    if isinstance(algorithm, QgsProcessingFeatureBasedAlgorithm) and len(inputs) == 1:
        return Way.ROWS
    return Way.WHOLE


@contextmanager
def believed(name, proof):
    """The table with one more line, and every cost worth it."""
    real, pays, whole = ways.table, costs.rows_pay, costs.whole_pays
    lines = {**real(), name: proof}
    ways.table = engine.table = lambda: lines
    costs.rows_pay = lambda _costs: True
    costs.whole_pays = lambda *_: True
    try:
        yield
    finally:
        ways.table = engine.table = real
        costs.rows_pay, costs.whole_pays = pays, whole


def prove(algorithm, layers, settings):
    """The line of the table for an algorithm on this QGIS, or why it has none."""
    way = candidate(algorithm)
    if way is None:
        return None, "no candidate"
    found = parameters_of(algorithm, layers)
    if found is None:
        return None, "could not be run here"
    parameters, layer, native = found
    if not same(native, native_run(algorithm, parameters)):
        return None, "differs from run to run"
    name, version = algorithm.id(), (ways.running_version(),)
    for one in dict.fromkeys((way, Way.WHOLE)):
        blind = (
            one is Way.ROWS and name not in nearby.ALGORITHMS and _blind(algorithm, parameters, layer, native)
        )
        if one is Way.ROWS and not _independent(algorithm, parameters, layer, native):
            continue
        proof = ProvedWay(one, version, blind)
        with believed(name, proof):
            problem = _by_engine(algorithm, parameters, native, one, settings)
        if not problem:
            return {"way": one.value, **({"blind": True} if blind else {})}, ""
    return None, problem


def _by_engine(algorithm, parameters, native, way, settings):
    for stored in (None, settings, settings):
        try:
            outputs, outcome = engine_run(algorithm, parameters, stored)
        except Exception as error:
            return f"raised {error!r}"
        if not same(native, outputs):
            return "gives another result by its way"
        if stored is not None and outcome.way is not way:
            return f"is not run by its way: {outcome.reason}"
    if outcome.misses or not outcome.hits:
        return f"does not find everything again: {outcome.hits} of {outcome.hits + outcome.misses}"
    return ""


def _source_name(algorithm):
    return next(one.name() for one in algorithm.parameterDefinitions() if isinstance(one, LAYERS))


def _independent(algorithm, parameters, layer, native):
    """Whether features do not depend on each other: the layer = its halves = the layer in reverse."""
    rows, name = list(layer.getFeatures()), _source_name(algorithm)
    half = len(rows) // 2
    halves = [
        native_run(algorithm, {**parameters, name: copy_of(layer, part)})
        for part in (rows[:half], rows[half:])
    ]
    turned = native_run(algorithm, {**parameters, name: copy_of(layer, rows[::-1])})
    if None in halves or turned is None:
        return False
    joined = {
        key: (value[0], halves[0][key][1] + halves[1][key][1]) if isinstance(value, tuple) else value
        for key, value in native.items()
    }
    return joined == native and same(turned, native)


def _blind(algorithm, parameters, layer, native):
    """Whether attributes and ids make no difference to all but the attributes that are passed on."""
    copy = copy_of(layer, list(layer.getFeatures()), blank=True)
    other = native_run(algorithm, {**parameters, _source_name(algorithm): copy})
    if other is None or other.keys() != native.keys():
        return False
    names = [field.name() for field in layer.fields()]
    for key, value in native.items():
        if not isinstance(value, tuple):
            continue
        if [field[0] for field in value[0][0]][: len(names)] != names or value[0] != other[key][0]:
            return False
        if [_own(row, len(names)) for row in value[1]] != [_own(row, len(names)) for row in other[key][1]]:
            return False
    return True


def _own(row, kept):
    """A feature's geometry and the attributes that are not the input's."""
    return row[0], row[1][kept:]


def algorithms():
    """Those that may have a line in the table."""
    registry = QgsApplication.processingRegistry()
    return [
        one
        for name in PROVIDERS
        if registry.providerById(name)
        for one in registry.providerById(name).algorithms()
    ]


def main(words):
    """Prove every algorithm; write the table, or compare it."""
    from benchmarks.harness import qgis_application
    from tests.support.servers import RealServer

    qgis_application()
    layers, server = Layers(QgsProject.instance()), RealServer("valkey")
    version = "{}.{}".format(*ways.running_version())
    lines = json.loads(ways.TABLE.read_text(encoding="utf-8")) if ways.TABLE.is_file() else {}
    counts = Counter()
    chosen = [word for word in words if not word.startswith("-")]
    for algorithm in algorithms():
        if chosen and algorithm.id() not in chosen:
            continue
        if "-v" in words:
            print(algorithm.id(), flush=True)
        line, why = prove(algorithm, layers, server.settings())
        name = algorithm.id()
        before = lines.get(name)
        proved = [v for v in (before or {}).get("proved", []) if v != version]
        counts[line["way"] if line else why.partition(":")[0]] += 1
        if line is None:
            if why != "no candidate":
                print(f"{name}: {why}", flush=True)
            if before and not proved:
                del lines[name]
            elif before:
                before["proved"] = proved
            continue
        if proved and (before["way"], before.get("blind", False)) != (line["way"], line.get("blind", False)):
            print(f"{name}: {line} here, {before} elsewhere", flush=True)
            line = {"way": "whole"} if before["way"] != line["way"] else {"way": line["way"]}
        order = sorted({*proved, version}, key=lambda v: [int(n) for n in v.split(".")])
        lines[name] = {**line, "proved": order}
        if "--check" not in words:
            write(lines)
    server.close()
    print(Qgis.QGIS_VERSION, dict(counts))


def write(lines):
    """Write the table, a line each."""
    ways.TABLE.parent.mkdir(exist_ok=True)
    text = ",\n".join(f"{json.dumps(name)}: {json.dumps(lines[name])}" for name in sorted(lines))
    ways.TABLE.write_text("{\n" + text + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
