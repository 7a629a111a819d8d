"""``redisgeo:collectresults``: waits for a batch and writes its results as a layer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional

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

from ..bridge import widgets
from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import features
from ..bridge.i18n import tr
from ..bridge.jobs.job_words import reason_in_words
from ..core import keys, optional
from ..core.redis.settings import ConnectionSettings
from ..core.watch import Cancelled
from .base import AlgorithmText, RedisGeoAlgorithm

if TYPE_CHECKING:
    from qgis.core import QgsFeatureSink

    from ..bridge.jobs.results import ResultLayout, ResultReader
    from ..core.jobs.queue import JobQueue
    from ..core.jobs.records import Batch, JobOutcome


BATCH, TIMEOUT, QUEUE, OUTPUT, COUNT, FAILED = "BATCH", "TIMEOUT", "QUEUE", "OUTPUT", "COUNT", "FAILED"
POLL = 0.1
LOST_EVERY = 2.0  # seconds between checks for jobs that no book holds any more
CHUNK = 1000
_NAMED = 10  # failures that the log names one by one


class CollectResults(RedisGeoAlgorithm):
    """Writes the features in the order in which they were sent, not in which they were computed."""

    NAME = "collectresults"
    GROUP = "jobs"
    ICON = "jobs"

    def text(self) -> AlgorithmText:
        return AlgorithmText(
            title=tr("Collect the results of jobs"),
            tags=tr("job,queue,worker,batch,redis,valkey,result"),
            summary=tr("Waits until workers have worked off a batch, and makes a layer of the results."),
            help=tr(
                "Takes the name of a batch, as “Send jobs to workers” returns it, waits for its jobs and "
                "writes their results with the attributes that were sent along, in the order of the "
                "features. It may run on another machine than the one that sent the batch.\n\nJobs that "
                "failed are counted and named in the log. When the time is over, what is there is "
                "collected."
            ),
        )

    def define(self) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterString(BATCH, tr("Batch")),
            tr("The name of the batch, as “Send jobs to workers” returns it."),
            offers=widgets.BATCHES,
        )
        self.add(
            QgsProcessingParameterNumber(
                TIMEOUT,
                tr("Wait for at most (seconds; 0: do not wait)"),
                QgsProcessingParameterNumber.Type.Integer,
                3600,
                minValue=0,
            ),
            tr("When this time is over, the results that are there are collected. 0 does not wait."),
        )
        queue = QgsProcessingParameterString(QUEUE, tr("Queue"), keys.JOB_LIST)
        self.add_advanced(queue, tr("The queue to which the batch was sent."))
        self.addParameter(
            QgsProcessingParameterFeatureSink(
                OUTPUT, tr("Results"), QgsProcessing.SourceType.TypeVectorAnyGeometry
            )
        )
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Results collected")))
        self.addOutput(QgsProcessingOutputNumber(FAILED, tr("Jobs without a result")))

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        optional.require_shapely()
        from ..bridge.jobs.results import ResultLayout, ResultReader
        from ..core.jobs.queue import JobQueue
        from ..core.redis.server import open_server

        queue = JobQueue(open_server(settings), self.parameterAsString(parameters, QUEUE, context))
        name = self.parameterAsString(parameters, BATCH, context).strip()
        batch = self._wait(queue, name, self.parameterAsInt(parameters, TIMEOUT, context), feedback)
        layout = ResultLayout.of(batch.details)
        sink, identifier = self.sink(
            parameters, OUTPUT, context, layout.fields, layout.wkb_type, layout.crs, new_ids=True
        )
        count, failed = self._collect(ResultReader(queue, batch), batch, layout, sink, feedback)
        del sink  # written to its file before the counts are told
        return {OUTPUT: identifier, COUNT: count, FAILED: failed}

    def _wait(self, queue: JobQueue, name: str, timeout: float, feedback: QgsProcessingFeedback) -> Batch:
        from ..core.jobs.lost import book_lost

        deadline = time.monotonic() + timeout
        look = time.monotonic() + LOST_EVERY
        while True:
            batch = queue.progress([name]).get(name)
            if batch is None:
                raise QgsProcessingException(
                    tr("There is no batch named {name} in this queue. Its books may have expired.").format(
                        name=name
                    )
                )
            if batch.damaged:
                raise QgsProcessingException(
                    tr("The batch cannot be read, as another program has written there: {key}").format(
                        key=batch.damaged
                    )
                )
            if batch.finished:
                return batch
            if time.monotonic() > look:
                look = time.monotonic() + LOST_EVERY
                book_lost(queue, [batch])
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
        self,
        reader: ResultReader,
        batch: Batch,
        layout: ResultLayout,
        sink: QgsFeatureSink,
        feedback: QgsProcessingFeedback,
    ) -> tuple[int, int]:
        from ..core.jobs.model import Code

        count = failed = never = 0
        sent = batch.total or batch.sent
        total = min(sent, reader.queue.size(batch.id))  # others may have written anything into the counts
        for start in range(0, total, CHUNK):
            if feedback.isCanceled():
                raise Cancelled
            indexes = list(range(start, min(start + CHUNK, total)))
            outcomes = reader.queue.outcomes(batch.id, indexes)
            lost = [i for i in indexes if i in outcomes and outcomes[i].code == Code.LOST]
            if batch.finished:  # how they ended is not kept any more; what was computed may be
                lost += [i for i in indexes if i not in outcomes]
            good = [i for i in indexes if i in outcomes and outcomes[i].code in (Code.COMPUTED, Code.CACHED)]
            results = reader.read(sorted(good + lost))  # some of the lost jobs may have been computed
            bad = [outcomes[i] for i in indexes if i in outcomes and outcomes[i].code == Code.FAILED]
            missing = {result.index for result in results if result.missing}
            gone = sorted(missing - set(lost))
            self._tell(bad, gone, failed, feedback)
            never += len(missing & set(lost))
            failed += len(bad) + len(missing)
            count += len(results) - len(missing)
            features.write(sink, layout.features(results))
            feedback.setProgress(90.0 + 10.0 * (start + len(indexes)) / max(total, 1))
        if batch.finished and total < sent:  # their book was thrown out of the server's memory
            never, failed = never + sent - total, failed + sent - total
        if never:
            feedback.pushWarning(
                tr(
                    "{count} jobs are lost: their queue was trimmed or thrown out of the server’s memory. "
                    "Send the batch again; what was computed already is taken from the cache."
                ).format(count=never)
            )
        return count, failed

    def _tell(
        self, bad: list[JobOutcome], gone: list[int], before: int, feedback: QgsProcessingFeedback
    ) -> None:
        for outcome in bad[: max(0, _NAMED - before)]:
            feedback.pushWarning(
                tr("Job {index} failed: {why}").format(
                    index=outcome.index, why=reason_in_words(outcome.reason, outcome.words)
                )
            )
        if gone:
            feedback.pushWarning(
                tr(
                    "{count} results are no longer in the cache. Send the batch again, or keep them longer."
                ).format(count=len(gone))
            )
