"""The help: the pages of docs/, in the user's language, in a window of their own; without them, the same pages on the web."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import qgis.utils
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QImage, QTextTable
from qgis.PyQt.QtWidgets import QDialog, QTextBrowser, QVBoxLayout

from ..bridge.i18n import PACKAGE, locale, tr
from .interface import icon

DOCS = PACKAGE / "docs"
WEB = "https://github.com/redis-geo/redis-geo-plugin/blob/main/docs/"

_window: Optional[_HelpWindow] = None


def page_path(page: str) -> Optional[Path]:
    """The file of a help page (such as ``connections``) in the user's language, else in English, else None."""
    for path in (DOCS / locale() / f"{page}.md", DOCS / f"{page}.md"):
        if path.is_file():
            return path
    return None


def open_help(page: str = "index") -> None:
    """Show a help page."""
    global _window
    path = page_path(page)
    if path is None:
        language = "fr/" if locale() == "fr" else ""
        QDesktopServices.openUrl(QUrl(f"{WEB}{language}{page}.md"))
        return
    if _window is None:
        _window = _HelpWindow(qgis.utils.iface.mainWindow() if qgis.utils.iface else None)
    _window.browser.setSource(QUrl.fromLocalFile(str(path)))
    _window.show()
    _window.raise_()


def close_help() -> None:
    """Take the help window away (when the plugin is unloaded)."""
    global _window
    window, _window = _window, None
    if window is not None:
        window.close()
        window.deleteLater()


class _HelpWindow(QDialog):
    def __init__(self, parent):
        super().__init__(parent)
        self.setObjectName("redis_geo_help")
        self.setWindowTitle(tr("Redis Geo help"))
        self.setWindowIcon(icon("redis_geo"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(860, 720)
        self.browser = _Browser(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser)


class _Browser(QTextBrowser):
    """Shows Markdown with its pictures no wider than the window; web links open in the web browser."""

    def __init__(self, parent):
        super().__init__(parent)
        self.setOpenExternalLinks(True)
        self.document().setDocumentMargin(16)
        self.sourceChanged.connect(self._space_tables)

    def _space_tables(self, *_url) -> None:
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

    def loadResource(self, kind: int, name: QUrl):  # noqa: N802 - Qt's name
        found = super().loadResource(kind, name)
        if name.path().lower().endswith(".png"):
            picture = QImage(self.source().resolved(name).toLocalFile())
            widest = max(self.viewport().width() - 48, 200)
            if picture.width() > widest:
                return picture.scaledToWidth(widest, Qt.TransformationMode.SmoothTransformation)
            return picture
        return found
