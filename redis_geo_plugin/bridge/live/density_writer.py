"""Writes into a density layer only the places that changed, in slices of bounded time."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Callable

from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer

PIECE = 250  # places written in one go, about a millisecond
Values = dict[int, object]  # column -> value


@dataclass(frozen=True)
class DensityRows:
    """What is to be written, made ready in a thread: places that came (with key, values and polygon), those
    that changed, and the keys of those that are gone."""

    came: list[tuple[int, list[object], QgsGeometry]] = field(default_factory=list)
    changed: list[tuple[int, Values]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


class DensityWriter:
    """Main thread only. ``offer`` takes changes, ``write`` works them off and returns True while something is
    left. Provider changes are silent: selection, style and filter stay."""

    def __init__(self, layer: QgsVectorLayer):
        self.layer = layer
        self._provider = layer.dataProvider()
        self._fids: dict[int, int] = {}
        self._steps: deque[tuple[Callable[[list[Any]], object], list[Any]]] = deque()
        self.clear()

    def __len__(self) -> int:
        return len(self._fids)

    @property
    def busy(self) -> bool:
        """Whether something that was offered is not yet written."""
        return bool(self._steps)

    def clear(self) -> None:
        """Empty the layer."""
        self._steps.clear()
        self._fids.clear()
        self.layer.removeSelection()
        self._provider.truncate()

    def offer(self, rows: DensityRows) -> None:
        """Add changes to what is to be written."""
        for write, things in (
            (self._delete, rows.gone),
            (self._change, rows.changed),
            (self._add, rows.came),
        ):
            for start in range(0, len(things), PIECE):
                self._steps.append((write, things[start : start + PIECE]))

    def write(self, budget: float) -> bool:
        """Write for about ``budget`` seconds. True while something is left."""
        deadline = time.perf_counter() + budget
        while self._steps and time.perf_counter() < deadline:
            write, things = self._steps.popleft()
            write(things)
        return bool(self._steps)

    def _add(self, things: list[tuple[int, list[object], QgsGeometry]]) -> None:
        fields, features = self._provider.fields(), []
        for _key, values, place in things:
            feature = QgsFeature(fields)
            feature.setAttributes(values)
            feature.setGeometry(place)
            features.append(feature)
        _, added = self._provider.addFeatures(features)
        self._fids.update(zip((key for key, _, _ in things), (one.id() for one in added)))

    def _change(self, things: list[tuple[int, Values]]) -> None:
        self._provider.changeAttributeValues({self._fids[key]: values for key, values in things})

    def _delete(self, keys: list[int]) -> None:
        fids = [self._fids.pop(key) for key in keys]
        self._provider.deleteFeatures(fids)
        if self.layer.selectedFeatureCount():
            self.layer.deselect(fids)
