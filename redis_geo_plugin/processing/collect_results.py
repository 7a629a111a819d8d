"""``redisgeo:collectresults``: waits for a batch and makes a layer of its results."""

from __future__ import annotations

import time
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..bridge import features
from ..bridge.i18n import tr
from ..bridge.jobs_words import reason_in_words
from ..core import keys, optional
from ..core.cancelling import Cancelled
from ..core.settings import ConnectionSettings
from .base import RedisGeoAlgorithm

BATCH, TIMEOUT, QUEUE, OUTPUT, COUNT, FAILED = "BATCH", "TIMEOUT", "QUEUE", "OUTPUT", "COUNT", "FAILED"
POLL = 0.1
CHUNK = 1000
_NAMED = 10  # failures that are told one by one


class CollectResults(RedisGeoAlgorithm):
    """The features come in the order in which they were sent, whoever computed them first."""

    ICON = "jobs"

    def name(self) -> str:
        return "collectresults"

    def displayName(self) -> str:
        return tr("Collect the results of jobs")

    def group(self) -> str:
        return tr("Jobs")

    def groupId(self) -> str:
        return "jobs"

    def tags(self) -> list[str]:
        return tr("job,queue,worker,batch,redis,valkey,result").split(",")

    def shortDescription(self) -> str:
        return tr("Waits until workers have worked off a batch, and makes a layer of the results.")

    def shortHelpString(self) -> str:
        return tr(
            "Takes the name of a batch, as “Send jobs to workers” returns it, waits for its jobs and writes their results "
            "with the attributes that were sent along, in the order of the features. It may run on another machine than "
            "the one that sent the batch.\n\n"
            "Jobs that failed are counted and named in the log. When the time is over, what is there is collected."
        )

    def define(self) -> None:
        self.add(QgsProcessingParameterString(BATCH, tr("Batch")), tr("The name of the batch."))
        self.add(
            QgsProcessingParameterNumber(
                TIMEOUT, tr("Wait for at most (seconds)"), QgsProcessingParameterNumber.Type.Integer, 3600, minValue=0
            ),
            tr("When this time is over, the results that are there are collected. 0 does not wait."),
        )
        queue = QgsProcessingParameterString(QUEUE, tr("Queue"), keys.JOB_LIST)
        self.add_advanced(queue, tr("The queue to which the batch was sent."))
        self.addParameter(
            QgsProcessingParameterFeatureSink(OUTPUT, tr("Results"), QgsProcessing.SourceType.TypeVectorAnyGeometry)
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Results collected")))
        self.addOutput(QgsProcessingOutputNumber(FAILED, tr("Jobs without a result")))

    def work(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> dict[str, Any]:
        optional.require_shapely()
        from ..bridge.jobs_results import ResultLayout, ResultReader
        from ..core.jobs.queue import JobQueue
        from ..core.server import open_server

        queue = JobQueue(open_server(settings), self.parameterAsString(parameters, QUEUE, context))
        name = self.parameterAsString(parameters, BATCH, context).strip()
        batch = self._wait(queue, name, self.parameterAsInt(parameters, TIMEOUT, context), feedback)
        layout = ResultLayout.of(batch.details)
        sink, identifier = self.sink(parameters, OUTPUT, context, layout.fields, layout.wkb_type, layout.crs)
        count, failed = self._collect(ResultReader(queue, batch), batch, layout, sink, feedback)
        del sink  # written to its file before the counts are told
        return {OUTPUT: identifier, COUNT: count, FAILED: failed}

    def _wait(self, queue: Any, name: str, timeout: float, feedback: QgsProcessingFeedback) -> Any:
        deadline = time.monotonic() + timeout
        while True:
            batch = queue.progress([name]).get(name)
            if batch is None:
                raise QgsProcessingException(
                    tr("There is no batch named {name} in this queue. Its books may have expired.").format(name=name)
                )
            if batch.finished:
                return batch
            feedback.setProgress(90.0 * batch.done / max(batch.total or batch.sent, 1))
            if feedback.isCanceled():
                raise Cancelled
            if time.monotonic() >= deadline:
                feedback.pushWarning(
                    tr("{done} of {total} jobs are done; the others are left out.").format(
                        done=batch.done, total=batch.total or batch.sent
                    )
                )
                return batch
            time.sleep(POLL)

    def _collect(
        self, reader: Any, batch: Any, layout: Any, sink: Any, feedback: QgsProcessingFeedback
    ) -> tuple[int, int]:
        count = failed = 0
        total = batch.total or batch.sent
        for start in range(0, total, CHUNK):
            if feedback.isCanceled():
                raise Cancelled
            indexes = list(range(start, min(start + CHUNK, total)))
            outcomes = reader.queue.outcomes(batch.id, indexes)
            good = [i for i in indexes if i in outcomes and outcomes[i].code in "ch"]
            results = reader.read(good)
            bad = [outcomes[i] for i in indexes if i in outcomes and outcomes[i].code == "f"]
            gone = [result.index for result in results if result.missing]
            self._tell(bad, gone, failed, feedback)
            failed += len(bad) + len(gone)
            count += len(results) - len(gone)
            features.write(sink, layout.features(results))
            feedback.setProgress(90.0 + 10.0 * (start + len(indexes)) / max(total, 1))
        return count, failed

    def _tell(self, bad: list, gone: list[int], before: int, feedback: QgsProcessingFeedback) -> None:
        for outcome in bad[: max(0, _NAMED - before)]:
            feedback.pushWarning(
                tr("Job {index} failed: {why}").format(
                    index=outcome.index, why=reason_in_words(outcome.reason, outcome.words)
                )
            )
        if gone:
            feedback.pushWarning(
                tr("{count} results are no longer in the cache. Send the batch again, or keep them longer.").format(
                    count=len(gone)
                )
            )
