"""The tab with the list of vehicles: filter, sort, zoom, flash, follow."""

from __future__ import annotations

import math
import time
from collections.abc import Container
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QItemSelectionModel, QModelIndex, Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QToolButton,
    QVBoxLayout,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ..icons import icon
from ..labels import Label
from ..row_menu import RowMenu
from ..wrapping import keep_rows_in_sight
from .charts import Chart
from .feed_tab import FeedTab, TabTools
from .map_view import extent_of, point_on, zoom_to_places
from .vehicle_selection import VehicleSelection
from .vehicles_model import VehiclesModel
from .wording import KMH, amount

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from ...core.live.records import Fix


class VehiclesTab(FeedTab):
    """Shows the vehicles of one feed."""

    NAME = "vehicles"

    def __init__(self, tools: TabTools):
        super().__init__(tools)
        self._iface = tools.iface
        self._feed: Optional[LiveFeed] = None
        self._wanted_id = ""
        self._counts = (0, 0, 0)
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
        self.follow_button.setToolTip(
            tr("Keep the chosen vehicle in the middle of the map, until you move the map")
        )
        self.follow_button.setCheckable(True)
        self.follow_button.toggled.connect(self._on_follow)
        self._make_table()
        self.count_label = Label()
        self.count_label.setObjectName("redis_geo_live_count")
        self.fleet_button = self._zoom_button(
            "redis_geo_live_zoom", "/mActionZoomToLayer.svg", tr("Zoom to all vehicles of the feed")
        )
        self.fleet_button.clicked.connect(lambda: self._zoom(None))
        self.selected_button = self._zoom_button(
            "redis_geo_live_zoom_selected", "/mActionZoomToSelected.svg", tr("Zoom to the selected vehicles")
        )
        self.selected_button.clicked.connect(lambda: self._zoom(self.selection.ids))
        self.speed_chart = Chart("redis_geo_live_speed_chart", 1)
        self.lag_chart = Chart("redis_geo_live_lag_chart")
        charts = QHBoxLayout()
        charts.addWidget(self.speed_chart)
        charts.addWidget(self.lag_chart)
        top = QHBoxLayout()
        top.addWidget(self.filter_edit, 1)
        for button in (self.fleet_button, self.selected_button, self.follow_button):
            top.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.extent_box)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.count_label)
        layout.addLayout(charts)
        RowMenu(self.table, [self.follow_button, self.selected_button])

    def _make_table(self) -> None:
        self.table = QTableView()
        self.table.setObjectName("redis_geo_live_vehicles")
        self.table.setModel(self.model)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        keep_rows_in_sight(self.table, 3)
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.horizontalHeader().setDefaultSectionSize(90)
        self.table.horizontalHeader().setHighlightSections(False)  # in bold, the headings would be cut off
        for column, width in enumerate((90, 85, 95, 60, 150)):
            self.table.setColumnWidth(column, width)
        self.table.clicked.connect(self._on_clicked)
        self.selection = VehicleSelection(self.table, self.model)
        self.selection.changed.connect(self._on_selected)

    def _zoom_button(self, name: str, icon_name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setIcon(icon(icon_name))
        button.setToolTip(tool_tip(tip))
        button.setAutoRaise(True)
        return button

    @staticmethod
    def title() -> str:
        return tr("Vehicles")

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Show the vehicles of a feed, or none."""
        if feed is not self._feed:
            self._feed, self._wanted_id = feed, ""
            self.follow_button.setChecked(False)
        self.extent_box.setEnabled(feed is not None)
        self.extent_box.blockSignals(True)
        self.extent_box.setChecked(feed is not None and feed.spec.in_view)
        self.extent_box.blockSignals(False)
        self.update_extent()
        self.model.show_feed(feed.core if feed is not None else None)
        self.selection.show_feed(feed)
        self.fleet_button.setEnabled(feed is not None)
        self.show_charts()

    def show_charts(self) -> None:
        """The speed of the chosen vehicle, and the lag of the feed."""
        feed = self._feed
        lags = [(when, seconds * 1000.0) for when, seconds in feed.lags] if feed is not None else []
        self.lag_chart.show_points(tr("Lag (ms)"), lags, tr("no change yet"))
        ident, core = self._wanted_id, feed.core if feed is not None else None
        if not ident:
            self.speed_chart.show_points(tr("Speed (km/h)"), [], tr("choose a vehicle"))
            return
        way = core.trails.way(ident, time.time()) if core is not None else []
        speeds = [(point[0], point[3] * KMH) for point in way if not math.isnan(point[3])]
        title = tr("{vehicle} (km/h)").format(vehicle=ident)
        self.speed_chart.show_points(title, speeds, tr("no speeds yet"))

    def close_models(self) -> None:
        self.selection.close()
        self.model.close()

    def update_extent(self) -> None:
        """Restrict the list, as the layer is, to what the map shows, where that is wanted."""
        wanted = self._feed is not None and self._feed.spec.in_view
        self.model.restrict(extent_of(self._iface.mapCanvas()) if wanted else None)

    def _on_in_view(self, checked: bool) -> None:
        self.tools.actions.in_view(self.tools.chosen(), checked)
        self.update_extent()

    def _on_clicked(self, index: QModelIndex) -> None:
        """A click shows the vehicle; with Ctrl or Shift it only adds to the selection."""
        if len(self.selection.ids) <= 1:
            self.zoom_to(index.row())

    def _on_selected(self) -> None:
        """One vehicle that is selected, here or on the map, is the one that the charts show and *Follow*
        means."""
        self.selected_button.setEnabled(bool(self.selection.ids))
        if len(self.selection.ids) == 1:
            self._wanted_id = next(iter(self.selection.ids))
            self._keep_selection()
        self._say_count()
        self.show_charts()

    def _zoom(self, idents: Optional[Container[str]]) -> None:
        """Show these vehicles on the map; None for all."""
        fixes = self._feed.where() if self._feed is not None else None
        if fixes is not None:
            chosen = [idents is None or ident in idents for ident in fixes.idents]
            places = zip(fixes.lon.tolist(), fixes.lat.tolist(), chosen)
            zoom_to_places(self._iface.mapCanvas(), [(lon, lat) for lon, lat, wanted in places if wanted])

    def current(self) -> Optional[Fix]:
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
            self._follow(fix.id)

    def _flash(self, fix: Fix) -> None:
        writer, layer = self._feed.writer, self._feed.layer
        fid = writer.fid(fix.id) if writer is not None else None
        if layer is not None and fid is not None:
            self._iface.mapCanvas().flashFeatureIds(layer, [fid])

    def _on_follow(self, checked: bool) -> None:
        fix = self.current()
        if checked and fix is None:
            self.follow_button.setChecked(False)
            return
        self._follow(fix.id if checked and fix is not None else "")

    def _follow(self, ident: str) -> None:
        """Keep this vehicle in the middle of the map; "" ends it."""
        self.tools.actions.follow(ident)

    def _on_counted(self, shown: int, matching: int, total: int) -> None:
        self._counts = (shown, matching, total)
        self._say_count()
        self.selection.show_rows()
        self._keep_selection()

    def _say_count(self) -> None:
        shown, matching, total = self._counts
        if shown < matching:
            text = tr("The first {shown} of {matching} matching vehicles, of {total}. Filter to see others.")
        elif matching < total:
            text = tr("{matching} matching vehicles of {total}")
        else:
            text = tr("Vehicles: {total}")
        text = text.format(shown=amount(shown), matching=amount(matching), total=amount(total))
        if self.selection.ids:
            selected = amount(len(self.selection.ids))
            text = tr("{vehicles} · selected: {count}").format(vehicles=text, count=selected)
        self.count_label.setText(text)

    def _keep_selection(self) -> None:
        """The chosen vehicle stays the current one when rows move."""
        if not self._wanted_id:
            return
        row = self.model.row_of(self._wanted_id)
        if row >= 0 and row != self.table.currentIndex().row():
            flags = QItemSelectionModel.SelectionFlag.NoUpdate
            self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)
