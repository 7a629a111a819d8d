"""The upper part of the Server dock: the light with its sentence, memory, and the figures, renewed every few
seconds."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.words import failures
from ..drawing import TextBar, dot
from ..labels import Label
from . import wording
from .plot import Sparkline

if TYPE_CHECKING:
    from ...core.admin.health import ServerHealth
    from .latency import LatencyLog
    from .watcher import Figures

COLORS = {
    "protected": QColor("#2e9e44"),
    "partly": QColor("#e59c00"),
    "not_protected": QColor("#d82c20"),
    "unknown": QColor("#9e9e9e"),
}
_RECENT = 600.0  # seconds over which evictions are called recent


class HeadPanel(QWidget):
    """Shows the figures that ``show_figures`` is given."""

    def __init__(self, latencies: LatencyLog):
        super().__init__()
        self._latencies = latencies
        self.health: Optional[ServerHealth] = None
        self._mean_results: dict[str, float] = {}
        self._evicted: deque[tuple[float, int]] = deque()
        self._build()

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 0)
        head = QHBoxLayout()
        self.lamp = Label()
        self.light = Label(bold=True)
        self.light.setObjectName("redis_geo_server_light")
        self.light.setWordWrap(True)
        head.addWidget(self.lamp)
        head.addWidget(self.light, 1)
        self.risks = Label()
        self.risks.setObjectName("redis_geo_server_risks")
        self.risks.setWordWrap(True)
        layout.addLayout(head)
        layout.addWidget(self.risks)
        self.memory = TextBar()
        self.memory.setObjectName("redis_geo_server_memory")
        self.memory.setRange(0, 1000)
        self.room = Label()
        self.room.setObjectName("redis_geo_server_room")
        self.room.setWordWrap(True)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(3)
        grid.addWidget(Label(tr("Memory")), 0, 0)
        grid.addWidget(self.memory, 0, 1)
        grid.addWidget(self.room, 1, 1)
        self.hit_rate = self._row(grid, 2, tr("Hit rate"), "hit_rate")
        self.evictions = self._row(grid, 3, tr("Evicted"), "evicted")
        self.clients = self._row(grid, 4, tr("Clients"), "clients")
        self.latency = self._row(grid, 5, tr("Latency"), "latency")
        self.plot = Sparkline(600.0)
        self.plot.setObjectName("redis_geo_server_latency_plot")
        grid.addWidget(self.plot, 6, 1)
        layout.addLayout(grid)
        layout.addStretch(1)
        self.clear(tr("Asking the server…"))

    def _row(self, grid: QGridLayout, row: int, title: str, name: str) -> Label:
        value = Label()
        value.setObjectName(f"redis_geo_server_{name}")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setWordWrap(True)
        caption = Label(title)
        caption.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(caption, row, 0)
        grid.addWidget(value, row, 1)
        return value

    def clear(self, why: str) -> None:
        """No figures (yet): say why."""
        self.health = None
        self._evicted.clear()
        self.lamp.setPixmap(dot(COLORS["unknown"], 18))
        self.light.setText(why)
        self.risks.hide()
        self.room.hide()
        self.memory.setValue(0)
        self.memory.setFormat("")
        for label in (self.hit_rate, self.evictions, self.clients, self.latency):
            label.setText("–")
        self.show_latency()

    def show_figures(self, figures: Figures) -> None:
        """New figures; a failure leaves the last ones on screen and says since when they are old."""
        if figures.health is None:
            if figures.failure is not None:
                self.risks.setText(failures.in_words(figures.failure))
                self.risks.show()
                known = tr("No answer; the figures below are the last known.")
                self.light.setText(tr("No answer.") if self.health is None else known)
                self.lamp.setPixmap(dot(COLORS["unknown"], 18))
            return
        from ...core.admin.protection import judge

        self.health = health = figures.health
        verdict = judge(health)
        self.lamp.setPixmap(dot(COLORS[verdict.light.value], 18))
        self.light.setText(wording.light(verdict))
        self.risks.setText(wording.risks(verdict, health))
        self.risks.show()
        if "INFO" in health.refused:
            for label in (self.hit_rate, self.evictions, self.clients):
                label.setText(tr("not allowed to this user (INFO)"))
            self.memory.setFormat(tr("not allowed to this user (INFO)"))
        else:
            self._show_counts(health)
        self.show_latency()

    def _show_counts(self, health: ServerHealth) -> None:
        share = (
            health.full
            if health.full is not None
            else health.used / health.machine
            if health.machine
            else 0.0
        )
        self.memory.setValue(min(1000, round(1000 * share)))
        self.memory.setFormat(wording.memory(health))
        self.memory.setToolTip(tool_tip(wording.when_full(health)))
        self.room.setToolTip(tool_tip(wording.when_full(health)))
        self.hit_rate.setText(wording.hit_rate(health))
        self.clients.setText(wording.clients(health))
        now = time.time()
        self._evicted.append((now, health.evicted))
        while self._evicted[0][0] < now - _RECENT:
            self._evicted.popleft()
        since, before = self._evicted[0]
        self.evictions.setText(wording.evictions(health, max(0, health.evicted - before), (now - since) / 60))
        self._show_room()

    def show_mean_results(self, means: dict[str, float]) -> None:
        """The mean size of a cached result in bytes, of each operation, from the survey of keys."""
        self._mean_results = means
        self._show_room()

    def _show_room(self) -> None:
        text = wording.room(self.health, self._mean_results) if self.health is not None else ""
        self.room.setText(text)
        self.room.setVisible(bool(text) and "INFO" not in self.health.refused)

    def show_latency(self) -> None:
        """The latest ping and the plot of the last minutes."""
        points = self._latencies.points
        value = points[-1][1] if points else None
        if value is not None:
            self.latency.setText(wording.milliseconds(value))
        elif points:
            self.latency.setText(tr("no answer"))
        self.plot.show_points(points)
