"""The feedback of an algorithm that runs in the background for a dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

from ..bridge.i18n import tr

if TYPE_CHECKING:
    from .component import Context


class AlgorithmFeedback(QgsProcessingFeedback):
    """Collects the messages of an algorithm, so that a failure can be reported with them."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: ARG002, N802 - QGIS's names
        self.errors.append(error)

    def why_failed(self) -> str:
        """The last error, or that there was one."""
        return self.errors[-1] if self.errors else tr("The run failed. See the log for details.")


def say_stopped(context: Context, feedback: AlgorithmFeedback, cancelled: bool, topic: str) -> str:
    """Say above the map that a cached run was cancelled, or why it failed; returns the words.

    ``cancelled``: by the user, whether or not the algorithm has seen it; ``topic``: of the message.
    """
    if cancelled or feedback.isCanceled():
        text = tr("Cancelled. What was computed until then is kept in the cache.")
        context.ui.message(text, topic=topic)
        return text
    context.ui.error(feedback.why_failed(), topic=topic)
    return feedback.why_failed()
