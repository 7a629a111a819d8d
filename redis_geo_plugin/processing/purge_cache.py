"""``redisgeo:purgecache``: deletes cached results, never anything else."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterString,
)

from ..bridge.i18n import tr
from ..core import keys
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm

NAMESPACE, OPERATION, DELETED = "NAMESPACE", "OPERATION", "DELETED"


class PurgeCache(RedisGeoAlgorithm):
    """Deletes by SCAN and UNLINK within the cache's own keys."""

    ICON = "cache"

    def name(self) -> str:
        return "purgecache"

    def displayName(self) -> str:
        return tr("Purge the cache")

    def group(self) -> str:
        return tr("Cache")

    def groupId(self) -> str:
        return "cache"

    def tags(self) -> list[str]:
        return tr("purge,delete,clear,cache,redis,valkey").split(",")

    def shortHelpString(self) -> str:
        return tr(
            "Deletes cached results of one namespace, or all of them. Only results that this plugin stored are deleted, "
            "in small batches, so that the server goes on serving others. The Cache panel does the same after showing "
            "how much it is."
        )

    def define(self) -> None:
        self.add(
            QgsProcessingParameterString(NAMESPACE, tr("Namespace"), "", optional=True),
            tr("Whose results are deleted. Empty: those of every namespace."),
        )
        self.add(
            QgsProcessingParameterString(OPERATION, tr("Operation"), "", optional=True),
            tr("Such as buffer or intersection. Empty: those of every operation."),
        )
        self.addOutput(QgsProcessingOutputNumber(DELETED, tr("Deleted results")))

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> dict[str, Any]:
        from ..core.cache import namespaces
        from ..core.server import open_server

        namespace = self.parameterAsString(parameters, NAMESPACE, context).strip()
        operation = self.parameterAsString(parameters, OPERATION, context).strip()
        if namespace and not namespaces.is_name(namespace):
            raise QgsProcessingException(tr("A namespace is made of letters, digits, - and _ (at most 64)."))
        if operation and operation not in keys.FAMILIES:
            raise QgsProcessingException(
                tr("Unknown operation. Known are: {names}.").format(names=", ".join(sorted(keys.FAMILIES)))
            )
        server = open_server(settings)
        total = namespaces.count(server, namespace, operation, feedback.isCanceled)
        feedback.pushInfo(tr("Results to delete: {count}").format(count=total))

        def told(deleted: int) -> None:
            feedback.setProgress(100.0 * deleted / max(total, 1))

        return {DELETED: namespaces.purge(server, namespace, operation, feedback.isCanceled, told)}
