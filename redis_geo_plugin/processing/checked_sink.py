"""Sinks that check every write and read their file back at the end.

The sink of a native algorithm does not report a full disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Optional

from qgis.core import QgsFeature, QgsFeatureSink, QgsProcessingAlgorithm, QgsProcessingException

from ..bridge.algorithm_values import Parameters
from ..bridge.destinations import is_in_memory
from ..bridge.i18n import tr
from ..bridge.operations.habits import ends_at_refusal
from ..bridge.saving import ENDING, SaveFailed, check_count, check_file, failed

# In what outputs say where it is the feature that they do not take: an id that comes twice, a kind of
# geometry, a text that is longer than its field.
_ITS_OWN = ("constraint", "geometry type", "converting value", "too long", "out of range")


class CheckedSink(QgsFeatureSink):
    """Passes features to a sink, counts them, and remembers whether the sink refused one."""

    def __init__(self, sink: QgsFeatureSink, identifier: str, parameters: Parameters, output: str):
        super().__init__()
        self._sink: Optional[QgsFeatureSink] = sink
        self._identifier = identifier
        self._parameters, self._output = parameters, output  # of the algorithm, and the key of this output
        self.to_file = not is_in_memory(parameters.get(output))
        # FlatGeobuf leaves out features without a shape, for native algorithms too.
        self._leaves_out_empty = identifier.partition("|")[0].lower().endswith(".fgb")
        self.count = 0
        self.refused = ""  # what the sink says about it

    def addFeature(self, feature: QgsFeature, *flags: QgsFeatureSink.Flag) -> bool:  # noqa: N802 - QGIS's name
        """Write one feature. Return whether the sink took it."""
        taken = self._sink is not None and self._sink.addFeature(feature, *flags)
        if taken and not self._leaves_out_empty:  # many come one by one
            self.count += 1
            return True
        return self._add((feature,), taken)

    def addFeatures(self, features: Iterable[QgsFeature], *flags: QgsFeatureSink.Flag) -> bool:  # noqa: N802 - QGIS's name
        """Write many features. Return whether the sink took all of them."""
        many = list(features)
        return self._add(many, self._sink is not None and self._sink.addFeatures(many, *flags))

    def offer(self, feature: QgsFeature, *flags: QgsFeatureSink.Flag) -> None:
        """Write one feature that the sink may refuse: the sink reports that, and it is no failure of the
        run."""
        if self._sink is not None and self._sink.addFeature(feature, *flags):
            self.count += self._to_be_found((feature,))

    def take(self, feature: QgsFeature, *flags: QgsFeatureSink.Flag) -> bool:
        """Write one feature that the sink may refuse for its own sake, such as an id that comes twice: the
        sink reports that, and where native algorithms go on it is no failure of the run. Return whether the
        run may go on."""
        taken = self._sink is not None and self._sink.addFeature(feature, *flags)
        if not taken and self._is_its_own(feature) and not ends_at_refusal():
            return True
        return self._add((feature,), taken)

    def _is_its_own(self, feature: QgsFeature) -> bool:
        """Whether it is for this feature's own sake that it was refused: some formats take none that has no
        shape, or an empty one."""
        return feature.geometry().isEmpty() or any(words in self.lastError() for words in _ITS_OWN)

    def lastError(self) -> str:  # noqa: N802 - QGIS's name
        """Return what the sink says about the feature that it refused."""
        return self._sink.lastError() if self._sink is not None else self.refused

    def native_refusal(self) -> str:
        """What a native algorithm says of a feature that was refused."""
        return str(QgsProcessingAlgorithm.writeFeatureError(self._sink, self._parameters, self._output))

    def finish(self) -> None:
        """Close the file, and read it back. Raises QgsProcessingException if the file is not
        complete."""
        self._sink = None
        path, _, rest = self._identifier.partition("|")
        try:
            if self.refused:
                raise failed(self.refused)
            if path.lower().endswith(ENDING):
                check_count(path, rest.partition("layername=")[2].partition("|")[0] or None, self.count)
            elif self.to_file:
                check_file(path, self.count)
        except SaveFailed as error:
            raise QgsProcessingException(f"{path}: {error}") from error

    def _to_be_found(self, features: Sequence[QgsFeature]) -> int:
        """How many of these must stand in the file."""
        if self._leaves_out_empty:
            return sum(not feature.geometry().isEmpty() for feature in features)
        return len(features)

    def _add(self, features: Sequence[QgsFeature], taken: bool) -> bool:
        if taken:
            self.count += self._to_be_found(features)
        elif not self.refused:
            self.refused = self.lastError() or tr("a feature was refused")
        return taken
