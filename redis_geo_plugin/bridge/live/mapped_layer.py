"""The layer of a feed whose rows stand in a mapped file: which feeds have one, and how a layer comes to show
such a file and a memory layer's rows in turn.

The layer itself stays: its style, labels, joins and forms go by the names of the fields, which are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsDataProvider, QgsFeatureRequest, QgsVectorLayer

from ..compat import field
from ..settings import MAPPED, MAPPED_FROM, kept
from .fields import FIXED, KINDS

if TYPE_CHECKING:
    from qgis.PyQt.QtXml import QDomDocument, QDomElement

    from ...core.live.spec import FeedSpec

USUAL_SIZE = 50_000  # vehicles from which on a feed is mapped
LEAST_SIZE = 1_000
FILE = "live.vrt"  # of ``core.live.mapped.picture``, which is imported with the first such feed
FOLDER = "redis-geo-fleet-"
MEMORY = "Point?crs=EPSG:4326"


def size_from() -> int:
    """The number of vehicles from which on a feed is mapped; 0 where none is."""
    return kept(MAPPED_FROM, USUAL_SIZE, LEAST_SIZE) if kept(MAPPED, False) else 0


def why_not(spec: FeedSpec, has_trails: bool) -> str:
    """What of a feed needs the rows of an ordinary layer: ``view``, ``fences`` or ``trails``; empty where
    nothing does."""
    if spec.in_view:
        return "view"
    if spec.fencing.watched:
        return "fences"
    return "trails" if has_trails else ""


def shows_pictures(layer: QgsVectorLayer) -> bool:
    """Whether a layer reads the mapped file of a feed, be it of one that has ended."""
    path = Path(layer.source().split("|")[0])
    return layer.providerType() == "ogr" and path.name == FILE and path.parent.name.startswith(FOLDER)


def show_pictures(layer: QgsVectorLayer, folder: Path) -> bool:
    """Let a layer read the pictures in a folder. Returns whether it can, with the filter that it has."""
    subset = layer.subsetString()
    layer.setDataSource(str(folder / FILE), layer.name(), "ogr", QgsDataProvider.ProviderOptions(), False)
    layer.setReadOnly(True)
    return layer.isValid() and (not subset or layer.setSubsetString(subset))


def read_anew(layer: QgsVectorLayer) -> None:
    """Let a layer read the newest picture from now on: as silently as a memory layer is changed. QGIS drops
    the selection where a file is read anew, so it is made again."""
    selected = layer.selectedFeatureIds() if layer.selectedFeatureCount() else []
    layer.blockSignals(True)
    try:
        layer.dataProvider().reloadData()
        if selected:
            layer.selectByIds(selected)
    finally:
        layer.blockSignals(False)


def show_memory(layer: QgsVectorLayer, columns: Sequence[tuple[str, str]] = ()) -> None:
    """Let a layer have rows in memory again, none at first, with the fields of every feed and these
    attributes (name, kind)."""
    subset = layer.subsetString()
    layer.setDataSource(MEMORY, layer.name(), "memory", QgsDataProvider.ProviderOptions(), False)
    layer.dataProvider().addAttributes(_fields(columns))
    layer.updateFields()
    layer.setReadOnly(True)
    if subset:
        layer.setSubsetString(subset)


def idents_of_selected(layer: QgsVectorLayer) -> list[str]:
    """The vehicles that are selected."""
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    request.setSubsetOfAttributes(["id"], layer.fields())
    return [str(feature["id"]) for feature in layer.getSelectedFeatures(request)]


def keep_as_memory(
    layer: QgsVectorLayer, columns: Iterable[tuple[str, str]], element: QDomElement, document: QDomDocument
) -> None:
    """Write a layer into a project as one with rows in memory: the file is gone when the project is opened
    again, and the feed fills the layer then."""
    memory = QgsVectorLayer(MEMORY, layer.name(), "memory")
    memory.dataProvider().addAttributes(_fields(columns))
    uri = memory.dataProvider().dataSourceUri()
    for name, text in (("datasource", uri), ("provider", "memory")):
        one = element.firstChildElement(name)
        while one.hasChildNodes():
            one.removeChild(one.firstChild())
        one.appendChild(document.createTextNode(text))


def forget_file(layer_id: str, document: QDomDocument) -> None:
    """Let nothing of a project's tree of layers name the file of this one."""
    nodes = document.elementsByTagName("layer-tree-layer")
    for place in range(nodes.length()):
        node = nodes.at(place).toElement()
        if node.attribute("id") == layer_id:
            node.setAttribute("source", MEMORY)
            node.setAttribute("providerKey", "memory")


def _fields(columns: Iterable[tuple[str, str]]) -> list[object]:
    known = dict(FIXED)
    more = [field(name, KINDS[kind]) for name, kind in columns if name not in known]
    return [*(field(name, kind) for name, kind in FIXED), *more]
