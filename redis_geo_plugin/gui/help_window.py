"""The window of the help: contents and search on the left, the page on the right."""

from __future__ import annotations

import threading
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QImage, QKeySequence, QTextBlock, QTextCursor, QTextTable
from qgis.PyQt.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QStyle,
    QTextBrowser,
    QTextEdit,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..bridge import documentation
from ..bridge.documentation import FIRST, Section, slug
from ..bridge.i18n import tr
from ..bridge.plain import tool_tip
from ..bridge.relay import Relay
from .dialogs import open_at
from .icons import icon
from .labels import TextRow

_TARGET = Qt.ItemDataRole.UserRole
BESIDE_PICTURE = 120  # pixels: margins, and the indent of a list in which a picture may stand


class HelpWindow(QDialog):
    """Back, forward and the first page; a tree of all pages, or of what was found; the page."""

    def __init__(self, parent: Optional[QWidget]) -> None:
        super().__init__(parent)
        self.setObjectName("redis_geo_help")
        self.setWindowTitle(tr("Redis Geo help"))
        self.setWindowIcon(icon("redis_geo"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        open_at(self, 1080, 720)
        self._sections: list[Section] = []
        self.browser = HelpBrowser(self)
        self.tree = QTreeWidget()
        self.tree.setObjectName("redis_geo_help_contents")
        self.tree.setHeaderHidden(True)
        self.tree.itemClicked.connect(self._open_item)
        self.tree.itemActivated.connect(self._open_item)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.tree)
        splitter.addWidget(self.browser)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([270, 810])
        layout = QVBoxLayout(self)
        layout.addLayout(self._head())
        layout.addWidget(splitter, 1)
        self.browser.sourceChanged.connect(self._mark_page)
        self._relay = Relay(self._on_read)
        threading.Thread(target=_read, args=(self._relay,), name="redis-geo-help", daemon=True).start()

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for name, text, symbol, keys, clicked in (
            ("back", tr("Back"), "mActionArrowLeft.svg", "Alt+Left", self.browser.backward),
            ("forward", tr("Forward"), "mActionArrowRight.svg", "Alt+Right", self.browser.forward),
            ("first", tr("First page"), "", "Alt+Home", lambda: self.show_page(FIRST)),
        ):
            button = QToolButton()
            button.setObjectName(f"redis_geo_help_{name}")
            home = self.style().standardIcon(QStyle.StandardPixmap.SP_DirHomeIcon)
            button.setIcon(QgsApplication.getThemeIcon(f"/{symbol}") if symbol else home)
            button.setAutoRaise(True)
            button.setToolTip(tool_tip(f"{text} ({keys})"))
            button.setShortcut(QKeySequence(keys))
            button.clicked.connect(lambda _checked=False, clicked=clicked: clicked())
            button.setEnabled(name == "first")
            setattr(self, name, button)
            row.addWidget(button)
        self.browser.backwardAvailable.connect(self.back.setEnabled)
        self.browser.forwardAvailable.connect(self.forward.setEnabled)
        self.search = QLineEdit()
        self.search.setObjectName("redis_geo_help_search")
        self.search.setPlaceholderText(tr("Search the help"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._open_next)
        row.addWidget(self.search, 1)
        return row

    def show_page(self, page: str, section: str = "") -> None:
        """Show a page, at a heading or at the first place where a word stands."""
        path = documentation.page_path(page)
        if path is not None:
            self.browser.open(QUrl.fromLocalFile(str(path)), section)

    # Contents and search

    def _on_read(self, sections: list[Section]) -> None:
        self._sections = sections
        self._fill()

    def _fill(self, *_text: object) -> None:
        """Show what was found; where nothing is searched, all pages with their headings."""
        words = self.search.text().strip()
        self.tree.clear()
        self.browser.mark(words)
        found = documentation.find(self._sections, words) if words else []
        lines = {one.section: one.line for one in found}
        pages: dict[str, QTreeWidgetItem] = {}
        for section in self._sections:
            if section.page not in pages and (not words or any(one.page == section.page for one in lines)):
                pages[section.page] = TextRow([section.title])
                pages[section.page].setData(0, _TARGET, (section.page, ""))
                self.tree.addTopLevelItem(pages[section.page])
            if (section in lines) if words else section.level == 2:
                row = TextRow([f"{section.title}\n{lines[section]}" if lines.get(section) else section.title])
                row.setData(0, _TARGET, (section.page, section.title))
                row.setToolTip(0, tool_tip(lines.get(section) or section.title))
                pages[section.page].addChild(row)
        if words and not found and self._sections:
            nothing = TextRow([tr("Nothing found")])
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.tree.addTopLevelItem(nothing)
        if words:
            self.tree.expandAll()
        self._mark_page()

    def _open_item(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        target = item.data(0, _TARGET)
        if target:
            self.show_page(target[0], slug(target[1]))
            words = self.search.text().strip()
            if words:
                self.browser.mark(words)
                self.browser.go_to_words(words)

    def _open_next(self) -> None:
        """Enter in the search opens what was found first, then what comes after it."""
        item = self.tree.currentItem()
        following = self.tree.itemBelow(item) if item is not None else self.tree.topLevelItem(0)
        following = following or self.tree.topLevelItem(0)
        if following is not None and following.parent() is None and following.childCount():
            following = following.child(0)
        if following is not None:
            self.tree.setCurrentItem(following)
            self._open_item(following)

    def _mark_page(self, *_url: object) -> None:
        """Open the page that is shown in the tree of contents."""
        page = QUrl(self.browser.source()).fileName().partition(".")[0]
        for row in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(row)
            here = (item.data(0, _TARGET) or ("", ""))[0] == page
            if not self.search.text().strip():
                item.setExpanded(here)
                if here and self.tree.currentItem() is None:
                    self.tree.setCurrentItem(item)


def _read(relay: Relay) -> None:
    relay.send(documentation.contents())


class HelpBrowser(QTextBrowser):
    """Shows Markdown with its pictures no wider than the window. Web links open in the web browser."""

    def __init__(self, parent: Optional[QWidget]) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._clicked)
        self.document().setDocumentMargin(16)
        self.sourceChanged.connect(self._space_tables)

    def open(self, url: QUrl, section: str = "") -> None:
        """Show a page and go to a heading of it, by its slug or words, or else to the first place where the
        words stand."""
        plain = QUrl(url)
        plain.setFragment("")
        target = QUrl(url)
        target.setFragment(section or url.fragment())
        if target != self.source():
            self.setSource(target)
        if target.fragment():
            self._go_to(target.fragment())
            QTimer.singleShot(0, lambda: self._go_again(target))  # once all is laid out

    def mark(self, words: str) -> None:
        """Mark every place of the page where one of the words stands."""
        marks = []
        for word in words.split():
            cursor = self.document().find(word)
            while not cursor.isNull():
                mark = QTextEdit.ExtraSelection()
                mark.cursor = cursor
                mark.format.setBackground(self.palette().highlight())
                mark.format.setForeground(self.palette().highlightedText())
                marks.append(mark)
                cursor = self.document().find(word, cursor)
        self.setExtraSelections(marks)

    def go_to_words(self, words: str) -> None:
        """Scroll to the first place at or below the top of what is shown where a word stands."""
        top = self.cursorForPosition(self.viewport().rect().topLeft())
        for word in words.split():
            cursor = self.document().find(word, top)
            if not cursor.isNull():
                self._show_at_top(cursor)
                return

    def _go_again(self, target: QUrl) -> None:
        if not sip.isdeleted(self) and self.source() == target:
            self._go_to(target.fragment())

    def _go_to(self, section: str) -> None:
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() and slug(block.text()) == slug(section):
                self._show_at_top(QTextCursor(block))
                return
            block = block.next()
        cursor = self.document().find(section)
        if not cursor.isNull():
            self._show_at_top(QTextCursor(_start(cursor.block())))

    def _show_at_top(self, cursor: QTextCursor) -> None:
        layout = self.document().documentLayout()
        top = layout.blockBoundingRect(cursor.block()).top()
        self.verticalScrollBar().setValue(int(top) - 8)

    def _clicked(self, url: QUrl) -> None:
        target = self.source().resolved(url)
        if target.isLocalFile() and QUrl(target).toLocalFile().endswith(".md"):
            page = target.fileName().partition(".")[0]
            if documentation.page_path(page) is not None:
                self.open(target)
            else:
                QDesktopServices.openUrl(QUrl(documentation.web_address(page)))
        else:
            QDesktopServices.openUrl(target)

    def _space_tables(self, *_url: object) -> None:
        """Markdown tables come without padding."""
        for frame in self.document().rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                table_format = frame.format()
                table_format.setCellPadding(5)
                table_format.setCellSpacing(0)
                table_format.setBorderCollapse(True)
                table_format.setTopMargin(6)
                table_format.setBottomMargin(6)
                frame.setFormat(table_format)

    def loadResource(self, kind: int, name: QUrl) -> object:  # noqa: N802 - Qt's name
        found = super().loadResource(kind, name)
        if name.path().lower().endswith(".png"):
            picture = QImage(self.source().resolved(name).toLocalFile())
            widest = max(self.viewport().width() - BESIDE_PICTURE, 200)
            if picture.width() > widest:
                return picture.scaledToWidth(widest, Qt.TransformationMode.SmoothTransformation)
            return picture
        return found


def _start(block: QTextBlock) -> QTextBlock:
    """The heading above a block, or the block itself where there is none."""
    above = block
    while above.isValid() and not above.blockFormat().headingLevel():
        above = above.previous()
    return above if above.isValid() else block
