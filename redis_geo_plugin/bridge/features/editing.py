"""Edits of a layer of features, taken when QGIS saves them, and written into Redis in the background.

The rows of the layer say what it showed before: what another client has changed meanwhile is refused by that,
and the layer then shows what the server has.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...core.readable import bytes_of
from .. import crs
from ..json_values import to_json
from .layers import LayerTable
from .origin import LayerOrigin, origin_of
from .publishing import straight

if TYPE_CHECKING:
    from ...core.features.edits import Edit
    from ...core.features.reader import SetFeature
    from ...core.features.writing_back import WriteReport
    from ...core.json_types import JsonObject
    from ...core.redis.server import Server
    from ...core.watch import Watch

OWN = 2  # fields before those of the features: key and id


class Shown(NamedTuple):
    """What a layer showed of a feature, the key and the id that it shows now, which the user may have
    changed, and the geometry that it has now."""

    fid: int
    row: QgsFeature
    named: tuple[str, str]
    geometry: Optional[QgsGeometry] = None


@dataclass
class Saved:
    """What one *Save* of a layer has changed: the ``edits``, how many features were ``added`` (which have no
    key), and the ``report`` of a write that did not come to its end, which the next goes on with. Without an
    ``origin`` the fields are no longer those that were read."""

    origin: Optional[LayerOrigin]
    wkb_type: QgsWkbTypes.Type
    context: QgsCoordinateTransformContext
    edits: list[Edit] = field(default_factory=list)
    added: int = 0
    report: Optional[WriteReport] = None

    @property
    def deleted(self) -> int:
        """How many features are to be deleted."""
        return sum(edit.is_deleted for edit in self.edits)

    def without_deletes(self) -> Saved:
        """The same without what was deleted."""
        return replace(self, edits=[edit for edit in self.edits if not edit.is_deleted], added=0)


class WrittenEdits(NamedTuple):
    """What came of it: the ``report``, and the row of each feature as the server has it now, by what the
    layer showed (None: it is there no more)."""

    report: WriteReport
    rows: list[tuple[Edit, Optional[QgsFeature]]]


class EditedLayer(QObject):
    """Emits ``saved`` with a ``Saved`` whenever the edits of a layer were saved. Main thread."""

    saved = pyqtSignal(object)

    def __init__(self, layer: QgsVectorLayer, parent: QObject):
        super().__init__(parent)
        self.layer = layer
        self._pending: Optional[Saved] = None
        layer.beforeCommitChanges.connect(self._take)
        layer.afterCommitChanges.connect(self._tell)

    def close(self) -> None:
        """Look at the layer no more."""
        with suppress(TypeError, RuntimeError):  # the layer has gone
            self.layer.beforeCommitChanges.disconnect(self._take)
            self.layer.afterCommitChanges.disconnect(self._tell)
        self.deleteLater()

    def _take(self, _stop: bool = False) -> None:
        """Take the edits before they become the layer's own."""
        self._pending = taken(self.layer)

    def _tell(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None and (pending.edits or pending.added):
            self.saved.emit(pending)


def taken(layer: QgsVectorLayer) -> Saved:
    """The edits of a layer that are not saved yet, each with the row as it was."""
    buffer = layer.editBuffer()
    # changed values are numbered by the fields that will be left
    origin = None if buffer.deletedAttributeIds() else origin_of(layer)
    saved = Saved(origin, layer.wkbType(), layer.transformContext(), added=len(buffer.addedFeatures()))
    shapes, values = buffer.changedGeometries(), buffer.changedAttributeValues()
    deleted = set(buffer.deletedFeatureIds())
    fids = deleted | shapes.keys() | values.keys()
    request = QgsFeatureRequest().setFilterFids([fid for fid in fids if fid >= 0])
    for row in layer.dataProvider().getFeatures(request):
        fid = row.id()
        edit = _edit(origin, QgsFeature(row), shapes.get(fid), values.get(fid, {}), fid in deleted)
        if edit is not None:
            saved.edits.append(edit)
    return saved


def _edit(
    origin: Optional[LayerOrigin],
    row: QgsFeature,
    shape: Optional[QgsGeometry],
    values: dict[int, object],
    is_deleted: bool,
) -> Optional[Edit]:
    """The edit of one feature; None where only fields were changed that are not of the features."""
    from ...core.features.edits import Edit

    attributes: JsonObject
    if origin is None:
        attributes = {"": None} if values else {}  # not written, but said
    else:
        attributes = {
            # a name that no feature has: key and id are not to be changed
            origin.columns[place - OWN].name if place >= OWN else "": to_json(value)
            for place, value in values.items()
            if place < OWN + len(origin.columns)
        }
    if shape is None and not attributes and not is_deleted:
        return None
    key, ident = row.attributes()[:OWN]
    named = str(values.get(0, key)), str(values.get(1, ident))
    shown = Shown(row.id(), row, named, shape)
    is_moved = shape is not None and not is_deleted
    return Edit(bytes_of(str(key)), str(ident), shown, is_moved, {} if is_deleted else attributes, is_deleted)


class LayerView:
    """How a layer shows features; for one thread."""

    def __init__(self, origin: LayerOrigin, saved: Saved):
        self._table = LayerTable(origin.columns, origin.crs, origin.kind, saved.wkb_type)
        self._context = saved.context

    def row(self, feature: SetFeature) -> Optional[QgsFeature]:
        """The row of a feature; None where a layer of this kind does not show it."""
        for row in self._table.rows([feature], self._context, lambda _lost: None):
            if row.kind == self._table.main:
                return QgsFeature(row.feature)
        return None

    def shows(self, feature: SetFeature, edit: Edit) -> bool:
        """Whether a feature of the server is what the layer showed."""
        row, old = self.row(feature), _shown(edit).row
        if row is None:
            return False
        values = [to_json(value) for value in row.attributes()]
        shapes = [one.geometry().asWkb().data() for one in (row, old)]
        return shapes[0] == shapes[1] and values == [to_json(one) for one in old.attributes()[: len(values)]]

    def placed(self, edit: Edit, crs_text: str) -> Optional[bytes]:
        """The new geometry in the CRS of its feature."""
        from ...core.features.refusals import Refused, WhyRefused

        geometry = _shown(edit).geometry
        if geometry is None or geometry.isNull():
            return None
        geometry = straight(geometry)
        if crs_text != self._table.crs_text:
            target = crs.from_text(crs_text) if crs_text else self._table.crs
            transform = QgsCoordinateTransform(self._table.crs, target, self._context)
            try:
                done = transform.isValid() and geometry.transform(transform) == _SUCCESS
            except QgsCsException:
                done = False
            if not done:
                raise Refused(WhyRefused.OUT_OF_RANGE)
        wkb: bytes = geometry.asWkb().data()
        return wkb


_SUCCESS = QgsGeometry.OperationResult.Success


def _shown(edit: Edit) -> Shown:
    shown = edit.shown
    assert isinstance(shown, Shown)
    return shown


def write(server: Server, saved: Saved, is_written: bool, watch: Watch) -> WrittenEdits:
    """Write what was saved, then look at what the server has; only look where not ``is_written``. In a
    background thread."""
    from ...core.features.writing_back import EditWriter, WriteReport

    origin = saved.origin
    assert origin is not None
    view = LayerView(origin, saved)
    writer = EditWriter(server, origin.request, view, watch, origin.has_six)
    report = saved.report = saved.report if saved.report is not None else WriteReport()
    if is_written:
        writer.write(saved.edits, report)
    writer.look(saved.edits, report)
    rows = []
    for edit in saved.edits:
        now = report.now.get((edit.key, edit.id))
        rows.append((edit, None if now is None else view.row(now)))
    return WrittenEdits(report, rows)


def go_on(saved: Saved, written: WrittenEdits) -> None:
    """Let what was saved after a write expect on the server what that has come to: a format may round what
    was drawn, or turn its rings. What was refused is expected as before."""
    refusals = written.report.refusals
    if refusals.total > len(refusals.listed):
        return  # nobody knows which
    refused = {(one.key, one.part) for one in refusals.listed}
    rows = {_shown(edit).fid: (edit, row) for edit, row in written.rows}
    for place, edit in enumerate(saved.edits):
        shown = _shown(edit)
        before, row = rows.get(shown.fid, (None, None))
        if before is None or row is None or before.is_deleted or (edit.key, edit.id) in refused:
            continue
        if (before.key, before.id) == (edit.key, edit.id):
            saved.edits[place] = edit._replace(shown=shown._replace(row=row))


def show(
    layer: QgsVectorLayer, saved: Saved, rows: Sequence[tuple[Edit, Optional[QgsFeature]]], is_live: bool
) -> None:
    """Let a layer show what the server has; one that is live gets and loses its features by itself. A layer
    of another form than it had is left as it is. Main thread."""
    if not _has_form(layer, saved):
        return
    provider = layer.dataProvider()
    request = QgsFeatureRequest().setFilterFids([_shown(edit).fid for edit, _ in rows])
    there = {row.id(): tuple(map(str, row.attributes()[:OWN])) for row in provider.getFeatures(request)}
    shapes, values, gone, back = {}, {}, [], []
    for edit, row in rows:
        old = _shown(edit)
        is_there = there.get(old.fid) == old.named  # and not another, since all was filled anew
        if row is not None and edit.is_deleted:
            back.append(row)
        elif is_there and row is None:
            gone.append(old.fid)
        elif is_there and row is not None:
            shapes[old.fid], values[old.fid] = row.geometry(), dict(enumerate(row.attributes()))
    provider.changeGeometryValues(shapes)
    provider.changeAttributeValues(values)
    if not is_live:
        provider.deleteFeatures(gone)
        provider.addFeatures(back)
    layer.reload()
    layer.triggerRepaint()


def _has_form(layer: QgsVectorLayer, saved: Saved) -> bool:
    """Whether a layer still has the form that it had, perhaps with more columns."""
    now, then = origin_of(layer), saved.origin
    if now is None or then is None or layer.wkbType() != saved.wkb_type:
        return False
    return now.crs == then.crs and now.columns[: len(then.columns)] == then.columns
