"""NAMESPACE and TTL: where in the cache results are kept, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterNumber,
    QgsProcessingParameters,
    QgsProcessingParameterString,
)

from ...bridge import widgets
from ...bridge.algorithm_values import Parameters
from ...bridge.i18n import tr
from ...bridge.settings import CACHE_ALL, kept
from ...core import optional
from ...core.keys import DEFAULT_NAMESPACE, DEFAULT_TTL
from ...core.redis.settings import ConnectionSettings

if TYPE_CHECKING:
    from ...bridge.cache.remembered import ResultOrigins
    from ...bridge.cache.run import Store
    from ..base import RedisGeoAlgorithm

NAMESPACE, TTL = "NAMESPACE", "TTL"


class StoreParameters:
    """The part of the cache for the results, and their lifetime."""

    def __init__(self) -> None:
        self._namespace: Optional[QgsProcessingParameterString] = None
        self._ttl: Optional[QgsProcessingParameterNumber] = None
        self.rows: Optional[ResultOrigins] = None  # set by who remembers what the results were made of

    def add(self, algorithm: RedisGeoAlgorithm) -> None:
        """Define NAMESPACE and TTL, folded away."""
        self._namespace = QgsProcessingParameterString(
            NAMESPACE, tr("Namespace"), DEFAULT_NAMESPACE, optional=True
        )
        algorithm.add_advanced(
            self._namespace,
            tr(
                "A part of the cache of its own, such as a project's name. Results are shared by all who "
                "use the same server and namespace, and can be counted and purged together. Letters, "
                "digits, - and _."
            ),
            offers=widgets.NAMESPACES,
        )
        kind = QgsProcessingParameterNumber.Type.Integer
        self._ttl = QgsProcessingParameterNumber(
            TTL, tr("Keep for (seconds; 0: until purged)"), kind, DEFAULT_TTL, optional=True, minValue=0
        )
        algorithm.add_advanced(
            self._ttl, tr("How long the server keeps a result. 0 keeps it until it is purged.")
        )

    def read(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        settings: Optional[ConnectionSettings],
    ) -> Store:
        """Return where results go. Raises QgsProcessingException for a bad namespace, StoreError without
        Shapely."""
        optional.require_shapely()
        namespace, ttl = self.values(parameters, context)
        cache_all = kept(CACHE_ALL, False)
        from ...bridge.cache.run import Store

        return Store(settings, namespace, ttl, cache_all, self.rows)

    def values(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[str, int]:
        """Return the namespace and the lifetime in seconds. Raises QgsProcessingException for a bad
        namespace."""
        from ...core.cache.namespaces import is_name

        values = QgsProcessingParameters
        namespace = values.parameterAsString(self._namespace, parameters, context) or DEFAULT_NAMESPACE
        if not is_name(namespace):
            raise QgsProcessingException(tr("A namespace is made of letters, digits, - and _ (at most 64)."))
        return namespace, values.parameterAsInt(self._ttl, parameters, context)
