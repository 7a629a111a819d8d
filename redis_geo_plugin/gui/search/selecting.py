"""The rows of the table, the marks on the map and the layer that keeps the results are selected together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from qgis.core import QgsPointXY, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QItemSelection, QItemSelectionModel, QObject, Qt

from .dock import SearchDock
from .drawing import Drawing

REACH_PIXELS = 8  # of a click from the middle of a dot


class Selecting(QObject):
    """The selection of the table is the one that counts; the others follow it, and may change it."""

    def __init__(self, dock: SearchDock, drawing: Drawing):
        super().__init__(dock)
        self._dock, self._drawing = dock, drawing
        self._layer_id = ""
        self._fids: list[int] = []  # of the features that show the hits, in their order
        self._following = False
        dock.table.selectionModel().selectionChanged.connect(self.follow)

    # -- from the table ------------------------------------------------------------------------------------

    def hits(self) -> set[int]:
        """The hits whose rows are selected."""
        return {self._dock.model.row_hit(row) for row in self._dock.selected_rows()}

    def follow(self, *_: object) -> None:
        """The marks on the map and the layer show what is selected in the table."""
        chosen, layer = self.hits(), self._layer()
        self._drawing.show_chosen(chosen)
        if layer is not None and not self._following:
            self._following = True
            layer.selectByIds([self._fids[hit] for hit in sorted(chosen)])
            self._following = False

    # -- from the map --------------------------------------------------------------------------------------

    def clicked(self, place: QgsPointXY, keys: Qt.KeyboardModifiers) -> None:
        """A click on the map with the tool that selects."""
        reach = REACH_PIXELS * self._drawing.canvas.mapUnitsPerPixel()
        self._choose(self._drawing.nearest_hit(place, reach), keys)

    def dragged(self, area: QgsRectangle, keys: Qt.KeyboardModifiers) -> None:
        """A rectangle was drawn with the tool that selects."""
        self._choose(self._drawing.hits_in(area), keys)

    def _choose(self, found: Iterable[int], keys: Qt.KeyboardModifiers) -> None:
        modifiers = Qt.KeyboardModifier
        chosen = set(found)
        if keys & modifiers.ShiftModifier:
            chosen |= self.hits()
        elif keys & modifiers.ControlModifier:
            chosen = self.hits() - chosen
        self.select(chosen)

    def select(self, hits: Iterable[int]) -> None:
        """Select the rows of these hits, and show the first."""
        model, table = self._dock.model, self._dock.table
        rows = model.rows_of(hits)
        selection, last = QItemSelection(), model.columnCount() - 1
        for first, end in _runs(rows):
            selection.select(model.index(first, 0), model.index(end, last))
        table.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            table.scrollTo(model.index(rows[0], 0))

    # -- the layer -----------------------------------------------------------------------------------------

    def link(self, layer: QgsVectorLayer) -> None:
        """This layer shows the hits from now on: its features are they, in their order."""
        self._layer_id = layer.id()
        self._fids = sorted(layer.allFeatureIds())
        layer.selectionChanged.connect(self._layer_selected)
        self.follow()

    def unlink(self) -> None:
        """The table shows something else; the layer keeps what is selected in it."""
        layer = self._layer()
        self._layer_id, self._fids = "", []
        if layer is not None:
            layer.selectionChanged.disconnect(self._layer_selected)

    def _layer(self) -> Optional[QgsVectorLayer]:
        layer = QgsProject.instance().mapLayer(self._layer_id) if self._layer_id else None
        return layer if isinstance(layer, QgsVectorLayer) else None

    def _layer_selected(self, *_: object) -> None:
        layer = self._layer()
        if layer is None or self._following:
            return
        hit_of = {fid: hit for hit, fid in enumerate(self._fids)}
        self._following = True
        self.select(hit_of[fid] for fid in layer.selectedFeatureIds() if fid in hit_of)
        self._following = False


def _runs(rows: list[int]) -> list[tuple[int, int]]:
    """Ascending rows as (first, last) of what stands together."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
