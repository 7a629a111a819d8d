"""Redis Geo, a QGIS plugin: cached geometry operations, live positions and GEO set searches on Redis or
Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .plugin import RedisGeoPlugin


def classFactory(iface: Optional[QgisInterface]) -> RedisGeoPlugin:
    """Build the plugin. ``iface`` is None when QGIS runs headless (qgis_process)."""
    from .plugin import RedisGeoPlugin

    return RedisGeoPlugin(iface)
