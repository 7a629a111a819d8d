"""The layer of a feed: a memory layer without spatial index into which only the differences are written.

Provider changes emit no signal and touch nothing of the layer: selection, style, filter, forms and open tables stay.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Container, Iterable, KeysView
from operator import is_not
from typing import Any, Optional, Union

import numpy as np
from qgis.core import QgsFeature, QgsFeatureRequest, QgsGeometry, QgsVectorLayer

from ...core.live.fleet import Fixes, Fleet, names_of, unlike
from ..compat import LONG, NULL, field, is_null
from ..i18n import tr
from .fields import DERIVED, FIXED, HEADING, SPEED, TIME, LayerFields, or_null
from .ready import Ready, ready_of

FEED_PROPERTY = "redis_geo/feed"
OFFSET_VARIABLE = "redis_geo_clock_correction_s"
COUNT_VARIABLE = "redis_geo_vehicles"
MOST_TOLD = 300  # rows
PIECE = 500  # features a provider call: about 2 ms, so that a time limit is kept
ON_TIME, ON_SPEED, ON_HEADING, ON_DERIVED, ON_ATTRIBUTES = 1, 2, 4, 8, 16  # what of a feature is another than shown
AGE_SECONDS = f'((epoch(now()) - epoch("time")) / 1000.0 - coalesce(@{OFFSET_VARIABLE}, 0))'
AGE_FIELD = f"to_int(round({AGE_SECONDS}))"


def new_layer(name: str) -> QgsVectorLayer:
    """An empty layer with the fields that every feed has, in EPSG:4326."""
    layer = QgsVectorLayer("Point?crs=EPSG:4326", name, "memory")
    layer.dataProvider().addAttributes([field(n, kind) for n, kind in FIXED])
    layer.updateFields()
    layer.addExpressionField(AGE_FIELD, field("age_s", LONG))
    layer.setFieldAlias(layer.fields().lookupField("age_s"), tr("age (s)"))
    prepare(layer)
    layer.setDisplayExpression('"id"')
    return layer


def prepare(layer: QgsVectorLayer) -> None:
    """What the plugin sets on its layers at every start: no edits by hand, and no "scratch layer" warning."""
    layer.setReadOnly(True)
    layer.setCustomProperty("skipMemoryLayersCheck", 1)


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
        self._steps: deque[Union[Fixes, list[str]]] = deque()  # what is to be written, and who is gone, in their order
        self._done = 0  # of the first of them
        self._quiet = self._listeners()
        self._touched: list[tuple[int, dict[int, Any]]] = []
        self._came: dict[int, None] = {}
        self._left: list[int] = []
        self._find_features()

    @property
    def count(self) -> int:
        return len(self._fids)

    @property
    def busy(self) -> bool:
        """Whether something that was offered is not yet written."""
        return bool(self._steps)

    @property
    def waiting(self) -> int:
        """How many rows were offered and are not yet written."""
        return sum(map(len, self._steps)) - self._done

    @property
    def shown(self) -> Fleet:
        """id -> the fix that the layer shows."""
        return self._shown

    @property
    def idents(self) -> KeysView[str]:
        """The vehicles that have a feature."""
        return self._fids.keys()

    def fid(self, ident: str) -> Optional[int]:
        return self._fids.get(ident)

    def rename(self, source: str) -> None:
        """Another name of the source: rows are written whole when they are next offered."""
        self._source = source
        self._shown.clear()

    def offer(self, changed: Fixes, gone: Iterable[str], kinds: dict[str, str]) -> None:
        """Add to what is to be written: who is gone, and the fixes of others."""
        names = self.fields.extend(kinds)
        if names:
            self._rewrite(names)
        if gone:
            self._steps.append(list(gone))
        if changed:
            self._steps.append(changed)

    def only(self, idents: Container[str]) -> None:
        """Take out of the layer what is not among these (a layer is filled again)."""
        gone = [ident for ident in self._fids if ident not in idents]
        if gone:
            self._steps.append(gone)

    def show_moment(self, fixes: Fixes) -> None:
        """Show these fixes instead (rewind): vehicles that are not among them lose their geometry, not their feature."""
        absent = {fid: QgsGeometry() for ident, fid in self._fids.items() if ident not in fixes}
        if absent:
            self._provider.changeGeometryValues(absent)
            for ident in self._fids:
                if ident not in fixes:
                    self._shown.remove(ident)
        here = np.array([ident in self._fids for ident in fixes], bool)
        self._steps, self._done = deque([fixes.pick(here)]), 0

    def write(self, budget: float) -> bool:
        """Write for at most about ``budget`` seconds. True while something is left."""
        deadline = time.perf_counter() + budget
        while self._steps:
            step = self._steps[0]
            if isinstance(step, Fixes) and self._done < len(step):
                if time.perf_counter() >= deadline:
                    return True
                self._write_piece(step.part(self._done, self._done + PIECE))
                self._done += PIECE
                continue
            self._steps.popleft()
            self._done = 0
            if not isinstance(step, Fixes):
                self._delete(step)
        return False

    def _write_piece(self, fixes: Fixes) -> None:
        """What changed of some features: one call of the provider for geometries, one for attributes."""
        slots = self._shown.find(fixes.idents)
        known = slots >= 0
        if not known.all():
            self._write_whole(fixes.pick(~known))
            fixes, slots = fixes.pick(known), slots[known]
        if not fixes:
            return
        ready, fids, before = ready_of(fixes), self._fid_at[slots].tolist(), self._shown.before(fixes, slots)
        moved = (before.lon != fixes.lon) | (before.lat != fixes.lat)
        if moved.any():
            self._provider.changeGeometryValues(
                {fid: place for fid, (place, _), has_moved in zip(fids, ready, moved.tolist()) if has_moved}
            )
        self._write_attributes(self._differences(before, fixes, fids, ready))
        self._shown.store(fixes, slots)

    def _write_whole(self, fixes: Fixes) -> None:
        """Those of which it is not known what the layer shows: new ones, and those that it had before."""
        new = np.array([ident not in self._fids for ident in fixes], bool)
        if new.any():
            self._add(fixes.pick(new))
        fixes = fixes.pick(~new)
        if fixes:
            fids, ready = [self._fids[ident] for ident in fixes], ready_of(fixes)
            self._provider.changeGeometryValues({fid: place for fid, (place, _) in zip(fids, ready)})
            rows = zip(fids, self._rows(fixes, ready))
            self._write_attributes({fid: dict(enumerate(row[1:], 1)) for fid, row in rows})
            self._keep(fixes)

    def _write_attributes(self, attributes: dict[int, dict[int, Any]]) -> None:
        if attributes:
            self._provider.changeAttributeValues(attributes)
            if len(self._touched) < MOST_TOLD and self._is_watched():
                self._touched += list(attributes.items())[:MOST_TOLD]

    def _differences(
        self, before: Fixes, fixes: Fixes, fids: list[int], ready: list[Ready]
    ) -> dict[int, dict[int, Any]]:
        """Feature id -> column -> value of what is not as it was ``before``."""
        others = np.fromiter(map(is_not, before.attributes, fixes.attributes), bool, len(fixes))
        codes = (
            (before.time != fixes.time) * ON_TIME
            + unlike(before.speed, fixes.speed) * ON_SPEED
            + unlike(before.heading, fixes.heading) * ON_HEADING
            + (before.derived != fixes.derived) * ON_DERIVED
            + others * ON_ATTRIBUTES
        )
        speeds, headings = or_null(fixes.speed), or_null(fixes.heading)
        if (codes == ON_TIME + ON_SPEED + ON_HEADING).all():  # a fleet that moves, nothing else: the common case
            each = zip(fids, ready, speeds, headings)
            return {fid: {TIME: date, SPEED: s, HEADING: h} for fid, (_, date), s, h in each}
        found = {}
        for place, (fid, code) in enumerate(zip(fids, codes.tolist())):
            values: dict[int, Any] = {}
            if code & ON_TIME:
                values[TIME] = ready[place][1]
            if code & ON_SPEED:
                values[SPEED] = speeds[place]
            if code & ON_HEADING:
                values[HEADING] = headings[place]
            if code & ON_DERIVED:
                values[DERIVED] = names_of(fixes.derived[place]) or NULL
            if code & ON_ATTRIBUTES:
                values.update(self.fields.differences(before.attributes[place], fixes.attributes[place]))
            if values:
                found[fid] = values
        return found

    def _rows(self, fixes: Fixes, ready: list[Ready]) -> list[list[Any]]:
        """The attributes of features, all of them."""
        speeds, headings = or_null(fixes.speed), or_null(fixes.heading)
        rows = []
        for place, ident in enumerate(fixes.idents):
            derived = names_of(fixes.derived[place]) or NULL
            fixed = [ident, ready[place][1], speeds[place], headings[place], self._source, derived]
            rows.append(self.fields.row(fixed, fixes.attributes[place]))
        return rows

    def _add(self, fixes: Fixes) -> None:
        fields, ready = self._provider.fields(), ready_of(fixes)
        features = []
        for row, (place, _) in zip(self._rows(fixes, ready), ready):
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
        """Tell open attribute tables and forms what changed, some hundred rows a tick: a provider's changes are silent.
        What is hidden by a filter came for nobody."""
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
        """The features that the layer has already (the plugin was reloaded), behind a filter or not: they keep their
        ids."""
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
