"""What the cached algorithms share: where they keep results, their counts, and their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputNumber

from ..bridge.algorithm_values import Parameters, Results
from ..bridge.cache import run
from ..bridge.destinations import is_in_memory
from ..bridge.i18n import tr
from ..bridge.operations import Offered
from ..bridge.tasks import watch_of
from ..bridge.words import failures
from ..core.redis.settings import ConnectionSettings
from .base import AlgorithmText
from .handover import NativeInstead
from .layer_algorithm import LayerAlgorithm
from .parameters.store import StoreParameters

if TYPE_CHECKING:
    from ..core.cache.report import RunReport

OUTPUT = "OUTPUT"
HITS = "HITS"
MISSES = "MISSES"
COMPUTED = "COMPUTED"
WAITED = "WAITED"
STORED = "STORED"
FAILED = "FAILED"
SPARED = "SPARED_SECONDS"
ELAPSED = "ELAPSED_SECONDS"
FAILURE = "FAILURE"


class CachedAlgorithm(LayerAlgorithm):
    """An algorithm whose results are kept on the server. Without a server it computes everything."""

    GROUP = "cache"
    ICON = "cache"
    NEEDS_CONNECTION = False

    def __init__(self) -> None:
        super().__init__()
        self.store = StoreParameters()
        self.feedback = QgsProcessingFeedback()  # of the run

    def add_store(self) -> None:
        """Add NAMESPACE and TTL, and the counts as outputs."""
        self.store.add(self)
        for name, text in (
            (HITS, tr("Read from the cache")),
            (MISSES, tr("Not in the cache")),
            (COMPUTED, tr("Computed")),
            (WAITED, tr("Computed by others in the meantime")),
            (STORED, tr("Stored in the cache")),
            (FAILED, tr("Features without a result")),
            (SPARED, tr("Seconds of computing spared")),
            (ELAPSED, tr("Seconds taken")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, text))

    def compute(
        self, parameters: Parameters, context: QgsProcessingContext, store: run.Store, told: run.Feedback
    ) -> tuple[str, RunReport]:
        """Compute the output with the cache. Return its identifier, and the report of what was found and
        computed."""
        raise NotImplementedError

    def work(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
        settings: Optional[ConnectionSettings],
    ) -> Results:
        """Do the work of the algorithm, in a background thread; return its outputs."""
        store = self.store.read(parameters, context, settings)
        self.feedback = feedback
        identifier, report = self.compute(parameters, context, store, feedback_of(feedback))
        return {OUTPUT: identifier, **self.counts(report, feedback)}

    def native_instead(
        self,
        parameters: Parameters,
        context: QgsProcessingContext,
        store: run.Store,
        told: run.Feedback,
        request: run.BufferRequest,
        groups: Optional[list[str]] = None,
    ) -> Optional[tuple[str, RunReport]]:
        """Have the native algorithm do it all, where that is faster: nothing of the layer is worth keeping.
        ``groups`` are the fields by which features are grouped. Returns what ``compute`` does; None for
        nothing."""
        if request.distance_of is not None or not is_in_memory(parameters.get(OUTPUT)):
            return None
        native = NativeInstead(self.NATIVE, parameters, context, self.feedback, told.watch.check)
        report = run.instead(self.source, request, store, told, native, groups)
        return (str(native.results[OUTPUT]), report) if report is not None else None

    def counts(self, report: RunReport, feedback: QgsProcessingFeedback) -> Results:
        """Return the counts as outputs, and report them in words."""
        feedback.pushInfo(
            tr(
                "{hits} of {total} from the cache, {computed} computed ({seconds} s of computing spared)."
            ).format(
                hits=report.hits,
                total=report.total,
                computed=report.computed,
                seconds=round(report.spared_s, 1),
            )
        )
        if report.waited:
            feedback.pushInfo(tr("Computed by others in the meantime: {count}").format(count=report.waited))
        if report.failure is not None:
            feedback.pushWarning(
                tr("Not everything could be read from or stored in the cache. {why}").format(
                    why=failures.with_server_words(report.failure)
                )
            )
        return {
            HITS: report.hits,
            MISSES: report.misses,
            COMPUTED: report.computed,
            WAITED: report.waited,
            STORED: report.stored,
            FAILED: report.failed,
            SPARED: report.spared_s,
            ELAPSED: report.elapsed_s,
            FAILURE: failures.with_server_words(report.failure) if report.failure else "",
        }


def feedback_of(feedback: QgsProcessingFeedback) -> run.Feedback:
    """Return a feedback of Processing in the form that the bridge needs."""
    return run.Feedback(watch_of(feedback), feedback.pushWarning, feedback.reportError, feedback.pushInfo)


def cached_text(offered: Offered) -> AlgorithmText:
    """Return the texts of an operation whose results are cached, built from its descriptor."""
    return AlgorithmText(
        title=tr("{operation} (cached in Redis)").format(operation=offered.label()),
        tags=tr("cache,redis,valkey"),
        summary=tr("Computed once for the whole organisation."),
        help=tr(
            "{what}\n\nEach result is kept in Redis or Valkey: whoever asks for it again, on any "
            "machine, gets it at once. Without a connection everything is computed all the same, and "
            "nothing is stored."
        ).format(what=offered.what()),
    )
