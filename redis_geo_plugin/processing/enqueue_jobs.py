"""``redisgeo:enqueuejobs``: sends a layer's features to the workers and does not wait for them."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..bridge import cached, operations
from ..bridge.compat import field_names
from ..bridge.features import FrozenSource
from ..bridge.i18n import tr
from ..core import keys
from ..core.settings import ConnectionSettings
from .buffer_parameters import INPUT, BufferingAlgorithm
from .cached import CachedAlgorithm, feedback_of
from .cached_intersection import CachedIntersection

OPERATION, OVERLAY, QUEUE, PRIORITY, TITLE = "OPERATION", "OVERLAY", "QUEUE", "PRIORITY", "TITLE"
BATCH, COUNT = "BATCH", "COUNT"
TOLERANCE, FIELD = "TOLERANCE", "FIELD"


class EnqueueJobs(BufferingAlgorithm):
    """One job per feature (or pair of features); BATCH names them for redisgeo:collectresults."""

    ICON = "jobs"

    def __init__(self) -> None:
        super().__init__()
        self.overlay: Optional[FrozenSource] = None

    def name(self) -> str:
        return "enqueuejobs"

    def displayName(self) -> str:
        return tr("Send jobs to workers")

    def group(self) -> str:
        return tr("Jobs")

    def groupId(self) -> str:
        return "jobs"

    def tags(self) -> list[str]:
        return tr("job,queue,worker,batch,redis,valkey,buffer,intersection").split(",")

    def shortDescription(self) -> str:
        return tr("Puts the features of a layer in a queue that workers on any machine work off.")

    def shortHelpString(self) -> str:
        return tr(
            "Sends one job per feature to a queue in Redis or Valkey and does not wait. Workers on this or other machines "
            "compute them and put the results in the cache, under the keys that the cached algorithms use too.\n\n"
            "Jobs whose result is in the cache already are done at once. The batch's name is the output: give it to "
            "“Collect the results of jobs”, or follow it in the Jobs panel."
        )

    def define(self) -> None:
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add_input(tr("The layer whose features become jobs; only its selected features if you wish."))
        self.add(self._operation_parameter(), tr("What the workers compute."))
        self._define_buffer()
        self.add(
            QgsProcessingParameterFeatureSource(OVERLAY, tr("Overlay layer"), vector, optional=True),
            tr("The layer to cut with, or to find the nearest feature of. It may have another CRS."),
        )
        self.add(
            QgsProcessingParameterNumber(
                TOLERANCE, tr("Tolerance"), QgsProcessingParameterNumber.Type.Double, 1.0, minValue=0.0
            ),
            tr("For simplifying: how far a vertex may be moved, in the units of the layer."),
        )
        self.add(
            QgsProcessingParameterField(FIELD, tr("Dissolve fields"), None, INPUT, allowMultiple=True, optional=True),
            tr("For dissolving: features with equal values are united. Empty: all features."),
        )
        self._define_queue()
        self.add_where_parameters()
        self.addOutput(QgsProcessingOutputString(BATCH, tr("Batch")))
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Jobs sent")))

    def _operation_parameter(self) -> QgsProcessingParameterEnum:
        """Its values are names of the API in every language; the form shows them in words."""
        parameter = QgsProcessingParameterEnum(
            OPERATION,
            tr("Operation"),
            list(operations.ALL),
            defaultValue=operations.BUFFER,
            usesStaticStrings=True,
        )
        package = __package__.rpartition(".")[0]
        # By name only: QGIS loads it when it shows a form, never without a window.
        parameter.setMetadata({"widget_wrapper": {"class": f"{package}.gui.jobs.operation_choice.OperationChoice"}})
        return parameter

    def _define_buffer(self) -> None:
        for_buffers = tr("For a buffer. {help}")
        self.add(
            self.distance_parameter(),
            tr("For a buffer: the distance in the units of the layer, or in metres where measured on the ellipsoid."),
        )
        for parameter, text in (*self.style_parameters(), self.geodesic_parameter()):
            self.add_advanced(parameter, for_buffers.format(help=text))

    def _define_queue(self) -> None:
        self.add_advanced(
            QgsProcessingParameterString(QUEUE, tr("Queue"), keys.JOB_LIST),
            tr("The queue that the workers listen to."),
        )
        self.add_advanced(
            QgsProcessingParameterEnum(PRIORITY, tr("Priority"), [tr("High"), tr("Normal"), tr("Low")], defaultValue=1),
            tr("Jobs of a lower priority wait until no higher one does."),
        )
        self.add_advanced(
            QgsProcessingParameterString(TITLE, tr("Name of the batch"), optional=True),
            tr("What the Jobs panel calls it. Empty: the operation and the layer."),
        )

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        self.prepare_distance(parameters, context)
        if self.is_given(parameters, OVERLAY):
            self.overlay = self.freeze(parameters, OVERLAY, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def without_connection(self, error: Any) -> Optional[ConnectionSettings]:
        return super(CachedAlgorithm, self).without_connection(error)

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        from ..bridge.jobs_send import Target
        from ..core.jobs.names import check_queue_name

        name = self.parameterAsEnumString(parameters, OPERATION, context)
        try:
            queue = check_queue_name(self.parameterAsString(parameters, QUEUE, context))
        except ValueError as error:
            raise QgsProcessingException(tr("This cannot be the name of a queue: {why}").format(why=error)) from error
        title = self.parameterAsString(parameters, TITLE, context) or tr("{operation} of {layer}").format(
            operation=operations.label(name), layer=self.source.name
        )
        target = Target(
            self.store(parameters, context, settings),
            title,
            queue,
            self.parameterAsEnum(parameters, PRIORITY, context),
        )
        sent = self._send(name, parameters, context, target, feedback)
        feedback.pushInfo(
            tr("{count} jobs sent as batch {batch}; {cached} of them were in the cache already.").format(
                count=sent.count, batch=sent.batch, cached=sent.cached
            )
        )
        if sent.geos:
            feedback.pushWarning(
                tr(
                    "The workers have GEOS {theirs}, this QGIS has another version: in places their results may differ from those "
                    "computed here, and they are kept apart from them."
                ).format(theirs=sent.geos)
            )
        return {BATCH: sent.batch, COUNT: sent.count}

    def _send(self, name: str, parameters: dict, context: QgsProcessingContext, target: Any, feedback: Any) -> Any:
        from ..bridge import jobs_send
        from ..core.operations import Intersection

        source, tell = self.source, feedback_of(feedback)
        if name in operations.WITH_OVERLAY and self.overlay is None:
            raise QgsProcessingException(tr("This operation needs an overlay layer."))
        crs = cached.crs_name(source.crs)
        if name == operations.INTERSECTION:
            helper = CachedIntersection()
            helper.source, helper.overlay = source, self.overlay
            chosen, transform = helper.all_fields(), self._transform(context)
            return jobs_send.send_pairs(source, self.overlay, chosen, transform, Intersection(crs=crs), target, tell)
        if name == operations.NEAREST:
            other = operations.collection(self.overlay, self._transform(context))
            return jobs_send.send_nearest(source, other, operations.make(name, crs), target, tell)
        if name == operations.DISSOLVE:
            fields = field_names(self, parameters, FIELD, context)
            return jobs_send.send_groups(source, fields, operations.make(name, crs), target, tell)
        if name == operations.BUFFER:
            request = self.buffer_request(parameters, context)
        else:
            tolerance = self.parameterAsDouble(parameters, TOLERANCE, context)
            request = cached.BufferRequest(operations.make(name, crs), tolerance)
        return jobs_send.send_each(source, request, operations.result_type(name, source.wkb_type), target, tell)

    def _transform(self, context: QgsProcessingContext) -> QgsCoordinateTransform:
        return QgsCoordinateTransform(self.overlay.crs, self.source.crs, context.transformContext())
