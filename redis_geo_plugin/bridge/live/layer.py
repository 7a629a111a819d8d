"""The layer of a feed: a memory layer without spatial index, its properties and its ages.

Its features are written by ``layer_writer.py``, which imports the records of positions. The window looks for
layers of feeds when it starts, and must not import these for that.
"""

from __future__ import annotations

from qgis.core import QgsFields, QgsVectorLayer

from ..compat import LONG, field
from ..i18n import tr
from ..plain import plain_map_tip
from .fields import FIXED

FEED_PROPERTY = "redis_geo/feed"
RUNNING_PROPERTY = "redis_geo/running"
AGE = "age_s"  # the virtual field of the ages
OFFSET_VARIABLE = "redis_geo_clock_correction_s"
COUNT_VARIABLE = "redis_geo_vehicles"
AGE_SECONDS = f'((epoch(now()) - epoch("time")) / 1000.0 - coalesce(@{OFFSET_VARIABLE}, 0))'
AGE_FIELD = f"to_int(round({AGE_SECONDS}))"


def new_layer(name: str) -> QgsVectorLayer:
    """An empty layer with the fields that every feed has, in EPSG:4326."""
    layer = QgsVectorLayer("Point?crs=EPSG:4326", name, "memory")
    layer.dataProvider().addAttributes([field(n, kind) for n, kind in FIXED])
    layer.updateFields()
    layer.addExpressionField(AGE_FIELD, field(AGE, LONG))
    layer.setFieldAlias(layer.fields().lookupField(AGE), tr("age (s)"))
    prepare(layer)
    layer.setDisplayExpression('"id"')
    return layer


def prepare(layer: QgsVectorLayer) -> None:
    """Set the properties of a live layer at every start: no edits by hand, and no "scratch layer" warning."""
    layer.setReadOnly(True)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)
    plain_map_tip(layer)


def leave(layer: QgsVectorLayer) -> None:
    """Make a layer the user's own, which follows no feed any more: it may be edited, and nothing in it is
    computed for the moment."""
    for name in (FEED_PROPERTY, RUNNING_PROPERTY, "skipMemoryLayersCheck"):
        layer.removeCustomProperty(name)
    layer.setReadOnly(False)
    column = age_column(layer)
    if column >= 0:
        layer.removeExpressionField(column)


def age_column(layer: QgsVectorLayer) -> int:
    """The column of the ages that are computed for the moment; -1 where the layer has none."""
    column = layer.fields().lookupField(AGE)
    computed = column >= 0 and layer.fields().fieldOrigin(column) == QgsFields.FieldOrigin.OriginExpression
    return column if computed else -1
