"""Models run step by step beside QGIS's own run of them: branches, expressions, and which thread does what."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import processing
import pytest
import qgis.utils
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureBasedAlgorithm,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildDependency,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelParameter,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingProvider,
    QgsProject,
)
from qgis.PyQt.QtCore import QCoreApplication, QThread

from redis_geo_plugin.bridge import main_thread
from redis_geo_plugin.bridge.steps.model_plan import ModelOutput, ModelPlan, PlannedStep
from redis_geo_plugin.bridge.steps.model_run import PlanRun
from redis_geo_plugin.bridge.steps.records import RunRecord
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.qgis.test_mirrored_models import report, rows, run_both, squares
from tests.support.step_models import model, output_key, save, step
from tests.support.waiting import spin

FROM = QgsProcessingModelChildParameterSource


def is_main():
    return QThread.currentThread() == QCoreApplication.instance().thread()


def with_sources(made, child_id, **sources):
    """The step again, with these sources of its parameters."""
    child = made.childAlgorithm(child_id)
    for key, source in sources.items():
        child.addParameterSources(key, [source])
    made.setChildAlgorithm(child)
    return made


def test_expressions_see_the_model_and_the_steps_before(mirrors):
    made = model("worded")
    made.addModelParameter(
        QgsProcessingParameterNumber("WIDTH", "Width", defaultValue=1.5), QgsProcessingModelParameter("WIDTH")
    )
    made.addModelParameter(
        QgsProcessingParameterString("WORD", "Word", defaultValue="w"), QgsProcessingModelParameter("WORD")
    )
    registry = QgsApplication.processingRegistry()
    names = (f"{provider}:basicstatisticsforfields" for provider in ("native", "qgis"))
    statistics = next(one for one in names if registry.algorithmById(one) is not None)
    step(made, "count", statistics, INPUT_LAYER=("INPUT",), FIELD_NAME="kind")
    step(made, "wide", "native:buffer", INPUT=("INPUT",))
    child = made.childAlgorithm("wide")
    child.setDependencies([QgsProcessingModelChildDependency("count")])
    made.setChildAlgorithm(child)
    with_sources(made, "wide", DISTANCE=FROM.fromExpression("@WIDTH * 2 + @count_COUNT"))
    step(made, "named", "native:fieldcalculator", {"named": "OUTPUT"}, INPUT=("wide", "OUTPUT"))
    with_sources(
        made,
        "named",
        FIELD_NAME=FROM.fromExpressionText("f_[% @WORD %]"),
        FIELD_TYPE=FROM.fromStaticValue(2),
        FORMULA=FROM.fromStaticValue("concat(@WORD, @wide_OUTPUT_maxx)"),
    )
    save(made)
    native, mine = run_both(
        "worded", {"INPUT": squares(), "WIDTH": 2.5, "WORD": "x", output_key("named", "named"): "memory:"}
    )
    native, mine = native[output_key("named", "named")], mine[output_key("named", "named")]
    assert [one.name() for one in native.fields()] == [one.name() for one in mine.fields()]
    assert mine.fields()[-1].name() == "f_x"
    assert rows(native) == rows(mine) and mine.name() == native.name()


@pytest.mark.parametrize("large", [True, False])
def test_a_branch_that_is_not_taken_is_left_out(mirrors, large):
    made = model("branches")
    made.addModelParameter(
        QgsProcessingParameterNumber("SIZE", "Size", defaultValue=1), QgsProcessingModelParameter("SIZE")
    )
    step(made, "which", "native:condition")
    child = made.childAlgorithm("which")
    child.setConfiguration(
        {
            "conditions": [
                {"name": "LARGE", "expression": "@SIZE > 5"},
                {"name": "SMALL", "expression": "@SIZE <= 5"},
            ]
        }
    )
    made.setChildAlgorithm(child)
    for name, algorithm in (("LARGE", "native:convexhull"), ("SMALL", "native:centroids")):
        step(made, name, algorithm, {name: "OUTPUT"}, INPUT=("INPUT",))
        child = made.childAlgorithm(name)
        child.setDependencies([QgsProcessingModelChildDependency("which", name)])
        made.setChildAlgorithm(child)
    save(made)
    outputs = {output_key(name, name): "memory:" for name in ("LARGE", "SMALL")}
    native, mine = run_both("branches", {"INPUT": squares(), "SIZE": 9 if large else 2, **outputs})
    taken, left = ("LARGE", "SMALL") if large else ("SMALL", "LARGE")
    assert rows(native[output_key(taken, taken)]) == rows(mine[output_key(taken, taken)])
    assert len(rows(mine[output_key(taken, taken)])) == 6
    assert output_key(left, left) not in native and output_key(left, left) not in mine
    assert report(mine).count("not run") == 1


def test_a_file_that_is_asked_for_is_written_and_read_by_the_next_step(mirrors, tmp_path):
    made = model("file")
    step(made, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=1.0)
    step(made, "hull", "native:convexhull", {"hulls": "OUTPUT"}, INPUT=("wide", "OUTPUT"))
    save(made)
    given = {"INPUT": squares(), output_key("hull", "hulls"): "memory:"}
    found = [
        processing.run(name, {**given, output_key("wide", "wide"): str(tmp_path / file)})
        for name, file in (("model:file", "native.gpkg"), ("redisgeocache:model_file", "mine.gpkg"))
    ]
    assert (tmp_path / "mine.gpkg").is_file()
    assert rows(found[0][output_key("hull", "hulls")]) == rows(found[1][output_key("hull", "hulls")])


class Noting(QgsProcessingFeatureBasedAlgorithm):
    """Passes features on, and notes in which thread it is made, prepared, used and deleted."""

    SAID: list = []

    def __init__(self, threadable=True):
        super().__init__()
        self.threadable = threadable
        self.note("made")

    def __del__(self):
        self.note("deleted")

    def note(self, what):
        self.SAID.append((what, is_main()))

    def createInstance(self):
        return Noting(self.threadable)

    def name(self):
        return "noting" if self.threadable else "staying"

    displayName = name

    def flags(self):
        flag = QgsProcessingAlgorithm.Flag.FlagNoThreading
        return super().flags() if self.threadable else super().flags() | flag

    def outputName(self):
        return "Passed"

    def prepareAlgorithm(self, parameters, context, feedback):
        self.note("prepared")
        return super().prepareAlgorithm(parameters, context, feedback)

    def processFeature(self, feature, _context, _feedback):
        self.note("used")
        return [feature]


@pytest.fixture
def noting():
    class Provider(QgsProcessingProvider):
        def id(self):
            return "notes"

        name = id

        def loadAlgorithms(self):
            self.addAlgorithm(Noting())
            self.addAlgorithm(Noting(False))

    provider = Provider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield Noting.SAID
    QgsApplication.processingRegistry().removeProvider(provider)
    Noting.SAID.clear()


@pytest.fixture
def beside(monkeypatch):
    """``beside(work)``: its result, from another thread, while the main one has a window and goes on."""
    if qgis.utils.iface is None:
        monkeypatch.setattr(qgis.utils, "iface", object())

    def run(work):
        found, failed = [], []

        def body():
            try:
                found.append(work())
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        while thread.is_alive():
            spin()
        if failed:
            raise failed[0]
        return found[0]

    return run


def run_beside(beside, name, given, before=lambda algorithm: None):
    """The outputs of a mirrored model that another thread runs, and the context that has its layers."""
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"redisgeocache:model_{name}")
    assert algorithm.prepare(given, context, feedback)
    before(algorithm)
    found = beside(lambda: algorithm.runPrepared(given, context, feedback))
    algorithm.postProcess(context, feedback)
    return found, context


@pytest.mark.parametrize("name", ["noting", "staying"])
def test_a_step_on_the_main_thread_reads_what_the_steps_before_made(mirrors, noting, beside, name):
    made = model("handed")
    step(made, "hull", "native:convexhull", INPUT=("INPUT",))
    step(made, "pass", f"notes:{name}", INPUT=("hull", "OUTPUT"))
    step(made, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("pass", "OUTPUT"), DISTANCE=1.0)
    save(made)
    given = {"INPUT": squares(), output_key("wide", "wide"): "memory:"}
    QgsProject.instance().addMapLayer(given["INPUT"])
    native = processing.run("model:handed", {**given, "INPUT": given["INPUT"].id()})
    given["INPUT"] = given["INPUT"].id()
    noting.clear()
    found, context = run_beside(beside, "handed", given)
    assert {main for what, main in noting if what == "used"} == {name == "staying"}
    layer = context.getMapLayer(found[output_key("wide", "wide")])
    assert rows(layer) == rows(native[output_key("wide", "wide")]) and len(rows(layer)) == 6
    assert layer.thread() == QCoreApplication.instance().thread()


def test_the_layers_of_a_run_come_back_where_it_is_cancelled(beside):
    """The main thread has no time until the other has given up: its layers are its own again."""
    given_up, found = threading.Event(), []

    def ask():
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.temporaryLayerStore().addMapLayer(squares())
        feedback.cancel()
        try:
            PlanRun(ModelPlan(QgsProcessingModelAlgorithm()), RunRecord(""), {}, context, feedback).run()
        except Cancelled:
            layers = [context.temporaryLayerStore(), *context.temporaryLayerStore().mapLayers().values()]
            found.extend(one.thread() == QThread.currentThread() for one in layers)
        given_up.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert given_up.wait(30), "it waits for ever"
    thread.join()
    assert found == [True, True]


def run_prepared(algorithm_id, given, feedback):
    """Run an algorithm without what ``processing.run`` says itself."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(algorithm_id)
    assert algorithm.prepare(given, context, feedback)
    return algorithm.runPrepared(given, context, feedback)


def both_fail(name, given):
    """What a model and its mirror say where they fail."""
    said = []
    for algorithm_id in (f"model:{name}", f"redisgeocache:model_{name}"):
        with pytest.raises(QgsProcessingException) as failed:
            run_prepared(algorithm_id, given, QgsProcessingFeedback(False))
        said.append(str(failed.value))
    return said


@pytest.mark.parametrize("expression", ["to_real('x')", "1 +"])
def test_an_expression_that_fails_is_an_error(mirrors, expression):
    made = model("failing")
    step(made, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",))
    save(with_sources(made, "wide", DISTANCE=FROM.fromExpression(expression)))
    native, mine = both_fail("failing", {"INPUT": squares(), output_key("wide", "wide"): "memory:"})
    start = "Could not evaluate expression for parameter DISTANCE for wide: "
    assert native.startswith(start) and mine.startswith(start) and len(mine) > len(start)


def test_a_source_of_an_output_of_the_model_is_not_asked(mirrors):
    made = model("unasked")
    step(made, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=1.0)
    save(with_sources(made, "wide", OUTPUT=FROM.fromExpression("to_real('x')")))
    native, mine = run_both("unasked", {"INPUT": squares(), output_key("wide", "wide"): "memory:"})
    assert rows(native[output_key("wide", "wide")]) == rows(mine[output_key("wide", "wide")])


def test_a_model_in_a_model_whose_algorithm_is_not_there_is_not_run(mirrors):
    inner = model("inner")
    step(inner, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=1.0)
    step(inner, "gone", "nobody:nothing", INPUT=("wide", "OUTPUT"))
    save(inner)
    outer = model("outer")
    step(outer, "inside", "model:inner", {"out": output_key("wide", "wide")}, INPUT=("INPUT",))
    save(outer)
    native, mine = both_fail("outer", {"INPUT": squares(), output_key("inside", "out"): "memory:"})
    assert native == mine and native.startswith("Error encountered while running inside")


class Refusing(Noting):
    """Is never ready."""

    def createInstance(self):
        return Refusing()

    def name(self):
        return "refusing"

    displayName = name

    def prepareAlgorithm(self, _parameters, _context, _feedback):
        return False


def test_a_step_that_refuses_to_be_prepared_fails_in_words(mirrors, noting):
    QgsApplication.processingRegistry().providerById("notes").addAlgorithm(Refusing())
    made = model("refused")
    step(made, "pass", "notes:refusing", {"passed": "OUTPUT"}, "Pass on", INPUT=("INPUT",))
    save(made)
    native, mine = both_fail("refused", {"INPUT": squares(), output_key("pass", "passed"): "memory:"})
    assert native == mine == "Error encountered while running Pass on"


class Failing(Noting):
    """Fails when it is prepared or when it is run, with a reason or without, and in its own words or in QGIS's."""

    def __init__(self, when="run", why="", own_words=False):
        super().__init__()
        self.when, self.why, self.own_words = when, why, own_words

    def createInstance(self):
        return Failing(self.when, self.why, self.own_words)

    def name(self):
        return "failing"

    displayName = name

    def flags(self):
        own = QgsProcessingAlgorithm.Flag.FlagCustomException
        return super().flags() | own if self.own_words else super().flags()

    def prepareAlgorithm(self, _parameters, _context, feedback):
        if self.when == "refused":
            feedback.reportError(self.why)
        if self.when == "prepared":
            raise QgsProcessingException(self.why)
        return self.when != "refused"

    def processFeature(self, _feature, _context, _feedback):
        raise QgsProcessingException(self.why)


class Errors(QgsProcessingFeedback):
    """Keeps what is reported as an error."""

    def __init__(self):
        super().__init__(False)
        self.reported = []

    def reportError(self, text, fatal=False):
        self.reported.append((text, fatal))


@pytest.mark.parametrize("own_words", [False, True])
@pytest.mark.parametrize("why", ["because of %1 and %2", ""])
@pytest.mark.parametrize("when", ["run", "refused", "prepared"])
@pytest.mark.parametrize("inner", [False, True])
def test_a_step_that_fails_says_and_reports_what_it_does_in_qgis(
    mirrors, noting, when, why, own_words, inner
):
    QgsApplication.processingRegistry().providerById("notes").addAlgorithm(Failing(when, why, own_words))
    made = model("failing")
    step(made, "pass", "notes:failing", {"passed": "OUTPUT"}, "Pass on", INPUT=("INPUT",))
    save(made)
    key = output_key("pass", "passed")
    if inner:
        outer = model("outer")
        step(outer, "inside", "model:failing", {"out": key}, "Inside", INPUT=("INPUT",))
        save(outer)
        key = output_key("inside", "out")
    said = []
    for algorithm_id in ("model:{}", "redisgeocache:model_{}"):
        errors = Errors()
        with pytest.raises(QgsProcessingException) as failed:
            run_prepared(
                algorithm_id.format("outer" if inner else "failing"),
                {"INPUT": squares(), key: "memory:"},
                errors,
            )
        said.append((str(failed.value), errors.reported))
    assert said[0] == said[1]


@pytest.mark.parametrize("verbose", [False, True])
def test_the_log_tells_of_each_step_where_all_details_are_asked_for(mirrors, verbose):
    made = model("told")
    step(made, "wide", "native:buffer", {"wide": "OUTPUT"}, INPUT=("INPUT",), DISTANCE=1.0)
    save(made)
    given, levels = {"INPUT": squares(), output_key("wide", "wide"): "memory:"}, QgsProcessingContext.LogLevel
    for algorithm in ("model:told", "redisgeocache:model_told"):
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setLogLevel(levels.Verbose if verbose else levels.DefaultLevel)
        processing.run(algorithm, given, context=context, feedback=feedback)
        assert ("Input Parameters:" in feedback.textLog()) is verbose, algorithm


@pytest.mark.parametrize("group", ["", "Results"])
def test_the_outputs_are_loaded_as_those_of_the_model(mirrors, group):
    """Their names, and where this QGIS knows groups and an order of outputs, these."""
    made = model("loaded")
    for name, algorithm in (
        ("hull", "native:convexhull"),
        ("box", "native:boundingboxes"),
        ("mid", "native:centroids"),
    ):
        step(made, name, algorithm, {name: "OUTPUT"}, INPUT=("INPUT",))
    if hasattr(made, "setOutputGroup"):
        made.setOutputGroup(group)
        made.setOutputOrder(["mid:OUTPUT", "box:OUTPUT", "hull:OUTPUT"])
    save(made)
    told = []
    for name in ("model:loaded", "redisgeocache:model_loaded"):
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setProject(QgsProject.instance())
        outputs = {
            output_key(one, one): QgsProcessingOutputLayerDefinition("memory:", QgsProject.instance())
            for one in ("hull", "box", "mid")
        }
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(name)
        _, ok = algorithm.run({"INPUT": squares(), **outputs}, context, feedback)
        assert ok, feedback.textLog()
        loaded = context.layersToLoadOnCompletion().values()
        told.append(
            sorted(
                (one.name, one.outputName, getattr(one, "groupName", ""), getattr(one, "layerSortKey", 0))
                for one in loaded
            )
        )
    assert told[0] == told[1] and len(told[0]) == 3
    if hasattr(made, "setOutputGroup"):
        assert {(group_name, key) for _, _, group_name, key in told[1]} == {(group, n) for n in range(3)}


def test_the_outputs_are_loaded_into_the_group_of_the_model_and_in_its_order():
    """As QGIS 3.32 and newer have them; here what they ask is stood in for."""
    plan = ModelPlan(QgsProcessingModelAlgorithm())
    plan.model.toVariant = lambda: {"outputGroup": "Results", "outputOrder": ["b:OUTPUT", "a:OUTPUT"]}
    details = {"one": SimpleNamespace(), "two": SimpleNamespace()}
    context = QgsProcessingContext()
    context.willLoadLayerOnCompletion = details.__contains__
    context.layerToLoadOnCompletionDetails = details.__getitem__
    run = PlanRun(plan, RunRecord(""), {}, context, QgsProcessingFeedback(False))
    run._begin()
    for child_id, layer in (("a", "one"), ("b", "two"), ("c", "not loaded")):
        outputs = [ModelOutput("key", "Name", "OUTPUT")]
        planned = PlannedStep(child_id, child_id, "", "", False, {}, {}, outputs, frozenset())
        run._group(planned, {"OUTPUT": layer})
    assert vars(details["one"]) == {"groupName": "Results", "layerSortKey": 1}
    assert vars(details["two"]) == {"groupName": "Results"}


@pytest.mark.parametrize("name", ["noting", "staying"])
def test_what_is_implemented_in_python_lives_on_the_main_thread(mirrors, noting, beside, name):
    made = model("noted")
    step(made, "pass", f"notes:{name}", INPUT=("INPUT",))
    step(made, "hull", "native:convexhull", {"hulls": "OUTPUT"}, INPUT=("pass", "OUTPUT"))
    save(made)
    layer = squares()
    QgsProject.instance().addMapLayer(layer)
    given = {"INPUT": layer.id(), output_key("hull", "hulls"): "memory:"}
    found, context = run_beside(beside, "noted", given, lambda algorithm: noting.clear())
    spin(0.1)
    said = {
        what: {main for w, main in noting if w == what} for what in ("made", "prepared", "used", "deleted")
    }
    assert said == {"made": {True}, "prepared": {True}, "used": {name == "staying"}, "deleted": {True}}
    assert len(rows(context.getMapLayer(found[output_key("hull", "hulls")]))) == 6


def test_the_main_thread_does_what_another_asks(beside):
    assert beside(lambda: (is_main(), main_thread.do(is_main, Watch()))) == (False, True)
    assert main_thread.do(is_main, Watch()), "and its own work at once"
    with pytest.raises(ZeroDivisionError):
        beside(lambda: main_thread.do(lambda: 1 / 0, Watch()))


def test_who_waits_for_the_main_thread_can_be_cancelled(beside):
    """The main thread has no time until the other has given up: then it does nothing of it any more."""
    done, given_up = [], threading.Event()

    def ask():
        try:
            main_thread.do(lambda: done.append(True), Watch(lambda: True))
        except Cancelled:
            given_up.set()

    thread = threading.Thread(target=ask, daemon=True)
    if qgis.utils.iface is None:
        pytest.fail("the fixture has made no window")
    thread.start()
    assert given_up.wait(30), "it waits for ever"
    thread.join()
    spin(0.1)
    assert not done


def test_without_a_window_the_thread_does_it_itself(monkeypatch):
    monkeypatch.setattr(qgis.utils, "iface", None)
    found = []
    thread = threading.Thread(target=lambda: found.append(main_thread.do(is_main, Watch())), daemon=True)
    thread.start()
    thread.join(30)
    assert found == [False]
