"""``redisgeo:loadgeoset``: writes a point layer into a GEO set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExpression,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.compat import field_names
from ..bridge.geo import reading, search_words
from ..bridge.geo.announcements import NEWS
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..core.redis.settings import ConnectionSettings
from . import geo
from .base import AlgorithmText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..bridge.sources import FrozenSource
    from ..core.geo import fill

INPUT, MEMBER_FIELD, FIELDS, MODE = "INPUT", "MEMBER_FIELD", "FIELDS", "MODE"
ADDED, CHANGED, REFUSED, TOTAL = "ADDED", "CHANGED", "REFUSED", "TOTAL"
TOLD = 1000  # refused rows that the log names one by one: as many as core remembers


class LoadGeoSet(geo.GeoSetAlgorithm):
    """Adds and moves members, adds only new ones, or replaces the whole set."""

    NAME = "loadgeoset"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Load a layer into a GEO set"),
            tags=tr("redis,valkey,geo,load,import,upload,GEOADD,points"),
            help=tr(
                "Writes the points of a layer into a GEO set, which any Redis client can search. A GEO set "
                "holds nothing but names and rounded positions, so the exact coordinates and the chosen "
                "attributes are kept beside it, in the hash whose name is that of the set and :attributs. "
                "Rows without a name or position, beyond the latitude limit, or with a name that came "
                "before are refused, each with its reason."
            ),
        )

    def layers_given(self) -> tuple[str, ...]:
        """Return the keys of the parameters whose layers are frozen before the work begins."""
        return (INPUT,)

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterFeatureSource(
                INPUT, tr("Points"), [QgsProcessing.SourceType.TypeVectorPoint]
            ),
            tr("The layer of points, in any CRS."),
        )
        self.add_key()
        self.add(
            QgsProcessingParameterExpression(MEMBER_FIELD, tr("Member"), "", INPUT),
            tr("The field that names each member, or an expression. Each name stands once in a set."),
        )
        self.add(
            QgsProcessingParameterField(
                FIELDS,
                tr("Attributes to keep"),
                None,
                INPUT,
                QgsProcessingParameterField.DataType.Any,
                allowMultiple=True,
                optional=True,
            ),
            tr("Fields kept beside the set, so that searches bring them back."),
        )
        modes = [
            tr("add new members and move known ones"),
            tr("add only new members"),
            tr("replace the whole set"),
        ]
        self.add(
            QgsProcessingParameterEnum(MODE, tr("Mode"), modes, defaultValue=0),
            tr(
                "Only new members are added by GEOADD NX: known ones stay where they are. Replacing "
                "happens in one step: whoever searches meanwhile finds the old set or the new one."
            ),
        )
        for name, label in (
            (ADDED, tr("Added members")),
            (CHANGED, tr("Moved members")),
            (REFUSED, tr("Refused rows")),
            (TOTAL, tr("Members now in the set")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: ConnectionSettings,
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        from ..core.geo import fill, sets

        server = geo.server_of(settings)
        key = self.set_key(parameters, context, server)
        source = self.sources.get(INPUT) or self.freeze(parameters, INPUT, context)
        rows = self._rows(parameters, context, source)
        mode = fill.Mode(self.parameterAsEnum(parameters, MODE, context))
        try:
            loader = fill.Loader(server, key, mode, watch_of(feedback))
        except sets.NotGeo as error:
            raise QgsProcessingException(search_words.not_geo_text(error.kind)) from error
        total = max(1, source.count)
        done = 0
        try:
            for block in rows:
                loader.add(block)
                done += len(block.ids)
                feedback.setProgress(100.0 * done / total)
            report = loader.finish()
        except BaseException:
            loader.abandon()
            raise
        NEWS.written.emit(settings.name, self.key_text(parameters, context))
        self._tell(report, feedback)
        return {ADDED: report.added, CHANGED: report.changed, REFUSED: report.refused, TOTAL: report.total}

    def _rows(
        self, parameters: Parameters, context: QgsProcessingContext, source: FrozenSource
    ) -> Iterator[fill.Rows]:
        kept = field_names(self, parameters, FIELDS, context)
        text = self.parameterAsExpression(parameters, MEMBER_FIELD, context)
        scope = self.createExpressionContext(parameters, context, self.source_of(parameters, INPUT, context))
        try:
            member = reading.MemberOf(text, source.fields, scope)
        except ValueError as error:
            raise QgsProcessingException(
                tr("The member is neither a field nor an expression: {why}").format(why=error)
            ) from error
        return reading.rows_of(source, member, kept, context.transformContext())

    def _tell(self, report: fill.LoadReport, feedback: QgsProcessingFeedback) -> None:
        feedback.pushInfo(
            tr("Added: {added}. Moved: {changed}. Refused: {refused}. In the set now: {total}.").format(
                added=report.added, changed=report.changed, refused=report.refused, total=report.total
            )
        )
        for reason, count in report.reasons.items():
            feedback.pushWarning(
                tr("Refused rows, {reason}: {count}").format(reason=search_words.refusal(reason), count=count)
            )
        for identity, reason in report.refusals[:TOLD]:
            feedback.pushInfo(
                tr("Feature {id} refused: {reason}").format(id=identity, reason=search_words.refusal(reason))
            )
        if report.clamped:
            feedback.pushInfo(
                tr(
                    "Rows at longitude 180° or at the latitude limit, moved by less than 0.2 m so that "
                    "Redis finds them: {count}"
                ).format(count=report.clamped)
            )
