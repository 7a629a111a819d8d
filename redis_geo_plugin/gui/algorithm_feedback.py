"""What an algorithm says while it runs in the background for a dock."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback


class AlgorithmFeedback(QgsProcessingFeedback):
    """Keeps what the algorithm says, so that a failure can be told in its own words."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N802 - QGIS's names
        self.errors.append(error)
