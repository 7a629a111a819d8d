"""The tab with the geofences: a polygon layer, and what entered, left or crossed its polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
)

from ...bridge.i18n import tr
from ..labels import Label, TextCell
from ..row_menu import RowMenu
from ..wrapping import keep_rows_in_sight
from .feed_tab import FeedTab, TabTools
from .wording import amount, clock_time, kind_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qgis.core import QgsVectorLayer

    from ...bridge.live.live_feed import LiveFeed
    from ...core.live.fences import Event
    from ...core.live.spec import Fencing


class FencesTab(FeedTab):
    """Shows the polygons that one feed watches, and what happened at them; the fence keeper keeps both."""

    NAME = "fences"

    def __init__(self, tools: TabTools):
        super().__init__(tools)
        self._feed: Optional[LiveFeed] = None
        self._fencing: Optional[Fencing] = None
        self._newest: Optional[Event] = None
        self.layer_box = QgsMapLayerComboBox()
        self.layer_box.setObjectName("redis_geo_live_fence_layer")
        self.layer_box.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer_box.setAllowEmptyLayer(True, tr("choose a layer of polygons"))
        self.layer_box.setLayer(None)
        self.name_box = QgsFieldComboBox()
        self.name_box.setObjectName("redis_geo_live_fence_name")
        self.name_box.setAllowEmptyFieldName(True)  # by the ids of the features
        self.state_label = Label()
        self.state_label.setObjectName("redis_geo_live_fence_state")
        self.state_label.setWordWrap(True)
        tools.fence_keeper.counted.connect(lambda *_: self._say())
        self.layer_box.layerChanged.connect(self._on_layer)
        self.name_box.fieldChanged.connect(lambda _name: self._keep())
        self.say_box = QCheckBox(tr("Say it in the message bar"))
        self.say_box.setObjectName("redis_geo_live_fence_say")
        self.say_box.clicked.connect(lambda _on: self._keep())
        self.stream_box = QCheckBox(tr("Write it to the Redis stream flux:geofences"))
        self.stream_box.setObjectName("redis_geo_live_fence_stream")
        self.stream_box.clicked.connect(lambda _on: self._keep())
        self.watch_button = QPushButton(tr("Watch"))
        self.watch_button.setObjectName("redis_geo_live_fence_watch")
        self.watch_button.setCheckable(True)
        self.watch_button.clicked.connect(lambda _on: self._keep())
        self.table = _events_table()
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Polygons"), self.layer_box)
        form.addRow(tr("Named by"), self.name_box)
        row = QHBoxLayout()
        row.addWidget(self.say_box)
        row.addStretch(1)
        row.addWidget(self.watch_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self.stream_box)
        layout.addLayout(row)
        layout.addWidget(self.state_label)
        layout.addWidget(self.table, 1)
        RowMenu(self.table)

    @staticmethod
    def title() -> str:
        return tr("Geofences")

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Show the geofences of a feed, or of none."""
        if feed is not self._feed:
            self._feed, self._newest = feed, None
            self.table.setRowCount(0)
        self.setEnabled(feed is not None)
        fencing = feed.spec.fencing if feed is not None else None
        if fencing is not None and fencing != self._fencing:
            self._show_fencing(fencing)
        self._fencing = fencing
        if feed is not None:
            self._say()
            self._show_events(self.tools.fence_keeper.events(feed.spec.uid))

    def _show_fencing(self, fencing: Fencing) -> None:
        boxes = (self.layer_box, self.name_box, self.say_box, self.stream_box, self.watch_button)
        for box in boxes:
            box.blockSignals(True)
        layer = QgsProject.instance().mapLayer(fencing.layer)
        self.layer_box.setLayer(layer)
        self.name_box.setLayer(layer)
        self.name_box.setField(fencing.name_field)
        self.say_box.setChecked(fencing.say)
        self.stream_box.setChecked(bool(fencing.stream))
        self.watch_button.setChecked(fencing.watched)
        for box in boxes:
            box.blockSignals(False)

    def _say(self) -> None:
        """How many polygons are watched, as far as they were read."""
        feed, count = self._feed, None
        if feed is not None and feed.running and feed.spec.fencing.watched:
            count = self.tools.fence_keeper.counts.get(feed.spec.uid)
        if count is None:
            self.state_label.setText("")
        elif not count:
            self.state_label.setText(tr("This layer holds no polygon: nothing can be entered or left."))
        else:
            self.state_label.setText(tr("Polygons watched: {count}").format(count=amount(count)))

    def _show_events(self, events: Sequence[Event]) -> None:
        """List what happened since the last time, newest first."""
        fresh = []
        for event in reversed(events):
            if event is self._newest:
                break
            fresh.append(event)
        if not fresh:
            return
        self._newest = fresh[0]
        for event in reversed(fresh):
            self.table.insertRow(0)
            for column, text in enumerate(
                (clock_time(event.time), event.vehicle, kind_word(event.kind), event.fence)
            ):
                self.table.setItem(0, column, TextCell(text))
        self.table.setRowCount(min(self.table.rowCount(), events.maxlen))

    def _on_layer(self, layer: QgsVectorLayer) -> None:
        self.name_box.blockSignals(True)
        self.name_box.setLayer(layer)
        if layer is not None:
            self.name_box.setField(layer.displayField())  # what QGIS itself would call its features by
        self.name_box.blockSignals(False)
        self._keep()

    def _keep(self) -> None:
        """The choice counts at once, and is kept with the project."""
        if self._feed is None:
            return
        from ...core.live.fences import STREAM
        from ...core.live.spec import Fencing

        layer = self.layer_box.currentLayer()
        if layer is None:
            self.watch_button.setChecked(False)
        self._fencing = Fencing(
            layer=layer.id() if layer is not None else "",
            name_field=self.name_box.currentField(),
            say=self.say_box.isChecked(),
            stream=STREAM if self.stream_box.isChecked() else "",
            watched=self.watch_button.isChecked(),
        )
        self.tools.actions.fences(self._feed.spec.uid, self._fencing)


def _events_table() -> QTableWidget:
    table = QTableWidget(0, 4)
    table.setObjectName("redis_geo_live_fence_events")
    table.setHorizontalHeaderLabels([tr("Time"), tr("Vehicle"), tr("Event"), tr("Polygon")])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.verticalHeader().hide()
    keep_rows_in_sight(table)
    table.verticalHeader().setDefaultSectionSize(22)
    for column, width in enumerate((70, 100, 80)):
        table.setColumnWidth(column, width)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setHighlightSections(False)
    return table
