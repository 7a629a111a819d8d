"""The Processing provider ``redisgeo``."""

from __future__ import annotations

from importlib import import_module

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..bridge import log
from ..bridge.i18n import RESOURCES

# (module, class) of each algorithm. A new one is one line.
ALGORITHMS: tuple[tuple[str, str], ...] = (
    ("cached_buffer", "CachedBuffer"),
    ("cached_intersection", "CachedIntersection"),
    ("purge_cache", "PurgeCache"),
    ("cached_simple", "CachedSimplify"),
    ("cached_simple", "CachedConvexHull"),
    ("cached_simple", "CachedDissolve"),
    ("cached_simple", "CachedNearest"),
    ("enqueue_jobs", "EnqueueJobs"),
    ("collect_results", "CollectResults"),
    ("load_geo_set", "LoadGeoSet"),
    ("radius_search", "RadiusSearch"),
    ("area_search", "AreaSearch"),
    ("nearest_members", "NearestMembers"),
    ("export_geo_set", "ExportGeoSet"),
    ("snapshot_positions", "SnapshotPositions"),
    ("publish_positions", "PublishPositions"),
    ("position_history", "PositionHistory"),
)


class RedisGeoProvider(QgsProcessingProvider):
    """Registers the algorithms; ids and parameter keys are public API."""

    def id(self) -> str:
        return "redisgeo"

    def name(self) -> str:
        return "Redis Geo"

    def longName(self) -> str:
        return "Redis Geo (Redis, Valkey)"

    def icon(self) -> QIcon:
        return QIcon(str(RESOURCES / "icons" / "redis_geo.svg"))

    def svgIconPath(self) -> str:
        return str(RESOURCES / "icons" / "redis_geo.svg")

    def loadAlgorithms(self) -> None:
        for module, name in ALGORITHMS:
            try:
                self.addAlgorithm(getattr(import_module("." + module, __package__), name)())
            except Exception as error:  # one that fails must not take the others away
                log.error(f"{name}: {error}")
