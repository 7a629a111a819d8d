"""The tab with the geofences: a polygon layer, and what entered, left or crossed its polygons."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsMapLayerProxyModel, QgsProject
from qgis.gui import QgsFieldComboBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from .wording import clock_time, kind_word


class FencesTab(QWidget):
    """Shows one LiveFeed: its choice of polygons and what happened at them, both kept by ``keeper``."""

    def __init__(self, keeper: Any, actions: dict[str, Any], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._keeper, self._actions = keeper, actions
        self._feed: Optional[Any] = None
        self._fencing: Optional[Any] = None
        self._newest: Optional[Any] = None
        self.layer_box = QgsMapLayerComboBox()
        self.layer_box.setObjectName("redis_geo_live_fence_layer")
        self.layer_box.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer_box.setAllowEmptyLayer(True)
        self.layer_box.setLayer(None)
        self.name_box = QgsFieldComboBox()
        self.name_box.setObjectName("redis_geo_live_fence_name")
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
        self.table = QTableWidget(0, 4)
        self.table.setObjectName("redis_geo_live_fence_events")
        self.table.setHorizontalHeaderLabels([tr("Time"), tr("Vehicle"), tr("Event"), tr("Polygon")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        form = QFormLayout()
        form.addRow(tr("Polygons"), self.layer_box)
        form.addRow(tr("Name"), self.name_box)
        row = QHBoxLayout()
        row.addWidget(self.say_box)
        row.addStretch(1)
        row.addWidget(self.watch_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self.stream_box)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)

    def show_feed(self, feed: Optional[Any]) -> None:
        if feed is not self._feed:
            self._feed, self._newest = feed, None
            self.table.setRowCount(0)
        self.setEnabled(feed is not None)
        fencing = feed.spec.fencing if feed is not None else None
        if fencing is not None and fencing != self._fencing:
            self._show_fencing(fencing)
        self._fencing = fencing
        if feed is not None:
            self._show_events(self._keeper.events(feed.spec.uid))

    def _show_fencing(self, fencing: Any) -> None:
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

    def _show_events(self, events: Any) -> None:
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
            for column, text in enumerate((clock_time(event.time), event.vehicle, kind_word(event.kind), event.fence)):
                self.table.setItem(0, column, QTableWidgetItem(text))
        self.table.setRowCount(min(self.table.rowCount(), events.maxlen))

    def _on_layer(self, layer: Any) -> None:
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
        self._actions["fences"](self._feed.spec.uid, self._fencing)
