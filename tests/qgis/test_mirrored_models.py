"""Models of the user and of the project through the provider ``redisgeocache``: run from a copy, never changed."""

from __future__ import annotations

from pathlib import Path

import processing
import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelParameter,
    QgsProcessingParameterNumber,
    QgsProject,
    QgsVectorLayer,
)

from tests.support import step_models
from tests.support.step_models import model, output_key, save, step

TEMPORARY = "memory:"


def squares(count=6, gap=10.0):
    """A layer of squares side by side, in metres."""
    layer = QgsVectorLayer(
        f"Polygon?crs={step_models.PLANE}&field=name:string&field=kind:int", "squares", "memory"
    )
    made = []
    for i in range(count):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"n{i}", i % 2])
        ring = [QgsPointXY(i * gap + x, y) for x, y in ((0, 0), (8, 0), (8, 8), (0, 8), (0, 0))]
        feature.setGeometry(QgsGeometry.fromPolygonXY([ring]))
        made.append(feature)
    assert layer.dataProvider().addFeatures(made)[0]
    return layer


def rows(layer):
    return [(one.attributes(), bytes(one.geometry().asWkb())) for one in layer.getFeatures()]


def fix_and_widen(name="widen"):
    made = model(name)
    step_models.add_distance(made, default=3.0)
    step(made, "fix", "native:fixgeometries", INPUT=("INPUT",))
    step(
        made,
        "wide",
        "native:buffer",
        {"wide": "OUTPUT"},
        "Make wide",
        INPUT=("fix", "OUTPUT"),
        DISTANCE=("DISTANCE",),
    )
    return made


def run_both(name, parameters, connection=""):
    native = processing.run(f"model:{name}", dict(parameters))
    mine = processing.run(f"redisgeocache:model_{name}", {**parameters, "CONNECTION": connection})
    return native, mine


def report(result):
    return Path(result["REPORT"]).read_text(encoding="utf-8")


def test_a_model_gives_what_it_gives_without_the_cache_and_its_file_stays(mirrors):
    file = save(fix_and_widen())
    before = file.read_bytes()
    native, mine = run_both(
        "widen", {"INPUT": squares(), "DISTANCE": 2.0, output_key("wide", "wide"): TEMPORARY}
    )
    assert (
        rows(native[output_key("wide", "wide")]) == rows(mine[output_key("wide", "wide")])
        and len(rows(mine[output_key("wide", "wide")])) == 6
    )
    assert mine["STEPS_KEPT"] + mine["STEPS_RUN"] == 2
    assert "Make wide" in report(mine) and "<table>" in report(mine)
    assert file.read_bytes() == before
    registered = QgsApplication.processingRegistry().algorithmById("model:widen")
    used = {registered.childAlgorithm(one).algorithmId() for one in registered.childAlgorithms()}
    assert used == {"native:fixgeometries", "native:buffer"}


def test_a_model_that_is_saved_changed_or_deleted_is_offered_so(mirrors):
    assert mirrors.algorithm("model_widen") is None
    file = save(fix_and_widen())
    assert mirrors.algorithm("model_widen").parameterDefinition("DISTANCE").defaultValue() == 3.0
    changed = fix_and_widen()
    changed.addModelParameter(
        QgsProcessingParameterNumber("MORE", "More", defaultValue=7), QgsProcessingModelParameter("MORE")
    )
    save(changed)
    assert mirrors.algorithm("model_widen").parameterDefinition("MORE").defaultValue() == 7
    file.unlink()
    QgsApplication.processingRegistry().providerById("model").refreshAlgorithms()
    assert mirrors.algorithm("model_widen") is None


def test_nothing_is_made_anew_where_nothing_changed(mirrors):
    save(fix_and_widen())
    loaded = []
    mirrors.algorithmsLoaded.connect(lambda: loaded.append(True))
    QgsApplication.processingRegistry().providerById("model").refreshAlgorithms()
    assert not loaded
    save(fix_and_widen("another"))
    assert loaded


def test_a_model_of_the_project(mirrors):
    from processing.modeler.ProjectProvider import ProjectProvider

    provider = QgsApplication.processingRegistry().providerById("project")
    assert isinstance(provider, ProjectProvider)
    save(fix_and_widen())
    provider.add_model(fix_and_widen())
    provider.add_model(fix_and_widen("only here"))
    names = {one.name() for one in mirrors.algorithms() if one.name().startswith("model_")}
    assert names == {"model_widen", "model_project_widen", "model_only here"}
    found = processing.run(
        "redisgeocache:model_only here", {"INPUT": squares(), output_key("wide", "wide"): TEMPORARY}
    )
    assert len(rows(found[output_key("wide", "wide")])) == 6
    QgsProject.instance().clear()
    provider.refreshAlgorithms()
    assert {one.name() for one in mirrors.algorithms() if one.name().startswith("model_")} == {"model_widen"}


def outer(name="outer"):
    made = model(name)
    step(made, "inner", "model:widen", title="The inner model", INPUT=("INPUT",), DISTANCE=4.0)
    step(made, "hull", "native:convexhull", {"hulls": "OUTPUT"}, INPUT=("inner", output_key("wide", "wide")))
    return made


def test_the_steps_of_a_model_in_a_model_report_too(mirrors):
    save(fix_and_widen())
    save(outer())
    native, mine = run_both("outer", {"INPUT": squares(), output_key("hull", "hulls"): TEMPORARY})
    assert rows(native[output_key("hull", "hulls")]) == rows(mine[output_key("hull", "hulls")])
    assert mine["STEPS_KEPT"] + mine["STEPS_RUN"] == 3
    page = report(mine)
    places = [page.index(text) for text in ("The inner model", "&nbsp;fix<", "&nbsp;Make wide<", ">hull<")]
    assert places == sorted(places)


def test_a_model_that_uses_mirrors_itself_is_valid_and_joins_the_run(mirrors):
    made = model("by hand")
    step(
        made,
        "wide",
        "redisgeocache:buffer",
        {"wide": "OUTPUT"},
        INPUT=("INPUT",),
        DISTANCE=1.0,
        NAMESPACE="own",
    )
    native = model("native")
    step(native, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=1.0)
    assert made.validate() == native.validate()
    save(made)
    found = processing.run(
        "redisgeocache:model_by hand", {"INPUT": squares(), output_key("wide", "wide"): TEMPORARY}
    )
    assert len(rows(found[output_key("wide", "wide")])) == 6 and found["STEPS_KEPT"] + found["STEPS_RUN"] == 1
    alone = processing.run("model:by hand", {"INPUT": squares(), output_key("wide", "wide"): TEMPORARY})
    assert rows(alone[output_key("wide", "wide")]) == rows(found[output_key("wide", "wide")])


def test_a_step_that_makes_a_raster_is_left_to_its_algorithm_and_said_so(mirrors, tmp_path):
    made = model("grid")
    step(made, "wide", "native:buffer", INPUT=("INPUT",), DISTANCE=1.0)
    step(
        made,
        "burn",
        "native:createconstantrasterlayer",
        {"raster": "OUTPUT"},
        "Burn",
        EXTENT="0,60,0,10 [EPSG:6933]",
        TARGET_CRS=step_models.PLANE,
        PIXEL_SIZE=1.0,
        NUMBER=5,
    )
    save(made)
    found = processing.run(
        "redisgeocache:model_grid",
        {"INPUT": squares(), output_key("burn", "raster"): str(tmp_path / "grid.tif")},
    )
    assert (tmp_path / "grid.tif").is_file() and found[output_key("burn", "raster")]
    assert "Burn" in report(found) and "rasters" in report(found)
    assert found["STEPS_RUN"] + found["STEPS_KEPT"] == 2


def test_a_parameter_of_the_model_that_is_called_as_ours_is_the_models(mirrors):
    made = model("clash")
    made.addModelParameter(
        QgsProcessingParameterNumber("TTL", "Mine", defaultValue=2.5), QgsProcessingModelParameter("TTL")
    )
    step(made, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=("TTL",))
    save(made)
    assert mirrors.algorithm("model_clash").parameterDefinition("TTL").description() == "Mine"
    native, mine = run_both("clash", {"INPUT": squares(), "TTL": 1.5, output_key("wide", "wide"): TEMPORARY})
    assert rows(native[output_key("wide", "wide")]) == rows(mine[output_key("wide", "wide")])


def test_a_step_that_is_switched_off_is_not_in_the_table(mirrors):
    made = fix_and_widen("off")
    step(made, "hull", "native:convexhull", INPUT=("wide", "OUTPUT"))
    made.deactivateChildAlgorithm("hull")
    save(made)
    found = processing.run(
        "redisgeocache:model_off", {"INPUT": squares(), output_key("wide", "wide"): TEMPORARY}
    )
    assert found["STEPS_KEPT"] + found["STEPS_RUN"] == 2 and "hull" not in report(found)


def test_a_model_that_fails_says_why_as_it_does_without_the_cache(mirrors):
    made = model("bad")
    step(
        made,
        "where",
        "native:extractbyexpression",
        {"kept": "OUTPUT"},
        INPUT=("INPUT",),
        EXPRESSION="no such (",
    )
    save(made)
    said = {}
    for name in ("model:bad", "redisgeocache:model_bad"):
        with pytest.raises(QgsProcessingException) as raised:
            processing.run(name, {"INPUT": squares(), output_key("where", "kept"): TEMPORARY})
        said[name] = str(raised.value)
    assert said["model:bad"] and said["model:bad"] == said["redisgeocache:model_bad"]


def test_a_cancelled_model_ends_and_gives_nothing(mirrors):
    save(fix_and_widen())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("redisgeocache:model_widen")
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    feedback.cancel()
    results, _ok = algorithm.run(
        {"INPUT": squares(), output_key("wide", "wide"): TEMPORARY, "CONNECTION": ""}, context, feedback
    )
    assert not any(context.takeResultLayer(str(one)) for one in results.values())


def test_a_model_in_itself_is_left_to_qgis(mirrors):
    """The plan must not be made for ever."""
    from redis_geo_plugin.bridge.steps.model_plan import plan_of

    save(fix_and_widen())
    save(outer())
    registered = QgsApplication.processingRegistry().algorithmById("model:outer")
    assert plan_of(registered).steps[0].below is not None
    step = plan_of(registered, around=("model:widen",)).steps[0]
    assert step.child_id == "inner" and step.algorithm == "model:widen"
    assert step.below is None and not step.cached


def test_a_model_with_an_algorithm_that_is_missing_says_so(mirrors):
    file = save(fix_and_widen())
    file.write_text(file.read_text().replace("native:fixgeometries", "gone:fixgeometries"))
    QgsApplication.processingRegistry().providerById("model").refreshAlgorithms()
    mirror = mirrors.algorithm("model_widen")
    able, why = mirror.canExecute()
    assert not able and "gone:fixgeometries" in why
    feedback = QgsProcessingFeedback(False)
    _results, ok = mirror.create().run(
        {"INPUT": squares(), output_key("wide", "wide"): TEMPORARY}, QgsProcessingContext(), feedback
    )
    assert not ok and "gone:fixgeometries" in feedback.textLog()


def test_a_model_in_a_model_keeps_its_own_parameter_of_our_name(mirrors):
    inner = model("inner")
    inner.addModelParameter(
        QgsProcessingParameterNumber("TTL", "Mine", defaultValue=2.5), QgsProcessingModelParameter("TTL")
    )
    step(inner, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=("TTL",))
    save(inner)
    made = model("around")
    step(made, "in", "model:inner", INPUT=("INPUT",), TTL=1.5)
    step(made, "hull", "native:convexhull", {"hulls": "OUTPUT"}, INPUT=("in", output_key("wide", "wide")))
    save(made)
    native, mine = run_both("around", {"INPUT": squares(), output_key("hull", "hulls"): TEMPORARY})
    assert rows(native[output_key("hull", "hulls")]) == rows(mine[output_key("hull", "hulls")])
    assert mine["STEPS_KEPT"] + mine["STEPS_RUN"] == 2
