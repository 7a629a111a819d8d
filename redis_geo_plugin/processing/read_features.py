"""``redisgeo:readfeatures``: the features of a pattern or key as layers of points, lines and polygons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterString,
)

from ..bridge import crs
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import features as writing
from ..bridge.features import layers, words
from ..bridge.features.origin import LayerOrigin, mark_later
from ..bridge.geo.search_words import why_no_index
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from ..core.watch import Watch
from .base import AlgorithmText, RedisGeoAlgorithm

if TYPE_CHECKING:
    from ..core.features.reader import SetFeature
    from ..core.features.reading import FeatureSet, ReadRequest

SOURCE, FORMAT, GEOMETRY_FIELD, CRS, ID_FIELD = "SOURCE", "FORMAT", "GEOMETRY_FIELD", "CRS", "ID_FIELD"
HISTORY, COUNT, REFUSED = "HISTORY", "COUNT", "REFUSED"
OUTPUTS = {layers.POINTS: "OUTPUT_POINTS", layers.LINES: "OUTPUT_LINES", layers.POLYGONS: "OUTPUT_POLYGONS"}
READING = 0.7  # of the work


class ReadFeatures(RedisGeoAlgorithm):
    """Any geometry that any program keeps in Redis, once; what cannot be right is refused alone."""

    NAME = "readfeatures"
    GROUP = "features"
    ICON = "features"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Read features"),
            tags=tr("redis,features,geojson,wkt,wkb,polyline,topojson,json,zones,geofences,import"),
            help=tr(
                "Reads features of any geometry from Redis: GeoJSON, WKT, WKB (also PostGIS's and "
                "Debezium's), encoded polylines, Esri JSON and TopoJSON, compressed or not, in strings, "
                "hashes, lists, streams and JSON documents, one a key or a whole collection in one key. "
                "Each value's format is told by its bytes. A value whose CRS is nowhere said is refused "
                "until the parameter says it; nothing is guessed. Values that cannot be right are refused "
                "alone, counted, and listed in the log with their key and the reason; rings that were left "
                "open are closed. Points, lines and polygons go to an output each, with the key "
                "(redis_key), what tells a feature apart (redis_id), and the attributes."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterString(SOURCE, tr("Features in Redis")),
            tr(
                "A pattern of keys such as zone:*, the name of one key, or that of an index of the query "
                "engine, whose keys are read."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(FORMAT, tr("Format"), words.format_titles(), defaultValue=0),
            tr("How the features are written. Told by the bytes: each value by its own first bytes."),
        )
        self.add(
            QgsProcessingParameterString(GEOMETRY_FIELD, tr("Field of the geometry"), optional=True),
            tr(
                "The field of a hash or the member of a document that holds the geometry, with dots "
                "between names that lie in each other: feature.geom. Empty: found by itself."
            ),
        )
        self.add(
            QgsProcessingParameterCrs(CRS, tr("CRS of values that name none"), optional=True),
            tr(
                "GeoJSON, polylines and PostGIS's WKB with an SRID say their CRS, plain WKT and WKB do not. "
                "Empty: such values are refused."
            ),
        )
        self.add(
            QgsProcessingParameterString(ID_FIELD, tr("Field of the id"), optional=True),
            tr(
                "The attribute that tells a feature apart. Empty: the feature's own id, else what changes in "
                "the key."
            ),
        )
        self.add_advanced(
            QgsProcessingParameterBoolean(HISTORY, tr("All entries of a stream"), False),
            tr("Off: of each id the latest entry. On: every entry, in the order in which it was added."),
        )
        self._add_outputs()

    def _add_outputs(self) -> None:
        types = QgsProcessing.SourceType
        for kind, label, source in (
            (layers.POINTS, tr("Points"), types.TypeVectorPoint),
            (layers.LINES, tr("Lines"), types.TypeVectorLine),
            (layers.POLYGONS, tr("Polygons"), types.TypeVectorPolygon),
        ):
            self.add(
                QgsProcessingParameterFeatureSink(OUTPUTS[kind], label, source, optional=True),
                tr("The features of this kind; a collection gives each output its part."),
            )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of features")))
        self.addOutput(QgsProcessingOutputNumber(REFUSED, tr("Number of refused values")))

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        if not self.parameterAsString(parameters, SOURCE, context).strip():
            return False, tr("Name the keys of the features, such as zone:*.")
        return super().checkParameterValues(parameters, context)

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.live import collector

        with collector.held():  # what was read is walked by no collection while it is written
            return self._work(parameters, context, feedback, settings)

    def _work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        from ..core.features.indexes import IndexProblem
        from ..core.features.reading import read_features
        from ..core.redis.server import open_server

        watch = watch_of(feedback)
        request = self._request(parameters, context)
        try:
            found = read_features(open_server(settings), request, watch.part(READING))
        except IndexProblem as error:
            raise QgsProcessingException(why_no_index(error)) from error
        if not found.keys or not (found.features or found.refusals.total):
            feedback.pushWarning(tr("No key holds anything: {source}").format(source=request.source))
        results = self._write(parameters, context, feedback, found, watch.part(1.0 - READING))
        self._tell(found, feedback)
        return {**results, REFUSED: found.refusals.total}

    def _request(self, parameters: Parameters, context: QgsProcessingContext) -> ReadRequest:
        from ..core.features.formats import FORMATS
        from ..core.features.reading import ReadRequest

        source = self.parameterAsString(parameters, SOURCE, context).strip()
        if not source:
            raise QgsProcessingException(tr("Name the keys of the features, such as zone:*."))
        number = self.parameterAsEnum(parameters, FORMAT, context)
        chosen = self.parameterAsCrs(parameters, CRS, context)
        return ReadRequest(
            source,
            FORMATS[number - 1].NAME if number else "",
            self.parameterAsString(parameters, GEOMETRY_FIELD, context).strip(),
            crs.pyproj_text(chosen) if chosen.isValid() else "",
            self.parameterAsString(parameters, ID_FIELD, context).strip(),
            self.parameterAsBoolean(parameters, HISTORY, context),
        )

    def _write(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        found: FeatureSet,
        watch: Watch,
    ) -> Results:
        """Write each feature to the output of its kind; those of which no output was asked are left out."""
        from ..core.features.refusals import WhyRefused

        table = layers.FeatureTable(found)
        request = self._request(parameters, context)
        given = LayerOrigin(self.settings.name, request, "", table.crs_text, table.columns, found.has_six)
        sinks: dict[str, QgsFeatureSink] = {}
        results: dict[str, Any] = {}
        for kind, name in OUTPUTS.items():
            if self.is_given(parameters, name):
                sinks[kind], results[name] = self.sink(
                    parameters, name, context, table.fields, table.wkb_type(kind), table.crs, new_ids=True
                )
                mark_later(context, results[name], replace(given, kind=kind))
                if not table.counts[kind] and kind != table.main:
                    _do_not_load(context, results[name])
        if table.main not in sinks and sinks:
            table.main = next(iter(sinks))

        def lost(feature: SetFeature) -> None:
            found.refusals.add(feature.key, WhyRefused.OUT_OF_RANGE, feature.id)

        total = len(found.features)
        rows = table.rows(found.features, context.transformContext(), lost)
        written = _fill(rows, sinks, total, watch)
        for kind, number in written.items():
            if number and kind not in sinks:
                words_of = tr("Not written, as {output} was not asked for: {n}")
                feedback.pushInfo(words_of.format(output=OUTPUTS[kind], n=number))
        return {**results, COUNT: sum(written[kind] for kind in sinks)}

    def _tell(self, found: FeatureSet, feedback: QgsProcessingFeedback) -> None:
        if found.mended:
            feedback.pushInfo(tr("Open rings that were closed: {n}").format(n=found.mended))
        for line in words.refused_lines(found.refusals.reasons):
            feedback.pushWarning(line)
        for line in words.listed_lines(found.refusals):
            feedback.pushInfo(line)


def _fill(
    rows: Iterator[layers.LayerRow], sinks: dict[str, QgsFeatureSink], total: int, watch: Watch
) -> dict[str, int]:
    """Write each row to the sink of its kind, where there is one; how many rows of each kind there were."""
    adders = {kind: writing.adder(sink) for kind, sink in sinks.items()}
    counts = dict.fromkeys(OUTPUTS, 0)
    for done, (kind, feature, _) in enumerate(rows):
        if not done % 500:
            watch.check()
            watch.reach(done / max(1, total))
        counts[kind] += 1
        if kind in adders:
            adders[kind](feature)
    return counts


def _do_not_load(context: QgsProcessingContext, identifier: str) -> None:
    """An output without features is made, for steps of models, but not put into the project."""
    waiting = context.layersToLoadOnCompletion()
    if identifier in waiting:
        del waiting[identifier]
        context.setLayersToLoadOnCompletion(waiting)
