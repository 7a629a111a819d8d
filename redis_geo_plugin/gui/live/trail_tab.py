"""The tab with the trails: a layer of them, a slider through the last minutes, and saving both."""

from __future__ import annotations

import time
from typing import Any, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ..wrapping import WrapLayout, beside
from .boxes import whole_number
from .wording import duration_text, utc_text

STEPS = 600


class TrailTab(QWidget):
    """Shows one LiveFeed. The slider's right end is now."""

    def __init__(self, actions: dict[str, Any], parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._actions = actions
        self._feed: Optional[Any] = None
        self._spec: Optional[Any] = None
        self._span: Optional[tuple[float, float]] = None
        self.trail_button = QPushButton(tr("Show trails on the map"))
        self.trail_button.setObjectName("redis_geo_live_trails")
        self.trail_button.clicked.connect(lambda: self._feed and self._actions["trails"](self._feed))
        self.save_button = QPushButton(tr("Save as GeoPackage…"))
        self.save_button.setObjectName("redis_geo_live_save")
        self.save_button.setToolTip(
            tr("Positions and trails of the last minutes, with time for the Temporal Controller")
        )
        self.save_button.clicked.connect(self._save)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("redis_geo_live_slider")
        self.slider.setRange(0, STEPS)
        self.slider.setValue(STEPS)
        self.slider.valueChanged.connect(self._on_moved)
        self.live_button = QPushButton(tr("Back to live"))
        self.live_button.setObjectName("redis_geo_live_back")
        self.live_button.clicked.connect(self.back_to_live)
        self.moment_label = QLabel()
        self.moment_label.setObjectName("redis_geo_live_moment")
        self.moment_label.setWordWrap(True)
        self.minutes_box = whole_number("redis_geo_live_minutes", 1, 24 * 60, tr(" min"))
        self.points_box = whole_number("redis_geo_live_points", 2, 100_000)
        self.minutes_box.valueChanged.connect(lambda value: self._keep(trail_minutes=float(value)))
        self.points_box.valueChanged.connect(lambda value: self._keep(trail_points=value))
        self.gap_box = whole_number("redis_geo_live_gap", 1, 86_400, tr(" s"))
        self.gap_box.setToolTip(tr("Where a vehicle did not report for longer, its trail has a gap"))
        for box in (self.minutes_box, self.points_box, self.gap_box):
            box.setKeyboardTracking(False)  # each value counts at once
        self.gap_box.valueChanged.connect(lambda value: self._keep(trail_gap=float(value)))
        length = WrapLayout(
            beside(QLabel(tr("Keep the last")), self.minutes_box),
            beside(QLabel(tr("and at most")), self.points_box, QLabel(tr("points a vehicle"))),
        )
        gap = WrapLayout(beside(QLabel(tr("Gap after silence of")), self.gap_box))
        self.clock_box = QCheckBox(tr("Correct ages also where reports arrive old"))
        self.clock_box.setObjectName("redis_geo_live_clock")
        self.clock_box.setToolTip(
            tr("For a producer whose clock is behind. Where the way is slow, ages would be too small.")
        )
        self.clock_box.clicked.connect(lambda on: self._keep(clock="correct" if on else "auto"))
        top = WrapLayout(self.trail_button, self.save_button)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.live_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(top)
        layout.addLayout(length)
        layout.addLayout(gap)
        layout.addWidget(self.clock_box)
        layout.addSpacing(8)
        layout.addWidget(QLabel(tr("Rewind")))
        layout.addLayout(row)
        layout.addWidget(self.moment_label)
        layout.addStretch(1)

    def show_feed(self, feed: Optional[Any]) -> None:
        self._feed = feed
        self._show_lengths()
        core = feed.core if feed is not None else None
        running = core is not None
        for widget in (self.trail_button, self.save_button, self.slider, self.live_button):
            widget.setEnabled(running)
        if feed is None or feed.moment is None:
            self._span = core.trails.span() if core is not None else None
            self._set_slider(STEPS)
        self._say()

    def _show_lengths(self) -> None:
        """What the feed says, where that is not what is shown already (a box may just be typed in)."""
        spec = self._feed.spec if self._feed is not None else None
        if spec == self._spec:
            return
        self._spec = spec
        boxes = (self.minutes_box, self.points_box, self.gap_box, self.clock_box)
        for box in boxes:
            box.setEnabled(spec is not None)
            box.blockSignals(True)
        if spec is not None:
            self.minutes_box.setValue(round(spec.trail_minutes))
            self.points_box.setValue(spec.trail_points)
            self.gap_box.setValue(round(spec.trail_gap))
            self.clock_box.setChecked(spec.clock == "correct")
        for box in boxes:
            box.blockSignals(False)

    def _keep(self, **values: Any) -> None:
        if self._feed is not None:
            self._spec = self._feed.spec.changed(**values)
            self._feed.update_spec(self._spec)

    def back_to_live(self) -> None:
        if self._feed is not None and self._feed.moment is not None:
            self._feed.rewind(None)
        self._set_slider(STEPS)
        self._say()

    def _set_slider(self, value: int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(value)
        self.slider.blockSignals(False)

    def _on_moved(self, value: int) -> None:
        if self._feed is None or self._span is None:
            return
        if value >= STEPS:
            self.back_to_live()
            return
        start, end = self._span[0], max(self._span[1], self._span[0])
        self._feed.rewind(start + (end - start) * value / STEPS)
        self._say()

    def _say(self) -> None:
        if self._feed is None or self._span is None:
            self.moment_label.setText(tr("No trail yet."))
        elif self._feed.moment is None:
            length = duration_text(self._span[1] - self._span[0])
            self.moment_label.setText(tr("Live. {length} can be rewound.").format(length=length))
        else:
            text = tr("The map shows {moment} UTC, {ago} ago. New positions wait.")
            ago = duration_text(time.time() - self._feed.moment)
            self.moment_label.setText(text.format(moment=utc_text(self._feed.moment), ago=ago))

    def _save(self) -> None:
        if self._feed is None:
            return
        path, _ = QFileDialog.getSaveFileName(self, tr("Save positions and trails"), "", tr("GeoPackage (*.gpkg)"))
        if path:
            path = path if path.lower().endswith(".gpkg") else path + ".gpkg"
            self._actions["save"](self._feed, path)
