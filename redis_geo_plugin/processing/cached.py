"""What the cached algorithms share: namespace, TTL, counts, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProcessingUtils,
    QgsSettings,
    QgsVectorLayer,
)

from ..bridge import cached, words
from ..bridge.features import FrozenSource
from ..bridge.i18n import tr
from ..bridge.settings import CACHE_ALL
from ..core import optional
from ..core.failures import StoreError
from ..core.keys import DEFAULT_TTL
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm

if TYPE_CHECKING:
    from ..core.cache.engine import Report

NAMESPACE = "NAMESPACE"
TTL = "TTL"
HITS = "HITS"
MISSES = "MISSES"
COMPUTED = "COMPUTED"
WAITED = "WAITED"
STORED = "STORED"
FAILED = "FAILED"
SPARED = "SPARED_SECONDS"
ELAPSED = "ELAPSED_SECONDS"
FAILURE = "FAILURE"


class CachedAlgorithm(RedisGeoAlgorithm):
    """An algorithm whose results are kept on the server. Without a server it computes all the same."""

    ICON = "cache"

    def group(self) -> str:
        return tr("Cache")

    def groupId(self) -> str:
        return "cache"

    def add_store_parameters(self) -> None:
        """NAMESPACE and TTL, and the counts as outputs."""
        self.add_where_parameters()
        for name, text in (
            (HITS, tr("Read from the cache")),
            (MISSES, tr("Not in the cache")),
            (COMPUTED, tr("Computed")),
            (WAITED, tr("Computed by others in the meantime")),
            (STORED, tr("Stored in the cache")),
            (FAILED, tr("Features without a result")),
            (SPARED, tr("Seconds of computing spared")),
            (ELAPSED, tr("Seconds taken")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, text))

    def add_where_parameters(self) -> None:
        """NAMESPACE and TTL."""
        namespace = QgsProcessingParameterString(NAMESPACE, tr("Namespace"), cached.DEFAULT_NAMESPACE, optional=True)
        self.add_advanced(
            namespace,
            tr(
                "A part of the cache of its own, such as a project's name. Results are shared by all who use the same "
                "server and namespace, and can be counted and purged together. Letters, digits, - and _."
            ),
        )
        ttl = QgsProcessingParameterNumber(
            TTL, tr("Keep for (seconds)"), QgsProcessingParameterNumber.Type.Integer, DEFAULT_TTL, minValue=0
        )
        self.add_advanced(ttl, tr("How long the server keeps a result. 0 keeps it until it is purged."))

    def without_connection(self, error: StoreError) -> Optional[ConnectionSettings]:
        return None

    def freeze(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> FrozenSource:
        """The features of a parameter, safe to read in any thread. Raises QgsProcessingException for none."""
        source = self.source_of(parameters, name, context)
        definition = parameters.get(name)
        if isinstance(definition, QgsProcessingFeatureSourceDefinition):  # parameterAsVectorLayer knows none
            text, _ = definition.source.valueAsString(context.expressionContext())
            layer = QgsProcessingUtils.mapLayerFromString(text, context)
        else:
            layer = self.parameterAsVectorLayer(parameters, name, context)
        return FrozenSource(source, layer if isinstance(layer, QgsVectorLayer) else None, definition)

    def check_validity(
        self, source: FrozenSource, definition: Any, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Treat invalid geometries of a source as set in the options of Processing, or for this parameter."""
        check = context.invalidGeometryCheck()
        if isinstance(definition, QgsProcessingFeatureSourceDefinition):
            override = QgsProcessingFeatureSourceDefinition.Flag.FlagOverrideDefaultGeometryCheck
            if definition.flags & override:
                check = definition.geometryCheck
        source.check_validity(check, feedback.pushWarning)

    def store(
        self, parameters: dict[str, Any], context: QgsProcessingContext, settings: Optional[ConnectionSettings]
    ) -> cached.Store:
        """Where results go, by the parameters. Raises QgsProcessingException for a bad namespace."""
        optional.require_shapely()
        from ..core.cache.namespaces import is_name

        namespace = self.parameterAsString(parameters, NAMESPACE, context) or cached.DEFAULT_NAMESPACE
        if not is_name(namespace):
            raise QgsProcessingException(tr("A namespace is made of letters, digits, - and _ (at most 64)."))
        ttl = self.parameterAsInt(parameters, TTL, context)
        cache_all = QgsSettings().value(CACHE_ALL, False, type=bool)
        return cached.Store(settings, namespace, ttl, cache_all)

    def counts(self, report: Report, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """The counts as outputs, and told in words."""
        feedback.pushInfo(
            tr("{hits} of {total} from the cache, {computed} computed ({seconds} s of computing spared).").format(
                hits=report.hits, total=report.total, computed=report.computed, seconds=round(report.spared_s, 1)
            )
        )
        if report.waited:
            feedback.pushInfo(tr("Computed by others in the meantime: {count}").format(count=report.waited))
        if report.failure is not None:
            feedback.pushWarning(
                tr("Not everything could be read from or stored in the cache. {why}").format(
                    why=words.with_server_words(report.failure)
                )
            )
        return {
            HITS: report.hits,
            MISSES: report.misses,
            COMPUTED: report.computed,
            WAITED: report.waited,
            STORED: report.stored,
            FAILED: report.failed,
            SPARED: report.spared_s,
            ELAPSED: report.elapsed_s,
            FAILURE: words.with_server_words(report.failure) if report.failure else "",
        }


def feedback_of(feedback: QgsProcessingFeedback) -> cached.Feedback:
    """A Processing feedback as the bridge wants it."""
    return cached.Feedback(feedback.isCanceled, feedback.setProgress, feedback.pushWarning)
