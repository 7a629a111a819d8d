"""A whole GEO set as a memory layer, made in a background thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsVectorLayer

from ...core.readable import bytes_of
from ...core.redis.settings import ConnectionSettings
from ..tasks import watch_of
from . import layers, measuring

if TYPE_CHECKING:
    from ..tasks import BackgroundTask


def set_layer(settings: ConnectionSettings, name: str, task: BackgroundTask) -> QgsVectorLayer:
    """The members of the set with their attributes, in degrees. Raises what redis-py raises, and
    Cancelled."""
    from ...core.geo import export
    from ...core.redis.server import open_server

    server, watch = open_server(settings), watch_of(task)
    key = server.key(bytes_of(name))
    kinds = layers.Kinds()
    for block in export.attribute_blocks(server, key, watch):
        kinds.learn(block)
    table = layers.MemberTable(kinds.found())
    return layers.memory_layer(
        name,
        "Point",
        measuring.lon_lat_crs(),
        table.fields,
        lambda sink: table.write(export.members(server, key, watch), sink, watch=watch),
    )
