"""The feedback of an algorithm that keeps what it is told."""

from __future__ import annotations

from qgis.core import QgsProcessingFeedback


class Told(QgsProcessingFeedback):
    """``lines`` are infos and warnings in their order; ``warnings`` and ``errors`` these alone."""

    def __init__(self):
        super().__init__(False)
        self.lines, self.warnings, self.errors = [], [], []

    def pushInfo(self, info):
        self.lines.append(info)

    def pushWarning(self, warning):
        self.lines.append(warning)
        self.warnings.append(warning)

    def reportError(self, error, fatalError=False):
        self.errors.append(error)
