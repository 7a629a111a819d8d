"""A whole GEO set as a memory layer, made in a background thread."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsVectorLayer

from ...core.settings import ConnectionSettings
from . import layers, measuring
from .requests import TaskWatch


def set_layer(settings: ConnectionSettings, name: str, task: Any) -> QgsVectorLayer:
    """The members of the set with their attributes, in degrees. Raises what redis-py raises, and Cancelled."""
    from ...core.geo import export
    from ...core.server import open_server

    server, watch = open_server(settings), TaskWatch(task)
    key = server.key(name)
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
