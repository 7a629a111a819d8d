"""A copy of a model, for one run, whose steps are mirrored algorithms. The model itself is never changed."""

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
from .mirrored import PROVIDER, find, mirror_id
from .records import SEPARATOR, STEP, TOKEN, StepRecord

_VECTORS = (QgsProcessingParameterFeatureSink, QgsProcessingParameterVectorDestination)


@dataclass
class ModelCopy:
    """The copy, its steps in the order in which they may run (those of a model in it behind the step that it
    is), and the copies of all models in it by the paths of their steps."""

    model: QgsProcessingModelAlgorithm
    steps: list[StepRecord] = field(default_factory=list)
    nested: dict[str, ModelCopy] = field(default_factory=dict)


def copy_for(
    model: QgsProcessingModelAlgorithm, token: str, parent: str = "", around: tuple[str, ...] = ()
) -> Optional[ModelCopy]:
    """Copy a model for a run, its steps swapped for mirrors where there are any. None where QGIS cannot load
    the copy. On the main thread.

    Args:
        model: One that is registered, or was read from a file.
        token: Of the run to which the steps report.
        parent: The path of the step that the model is, in the model around it; "" for the outermost.
        around: The ids of the models around it.
    """
    variant = model.toVariant()
    made = ModelCopy(QgsProcessingModelAlgorithm())
    befores, children = _befores(model), model.childAlgorithms()
    for child_id in _order(befores):
        path = f"{parent}{SEPARATOR}{child_id}" if parent else child_id
        child: dict[str, Any] = variant["children"][child_id]
        mirror = _mirror_of(child["alg_id"], (*around, model.id()))
        inner = _model_behind(mirror)
        below = copy_for(inner, token, path, (*around, model.id())) if inner is not None else None
        if inner is not None and below is None:
            mirror = None
        if children[child_id].isActive():
            after = tuple(path[: -len(child_id)] + one for one in befores[child_id])
            made.steps.append(_planned(children[child_id], path, mirror, below, after))
            made.steps += below.steps if below is not None else []
        if below is not None:
            made.nested.update({path: below, **below.nested})
        if mirror is not None:
            child["alg_id"] = mirror.id()
            child["alg_config"] = {**(child.get("alg_config") or {}), TOKEN: token, STEP: path}
    if not made.model.loadVariant(variant):
        return None
    made.model.setSourceFilePath(model.sourceFilePath())
    made.model.setProvider(model.provider())
    return made


def _mirror_of(original: str, around: tuple[str, ...]) -> Optional[QgsProcessingAlgorithm]:
    """What takes the place of an algorithm; None where nothing does. A model that stands in itself is left
    to QGIS."""
    mirror = find(original if original.startswith(f"{PROVIDER}:") else mirror_id(original))
    inner = _model_behind(mirror)
    return None if inner is not None and inner.id() in around else mirror


def _model_behind(mirror: Optional[QgsProcessingAlgorithm]) -> Optional[QgsProcessingModelAlgorithm]:
    """The model whose mirror this is."""
    original = find(getattr(mirror, "original", "")) if mirror is not None else None
    return original if isinstance(original, QgsProcessingModelAlgorithm) else None


def _planned(
    child: QgsProcessingModelChildAlgorithm,
    path: str,
    mirror: Optional[QgsProcessingAlgorithm],
    below: Optional[ModelCopy],
    after: tuple[str, ...],
) -> StepRecord:
    algorithm = child.algorithm()
    name = algorithm.displayName() if algorithm is not None else child.algorithmId()
    return StepRecord(
        path,
        child.description() or name,
        child.algorithmId(),
        cached=mirror is not None,
        is_model=below is not None,
        reason=_why_not(algorithm) if mirror is None else "",
        after=after,
    )


def _why_not(algorithm: Optional[QgsProcessingAlgorithm]) -> str:
    """Why a step is left to its own algorithm, in words."""
    outputs = algorithm.destinationParameterDefinitions() if algorithm is not None else []
    if not outputs:
        return tr("It makes no layer of its own.")
    if not any(isinstance(one, _VECTORS) for one in outputs):
        return tr("Its results are rasters, meshes, point clouds or files, which are not cached.")
    return tr("This algorithm is not among those that are proved to give equal results.")


def _befores(model: QgsProcessingModelAlgorithm) -> dict[str, set[str]]:
    """Of each step those that it depends on. Asked once: QGIS makes the algorithms anew for each answer, and
    crashes on the question where it lacks the algorithm."""
    return {
        child_id: set(model.dependsOnChildAlgorithms(child_id)) if child.algorithm() is not None else set()
        for child_id, child in model.childAlgorithms().items()
    }


def _order(befores: dict[str, set[str]]) -> list[str]:
    """The ids of all steps, each behind those whose results it takes."""
    ordered: list[str] = []
    left = sorted(befores)
    while left:
        ready = next((one for one in left if not befores[one] & set(left)), left[0])
        ordered.append(ready)
        left.remove(ready)
    return ordered
