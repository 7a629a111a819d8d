"""Algorithms that take the place of a native one: found by its words, valid in its models, and nothing of it ignored."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingException,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelParameter,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsVectorLayer,
)

from tests.support.layers import layer_of

HIDDEN = QgsProcessingParameterDefinition.Flag.FlagHidden
OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional
TWINS = {
    "redisgeo:cachedbuffer": "native:buffer",
    "redisgeo:cachedintersection": "native:intersection",
    "redisgeo:cachedsimplify": "native:simplifygeometries",
    "redisgeo:cachedconvexhull": "native:convexhull",
    "redisgeo:cacheddissolve": "native:dissolve",
    "redisgeo:cachednearest": "native:joinbynearest",
}
SQUARES = [f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))" for i in range(3)]


def find(id):
    return QgsApplication.processingRegistry().algorithmById(id)


@pytest.fixture(params=TWINS.items(), ids=lambda pair: pair[0].split(":")[1])
def twins(request, algorithms):
    ours, native = request.param
    return find(ours), find(native)


@pytest.fixture
def run(algorithms, saved_connection):
    import processing

    def run(id, **parameters):
        return processing.run(id, {"INPUT": layer_of(SQUARES), "OUTPUT": "memory:", **parameters})

    return run


def test_every_algorithm_with_a_native_twin_is_in_the_table(algorithms):
    provider = QgsApplication.processingRegistry().providerById("redisgeo")
    assert {one.id(): one.NATIVE for one in provider.algorithms() if one.NATIVE} == TWINS


def test_the_search_finds_it_by_the_native_words(twins):
    ours, native = twins
    assert set(native.tags()) <= set(ours.tags()) and "redis" in ours.tags()


def test_what_the_native_one_does_not_have_is_optional(twins):
    ours, native = twins
    extra = [p for p in ours.parameterDefinitions() if native.parameterDefinition(p.name()) is None]
    assert {p.name() for p in extra} >= {"NAMESPACE", "TTL", "CONNECTION"}
    assert [p.name() for p in extra if not p.flags() & OPTIONAL] == []


def test_a_step_of_a_native_model_stays_valid_with_the_id_swapped(twins):
    """The designer of QGIS 3.22 calls a step invalid where a mandatory parameter has no source."""
    ours, native = twins
    model = QgsProcessingModelAlgorithm("swapped", "test")
    model.addModelParameter(
        QgsProcessingParameterFeatureSource("in", "in"), QgsProcessingModelParameter("in")
    )
    child = QgsProcessingModelChildAlgorithm(native.id())
    child.setChildId("step")
    for parameter in native.parameterDefinitions():
        if parameter.isDestination():
            continue
        source = QgsProcessingModelChildParameterSource
        vector = parameter.type() == "source"
        value = (
            source.fromModelParameter("in") if vector else source.fromStaticValue(parameter.defaultValue())
        )
        child.addParameterSources(parameter.name(), [value])
    child.setAlgorithmId(ours.id())
    model.addChildAlgorithm(child)
    valid, issues = (
        model.validateChildAlgorithm("step") if hasattr(model, "validateChildAlgorithm") else (True, [])
    )
    assert valid, issues
    missing = [
        p.name()
        for p in ours.parameterDefinitions()
        if not p.isDestination() and not p.flags() & OPTIONAL and p.name() not in child.parameterSources()
    ]
    assert missing == []


def other_value(parameter):
    """A value that is not the default."""
    default = parameter.defaultValue()
    if parameter.type() in ("boolean",):
        return not default
    if parameter.type() in ("number", "distance", "enum"):
        return 1 if default in (None, 0) else default + 1
    return "another"


def test_each_native_parameter_is_served_or_refused_by_its_name(twins, saved_connection):
    from qgis.core import QgsProcessingContext

    from redis_geo_plugin.processing.native_twin import refuse_unserved

    ours, native = twins
    for parameter in native.parameterDefinitions():
        own = ours.parameterDefinition(parameter.name())
        if own is not None and not own.flags() & HIDDEN:
            continue
        with pytest.raises(QgsProcessingException, match=parameter.name()):
            refuse_unserved(ours, {parameter.name(): other_value(parameter)})
        refuse_unserved(ours, {parameter.name(): parameter.defaultValue()})
        if not parameter.isDestination():
            assert own is not None, "a model hands on only what is defined"
            value = QgsProcessingContext()
            assert own.checkValueIsAcceptable(parameter.defaultValue(), value)


@pytest.mark.parametrize(
    "id, name, value", [("intersection", "GRID_SIZE", 0.5), ("dissolve", "SEPARATE_DISJOINT", True)]
)
def test_a_parameter_of_a_later_native_version_is_refused_where_this_has_none(run, id, name, value):
    other = {"OVERLAY": layer_of(SQUARES)} if id == "intersection" else {}
    ours, parameters = f"redisgeo:cached{id}", {**other, name: value}
    if find(f"native:{id}").parameterDefinition(name) is None:
        with pytest.raises(QgsProcessingException, match=name):
            run(ours, **parameters)
    else:
        native = run(f"native:{id}", **parameters)["OUTPUT"]
        assert run(ours, **parameters)["OUTPUT"].featureCount() == native.featureCount()


def test_a_parameter_that_nobody_knows_is_warned_of(algorithms, saved_connection):
    import processing

    from tests.support.told import Told

    words = Told()
    processing.run(
        "redisgeo:cachedconvexhull",
        {"INPUT": layer_of(SQUARES), "OUTPUT": "memory:", "COLOUR": "red"},
        feedback=words,
    )
    assert any("COLOUR" in text for text in words.warnings)


CURVES = ["MultiSurface(((0 0,1 0,1 1,0 0)))", "MultiSurface(((5 5,6 5,6 6,5 5)))"]


@pytest.mark.parametrize("method", [0, 1])
@pytest.mark.parametrize(
    ("ending", "wkts", "kind"),
    [
        ("gpkg", SQUARES, "Polygon"),
        ("fgb", CURVES, "MultiSurface"),
        ("tab", [SQUARES[0], "Polygon EMPTY", SQUARES[1]], "Polygon"),
        ("tab", [SQUARES[0], None, SQUARES[1]], "Polygon"),
        ("tab", ["LineString(0 0,1 1)", "LineString EMPTY", "LineString(0 0,2 2)"], "LineString"),
    ],
    ids=[
        "an id that comes twice",
        "a kind that the file does not take",
        "an empty area in TAB",
        "no area in TAB",
        "an empty line in TAB",
    ],
)
def test_a_feature_that_the_output_refuses_ends_no_run_that_native_goes_on_with(
    algorithms, saved_connection, tmp_path, ending, wkts, kind, method
):
    import processing

    from tests.support.told import Told

    layer = layer_of(wkts, kind, rows=[[1], [1], [7]][: len(wkts)], fields="fid:integer")
    said, found = [], []
    for id in ("native:simplifygeometries", "redisgeo:cachedsimplify"):
        words, path = Told(), tmp_path / f"{id.split(':')[0]}.{ending}"
        given = {"INPUT": layer, "TOLERANCE": 0.1, "METHOD": method, "OUTPUT": str(path)}
        try:
            processing.run(id, given, feedback=words)
        except QgsProcessingException:  # since a version after 3.40 native ends here
            found.append(None)
            continue
        written = QgsVectorLayer(str(path), "written", "ogr")
        found.append([(one.id(), one.geometry().asWkt()) for one in written.getFeatures()])
        said.append([text.replace(str(tmp_path), "").replace(path.stem, "") for text in words.errors])
    assert found[0] == found[1] and said[:1] == said[1:]
    if found[1] is not None:
        assert len(said[1]) == len(wkts) - len(found[1]) and (said[1] or (ending, method) == ("fgb", 1))


@pytest.mark.parametrize(
    "fields",
    [
        "area:double,perimeter:double",
        "name:string,perimeter:integer",
        "area:string,area_2:string,perimeter:double",
    ],
)
def test_a_hull_has_the_fields_that_native_has_where_their_names_are_taken(run, fields):
    rows = [["7"] * len(fields.split(",")) for _ in SQUARES]
    layer = layer_of([*SQUARES[:2], None], rows=rows, fields=fields)
    native, ours = (
        run(id, INPUT=layer)["OUTPUT"] for id in ("native:convexhull", "redisgeo:cachedconvexhull")
    )
    assert ours.fields().names() == native.fields().names()
    assert [one.attributes() for one in ours.getFeatures()] == [
        one.attributes() for one in native.getFeatures()
    ]
