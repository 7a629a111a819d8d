"""The menu of a row: what the buttons beside a table do, and copying, at a right click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, Optional

from qgis.PyQt.QtCore import QItemSelectionModel, QModelIndex, QObject, QPoint, Qt
from qgis.PyQt.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QHeaderView, QMenu

from ..bridge.i18n import tr
from ..core.readable import spreadsheet_cell


class RowMenu(QObject):
    """Opens a menu on the rows of a table, tree or list; the row under the pointer is chosen first.

    Args:
        view: The table.
        buttons: Those that do something with the chosen rows. Each stands in the menu with its words, its
            icon and its state; one that is hidden does not.
        name_of: The whole name of a row, where the row shows a part of it; *Copy the name* copies that.
    """

    def __init__(
        self,
        view: QAbstractItemView,
        buttons: Sequence[QAbstractButton] = (),
        name_of: Optional[Callable[[QModelIndex], str]] = None,
    ):
        super().__init__(view)
        self._name_of = name_of
        self._view, self._buttons = view, list(buttons)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open)
        for header in view.findChildren(QHeaderView):  # a heading that is too long ends in three dots
            header.setTextElideMode(Qt.TextElideMode.ElideRight)

    def _open(self, position: QPoint) -> None:
        menu = self.menu_at(position)
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._view.viewport().mapToGlobal(position))

    def menu_at(self, position: QPoint) -> Optional[QMenu]:
        """The menu of the row at a position of the view; None where there is none."""
        index = self._view.indexAt(position)
        if not index.isValid():
            return None
        selection = self._view.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        if not selection.isRowSelected(index.row(), index.parent()):
            if self._view.selectionMode() == QAbstractItemView.SelectionMode.NoSelection:
                selection.setCurrentIndex(index, flags.NoUpdate)
            else:
                selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        menu = QMenu(self._view)
        for button in self._buttons:
            if not button.isHidden():
                words = button.text() or button.toolTip()
                action = menu.addAction(button.icon(), words, button.click)
                action.setObjectName(button.objectName())
                action.setEnabled(button.isEnabled())
        if menu.actions():
            menu.addSeparator()
        copy = menu.addAction(tr("Copy"), self.copy)
        copy.setObjectName("redis_geo_row_copy")
        name = self._name_of(index.sibling(index.row(), 0)) if self._name_of is not None else ""
        if name:
            whole = menu.addAction(tr("Copy the name"), lambda: QApplication.clipboard().setText(name))
            whole.setObjectName("redis_geo_row_copy_name")
        return menu

    def copy(self) -> None:
        """Copy the chosen rows, as text for a spreadsheet."""
        model, selection = self._view.model(), self._view.selectionModel()
        rows = selection.selectedRows() or [selection.currentIndex()]
        lines = []
        for row in rows:
            cells = [
                row.sibling(row.row(), column).data() for column in range(model.columnCount(row.parent()))
            ]
            lines.append("\t".join(spreadsheet_cell(str(cell)) if cell is not None else "" for cell in cells))
        QApplication.clipboard().setText("\n".join(lines))
