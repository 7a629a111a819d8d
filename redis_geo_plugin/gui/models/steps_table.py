"""The table of the steps of a run."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from ...bridge.plain import tool_tip
from ...bridge.steps.records import State, StepRecord
from ...bridge.words import steps as words
from ..icons import icon
from ..labels import TextRow
from ..row_menu import RowMenu
from ..wrapping import room_for_headings

INDENT = "    "  # for each model around a step
COLUMNS = 5  # what is spared stands in the outcome, in a narrow panel
NUMBERS = range(2, COLUMNS)  # columns
ICONS = ("step_kept", "step_run", "step_running", "step_waiting")


class StepsTable(QTreeWidget):
    """Shows steps as they are, and below a step why it was not cached. ``show_steps`` may be called as often
    as there is news."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("redis_geo_models_steps")
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(0)
        self.setAlternatingRowColors(True)
        self.setHeaderLabels(words.headings()[:COLUMNS])
        header = self.header()
        header.setStretchLastSection(False)
        room_for_headings(header)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in NUMBERS:
            self.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
        self.setMinimumHeight(7 * (self.fontMetrics().height() + 6))
        RowMenu(self)
        self._icons = {name: icon(name) for name in ICONS}
        self._shown: list[StepRecord] = []

    def show_steps(self, steps: list[StepRecord]) -> None:
        """Show these steps; of those that are there already only what is new changes."""
        if [step.path for step in steps] != [step.path for step in self._shown]:
            self.clear()
            for _step in steps:
                self.addTopLevelItem(_row())
            self._shown = []
        for place, step in enumerate(steps):
            if step.state is State.RUNNING or place >= len(self._shown) or step != self._shown[place]:
                self._show(self.topLevelItem(place), step)
        self._shown = list(steps)

    def _show(self, item: QTreeWidgetItem, step: StepRecord) -> None:
        texts = words.cells(step)[:COLUMNS]
        tip = "\n".join(filter(None, [step.title, texts[1], step.reason, step.algorithm]))
        texts[0] = INDENT * step.depth + texts[0]
        for column, text in enumerate(texts):
            item.setText(column, text)
            item.setToolTip(column, tool_tip(tip))
        font = item.font(0)
        font.setBold(step.state is State.RUNNING)
        item.setFont(0, font)
        item.setIcon(0, self._icons[_icon(step)])
        if step.reason and step.state is State.DONE and not item.childCount():
            why = TextRow([INDENT * (step.depth + 2) + step.reason])
            why.setToolTip(0, tool_tip(tip))
            why.setFlags(Qt.ItemFlag.ItemIsEnabled)
            item.addChild(why)
            why.setFirstColumnSpanned(True)
            item.setExpanded(True)


def _row() -> QTreeWidgetItem:
    made = TextRow()
    for column in NUMBERS:
        made.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
    return made


def _icon(step: StepRecord) -> str:
    if step.state is State.DONE:
        return "step_kept" if step.kept else "step_run"
    return "step_running" if step.state is State.RUNNING else "step_waiting"
