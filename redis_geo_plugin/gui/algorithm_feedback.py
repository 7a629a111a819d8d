"""The feedback of an algorithm that runs in the background for a dock."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback


class AlgorithmFeedback(QgsProcessingFeedback):
    """Collects the messages of an algorithm, so that a failure can be reported with them."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: ARG002, N802 - QGIS's names
        self.errors.append(error)
