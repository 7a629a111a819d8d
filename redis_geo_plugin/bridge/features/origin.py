"""Where the features of a layer come from, kept with the layer: the connection, what was read, and how it is
shown. Each row has its key and its id besides."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsVectorLayer,
)

from .layers import KINDS

if TYPE_CHECKING:
    from ...core.features.attributes import SetField
    from ...core.features.reading import ReadRequest

PROPERTY = "redis_geo/features"
_LONGEST = 1_000_000  # characters of a property that is read: a project may come from anyone


@dataclass(frozen=True)
class LayerOrigin:
    """What a layer of features was read from: the name of the ``connection``, the ``request``, which ``kind``
    of geometry it shows, its ``columns`` behind key and id, the name of its ``crs``, and whether encoded
    lines were read with six decimals (``has_six``), which one of them alone does not say."""

    connection: str
    request: ReadRequest
    kind: str
    crs: str
    columns: list[SetField] = field(default_factory=list)
    has_six: bool = False


def mark(layer: QgsMapLayer, origin: LayerOrigin) -> None:
    """Keep with a layer where its features come from."""
    text = json.dumps(asdict(origin))
    if layer.customProperty(PROPERTY, "") != text:
        layer.setCustomProperty(PROPERTY, text)


class _Marker(QgsProcessingLayerPostProcessorInterface):
    """Marks the layer of an output once it is in the project."""

    def __init__(self, origin: LayerOrigin):
        super().__init__()
        self._origin = origin

    def postProcessLayer(  # noqa: N802 - QGIS's name
        self, layer: QgsMapLayer, _context: QgsProcessingContext, _feedback: QgsProcessingFeedback
    ) -> None:
        """Mark it."""
        mark(layer, self._origin)
        if self in _markers:
            _markers.remove(self)


_markers: list[_Marker] = []  # QGIS does not keep them
_MOST_MARKERS = 100


def mark_later(context: QgsProcessingContext, identifier: str, origin: LayerOrigin) -> None:
    """Mark an output of an algorithm, where it is going to be a layer of the project."""
    if context.willLoadLayerOnCompletion(identifier):
        del _markers[:-_MOST_MARKERS]  # of runs that came to no layer
        _markers.append(_Marker(origin))
        context.layerToLoadOnCompletionDetails(identifier).setPostProcessor(_markers[-1])


def origin_of(layer: Optional[QgsMapLayer]) -> Optional[LayerOrigin]:
    """Where the features of a layer come from; None for any other layer, and for one whose fields are no
    longer those that were read."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "memory":
        return None
    text = layer.customProperty(PROPERTY, "")
    if not isinstance(text, str) or not 0 < len(text) < _LONGEST:
        return None
    try:
        origin = _read(json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return origin if _fits(origin, layer) else None


def _read(said: Any) -> LayerOrigin:
    """An origin out of JSON. Raises TypeError, ValueError or KeyError for what is none."""
    from ...core.features.attributes import SetField
    from ...core.features.reading import ReadRequest

    request = ReadRequest(**said["request"])
    columns = [SetField(*one) for one in said["columns"]]
    texts = [said["connection"], said["crs"], request.source, request.format, request.geometry_field]
    texts += [request.crs, request.id_field, *[part for one in columns for part in one]]
    sound = all(isinstance(one, str) for one in texts) and isinstance(request.history, bool)
    if not sound or said["kind"] not in KINDS:
        raise ValueError("not an origin")
    has_six = said.get("has_six") is True
    return LayerOrigin(said["connection"], request, said["kind"], said["crs"], columns, has_six)


def _fits(origin: LayerOrigin, layer: QgsVectorLayer) -> bool:
    """Whether the fields of a layer are still those that were read; others may stand behind them."""
    from ...core.features.attributes import IDENT, KEY

    names = [one.name() for one in layer.dataProvider().fields()]
    expected = [KEY, IDENT, *[one.field for one in origin.columns]]
    return names[: len(expected)] == expected
