"""``redisgeo:enqueuejobs``: sends the features of a layer to the workers and does not wait for the
results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, cast

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterString,
)

from ..bridge import operations, widgets
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import run
from ..bridge.cache.nearest import Join
from ..bridge.i18n import tr
from ..bridge.jobs.announcements import NEWS
from ..bridge.operations import Needs, Offered, gathering
from ..core import keys
from ..core.redis.settings import ConnectionSettings
from .base import AlgorithmText
from .cache_algorithm import feedback_of
from .layer_algorithm import INPUT, LayerAlgorithm
from .parameters.buffer import BufferParameters
from .parameters.fields import GroupParameters, NumberParameters
from .parameters.overlay import OverlayParameters, combined_fields
from .parameters.store import StoreParameters

if TYPE_CHECKING:
    from ..bridge.jobs.send import Sent, Target
    from ..core.operations import Nearest

OPERATION, OVERLAY, QUEUE = "OPERATION", "OVERLAY", "QUEUE"
PRIORITY, TITLE, BATCH, COUNT = "PRIORITY", "TITLE", "BATCH", "COUNT"


class EnqueueJobs(LayerAlgorithm):
    """Sends one job per feature (or pair of features). BATCH names them for redisgeo:collectresults."""

    NAME = "enqueuejobs"
    GROUP = "jobs"
    ICON = "jobs"

    def __init__(self) -> None:
        super().__init__()
        self.announces = True  # a panel that sends waits for the end itself
        self.store, self.buffer = StoreParameters(), BufferParameters(INPUT)
        self.overlay, self.groups = OverlayParameters(OVERLAY), GroupParameters()
        numbers = [offered.number for offered in operations.OFFERED.values() if offered.number is not None]
        self.numbers = {number.key: NumberParameters(number, INPUT) for number in reversed(numbers)}

    def sourceFlags(self) -> QgsProcessingFeatureSource.Flag:
        return QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Send jobs to workers"),
            tags=tr("job,queue,worker,batch,redis,valkey,buffer,intersection"),
            summary=tr("Puts the features of a layer in a queue that workers on any machine work off."),
            help=tr(
                "Sends one job per feature to a queue in Redis or Valkey and does not wait. Workers on "
                "this or other machines compute them and put the results in the cache, under the keys that "
                "the cached algorithms use too.\n\nJobs whose result is in the cache already are done at "
                "once. The batch's name is the output: give it to “Collect the results of jobs”, or follow "
                "it in the Jobs panel."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), vector),
            tr("The layer whose features become jobs; only its selected features if you wish."),
        )
        # Its values are names of the API in every language; the window registers a widget that shows them in
        # words.
        names = list(operations.OFFERED)
        operation = QgsProcessingParameterEnum(
            OPERATION, tr("Operation"), names, defaultValue=names[0], usesStaticStrings=True
        )
        self.add(operation, tr("What the workers compute."), offers=widgets.OPERATIONS)
        self.buffer.add_folded(self)
        self.overlay.add(
            self,
            tr("Overlay layer"),
            tr("The layer to cut with, or to find the nearest feature of. It may have another CRS."),
            optional=True,
        )
        for number in self.numbers.values():
            users = [one.label() for one in operations.OFFERED.values() if one.number is number.number]
            help_text = tr("For {operation}: {help}").format(
                operation=", ".join(users), help=number.number.help()
            )
            number.add(self, help_text)
        self.groups.add(
            self, INPUT, tr("For dissolving: features with equal values are united. Empty: all features.")
        )
        self._define_queue()
        self.store.add(self)
        self.addOutput(QgsProcessingOutputString(BATCH, tr("Batch")))
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Jobs sent")))

    def _define_queue(self) -> None:
        self.add_advanced(
            QgsProcessingParameterString(QUEUE, tr("Queue"), keys.JOB_LIST),
            tr("The queue that the workers listen to."),
        )
        self.add_advanced(
            QgsProcessingParameterEnum(
                PRIORITY, tr("Priority"), [tr("High"), tr("Normal"), tr("Low")], defaultValue=1
            ),
            tr("Jobs of a lower priority wait until no higher one does."),
        )
        self.add_advanced(
            QgsProcessingParameterString(TITLE, tr("Name of the batch"), optional=True),
            tr("What the Jobs panel calls it. Empty: the operation and the layer."),
        )

    def prepare_layers(
        self, parameters: Parameters, context: QgsProcessingContext, _feedback: QgsProcessingFeedback
    ) -> None:
        """Read what else is needed from the layers, on the main thread."""
        self.buffer.prepare(self, parameters, context)
        self.overlay.prepare(self, parameters, context)
        for number in self.numbers.values():
            number.prepare(self, parameters, context)

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..bridge.jobs.send import Target
        from ..core.jobs.names import check_queue_name

        name = self.parameterAsEnumString(parameters, OPERATION, context)
        try:
            queue = check_queue_name(self.parameterAsString(parameters, QUEUE, context))
        except ValueError as error:
            raise QgsProcessingException(
                tr("This cannot be the name of a queue: {why}").format(why=error)
            ) from error
        title = self.parameterAsString(parameters, TITLE, context) or tr("{operation} of {layer}").format(
            operation=operations.label(name), layer=self.source.name
        )
        target = Target(
            self.store.read(parameters, context, settings),
            title,
            queue,
            self.parameterAsEnum(parameters, PRIORITY, context),
        )
        sent = self._send(operations.OFFERED[name], parameters, context, target, feedback_of(feedback))
        self.buffer.tell(feedback.pushWarning)
        for number in self.numbers.values():
            number.tell(feedback.pushWarning, operations.OFFERED[name].native)
        feedback.pushInfo(
            tr("{count} jobs sent as batch {batch}; {cached} of them were in the cache already.").format(
                count=sent.count, batch=sent.batch, cached=sent.cached
            )
        )
        if sent.geos:
            feedback.pushWarning(
                tr(
                    "The workers have GEOS {theirs}, this QGIS has another version: in places their "
                    "results may differ from those computed here, and they are kept apart from them."
                ).format(theirs=sent.geos)
            )
        if self.announces and sent.count and settings is not None:
            NEWS.sent.emit(settings, queue, sent.batch)
        return {BATCH: sent.batch, COUNT: sent.count}

    def _send(
        self,
        offered: Offered,
        parameters: Parameters,
        context: QgsProcessingContext,
        target: Target,
        feedback: run.Feedback,
    ) -> Sent:
        from ..bridge.jobs import send

        source, needs = self.source, offered.needs
        if needs is Needs.BUFFER:
            request = self.buffer.read(source, parameters, context)
            return send.send_each(source, request, target, feedback)
        operation = offered.make(run.crs_name(source.crs))
        if needs is Needs.PAIRS:
            overlay, transform = self.overlay.required_layer(), self.overlay.transform(source, context)
            chosen = combined_fields(source, overlay)
            return send.send_pairs(source, overlay, chosen, transform, operation, target, feedback)
        if needs is Needs.OTHER:
            overlay = self.overlay.required_layer()
            other = gathering.other_layer(overlay, self.overlay.transform(source, context), feedback.tell)
            join = Join(other, overlay.is_same(source))
            return send.send_nearest(source, join, cast("Nearest", operation), target, feedback)
        if needs is Needs.GROUPS:
            fields = self.groups.read(self, parameters, context)
            return send.send_groups(source, fields, operation, target, feedback)
        request = run.BufferRequest(operation, 0.0)
        if offered.number is not None:
            request = self.numbers[offered.number.key].read(operation, parameters, context)
        return send.send_each(source, request, target, feedback)
