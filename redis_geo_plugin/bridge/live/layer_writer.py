"""Writes into the layer of a feed only what differs.

Provider changes emit no signal and touch nothing of the layer: selection, style, filter, forms and open
tables stay.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Container, Iterable, KeysView
from dataclasses import dataclass
from itertools import compress
from typing import Any, Callable, Optional, Union

import numpy as np
from qgis.core import (
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsVectorLayer,
)

from ...core.geometry.arrays import Array
from ...core.live.fleet import Fixes, Fleet, names_of, unlike
from ..compat import NULL, is_null
from .fields import DERIVED, HEADING, SPEED, TIME, Change, LayerFields, by_feature, or_null
from .layer import OFFSET_VARIABLE, age_column
from .row_values import moments_of, ready_of

MOST_TOLD = 300  # rows
PIECE = 500  # features compared at once: about 2 ms with their writing, so that a time limit is kept


@dataclass(frozen=True)
class _Step:
    """Rows to be worked off piece by piece: fixes, or the ids of vehicles."""

    write: Callable[[Any], None]
    rows: Union[Fixes, list[str]]

    def piece(self, start: int) -> Union[Fixes, list[str]]:
        rows = self.rows
        stop = start + PIECE
        return rows.part(start, stop) if isinstance(rows, Fixes) else rows[start:stop]


class LayerWriter:
    """Writes the latest fixes into a layer, in slices of bounded time. Main thread only.

    ``offer`` takes a difference; ``write`` works it off and returns True while something is left.
    """

    def __init__(self, layer: QgsVectorLayer, source: str):
        self.layer = layer
        self.fields = LayerFields(layer)
        self._provider = layer.dataProvider()
        self._source = source
        self._fids: dict[str, int] = {}
        self._shown = Fleet()
        self._fid_at = np.zeros(0, np.int64)  # by the slots of what is shown
        self._slot_of = np.zeros(0, np.int64)  # the slot of what is shown, by that of the fleet it came from
        self._steps: deque[_Step] = deque()  # what is to be written, and who is gone, in their order
        self._done = 0  # rows of the first of them
        self._quiet = self._listeners()
        self._touched: list[tuple[int, dict[int, object]]] = []
        self._came: dict[int, None] = {}
        self._left: list[int] = []
        self._aging: list[tuple[str, float]] = []  # whose ages are still to be told: id, time of the report
        self._find_features()

    @property
    def count(self) -> int:
        """The number of vehicles on the layer."""
        return len(self._fids)

    @property
    def busy(self) -> bool:
        """Whether something that was offered is not yet written."""
        return bool(self._steps)

    @property
    def waiting(self) -> int:
        """How many rows were offered and are not yet written."""
        return sum(len(step.rows) for step in self._steps) - self._done

    @property
    def shown(self) -> Fleet:
        """id -> the fix that the layer shows."""
        return self._shown

    @property
    def idents(self) -> KeysView[str]:
        """The vehicles that have a feature."""
        return self._fids.keys()

    def fid(self, ident: str) -> Optional[int]:
        """The id of the feature that shows a vehicle."""
        return self._fids.get(ident)

    def rename(self, source: str) -> None:
        """Change the name of the source: rows are written whole when they are next offered."""
        self._source = source
        self._shown.clear()

    def offer(self, changed: Fixes, gone: Iterable[str], kinds: dict[str, str]) -> None:
        """Add vehicles that are gone, and fixes, to what is to be written."""
        names = self.fields.extend(kinds)
        if names:
            self._rewrite(names)
        if gone:
            self._steps.append(_Step(self._delete, list(gone)))
        if changed:
            self._steps.append(_Step(self._write_piece, changed))

    def only(self, idents: Container[str]) -> None:
        """Remove vehicles that are not among these (when a layer is filled again)."""
        gone = [ident for ident in self._fids if ident not in idents]
        if gone:
            self._steps.append(_Step(self._delete, gone))

    def drop_rows(self) -> None:
        """Forget the rows that are not yet written: other ones come. Who has gone still goes."""
        self._steps = deque(step for step in self._steps if step.write == self._delete)
        self._done = 0

    def show_moment(self, fixes: Fixes, absent: list[str]) -> None:
        """Show these fixes instead (rewind); the ``absent`` vehicles lose their geometry, not their
        feature."""
        self.drop_rows()
        self._steps.append(_Step(self._hide, absent))
        self._steps.append(_Step(self._write_piece, fixes))

    def write(self, budget: float) -> bool:
        """Write for at most about ``budget`` seconds. True while something is left."""
        deadline = time.perf_counter() + budget
        while self._steps:
            step = self._steps[0]
            if self._done < len(step.rows):
                if time.perf_counter() >= deadline:
                    return True
                step.write(step.piece(self._done))
                self._done += PIECE
                continue
            self._steps.popleft()
            self._done = 0
        return False

    def _hide(self, idents: list[str]) -> None:
        fids = {ident: self._fids[ident] for ident in idents if ident in self._fids}
        if fids:
            self._provider.changeGeometryValues({fid: QgsGeometry() for fid in fids.values()})
        for ident in fids:
            self._shown.remove(ident)

    def _write_piece(self, fixes: Fixes) -> None:
        """Write the changes of some features."""
        slots = self._find(fixes)
        known = slots >= 0
        if not known.all():
            self._write_whole(fixes.pick(~known))
            fixes, slots = fixes.pick(known), slots[known]
        if not fixes:
            return
        fids, before = self._fid_at[slots].tolist(), self._shown.before(fixes, slots)
        moved = (before.lon != fixes.lon) | (before.lat != fixes.lat)
        if moved.any():
            self._write_places(fixes, fids, moved.tolist())
        for attributes in by_feature(fids, self._changes(before, fixes)):
            self._write_attributes(attributes)
        self._shown.store(fixes, slots)

    def _find(self, fixes: Fixes) -> Array:
        """The slots of what is shown of these vehicles (int64 array), -1 for others: those of the last time,
        if they still are theirs, as looking up each name takes long in a large fleet.
        """
        if fixes.slots is None:
            return self._shown.find(fixes.idents)
        missing = int(fixes.slots.max()) + 1 - len(self._slot_of)
        if missing > 0:
            self._slot_of = np.concatenate(
                [self._slot_of, np.full(missing + len(self._slot_of), -1, np.int64)]
            )
        slots: Array = self._slot_of[fixes.slots]
        if not self._shown.holds(slots, fixes.idents):
            slots = self._slot_of[fixes.slots] = self._shown.find(fixes.idents)
        return slots

    def _write_whole(self, fixes: Fixes) -> None:
        """Write whole rows where the content of the layer is not known: new vehicles, and those of a reopened
        layer."""
        new = np.array([ident not in self._fids for ident in fixes], bool)
        if new.any():
            self._add(fixes.pick(new))
        fixes = fixes.pick(~new)
        if fixes:
            fids = [self._fids[ident] for ident in fixes]
            self._write_places(fixes, fids, [True] * len(fids))
            rows = zip(fids, self._rows(fixes))
            self._write_attributes({fid: dict(enumerate(row[1:], 1)) for fid, row in rows})
            self._keep(fixes)

    def _write_places(self, fixes: Fixes, fids: list[int], moved: list[bool]) -> None:
        """Write the points of those that moved.

        Where one that was made beforehand is no more (PyQGIS took its memory for another object), all are
        made anew: the piece would else be offered again and again.
        """
        try:
            places = dict(compress(zip(fids, ready_of(fixes)), moved))
            self._provider.changeGeometryValues(places)
        except RuntimeError:
            fixes.ready = None
            places = dict(compress(zip(fids, ready_of(fixes)), moved))
            self._provider.changeGeometryValues(places)

    def _write_attributes(self, attributes: dict[int, dict[int, object]]) -> None:
        if attributes:
            self._provider.changeAttributeValues(attributes)
            if len(self._touched) < MOST_TOLD and self._is_watched():
                self._touched += list(attributes.items())[:MOST_TOLD]

    def _changes(self, before: Fixes, fixes: Fixes) -> list[Change]:
        """The columns of what is not as it was ``before``."""
        derived = before.derived != fixes.derived
        return [
            (TIME, before.time != fixes.time, moments_of(fixes)),
            (SPEED, unlike(before.speed, fixes.speed), or_null(fixes.speed)),
            (HEADING, unlike(before.heading, fixes.heading), or_null(fixes.heading)),
            (DERIVED, derived, _derived_names(fixes) if derived.any() else []),
            *self.fields.changes(before.attributes, fixes.attributes),
        ]

    def _rows(self, fixes: Fixes) -> list[list[object]]:
        """The attributes of features, all of them."""
        speeds, headings, names = or_null(fixes.speed), or_null(fixes.heading), _derived_names(fixes)
        rows, times = [], moments_of(fixes)
        for place, ident in enumerate(fixes.idents):
            fixed = [ident, times[place], speeds[place], headings[place], self._source, names[place]]
            rows.append(self.fields.row(fixed, fixes.attributes[place]))
        return rows

    def _add(self, fixes: Fixes) -> None:
        fields, ready = self._provider.fields(), ready_of(fixes)
        features = []
        for row, place in zip(self._rows(fixes), ready):
            feature = QgsFeature(fields)
            feature.setAttributes(row)
            feature.setGeometry(place)
            features.append(feature)
        _, added = self._provider.addFeatures(features)  # the ids are in what is returned
        fids = [feature.id() for feature in added]
        self._fids.update(zip(fixes.idents, fids))
        self._keep(fixes)
        if self._is_watched():
            self._came.update(dict.fromkeys(fids))

    def _keep(self, fixes: Fixes) -> None:
        """The layer shows these now; each has a feature."""
        slots = self._shown.store(fixes)
        missing = int(slots.max()) + 1 - len(self._fid_at)
        if missing > 0:
            self._fid_at = np.concatenate([self._fid_at, np.zeros(missing + len(self._fid_at), np.int64)])
        self._fid_at[slots] = [self._fids[ident] for ident in fixes.idents]

    def _delete(self, idents: list[str]) -> None:
        fids = []
        for ident in idents:
            fid = self._fids.pop(ident, None)
            self._shown.remove(ident)
            if fid is not None:
                fids.append(fid)
        if fids:
            self._provider.deleteFeatures(fids)
            if self.layer.selectedFeatureCount():
                self.layer.deselect(fids)
            if self._is_watched():
                self._left += fids
                for fid in fids:
                    self._came.pop(fid, None)

    def _rewrite(self, names: list[str]) -> None:
        """Fill widened columns from what is shown."""
        shown = self._shown.everything()
        changes = {
            self._fids[ident]: self.fields.values(names, attributes)
            for ident, attributes in zip(shown.idents, shown.attributes)
            if ident in self._fids
        }
        if changes:
            self._provider.changeAttributeValues(changes)

    def tell_tables(self) -> None:
        """Tell open attribute tables and forms what changed, some hundred rows a tick: a provider's changes
        are silent.

        What is hidden by a filter came for nobody.
        """
        self._tell_who_left()
        came = list(self._came)[:MOST_TOLD]
        if came:
            request = QgsFeatureRequest().setFilterFids(came).setFlags(QgsFeatureRequest.Flag.NoGeometry)
            for feature in self.layer.getFeatures(request.setNoAttributes()):
                self.layer.featureAdded.emit(feature.id())
            for fid in came:
                del self._came[fid]
        touched, self._touched = self._touched[:MOST_TOLD], []
        signal = self.layer.attributeValueChanged
        for fid, values in touched:
            for column, value in values.items():
                signal.emit(fid, column, value)

    def tell_ages(self, budget: float) -> None:
        """Tell open attribute tables and forms how old the reports are by now: of as many rows as fit into
        about ``budget`` seconds, of the others the next time."""
        column = age_column(self.layer) if self._is_watched() else -1
        if column < 0:
            return
        scope = QgsExpressionContextUtils.layerScope(self.layer)
        now = time.time() - float(scope.variable(OFFSET_VARIABLE) or 0.0)
        if not self._aging:
            fixes = self._shown.everything()
            self._aging = list(zip(fixes.idents, fixes.time.tolist()))
        deadline = time.perf_counter() + budget
        while self._aging and time.perf_counter() < deadline:
            ident, moment = self._aging.pop()
            fid = self._fids.get(ident)
            if fid is not None:
                self.layer.attributeValueChanged.emit(fid, column, round(now - moment))

    def _tell_who_left(self) -> None:
        left, self._left = self._left, []
        if left:
            for fid in left:
                self.layer.featureDeleted.emit(fid)
            self.layer.featuresDeleted.emit(left)

    def _is_watched(self) -> bool:
        """Whether a table or form is open."""
        return self._listeners() > self._quiet

    def _listeners(self) -> int:
        return int(self.layer.receivers(self.layer.attributeValueChanged))

    def _find_features(self) -> None:
        """The features that the layer has already (the plugin was reloaded), behind a filter or not: they
        keep their ids.
        """
        request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry).setSubsetOfAttributes([0])
        doubles = []
        for feature in self._all_features(request):
            ident = feature.attributes()[0]
            if is_null(ident) or ident in self._fids:
                doubles.append(feature.id())
            else:
                self._fids[str(ident)] = feature.id()
        if doubles:
            self._provider.deleteFeatures(doubles)

    def _all_features(self, request: QgsFeatureRequest) -> list[QgsFeature]:
        subset = self._provider.subsetString()
        if not subset:
            return list(self._provider.getFeatures(request))
        self._provider.setSubsetString("", False)
        features = list(self._provider.getFeatures(request))
        self._provider.setSubsetString(subset, False)
        return features


def _derived_names(fixes: Fixes) -> list[object]:
    """What the field of derived values says of each fix."""
    return [names_of(bits) or NULL for bits in fixes.derived.tolist()]
