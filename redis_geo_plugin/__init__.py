"""Redis Geo, a QGIS plugin: cached geometry operations, live positions and GEO set searches on Redis or Valkey."""


def classFactory(iface):
    """Build the plugin. ``iface`` is None when QGIS runs headless (qgis_process)."""
    from .plugin import RedisGeoPlugin

    return RedisGeoPlugin(iface)
