"""``redisgeo:purgecache``: deletes cached results, and nothing else."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterString,
)

from ..bridge import widgets
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.i18n import tr
from ..bridge.operations import OFFERED, find
from ..bridge.tasks import watch_of
from ..bridge.words.namespaces import with_left
from ..bridge.words.quantities import number
from ..core.redis.settings import ConnectionSettings
from ..core.watch import Watch
from .base import AlgorithmText, RedisGeoAlgorithm

NAMESPACE, ALL, OPERATION, DELETED = "NAMESPACE", "ALL", "OPERATION", "DELETED"


class PurgeCache(RedisGeoAlgorithm):
    """Deletes by SCAN and UNLINK, only keys of the cache."""

    NAME = "purgecache"
    GROUP = "cache"
    ICON = "cache"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Purge the cache"),
            tags=tr("purge,delete,clear,cache,redis,valkey"),
            help=tr(
                "Deletes the cached results of one namespace; of every namespace, and so of everyone who "
                "uses this server, only where that is chosen. Only results that this plugin stored are "
                "deleted, in small batches, so that the server goes on serving others. The Cache panel does "
                "the same after showing how much it is."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterString(NAMESPACE, tr("Namespace"), "", optional=True),
            tr("The namespace whose results are deleted. It must be named, or every namespace chosen below."),
            offers=widgets.NAMESPACES,
        )
        self.add(
            QgsProcessingParameterBoolean(ALL, tr("Every namespace, of everyone on this server"), False),
            tr("Delete the results of all namespaces. Leave the namespace empty then."),
        )
        self.add(
            QgsProcessingParameterString(OPERATION, tr("Operation"), "", optional=True),
            tr("Such as buffer or intersection. Empty: those of every operation."),
            offers=widgets.OPERATION_NAMES,
        )
        self.addOutput(QgsProcessingOutputNumber(DELETED, tr("Deleted results")))

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        try:
            self._namespace(parameters, context)
        except QgsProcessingException as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    def _namespace(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """The namespace, '' for every one. Raises QgsProcessingException unless one of the two is chosen:
        what deletes must not do so by what was left as it was."""
        from ..core.cache import namespaces

        name = self.parameterAsString(parameters, NAMESPACE, context).strip()
        every = self.parameterAsBool(parameters, ALL, context)
        if name and every:
            raise QgsProcessingException(
                tr("A namespace is named, and every namespace is chosen: choose one of the two.")
            )
        if not name and not every:
            raise QgsProcessingException(
                tr("Name the namespace whose results are to be deleted, or choose every namespace.")
            )
        if name and not namespaces.is_name(name):
            raise QgsProcessingException(tr("A namespace is made of letters, digits, - and _ (at most 64)."))
        return name

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.cache import namespaces
        from ..core.redis.server import open_server

        namespace = self._namespace(parameters, context)  # again: a step of a model was not checked before
        operation = self.parameterAsString(parameters, OPERATION, context).strip()
        if operation and find(operation) is None:
            raise QgsProcessingException(
                tr("Unknown operation. Known are: {names}.").format(names=", ".join(sorted(OFFERED)))
            )
        server = open_server(settings)
        total = namespaces.count(server, namespace, operation, Watch(feedback.isCanceled))
        feedback.pushInfo(
            with_left(tr("Results to delete: {count}.").format(count=number(total.ours)), total.left)
        )
        done = namespaces.purge(server, namespace, operation, watch_of(feedback), total.ours)
        return {DELETED: done.ours}
