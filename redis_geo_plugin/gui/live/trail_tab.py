"""The tab with the trails: a layer of them, a slider through the last minutes, and saving both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ..icons import icon
from ..labels import Label
from ..wrapping import WrapLayout, beside
from .boxes import whole_number
from .feed_tab import FeedTab, TabTools
from .temporal import open_controller
from .wording import duration_text, utc_text

if TYPE_CHECKING:
    from ...bridge.live.live_feed import LiveFeed
    from ...core.live.spec import FeedSpec


STEPS = 600


class TrailTab(FeedTab):
    """Shows the trails of one feed. The slider's right end is now."""

    NAME = "trail"

    def __init__(self, tools: TabTools):
        super().__init__(tools)
        self._feed: Optional[LiveFeed] = None
        self._spec: Optional[FeedSpec] = None
        self._span: Optional[tuple[float, float]] = None
        self.trail_button = QPushButton(tr("Show trails on the map"))
        self.trail_button.setObjectName("redis_geo_live_trails")
        self.trail_button.clicked.connect(lambda: self._feed and tools.actions.trails(self._feed))
        self.save_button = QPushButton(tr("Save as GeoPackage…"))
        self.save_button.setObjectName("redis_geo_live_save")
        self.save_button.setToolTip(
            tr("Positions and trails of the last minutes, with time for the Temporal Controller")
        )
        self.save_button.clicked.connect(self._save)
        self.replay_button = self._make_replay_button()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("redis_geo_live_slider")
        self.slider.setRange(0, STEPS)
        self.slider.setValue(STEPS)
        self.slider.valueChanged.connect(self._on_moved)
        self.live_button = QPushButton(tr("Back to live"))
        self.live_button.setObjectName("redis_geo_live_back")
        self.live_button.clicked.connect(self.back_to_live)
        self.controller_button = self._make_controller_button()
        self.moment_label = Label()
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
        self.clock_box = QCheckBox(tr("Correct ages also where reports arrive old"))
        self.clock_box.setObjectName("redis_geo_live_clock")
        self.clock_box.setToolTip(
            tr("For a producer whose clock is behind. Where the way is slow, ages would be too small.")
        )
        self.clock_box.clicked.connect(lambda on: self._keep(clock="correct" if on else "auto"))
        self._lay_out()

    def _make_replay_button(self) -> QPushButton:
        button = QPushButton(tr("Replay the stream…"))
        button.setObjectName("redis_geo_live_replay")
        words = tr(
            "Look through all that the stream has kept; then QGIS's Temporal Controller plays "
            "it, at any speed"
        )
        button.setToolTip(tool_tip(words))
        button.clicked.connect(lambda _checked=False: self._replay())
        return button

    def _replay(self) -> None:
        if self._feed is not None:
            self.tools.actions.replay(self._feed)

    def _make_controller_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("redis_geo_live_controller")
        button.setIcon(icon("/propertyicons/temporal.svg"))
        button.setToolTip(
            tool_tip(
                tr(
                    "Rewind with QGIS's Temporal Controller: it is set to the time that can be rewound. "
                    "While it shows a moment, so do the feeds."
                )
            )
        )
        button.clicked.connect(self._open_controller)
        return button

    def _lay_out(self) -> None:
        length = WrapLayout(
            beside(Label(tr("Keep the last")), self.minutes_box),
            beside(Label(tr("and at most")), self.points_box, Label(tr("points a vehicle"))),
        )
        gap = WrapLayout(beside(Label(tr("Gap after silence of")), self.gap_box))
        top = WrapLayout(self.trail_button, self.save_button, self.replay_button)
        row = QHBoxLayout()
        row.addWidget(self.slider, 1)
        row.addWidget(self.live_button)
        row.addWidget(self.controller_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        layout.addLayout(top)
        layout.addLayout(length)
        layout.addLayout(gap)
        layout.addWidget(self.clock_box)
        layout.addSpacing(8)
        layout.addWidget(Label(tr("Rewind")))
        layout.addLayout(row)
        layout.addWidget(self.moment_label)
        layout.addStretch(1)

    @staticmethod
    def title() -> str:
        return tr("Trails")

    def show_feed(self, feed: Optional[LiveFeed]) -> None:
        """Show the trails of a feed, or none."""
        self._feed = feed
        self._show_lengths()
        core = feed.core if feed is not None else None
        running = core is not None and feed is not None and not feed.is_mapped
        self.trail_button.setEnabled(core is not None)
        for widget in (
            self.save_button,
            self.slider,
            self.live_button,
            self.controller_button,
        ):
            widget.setEnabled(running)
        self.replay_button.setVisible(feed is not None and feed.spec.kind == "stream")
        self.replay_button.setEnabled(running)
        moment = feed.moment if feed is not None else None
        if moment is None or self._span is None:
            self._span = core.trails.span() if core is not None else None
        self._set_slider(STEPS if moment is None else self._step_of(moment))
        self._say()

    def _step_of(self, moment: float) -> int:
        """Where the slider stands at a moment, which the Temporal Controller may have set."""
        if self.slider.isSliderDown() or self._span is None or self._span[1] <= self._span[0]:
            return self.slider.value()
        share = (moment - self._span[0]) / (self._span[1] - self._span[0])
        return round(max(0.0, min(1.0, share)) * (STEPS - 1))

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

    def _keep(self, **values: object) -> None:
        if self._feed is not None:
            self._spec = self._feed.spec.changed(**values)
            self._feed.update_spec(self._spec)

    def back_to_live(self) -> None:
        """Move the slider to now."""
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
        if self._feed is not None and self._feed.is_mapped:
            text = tr(
                "A process of its own reads this fleet: there is no past. Trails need an ordinary layer."
            )
            self.moment_label.setText(text)
        elif self._feed is None or self._span is None:
            self.moment_label.setText(tr("No trail yet."))
        elif self._feed.moment is None:
            length = duration_text(self._span[1] - self._span[0])
            self.moment_label.setText(tr("Live. {length} can be rewound.").format(length=length))
        else:
            text = tr("The map shows {moment} UTC, {ago} ago. New positions wait.")
            ago = duration_text(time.time() - self._feed.moment)
            self.moment_label.setText(text.format(moment=utc_text(self._feed.moment), ago=ago))

    def _open_controller(self) -> None:
        if self._span is None or not open_controller(self.tools.iface, self._span):
            self.moment_label.setText(tr("No trail yet."))

    def _save(self) -> None:
        if self._feed is None:
            return
        path = ask_where_to_save(self)
        if path:
            self.tools.actions.save(self._feed, path)


def ask_where_to_save(parent: QWidget) -> str:
    """The path of the GeoPackage for positions and trails, as the user chooses it; "" for none."""
    path, _ = QFileDialog.getSaveFileName(
        parent, tr("Save positions and trails"), "", tr("GeoPackage (*.gpkg)")
    )
    return path if not path or path.lower().endswith(".gpkg") else path + ".gpkg"
