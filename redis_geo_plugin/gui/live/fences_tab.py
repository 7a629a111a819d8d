"""The tab with the geofences: a polygon layer, and what entered, left or crossed its polygons."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import QgsMapLayerProxyModel
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
from .wording import clock_time

KEPT = 500
SAID = 3  # events named in one message


def kind_word(kind: str) -> str:
    """What a vehicle did with a polygon."""
    return {"enter": tr("entered"), "leave": tr("left"), "cross": tr("crossed")}.get(kind, kind)


class FencesTab(QWidget):
    """Shows one LiveFeed."""

    def __init__(self, actions: dict[str, Any], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._actions = actions
        self._feed: Optional[Any] = None
        self.layer_box = QgsMapLayerComboBox()
        self.layer_box.setObjectName("redis_geo_live_fence_layer")
        self.layer_box.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layer_box.setAllowEmptyLayer(True)
        self.layer_box.setLayer(None)
        self.name_box = QgsFieldComboBox()
        self.name_box.setObjectName("redis_geo_live_fence_name")
        self.layer_box.layerChanged.connect(self._on_layer)
        self.say_box = QCheckBox(tr("Say it in the message bar"))
        self.say_box.setObjectName("redis_geo_live_fence_say")
        self.stream_box = QCheckBox(tr("Write it to the Redis stream flux:geofences"))
        self.stream_box.setObjectName("redis_geo_live_fence_stream")
        self.watch_button = QPushButton(tr("Watch"))
        self.watch_button.setObjectName("redis_geo_live_fence_watch")
        self.watch_button.setCheckable(True)
        self.watch_button.clicked.connect(self._watch)
        self.table = QTableWidget(0, 4)
        self.table.setObjectName("redis_geo_live_fence_events")
        self.table.setHorizontalHeaderLabels([tr("Time"), tr("Vehicle"), tr("Event"), tr("Polygon")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.horizontalHeader().setStretchLastSection(True)
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
            self._feed = feed
            self.watch_button.setChecked(False)
            self.table.setRowCount(0)

    def take_events(self, feed: Any) -> None:
        """List what happened since the last call, newest first."""
        events = feed.core.take_events() if feed.core is not None else []
        if not events:
            return
        texts = []
        for event in events[-KEPT:]:
            word = kind_word(event.kind)
            self.table.insertRow(0)
            for column, text in enumerate((clock_time(event.time), event.vehicle, word, event.fence)):
                self.table.setItem(0, column, QTableWidgetItem(text))
            texts.append(tr("{vehicle} {did} {polygon}").format(vehicle=event.vehicle, did=word, polygon=event.fence))
        self.table.setRowCount(min(self.table.rowCount(), KEPT))
        if self.say_box.isChecked():
            self._actions["fence_events"](texts[:SAID], max(len(events) - SAID, 0))

    def _on_layer(self, layer: Any) -> None:
        self.name_box.setLayer(layer)
        if self.watch_button.isChecked():
            self._watch(True)

    def _watch(self, on: bool) -> None:
        layer = self.layer_box.currentLayer() if on else None
        if self._feed is None or (on and layer is None):
            self.watch_button.setChecked(False)
            return
        from ...core.live.fences import STREAM

        stream = STREAM if self.stream_box.isChecked() else ""
        self._actions["fences"](self._feed, layer, self.name_box.currentField(), stream)
