"""The headless worker: ``python -m redis_geo_plugin.worker``. Needs Shapely, redis-py and pyproj, not
QGIS."""
