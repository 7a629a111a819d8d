"""The Processing provider ``redisgeo``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Union

from qgis.core import QgsProcessingAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..bridge import log
from ..bridge.geo import kinds
from ..bridge.i18n import RESOURCES
from ..bridge.operations import OFFERED, Needs
from ..core.by_name import load

if TYPE_CHECKING:
    from ..bridge.geo.kinds.kind import Kind
    from ..bridge.operations import Offered

# (module, class) of each algorithm. A new one is one line; cached operations and kinds
# of search have none, see bridge/operations and bridge/geo/kinds.
ALGORITHMS: tuple[tuple[str, str], ...] = (
    ("cached_buffer", "CachedBuffer"),
    ("cached_intersection", "CachedIntersection"),
    ("cached_nearest", "CachedNearest"),
    ("purge_cache", "PurgeCache"),
    ("enqueue_jobs", "EnqueueJobs"),
    ("collect_results", "CollectResults"),
    ("load_geo_set", "LoadGeoSet"),
    ("export_geo_set", "ExportGeoSet"),
    ("index_search", "IndexSearch"),
    ("snapshot_positions", "SnapshotPositions"),
    ("publish_positions", "PublishPositions"),
    ("position_history", "PositionHistory"),
    ("fleet_density", "FleetDensity"),
    ("read_features", "ReadFeatures"),
    ("publish_features", "PublishFeatures"),
    ("read_tracks", "ReadTracks"),
)
# What operations need for which there are algorithms above.
WITH_ALGORITHMS = (Needs.BUFFER, Needs.PAIRS, Needs.OTHER)


class RedisGeoProvider(QgsProcessingProvider):
    """Registers the algorithms. Their ids and parameter keys are public API."""

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
            self._add(name, partial(_make, module, name))
        for kind in kinds.ALL:
            if kind.algorithm is not None:
                self._add(kind.name, partial(_make, "geo_search", "SearchAlgorithm", kind))
        for name, offered in OFFERED.items():
            if offered.needs not in WITH_ALGORITHMS:
                self._add(name, partial(_make, "cached_operation", "CachedOperation", offered))

    def _add(self, name: str, make: Callable[[], QgsProcessingAlgorithm]) -> None:
        """Add an algorithm. One that fails must not take the others away."""
        try:
            self.addAlgorithm(make())
        except Exception as error:
            log.error(f"{name}: {error}")


def _make(module: str, name: str, *given: Union[Offered, Kind]) -> QgsProcessingAlgorithm:
    """The algorithm of a class, which is imported only now."""
    return load(__package__, module, name)(*given)
