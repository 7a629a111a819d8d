"""The layer of a feed: a memory layer without spatial index into which only the differences are written.

Provider changes emit no signal and touch nothing of the layer: selection, style, filter, forms and open tables stay.
"""

from __future__ import annotations

import time
from collections.abc import KeysView
from typing import Any, Optional

from qgis.core import QgsFeature, QgsFeatureRequest, QgsGeometry, QgsVectorLayer

from ..compat import BOOLEAN, DATETIME, DOUBLE, LONG, NULL, STRING, field, is_null
from ..i18n import tr
from .ready import moment, place

FEED_PROPERTY = "redis_geo/feed"
OFFSET_VARIABLE = "redis_geo_clock_correction_s"
COUNT_VARIABLE = "redis_geo_vehicles"
MOST_TOLD = 300  # rows
PIECE = 250  # features a provider call: about 1 ms, so that a time limit is kept
FIXED = (
    ("id", STRING),
    ("time", DATETIME),
    ("speed_ms", DOUBLE),
    ("heading", DOUBLE),
    ("source", STRING),
    ("derived", STRING),
)
TIME, SPEED, HEADING, DERIVED = 1, 2, 3, 5
KINDS = {"int": LONG, "real": DOUBLE, "text": STRING, "bool": BOOLEAN}
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
        self._provider = layer.dataProvider()
        self._source = source
        self._fids: dict[str, int] = {}
        self._shown: dict[str, Any] = {}
        self._columns: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        self._changed: dict[str, Any] = {}
        self._work: list[Any] = []  # what is being written, from ``_done`` on; newer fixes gather in ``_changed``
        self._done = 0
        self._gone: dict[str, None] = {}
        self._quiet = self._listeners()
        self._touched: list[tuple[int, dict[int, Any]]] = []
        self._came: dict[int, None] = {}
        self._left: list[int] = []
        self._find_fields()
        self._find_features()

    @property
    def count(self) -> int:
        return len(self._fids)

    @property
    def busy(self) -> bool:
        """Whether something that was offered is not yet written."""
        return bool(self._changed or self._gone or self._done < len(self._work))

    @property
    def waiting(self) -> int:
        """How many rows were offered and are not yet written."""
        return len(self._changed) + len(self._gone) + max(len(self._work) - self._done, 0)

    @property
    def shown(self) -> dict[str, Any]:
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

    def offer(self, changed: dict[str, Any], gone: dict[str, None], kinds: dict[str, str]) -> None:
        """Add to what is to be written; newer fixes replace those that wait."""
        self._extend_fields(kinds)
        if gone:
            self._drop(gone)
        elif self._gone:
            for ident in self._gone.keys() & changed.keys():
                del self._gone[ident]
        if self._changed:
            self._changed.update(changed)
        else:
            self._changed = dict(changed)

    def _drop(self, gone: dict[str, None]) -> None:
        for ident in gone:
            self._changed.pop(ident, None)
            self._gone[ident] = None
        self._work = [fix for fix in self._work[self._done :] if fix.id not in gone]
        self._done = 0

    def only(self, idents: set[str]) -> None:
        """Take out of the layer what is not among these (a layer is filled again)."""
        for ident in self._fids:
            if ident not in idents:
                self._gone[ident] = None

    def show_moment(self, fixes: dict[str, Any]) -> None:
        """Show these fixes instead (rewind): vehicles that are not among them lose their geometry, not their feature."""
        absent = {self._fids[ident]: QgsGeometry() for ident in self._fids if ident not in fixes}
        if absent:
            self._provider.changeGeometryValues(absent)
            for ident in self._fids:
                if ident not in fixes:
                    self._shown.pop(ident, None)
        self._changed, self._work, self._done = {i: f for i, f in fixes.items() if i in self._fids}, [], 0

    def write(self, budget: float) -> bool:
        """Write for at most about ``budget`` seconds. True while something is left."""
        deadline = time.perf_counter() + budget
        if self._gone:
            self._delete()
        while self._done < len(self._work) or self._changed:
            if time.perf_counter() >= deadline:
                return True
            if self._done >= len(self._work):
                self._work, self._done, self._changed = list(self._changed.values()), 0, {}
            piece = self._work[self._done : self._done + PIECE]
            self._done += PIECE
            self._write_piece(piece)
        self._work, self._done = [], 0
        return False

    def _write_piece(self, fixes: list[Any]) -> None:
        """Geometries and attributes of some features: one call of the provider for each."""
        fids, shown, differences = self._fids, self._shown, self._differences
        geometries: dict[int, QgsGeometry] = {}
        attributes: dict[int, dict[int, Any]] = {}
        new: list[Any] = []
        for fix in fixes:
            ident = fix.id
            fid = fids.get(ident)
            if fid is None:
                new.append(fix)
                continue
            before = shown.get(ident)
            shown[ident] = fix
            point, date = fix.ready or (place(fix), moment(fix.time))
            fix.ready = None
            if before is None:
                geometries[fid] = point
                attributes[fid] = dict(enumerate(self._row(fix, date)[1:], 1))
                continue
            if before.lon != fix.lon or before.lat != fix.lat:
                geometries[fid] = point
            values = differences(before, fix, date)
            if values:
                attributes[fid] = values
        if geometries:
            self._provider.changeGeometryValues(geometries)
        if attributes:
            self._provider.changeAttributeValues(attributes)
        if new:
            self._add(new)
        if attributes and len(self._touched) < MOST_TOLD and self._is_watched():
            self._touched += list(attributes.items())[:MOST_TOLD]

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

    def _differences(self, before: Any, fix: Any, date: Any) -> dict[int, Any]:
        """Column -> value of what changed since ``before``; ``date`` is the time of ``fix``."""
        values: dict[int, Any] = {} if before.time == fix.time else {TIME: date}
        speed, heading = fix.speed, fix.heading
        if before.speed != speed:
            values[SPEED] = NULL if speed is None else speed
        if before.heading != heading:
            values[HEADING] = NULL if heading is None else heading
        if before.derived != fix.derived:
            values[DERIVED] = NULL if fix.derived is None else fix.derived
        old, new = before.attributes, fix.attributes
        if old is not new and old != new:
            for name, column in self._columns.items():
                value = new.get(name)
                if old.get(name) != value or type(old.get(name)) is not type(value):
                    values[column] = self._convert(name, value)
        return values

    def _add(self, fixes: list[Any]) -> None:
        fields = self._provider.fields()
        features = []
        for fix in fixes:
            feature = QgsFeature(fields)
            point, date = fix.ready or (place(fix), moment(fix.time))
            fix.ready = None
            feature.setAttributes(self._row(fix, date))
            feature.setGeometry(point)
            features.append(feature)
        _, added = self._provider.addFeatures(features)  # the ids are in what is returned
        for fix, feature in zip(fixes, added):
            self._fids[fix.id] = feature.id()
            self._shown[fix.id] = fix
        if self._is_watched():
            self._came.update(dict.fromkeys(feature.id() for feature in added))

    def _delete(self) -> None:
        fids = []
        for ident in self._gone:
            fid = self._fids.pop(ident, None)
            self._shown.pop(ident, None)
            if fid is not None:
                fids.append(fid)
        self._gone.clear()
        if fids:
            self._provider.deleteFeatures(fids)
            if self.layer.selectedFeatureCount():
                self.layer.deselect(fids)
            if self._is_watched():
                self._left += fids
                for fid in fids:
                    self._came.pop(fid, None)

    def _row(self, fix: Any, date: Any) -> list[Any]:
        row = [
            fix.id,
            date,
            NULL if fix.speed is None else fix.speed,
            NULL if fix.heading is None else fix.heading,
            self._source,
            NULL if fix.derived is None else fix.derived,
        ]
        row.extend([NULL] * (self._width - len(row)))
        for name, value in fix.attributes.items():
            column = self._columns.get(name)
            if column is not None:
                row[column] = self._convert(name, value)
        return row

    def _convert(self, name: str, value: Any) -> Any:
        """The value in the type of its field: one that does not fit would undo the whole batch."""
        if value is None:
            return NULL
        kind = self._kinds.get(name)
        if kind == "text":
            return value if isinstance(value, str) else str(value)
        if kind == "real":
            return float(value) if isinstance(value, (int, float)) else NULL
        if kind == "int":
            return value if type(value) is int else NULL
        return value if type(value) is bool else NULL

    # --- fields -------------------------------------------------------------------------------------------------------

    def _find_fields(self) -> None:
        """The columns that the layer has already (a project that was reopened)."""
        fields = self._provider.fields()
        names = [f.name() for f in fields]
        missing = [field(n, kind) for n, kind in FIXED if n not in names]
        if missing:
            self._provider.addAttributes(missing)
            self.layer.updateFields()
            fields = self._provider.fields()
        self._width = fields.count()
        kinds = {kind: name for name, kind in KINDS.items()}
        self._columns = {f.name(): i for i, f in enumerate(fields) if i >= len(FIXED)}
        self._kinds = {f.name(): kinds.get(f.type(), "text") for i, f in enumerate(fields) if i >= len(FIXED)}

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

    def _extend_fields(self, kinds: dict[str, str]) -> None:
        """Add the fields of new attributes, and widen those whose values no longer fit."""
        new = [(n, k) for n, k in kinds.items() if k and n not in self._columns]
        wider = [(n, k) for n, k in kinds.items() if k and n in self._columns and self._is_wider(n, k)]
        if not new and not wider:
            return
        for name, kind in wider:
            self._widen(name, kind)
        if new:
            self._provider.addAttributes([field(n, KINDS[k]) for n, k in new])
        self.layer.updateFields()
        self._find_fields()
        if wider:
            self._rewrite([name for name, _ in wider])

    def _is_wider(self, name: str, kind: str) -> bool:
        known = self._kinds[name]
        return kind != known and known != "text" and not (known == "real" and kind == "int")

    def _widen(self, name: str, kind: str) -> None:
        """Replace a field by a wider one of the same name; style, aliases and widgets go by the name."""
        column = self._provider.fields().lookupField(name)
        self._provider.deleteAttributes([column])
        self._provider.addAttributes([field(name, KINDS[kind])])
        self.layer.updateFields()

    def _rewrite(self, names: list[str]) -> None:
        """Fill widened columns from what is shown."""
        changes = {
            self._fids[ident]: {self._columns[n]: self._convert(n, fix.attributes.get(n)) for n in names}
            for ident, fix in self._shown.items()
            if ident in self._fids
        }
        if changes:
            self._provider.changeAttributeValues(changes)
