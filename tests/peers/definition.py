"""What the toolbox, the designer and in-place editing see of an algorithm: its parameters, outputs and flags."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import QgsApplication, QgsProcessingAlgorithm, QgsProcessingParameterDefinition, QgsVectorLayer

from tests.peers.compare import Difference
from tests.peers.twins import Twin

FLAGS = QgsProcessingParameterDefinition.Flag
MORE = ("supportsAppend", "optional")  # what ours may have where native has it not
KINDS = ("Point", "LineString", "Polygon", "MultiPolygon", "NoGeometry")


def checks(twin: Twin) -> Iterator[tuple[str, Callable[[int], tuple[list[Difference], int]]]]:
    """A check for each parameter of the native algorithm, and one for the algorithm as a whole."""
    registry = QgsApplication.processingRegistry()
    native, ours = registry.algorithmById(twin.native), registry.algorithmById(twin.ours)
    yield "definition / as a whole", lambda _number: (_compare(_whole(native), _whole(ours)), 0)
    for parameter in native.parameterDefinitions():
        own = ours.parameterDefinition(parameter.name())
        given = (_parameter(parameter), None if own is None else _parameter(own))
        yield f"definition / {parameter.name()}", lambda _number, given=given: (_compare(*given), 0)


def _whole(algorithm: QgsProcessingAlgorithm) -> dict[str, Any]:
    flags = QgsProcessingAlgorithm.Flag
    return {
        "in place": [kind for kind in KINDS if _in_place(algorithm, kind)],
        "no threading": bool(algorithm.flags() & flags.FlagNoThreading),
        "can cancel": bool(algorithm.flags() & flags.FlagCanCancel),
        "needs one CRS": bool(algorithm.flags() & flags.FlagRequiresMatchingCrs),
        "outputs": [one.name() for one in algorithm.destinationParameterDefinitions()],
    }


def _in_place(algorithm: QgsProcessingAlgorithm, kind: str) -> bool:
    if not algorithm.flags() & QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits:
        return False
    return bool(algorithm.supportInPlaceEdit(QgsVectorLayer(f"{kind}?crs=EPSG:4326", kind, "memory")))


def _parameter(parameter: Any) -> dict[str, Any]:
    found = {
        "type": parameter.type(),
        "default": parameter.defaultValue(),
        "optional": bool(parameter.flags() & FLAGS.FlagOptional),
        "dynamic": parameter.isDynamic(),
        "hidden": bool(parameter.flags() & FLAGS.FlagHidden),
    }
    for name in ("minimum", "maximum", "dataTypes", "dataType", "allowMultiple", "supportsAppend", "options",
                 "parentLayerParameterName", "parentParameterName"):  # fmt: skip
        if hasattr(parameter, name):
            found[name] = getattr(parameter, name)()
    return found


def _compare(native: dict[str, Any], ours: dict[str, Any] | None) -> list[Difference]:
    if ours is None:
        return [Difference("not there", "there", "missing")]
    if ours.get("hidden") and not native.get("hidden"):
        return [Difference("not served", "served", "refused by name with any other value than the default")]
    return [
        Difference("definition", f"{key}: {value!r}", f"{key}: {ours.get(key)!r}")
        for key, value in native.items()
        if ours.get(key) != value and not (key in MORE and ours.get(key))
    ]
