"""``redisgeo:cachednearest``: native:joinbynearest that reads from Redis what was computed before."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.core import (
    QgsFeatureSink,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDistance,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import nearest, run
from ..bridge.compat import field_names, is_null
from ..bridge.i18n import tr
from ..bridge.operations import OFFERED, gathering
from ..core.redis.settings import ConnectionSettings
from .base import AlgorithmText
from .cache_algorithm import OUTPUT, CachedAlgorithm, cached_text, feedback_of
from .layer_algorithm import INPUT
from .parameters.overlay import OverlayParameters

INPUT_2, NON_MATCHING = "INPUT_2", "NON_MATCHING"
FIELDS_TO_COPY, PREFIX, DISCARD = "FIELDS_TO_COPY", "PREFIX", "DISCARD_NONMATCHING"
NEIGHBORS, MAX_DISTANCE = "NEIGHBORS", "MAX_DISTANCE"
JOINED_COUNT, UNJOINABLE_COUNT = "JOINED_COUNT", "UNJOINABLE_COUNT"


class CachedNearest(CachedAlgorithm):
    """Has the parameter keys and the attributes of native:joinbynearest. Its geometries are the lines to
    the nearest."""

    NAME = "cachednearest"
    NATIVE = "native:joinbynearest"

    def __init__(self) -> None:
        super().__init__()
        self.offered = OFFERED["nearest"]
        self.other = OverlayParameters(INPUT_2)

    def text(self) -> AlgorithmText:
        return cached_text(self.offered)

    def define(self) -> None:
        """Add the parameters and outputs."""
        vector = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Input layer"), vector),
            tr("The layer to work on; only its selected features if you wish."),
        )
        text = tr("The layer whose nearest feature is sought. It may have another CRS.")
        self.other.add(self, tr("Input layer 2"), text)
        self._define_attributes()
        self._define_search()
        self.add_store()
        title, kind = self.offered.label(), QgsProcessing.SourceType.TypeVectorLine
        self.addParameter(QgsProcessingParameterFeatureSink(OUTPUT, title, kind, None, True, True))
        unjoined = tr("Features without a match")
        any_kind = QgsProcessing.SourceType.TypeVectorAnyGeometry
        self.addParameter(
            QgsProcessingParameterFeatureSink(NON_MATCHING, unjoined, any_kind, None, True, False)
        )
        self.addOutput(QgsProcessingOutputNumber(JOINED_COUNT, tr("Features with a match")))
        self.addOutput(QgsProcessingOutputNumber(UNJOINABLE_COUNT, unjoined))

    def _define_attributes(self) -> None:
        copied = QgsProcessingParameterField(
            FIELDS_TO_COPY, tr("Fields of layer 2 to copy"), None, INPUT_2, allowMultiple=True, optional=True
        )
        self.add(copied, tr("Empty: all of them."))
        discard = QgsProcessingParameterBoolean(DISCARD, tr("Leave out features without a match"), False)
        self.add(discard, tr("Otherwise they are in the result too, without a line."))
        prefix = QgsProcessingParameterString(PREFIX, tr("Prefix of copied fields"), None, False, True)
        self.add(prefix, tr("Put before the names of the copied fields."))

    def _define_search(self) -> None:
        whole = QgsProcessingParameterNumber.Type.Integer
        neighbors = QgsProcessingParameterNumber(
            NEIGHBORS, tr("Number of nearest features"), whole, 1, False, 1
        )
        text = tr("How many are sought for each feature. Those that are as near as the last come too.")
        self.add(neighbors, text)
        most = QgsProcessingParameterDistance(MAX_DISTANCE, tr("Maximum distance"), None, INPUT, True, 0)
        self.add(most, tr("How far a match may be, in the units of the input layer. Empty: any distance."))

    def prepare_layers(
        self, parameters: Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Read what else is needed from the layers, on the main thread."""
        self.other.prepare(self, parameters, context)
        self.check_validity(self.source, parameters[INPUT], context, feedback)
        self.check_validity(self.other.required_layer(), parameters[INPUT_2], context, feedback)

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        store = self.store.read(parameters, context, settings)
        from ..core.operations.nearest import Nearest

        source, chosen = self.source, self._chosen(parameters, context)
        join = self._join(parameters, context, chosen, feedback.pushInfo)
        copied = QgsFields()
        for index in chosen:
            copied.append(self.other.required_layer().fields.at(index))
        prefix = self.parameterAsString(parameters, PREFIX, context)
        fields = nearest.joined_fields(source.fields, copied, prefix)
        line = QgsWkbTypes.Type.MultiLineString
        joined, output = self._optional_sink(parameters, OUTPUT, context, fields, line)
        others = source.fields, source.wkb_type
        unjoined, rest = self._optional_sink(parameters, NON_MATCHING, context, *others)
        plain = Nearest(crs=run.crs_name(source.crs))
        sinks = nearest.Sinks(joined, unjoined)
        report, count = nearest.nearest(source, join, plain, store, sinks, feedback_of(feedback))
        return {
            **({OUTPUT: output} if joined is not None else {}),
            **({NON_MATCHING: rest} if unjoined is not None else {}),
            JOINED_COUNT: count.joined,
            UNJOINABLE_COUNT: count.unjoined,
            **self.counts(report, feedback),
        }

    def _chosen(self, parameters: Parameters, context: QgsProcessingContext) -> list[int]:
        """Return the indexes of the fields to copy, each once. Names that the layer does not have are
        ignored."""
        fields = self.other.required_layer().fields
        names = field_names(self, parameters, FIELDS_TO_COPY, context)
        if not names:
            return list(range(fields.count()))
        return list(dict.fromkeys(index for index in map(fields.lookupField, names) if index >= 0))

    def _join(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        chosen: list[int],
        inform: Callable[[str], object],
    ) -> nearest.Join:
        """What is joined, and how. The features of the other layer are read now."""
        source, other = self.source, self.other.required_layer()
        most = None
        if not is_null(parameters.get(MAX_DISTANCE)):  # of an empty text, native's own distance: 0
            most = gathering.limit(self.parameterAsDouble(parameters, MAX_DISTANCE, context))
        return nearest.Join(
            gathering.other_layer(other, self.other.transform(source, context), inform, chosen),
            other.is_same(source),
            self.parameterAsInt(parameters, NEIGHBORS, context),
            most,
            self.parameterAsBool(parameters, DISCARD, context),
            len(chosen),
        )

    def _optional_sink(
        self,
        parameters: Parameters,
        name: str,
        context: QgsProcessingContext,
        fields: QgsFields,
        kind: QgsWkbTypes.Type,
    ) -> tuple[Optional[QgsFeatureSink], str]:
        """The sink of an output, None where it was not asked for."""
        if not self.is_given(parameters, name):
            return None, ""
        return self.sink(parameters, name, context, fields, kind, self.source.crs, new_ids=True)
