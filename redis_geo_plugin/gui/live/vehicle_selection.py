"""The rows of the list of vehicles and the features of the layer are selected together."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsVectorLayer
from qgis.PyQt.QtCore import QItemSelection, QItemSelectionModel, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QTableView

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from .vehicles_model import VehiclesModel


class VehicleSelection(QObject):
    """Which vehicles are selected, by id: rows and features come, go and move meanwhile.

    ``changed`` after each change, wherever it was made.
    """

    changed = pyqtSignal()

    def __init__(self, table: QTableView, model: VehiclesModel):
        super().__init__(table)
        self._table, self._model = table, model
        self._feed: Optional[LiveFeed] = None
        self._layer: Optional[QgsVectorLayer] = None
        self._following = False
        self.ids: set[str] = set()
        table.selectionModel().selectionChanged.connect(self._rows_selected)

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Follow the layer of this feed."""
        layer = feed.layer if feed is not None else None
        if feed is self._feed and layer is self._layer:
            return
        self.close()
        self._feed, self._layer = feed, layer
        if layer is not None:
            layer.selectionChanged.connect(self._layer_selected)
        self._take(self._selected_in_layer())

    def close(self) -> None:
        """Follow no layer any more."""
        layer, self._layer, self._feed = self._layer, None, None
        if layer is not None:
            with suppress(RuntimeError, TypeError):  # it was deleted in the meantime
                layer.selectionChanged.disconnect(self._layer_selected)

    def show_rows(self) -> None:
        """Rows have moved: select those of the vehicles that are selected."""
        wanted, last = QItemSelection(), self._model.columnCount() - 1
        for row in range(self._model.rowCount()):
            fix = self._model.fix(row)
            if fix is not None and fix.id in self.ids:
                wanted.select(self._model.index(row, 0), self._model.index(row, last))
        self._following = True
        self._table.selectionModel().select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._following = False

    def _rows_selected(self, *_: object) -> None:
        if self._following or self._model.changing:
            return
        rows = {index.row() for index in self._table.selectionModel().selectedRows()}
        self.ids = {fix.id for fix in map(self._model.fix, rows) if fix is not None}
        writer = self._feed.writer if self._feed is not None else None
        if self._layer is not None and writer is not None:
            features = map(writer.fid, self.ids)
            self._following = True
            self._layer.selectByIds([fid for fid in features if fid is not None])
            self._following = False
        self.changed.emit()

    def _layer_selected(self, *_: object) -> None:
        if not self._following:
            self._take(self._selected_in_layer())

    def _take(self, ids: set[str]) -> None:
        self.ids = ids
        self.show_rows()
        self.changed.emit()

    def _selected_in_layer(self) -> set[str]:
        writer = self._feed.writer if self._feed is not None else None
        if writer is None or self._layer is None or not self._layer.selectedFeatureCount():
            return set()
        features = set(self._layer.selectedFeatureIds())
        return {ident for ident in writer.idents if writer.fid(ident) in features}
