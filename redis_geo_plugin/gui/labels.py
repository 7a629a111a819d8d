"""Labels and rows that show text as it is: names and words of others stand in nearly all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QTableWidgetItem, QTreeWidgetItem, QWidget

from ..bridge.plain import cell_text
from ..core.readable import printable


class Label(QLabel):
    """A label that never takes its text for HTML. ``bold`` is for titles."""

    def __init__(self, text: str = "", parent: Optional[QWidget] = None, *, bold: bool = False):
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.set_bold(bold)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show a text; invisible characters and those that change the direction are shown as codes."""
        super().setText(printable(text))

    def set_bold(self, bold: bool) -> None:
        """Show the text in bold, or no longer."""
        font = self.font()
        font.setBold(bold)
        self.setFont(font)


class TextRow(QTreeWidgetItem):
    """A row of a tree or list with its texts, each cut and without invisible characters."""

    def __init__(self, texts: Sequence[str] = ()):
        super().__init__([cell_text(text) for text in texts])

    def setText(self, column: int, text: str) -> None:  # noqa: N802 - Qt's name
        """Show a text in a column."""
        super().setText(column, cell_text(text))


class TextCell(QTableWidgetItem):
    """A cell of a table with its text, cut and without invisible characters."""

    def __init__(self, text: str = ""):
        super().__init__(cell_text(text))
