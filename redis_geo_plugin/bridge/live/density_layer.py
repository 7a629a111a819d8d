"""The layer of a fleet's density: a memory layer of cells or of zones, and the property by which the project
knows it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsMapLayer, QgsProject, QgsUnitTypes, QgsVectorLayer

from ..compat import DOUBLE, LONG, STRING, field
from ..crs import DEGREES
from ..i18n import tr
from ..plain import plain_map_tip

if TYPE_CHECKING:
    from ...core.live.density import DensitySpec

DENSITY_PROPERTY = "redis_geo/density"
CLASSES_PROPERTY = "redis_geo/density_classes"  # what the classes are made for, as long as they are our own
SMALLEST, LARGEST, LARGEST_DEGREES = 1e-5, 1e7, 90.0  # of the size of cells, in units of a CRS
CELL_FIELDS = (("cell", STRING), ("count", LONG), ("speed_ms", DOUBLE), ("dwell_s", DOUBLE))
ZONE_FIELDS = (("zone", STRING), *CELL_FIELDS[1:], ("entered", LONG), ("exited", LONG))


def grid_crs(project: Optional[QgsProject]) -> QgsCoordinateReferenceSystem:
    """The CRS in which cells are made: the project's, that of positions where it has none."""
    crs = project.crs() if project is not None else QgsCoordinateReferenceSystem()
    return crs if crs.isValid() else QgsCoordinateReferenceSystem(DEGREES)


def new_density_layer(spec: DensitySpec, feed_name: str, crs: QgsCoordinateReferenceSystem) -> QgsVectorLayer:
    """An empty layer for the cells or zones of a feed."""
    is_zones = spec.kind == "zones"
    name = tr("{feed}: zones") if is_zones else tr("{feed}: density")
    layer = QgsVectorLayer("MultiPolygon" if is_zones else "Polygon", name.format(feed=feed_name), "memory")
    layer.setCrs(crs)
    fields = ZONE_FIELDS if is_zones else CELL_FIELDS
    layer.dataProvider().addAttributes([field(*pair) for pair in fields])
    layer.updateFields()
    for column, alias in enumerate(aliases(is_zones)):
        layer.setFieldAlias(column, alias)
    layer.setCustomProperty(DENSITY_PROPERTY, spec.to_json())
    layer.setDisplayExpression('"zone"' if is_zones else '"count"')
    prepare(layer)
    return layer


def aliases(is_zones: bool) -> list[str]:
    """What the fields are called on screen."""
    names = [tr("vehicles"), tr("mean speed (m/s)"), tr("time spent (s)")]
    return (
        [tr("zone"), *names, tr("vehicles that entered"), tr("vehicles that left")]
        if is_zones
        else [tr("cell"), *names]
    )


def size_in(unit: QgsUnitTypes.DistanceUnit, size: float, before: QgsUnitTypes.DistanceUnit) -> float:
    """Return a size of cells in another unit, rounded to 1, 2 or 5 times a power of ten, and one that can
    be set."""
    wanted = size * QgsUnitTypes.fromUnitToUnitFactor(before, unit)
    limit = LARGEST_DEGREES if unit == QgsUnitTypes.DistanceUnit.DistanceDegrees else LARGEST
    wanted = min(max(wanted, SMALLEST), limit) if math.isfinite(wanted) else 1.0
    power = 10.0 ** math.floor(math.log10(wanted))
    nearest = min((1.0, 2.0, 5.0, 10.0), key=lambda step: abs(math.log(step * power / wanted))) * power
    return min(float(f"{nearest:g}"), limit)


def prepare(layer: QgsVectorLayer) -> None:
    """Set what holds while the layer follows a feed: no edits by hand, and no "scratch layer" warning."""
    layer.setReadOnly(True)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)
    plain_map_tip(layer)


def leave(layer: QgsVectorLayer) -> None:
    """Make a layer the user's own, which follows no feed any more."""
    for name in (DENSITY_PROPERTY, CLASSES_PROPERTY, "skipMemoryLayersCheck"):
        layer.removeCustomProperty(name)
    layer.setReadOnly(False)


def spec_of(layer: QgsMapLayer) -> Optional[DensitySpec]:
    """What a layer shows of a feed; None where it is no density, or one that cannot be read. One that the
    user made permanent is none."""
    text = layer.customProperty(DENSITY_PROPERTY, "")
    if not text or not isinstance(layer, QgsVectorLayer) or layer.providerType() != "memory":
        return None
    from ...core.live.density import from_json

    try:
        spec = from_json(str(text))
    except ValueError:  # another program or version wrote it
        return None
    names = [name for name, _ in (ZONE_FIELDS if spec.kind == "zones" else CELL_FIELDS)]
    return spec if [one.name() for one in layer.dataProvider().fields()] == names else None


def density_layers(project: QgsProject, uid: str) -> list[QgsVectorLayer]:
    """The layers that show the density of a feed."""
    found = []
    for layer in project.mapLayers().values():
        spec = spec_of(layer)
        if spec is not None and spec.of == uid:
            found.append(layer)
    return found


def place_below(project: QgsProject, above: list[str], layer: QgsVectorLayer) -> None:
    """Add a layer to the project below the lowest of the layers with these ids that share the first's
    group."""
    project.addMapLayer(layer, False)
    root = project.layerTreeRoot()
    nodes = [node for node in map(root.findLayer, above) if node is not None]
    group = nodes[0].parent() if nodes else root
    places = [group.children().index(node) for node in nodes if node.parent() == group]
    group.insertLayer(max(places, default=len(group.children()) - 1) + 1, layer)
