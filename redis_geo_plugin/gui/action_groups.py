"""The order of the plugin's actions in its menu and toolbar, whichever part adds its own first."""

from __future__ import annotations

from enum import IntEnum
from typing import Union

from qgis.PyQt.QtWidgets import QAction, QMenu, QToolBar


class Group(IntEnum):
    """What an action is for; groups stand in this order."""

    CONNECTION = 0
    PANELS = 1
    WORK = 2
    UPKEEP = 3
    HELP = 4


class GroupedActions:
    """Puts actions into a menu or a toolbar, group by group, with a separator between two groups."""

    def __init__(self, place: Union[QMenu, QToolBar]):
        self._place = place
        self._heads: dict[Group, QAction] = {}  # the separator before each group that has an action

    def add(self, action: QAction, group: Group) -> None:
        """Add an action as the last of its group."""
        later = [other for other in self._heads if other > group]
        before = self._heads[min(later)] if later else None
        if group not in self._heads:
            self._heads[group] = self._separator(before)
        self._insert(action, before)

    def _separator(self, before: Union[QAction, None]) -> QAction:
        separator = QAction(self._place)
        separator.setSeparator(True)
        self._insert(separator, before)
        return separator

    def _insert(self, action: QAction, before: Union[QAction, None]) -> None:
        self._place.insertAction(before, action)
        self._show_separators()

    def _show_separators(self) -> None:
        """A separator stands between two groups, not above the first."""
        first = min(self._heads, default=None)
        for group, separator in self._heads.items():
            separator.setVisible(group != first)
