"""The tab with the list of vehicles: filter, sort, zoom, flash, follow."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QItemSelectionModel, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ..interface import icon
from .map_view import extent_of, point_on
from .vehicles_model import VehiclesModel
from .wording import amount


class VehiclesTab(QWidget):
    """Shows one LiveFeed. ``follow_changed(id)``: the vehicle to follow, "" for none; ``in_view_changed(bool)``: whether list
    and layer are restricted to the map."""

    follow_changed = pyqtSignal(str)
    in_view_changed = pyqtSignal(bool)

    def __init__(self, iface: Any, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._iface = iface
        self._feed: Optional[Any] = None
        self._wanted_id = ""
        self.model = VehiclesModel(self)
        self._build()
        self.model.counted.connect(self._on_counted)

    def _build(self) -> None:
        self.filter_edit = QLineEdit()
        self.filter_edit.setObjectName("redis_geo_live_filter")
        self.filter_edit.setPlaceholderText(tr("Filter by id or attribute"))
        self.filter_edit.setClearButtonEnabled(True)
        self.filter_edit.textChanged.connect(self.model.filter)
        self.extent_box = QCheckBox(tr("In the map view only"))
        self.extent_box.setObjectName("redis_geo_live_in_view")
        self.extent_box.setToolTip(tr("The list and the layer hold only the vehicles that the map shows"))
        self.extent_box.toggled.connect(self._on_in_view)
        self.follow_button = QToolButton()
        self.follow_button.setObjectName("redis_geo_live_follow")
        self.follow_button.setIcon(icon("follow"))
        self.follow_button.setText(tr("Follow"))
        self.follow_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.follow_button.setToolTip(tr("Keep the chosen vehicle in the middle of the map, until you move the map"))
        self.follow_button.setCheckable(True)
        self.follow_button.toggled.connect(self._on_follow)
        self.table = QTableView()
        self.table.setObjectName("redis_geo_live_vehicles")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.horizontalHeader().setDefaultSectionSize(90)
        self.table.horizontalHeader().setHighlightSections(False)  # in bold, the headings would be cut off
        for column, width in enumerate((90, 85, 95, 60, 150)):
            self.table.setColumnWidth(column, width)
        self.table.clicked.connect(lambda index: self.zoom_to(index.row()))
        self.count_label = QLabel()
        self.count_label.setObjectName("redis_geo_live_count")
        top = QHBoxLayout()
        top.addWidget(self.filter_edit, 1)
        top.addWidget(self.follow_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.extent_box)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.count_label)

    def show_feed(self, feed: Optional[Any]) -> None:
        if feed is not self._feed:
            self._feed, self._wanted_id = feed, ""
            self.follow_button.setChecked(False)
        self.extent_box.setEnabled(feed is not None)
        self.extent_box.blockSignals(True)
        self.extent_box.setChecked(feed is not None and feed.spec.in_view)
        self.extent_box.blockSignals(False)
        self.update_extent()
        self.model.show_feed(feed.core if feed is not None else None)

    def close_models(self) -> None:
        self.model.close()

    def update_extent(self) -> None:
        """Restrict the list, as the layer is, to what the map shows, where that is wanted."""
        wanted = self._feed is not None and self._feed.spec.in_view
        self.model.restrict(extent_of(self._iface.mapCanvas()) if wanted else None)

    def _on_in_view(self, checked: bool) -> None:
        self.in_view_changed.emit(checked)
        self.update_extent()

    def current(self) -> Optional[Any]:
        """The chosen vehicle's fix."""
        return self.model.fix(self.table.currentIndex().row())

    def zoom_to(self, row: int) -> None:
        """Centre the map on a vehicle and flash it; zoom in where the map shows more than a city."""
        fix = self.model.fix(row)
        canvas = self._iface.mapCanvas()
        point = point_on(canvas, fix) if fix is not None else None
        if fix is None or point is None:
            return
        self._wanted_id = fix.id
        if canvas.scale() > 50_000:
            canvas.zoomScale(25_000)
        canvas.setCenter(point)
        canvas.refresh()
        self._flash(fix)
        if self.follow_button.isChecked():
            self.follow_changed.emit(fix.id)

    def _flash(self, fix: Any) -> None:
        writer, layer = self._feed.writer, self._feed.layer
        fid = writer.fid(fix.id) if writer is not None else None
        if layer is not None and fid is not None:
            self._iface.mapCanvas().flashFeatureIds(layer, [fid])

    def _on_follow(self, checked: bool) -> None:
        fix = self.current()
        if checked and fix is None:
            self.follow_button.setChecked(False)
            return
        self.follow_changed.emit(fix.id if checked and fix is not None else "")

    def _on_counted(self, shown: int, matching: int, total: int) -> None:
        if shown < matching:
            text = tr("The first {shown} of {matching} matching vehicles, of {total}. Filter to see others.")
        elif matching < total:
            text = tr("{matching} matching vehicles of {total}")
        else:
            text = tr("Vehicles: {total}")
        self.count_label.setText(text.format(shown=amount(shown), matching=amount(matching), total=amount(total)))
        self._keep_selection()

    def _keep_selection(self) -> None:
        """The chosen vehicle stays chosen when rows move."""
        if not self._wanted_id:
            return
        row = self.model.row_of(self._wanted_id)
        if row >= 0 and row != self.table.currentIndex().row():
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)
