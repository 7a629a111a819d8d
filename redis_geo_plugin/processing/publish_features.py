"""``redisgeo:publishfeatures``: writes the features of a layer to Redis, a key for each or all in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Union

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.compat import field_names
from ..bridge.features import words
from ..bridge.features.publishing import KeyTemplate, LayerRows, kinds_of
from ..bridge.geo.search_words import why_no_index
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from ..core.watch import Cancelled
from .base import AlgorithmText
from .layer_algorithm import INPUT, LayerAlgorithm

if TYPE_CHECKING:
    from ..core.features.publishing import (
        CollectionPublisher,
        FeaturePublisher,
        NotFeatures,
        PublishReport,
        PublishRequest,
    )
    from ..core.redis.server import Server

KEY, FORMAT, FIELDS, TTL, MODE, INDEX, ID_FIELD = (
    *("KEY", "FORMAT", "FIELDS", "TTL", "MODE", "INDEX", "ID_FIELD"),
)
COUNT, REFUSED = "COUNT", "REFUSED"
COLLECTION, HASH, DOCUMENT, WKB = 1, 2, 3, 4
REPLACE = 2


class PublishFeatures(LayerAlgorithm):
    """Writes what other programs, and ``readfeatures``, read."""

    NAME = "publishfeatures"
    GROUP = "features"
    ICON = "features"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Publish features"),
            tags=tr("redis,features,geojson,wkt,wkb,json,zones,geofences,export,index"),
            help=tr(
                "Writes the features of a layer to Redis, each under a key of its own or all in one. The "
                'template of the keys holds expressions as map tips do: zone:[% "code" %]. GeoJSON, hashes '
                "and documents are in WGS 84 (EPSG:4326), as their readers expect; WKB keeps the CRS of the "
                "layer where it has an EPSG code. Replacing happens in one step, except on a cluster, and "
                "deletes only keys that this algorithm has published under the same template and that still "
                "hold what it writes: they stand in a book, the set entites_publiees: and the template. A "
                "key that holds another type of value is never written over."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterFeatureSource(INPUT, tr("Features"), [QgsProcessing.SourceType.TypeVector]),
            tr("A layer of any geometry, in any CRS."),
        )
        self.add(
            QgsProcessingParameterString(KEY, tr("Key, or template of the keys"), "zone:[% $id %]"),
            tr(
                'Text with expressions in [% %], such as zone:[% "code" %]: each feature gets the key that '
                "they give. For one collection, the name of its key. Braces stay as they are: a cluster "
                "keeps keys with the same {tag} together."
            ),
        )
        self.add(
            QgsProcessingParameterEnum(FORMAT, tr("Format"), _formats(), defaultValue=0),
            tr(
                "A hash and a document hold the geometry as WKT in geom, beside srid and the attributes. WKB "
                "holds no attributes."
            ),
        )
        self.add(
            QgsProcessingParameterField(
                FIELDS,
                tr("Attributes"),
                None,
                INPUT,
                QgsProcessingParameterField.DataType.Any,
                allowMultiple=True,
                optional=True,
            ),
            tr("The attributes that are written. Empty: all of them."),
        )
        self._add_writing()
        self._add_advanced()

    def _add_writing(self) -> None:
        self.add(
            QgsProcessingParameterNumber(
                TTL,
                tr("Lifetime (seconds; 0: for ever)"),
                QgsProcessingParameterNumber.Type.Integer,
                0,
                minValue=0,
            ),
            tr("After so many seconds the keys expire. 0: never."),
        )
        modes = [
            tr("add new features and change known ones"),
            tr("add only new features"),
            tr("replace the set"),
        ]
        self.add(
            QgsProcessingParameterEnum(MODE, tr("Mode"), modes, defaultValue=0),
            tr(
                "A feature is known by its key, within one collection by its id. Replacing also deletes the "
                "features that this algorithm published before and the layer no longer has; the log says how "
                "many before it does."
            ),
        )

    def _add_advanced(self) -> None:
        self.add_advanced(
            QgsProcessingParameterString(INDEX, tr("Index to create"), optional=True),
            tr(
                "Name of an index of the query engine (Redis 8 and Redis Stack) over these keys, for hashes "
                "and documents. One of that name which is there already stays as it is."
            ),
        )
        self.add_advanced(
            QgsProcessingParameterField(
                ID_FIELD, tr("Field of the id"), parentLayerParameterName=INPUT, optional=True
            ),
            tr("For one collection: what tells its features apart. Empty: the number of the feature."),
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of features written")))
        self.addOutput(QgsProcessingOutputNumber(REFUSED, tr("Number of refused features")))

    def checkParameterValues(self, parameters: Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        problem = self._problem(parameters, context)
        return (False, problem) if problem else super().checkParameterValues(parameters, context)

    def _problem(self, parameters: Parameters, context: QgsProcessingContext) -> str:
        """What is wrong with the key and what goes with it, in words; empty for nothing."""
        key = self.parameterAsString(parameters, KEY, context).strip()
        form = self.parameterAsEnum(parameters, FORMAT, context)
        has_index = bool(self.parameterAsString(parameters, INDEX, context).strip())
        if not key:
            return tr("Name the key, or a template of keys such as zone:[% $id %].")
        if form != COLLECTION and "[%" not in key:
            return tr("Each feature needs a key of its own: zone:[% $id %]. One key holds one collection.")
        if form == COLLECTION and "[%" in key:
            return tr("A collection stands in one key: name it without an expression.")
        if has_index and form not in (HASH, DOCUMENT):
            return tr("The query engine indexes hashes and documents: choose one of these formats.")
        if has_index and not key.partition("[%")[0]:
            return tr("For an index the keys must begin with a text, such as zone:.")
        return ""

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.features.publishing import NotFeatures, publisher
        from ..core.redis.server import open_server

        if problem := self._problem(parameters, context):  # QGIS does not check the steps of a model
            raise QgsProcessingException(problem)
        server, watch = open_server(settings), watch_of(feedback)
        crs, srid = self._crs(parameters, context)
        request = self._request(parameters, context, srid)
        rows = self._rows(parameters, context, crs)
        try:
            report, is_whole = self._write(publisher(server, request, watch), rows, feedback)
        except NotFeatures as error:
            raise QgsProcessingException(_not_features(error)) from error
        if not is_whole:
            return {COUNT: _written(report, request), REFUSED: report.refusals.total}
        self._create_index(parameters, context, feedback, server, rows)
        self._tell(report, rows.curves, feedback)
        return {COUNT: report.added + report.changed, REFUSED: report.refusals.total}

    def _write(
        self,
        writer: Union[FeaturePublisher, CollectionPublisher],
        rows: LayerRows,
        feedback: QgsProcessingFeedback,
    ) -> tuple[PublishReport, bool]:
        """Publish the rows; whether it was not cancelled."""
        total, done = max(1, self.source.count), 0
        try:
            for block in rows.blocks(writer.server.key("")):
                writer.add(block)
                done += len(block)
                feedback.setProgress(95.0 * done / total)
            if number := writer.plan():
                feedback.pushInfo(tr("No longer in the layer, and now deleted: {n}").format(n=number))
            writer.watch.check()
            return writer.finish(), True
        except Cancelled:
            writer.abandon()
            return writer.report, False
        except BaseException:
            writer.abandon()
            raise

    def _crs(
        self, parameters: Parameters, context: QgsProcessingContext
    ) -> tuple[QgsCoordinateReferenceSystem, int]:
        """The CRS in which geometries are written, and its SRID."""
        own, code = self.source.crs, self.source.crs.authid()
        if self.parameterAsEnum(parameters, FORMAT, context) == WKB and code.startswith("EPSG:"):
            return own, int(code[5:])
        return QgsCoordinateReferenceSystem("EPSG:4326"), 4326

    def _request(self, parameters: Parameters, context: QgsProcessingContext, srid: int) -> PublishRequest:
        from ..core.features.publishing import PublishMode, PublishRequest
        from ..core.features.writing import PublishFormat

        return PublishRequest(
            self.parameterAsString(parameters, KEY, context).strip(),
            PublishFormat(self.parameterAsEnum(parameters, FORMAT, context)),
            PublishMode(self.parameterAsEnum(parameters, MODE, context)),
            self.parameterAsInt(parameters, TTL, context),
            srid,
        )

    def _rows(
        self, parameters: Parameters, context: QgsProcessingContext, crs: QgsCoordinateReferenceSystem
    ) -> LayerRows:
        source = self.source
        names = field_names(self, parameters, FIELDS, context) or list(source.fields.names())
        template: Optional[KeyTemplate] = None
        if self.parameterAsEnum(parameters, FORMAT, context) != COLLECTION:
            scope = self.createExpressionContext(
                parameters, context, self.source_of(parameters, INPUT, context)
            )
            scope.setFields(source.fields)
            try:
                template = KeyTemplate(self.parameterAsString(parameters, KEY, context).strip(), scope)
            except ValueError as error:
                raise QgsProcessingException(
                    tr("An expression of the key cannot be read: {why}").format(why=error)
                ) from error
        ident = next(iter(field_names(self, parameters, ID_FIELD, context)), "")
        return LayerRows(source, template, names, crs, context.transformContext(), ident)

    def _create_index(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        server: Server,
        rows: LayerRows,
    ) -> None:
        name = self.parameterAsString(parameters, INDEX, context).strip()
        if not name or rows.key is None:
            return
        from ..core.features import indexing
        from ..core.features.indexes import IndexProblem
        from ..core.features.writing import PublishFormat

        form = PublishFormat(self.parameterAsEnum(parameters, FORMAT, context))
        fields = kinds_of(self.source.fields, rows.names)
        try:
            done = indexing.create_index(server, name, form, server.key(rows.key.prefix), fields)
        except IndexProblem as error:
            feedback.pushWarning(why_no_index(error))
            return
        if done == indexing.NO_ENGINE:
            feedback.pushWarning(tr("No index: this server has no query engine (Redis 8, Redis Stack)."))
        elif done == indexing.EXISTS:
            feedback.pushInfo(tr("The index {name} was there already.").format(name=name))

    def _tell(self, report: PublishReport, curves: int, feedback: QgsProcessingFeedback) -> None:
        feedback.pushInfo(
            tr("Added: {added}. Changed: {changed}. Left as they were: {kept}. Deleted: {deleted}.").format(
                added=report.added, changed=report.changed, kept=report.kept, deleted=report.deleted
            )
        )
        if curves:
            feedback.pushInfo(tr("Features whose curves were written as lines: {n}").format(n=curves))
        for line in words.refused_lines(report.refusals.reasons):
            feedback.pushWarning(line)
        for line in words.listed_lines(report.refusals):
            feedback.pushInfo(line)


def _formats() -> list[str]:
    return [
        tr("GeoJSON, a key for each feature"),
        tr("GeoJSON, one collection in one key"),
        tr("hash with WKT"),
        tr("JSON document (RedisJSON)"),
        tr("WKB"),
    ]


def _not_features(error: NotFeatures) -> str:
    if error.crs:
        return tr(
            "The collection in this key has another CRS ({crs}), and what is published is in WGS 84: choose "
            "another key, or replace the set."
        ).format(crs=error.crs)
    return tr("The key holds something else than a collection of features: {kind}").format(kind=error.kind)


def _written(report: PublishReport, request: PublishRequest) -> int:
    """How many were written by a run that was cancelled: none where all of it becomes visible at the end."""
    whole = request.mode == REPLACE or request.format == COLLECTION
    return 0 if whole else report.added + report.changed
