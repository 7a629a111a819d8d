"""A model as it is run here: all that its run needs to know of it, read once and on the main thread.

QGIS makes the algorithms of all steps anew for many a question to a model, by way of the registry. A thread
must not ask so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterVectorDestination,
)

from ..i18n import tr
from .canonical import ParameterValues
from .mirrored import PROVIDER, find, mirror_name
from .records import SEPARATOR, StepRecord

_VECTORS = (QgsProcessingParameterFeatureSink, QgsProcessingParameterVectorDestination)


@dataclass(frozen=True)
class ModelOutput:
    """An output of a step that is one of the model. ``key`` is the model's parameter and the name of its
    result; ``name`` is what the layer is called; ``of_step`` is the step's own output."""

    key: str
    name: str
    of_step: str


@dataclass(frozen=True)
class PlannedStep:
    """One step. ``algorithm`` is the id of what computes it, also where the model names a mirror of that.
    ``sources`` are where its parameters come from, ``after`` the ids of the steps that come before it.
    ``below`` is the plan of the model that the step is, where that is run here too."""

    child_id: str
    path: str
    description: str
    algorithm: str
    cached: bool
    configuration: ParameterValues
    sources: dict[str, list[Any]]
    outputs: list[ModelOutput]
    after: frozenset[str]
    below: Optional[ModelPlan] = None


@dataclass
class ModelPlan:
    """A copy of a model of its own, and its steps in an order in which they may run. ``records`` are those
    steps for the table, the ones of a model in it behind the step that it is. ``missing`` are the steps whose
    algorithm is not there: a model that has such steps is not run."""

    model: QgsProcessingModelAlgorithm
    steps: list[PlannedStep] = field(default_factory=list)
    records: list[StepRecord] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def plan_of(model: QgsProcessingModelAlgorithm, parent: str = "", around: tuple[str, ...] = ()) -> ModelPlan:
    """Read a model, on the main thread.

    Args:
        model: One that is registered.
        parent: The path of the step that the model is, in the model around it; "" for the outermost.
        around: The ids of the models around it.
    """
    copy: Any = model.create()
    plan = ModelPlan(copy)
    wanted = {name: child for name, child in plan.model.childAlgorithms().items() if child.isActive()}
    active = {name: child for name, child in wanted.items() if child.algorithm() is not None}
    plan.missing = sorted(set(wanted) - set(active))
    befores = {name: frozenset(plan.model.dependsOnChildAlgorithms(name)) for name in active}
    keys = _keys(plan.model)
    for name in _order(befores):
        path = f"{parent}{SEPARATOR}{name}" if parent else name
        step = _planned(active[name], path, befores[name], keys, (*around, model.id()))
        plan.steps.append(step)
        plan.records.append(_record(step, active[name]))
        plan.records += step.below.records if step.below is not None else []
    return plan


def _planned(
    child: QgsProcessingModelChildAlgorithm,
    path: str,
    after: frozenset[str],
    keys: dict[tuple[str, str], str],
    around: tuple[str, ...],
) -> PlannedStep:
    name = child.childId()
    original = _original(child.algorithmId())
    inner, below = find(original), None
    if not isinstance(inner, QgsProcessingModelAlgorithm):
        cached = find(f"{PROVIDER}:{mirror_name(original)}") is not None
    else:  # one that stands in itself is left to QGIS
        below = plan_of(inner, path, around) if inner.id() not in around else None
        cached = below is not None
    return PlannedStep(
        name,
        path,
        child.description(),
        original,
        cached,
        dict(child.configuration() or {}),
        {key: list(sources) for key, sources in child.parameterSources().items()},
        [
            ModelOutput(keys.get((name, one.name()), f"{name}:{one.name()}"), key, one.childOutputName())
            for key, one in child.modelOutputs().items()
        ],
        after,
        below,
    )


def _original(algorithm_id: str) -> str:
    """The algorithm that computes a step of this id: not a mirror, but what it mirrors."""
    mirror = find(algorithm_id) if algorithm_id.startswith(f"{PROVIDER}:") else None
    return str(getattr(mirror, "original", algorithm_id))


def _keys(model: QgsProcessingModelAlgorithm) -> dict[tuple[str, str], str]:
    """The names of the model's outputs by step and name: newer versions of QGIS leave out the step."""
    found = {}
    for one in model.destinationParameterDefinitions():
        of = one.metadata()
        if "_modelChildId" in of and "_modelChildOutputName" in of:
            found[of["_modelChildId"], of["_modelChildOutputName"]] = one.name()
    return found


def _record(step: PlannedStep, child: QgsProcessingModelChildAlgorithm) -> StepRecord:
    algorithm = child.algorithm()
    return StepRecord(
        step.path,
        step.description or algorithm.displayName(),
        child.algorithmId(),
        cached=step.cached,
        is_model=step.below is not None,
        reason="" if step.cached else _why_not(algorithm),
    )


def _why_not(algorithm: QgsProcessingAlgorithm) -> str:
    """Why a step is left to its own algorithm, in words."""
    outputs = algorithm.destinationParameterDefinitions()
    if not outputs:
        return tr("It makes no layer of its own.")
    if not any(isinstance(one, _VECTORS) for one in outputs):
        return tr("Its results are rasters, meshes, point clouds or files, which are not cached.")
    return tr("This algorithm is not among those that are proved to give equal results.")


def _order(befores: dict[str, frozenset[str]]) -> list[str]:
    """The ids of all steps, each behind those whose results it takes."""
    ordered: list[str] = []
    left = sorted(befores)
    while left:
        ready = next((one for one in left if not befores[one] & set(left)), left[0])
        ordered.append(ready)
        left.remove(ready)
    return ordered
