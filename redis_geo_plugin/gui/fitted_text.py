"""The words of a message in the height that they need, whatever the width; of very many the first ones, with
a button for the rest."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Optional

from qgis.gui import QgsMessageViewer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QTimer
from qgis.PyQt.QtWidgets import QPushButton, QTextBrowser

from ..bridge.i18n import tr
from ..bridge.plain import escaped, tool_tip
from ..core.readable import cut

if TYPE_CHECKING:
    from qgis.gui import QgsMessageBarItem

LONGEST = 2_000  # characters that are tried
MOST = 120  # pixels of the words: about six lines, of a map that may be 300 high


class FittedText(QObject):
    """Gives a message of the bar the height of its lines: QGIS gives it that of two, whatever the width.

    Args:
        item: the QgsMessageBarItem, which it goes with.
        text: what is said, on one line.
    """

    def __init__(self, item: QgsMessageBarItem, text: str):
        super().__init__(item)
        self._item, self._text, self._shown = item, text, cut(text, LONGEST)
        self._width = -1
        self.more: Optional[QPushButton] = None
        self._words = item.findChild(QTextBrowser)
        if self._words is not None:
            self._words.installEventFilter(self)

    def eventFilter(self, _words: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self._fit)  # once the lines are laid out in the new width
        return False

    def _fit(self) -> None:
        if sip.isdeleted(self) or sip.isdeleted(self._words):
            return
        width = self._words.viewport().width()
        if width == self._width and self._needed() <= self._words.height() + 1:
            return
        self._width = width
        self._show(cut(self._text, LONGEST))
        if self._needed() > MOST:
            self._offer_all().show()
            self._show(cut(self._text, self._most()))
        elif self.more is not None:
            self.more.hide()
        self._words.setFixedHeight(max(min(self._needed(), MOST), self._words.fontMetrics().height()))

    def _offer_all(self) -> QPushButton:
        if self.more is None:
            self.more = QPushButton(tr("More…"), self._item)
            self.more.setObjectName("redis_geo_message_more")
            self.more.setToolTip(tool_tip(self._text))
            self.more.clicked.connect(lambda _checked=False: self._show_all())
            layout = self._item.layout()
            layout.insertWidget(layout.indexOf(self._words) + 1, self.more)
        return self.more

    def _show(self, text: str) -> None:
        if text != self._shown:
            self._shown = text
            self._item.setText(escaped(text))

    def _needed(self) -> int:
        """The height of what is shown now."""
        return ceil(self._words.document().size().height()) + 2 * self._words.frameWidth()

    def _most(self) -> int:
        """How many characters of the text fit."""
        least, most = 1, min(len(self._text), LONGEST)
        while least < most:
            middle = (least + most + 1) // 2
            self._show(cut(self._text, middle))
            if self._needed() <= MOST:
                least = middle
            else:
                most = middle - 1
        return least

    def _show_all(self) -> None:
        viewer = QgsMessageViewer(self._item.window())
        viewer.setTitle("Redis Geo")
        viewer.setMessageAsPlainText(self._text)
        viewer.showMessage(False)
