"""Opening the help: the pages of docs/, in the user's language, in a window of their own; without them, the
same pages on the web."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

import qgis.utils
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from .help_window import HelpWindow

_window: Optional[HelpWindow] = None


def open_help(page: str = "index", section: str = "") -> None:
    """Show a help page, at one of its headings or at the first place where a word stands."""
    global _window  # noqa: PLW0603 - one help window for all of QGIS
    from ..bridge.documentation import page_path, web_address
    from .help_window import HelpWindow

    path = page_path(page)
    if path is None:
        QDesktopServices.openUrl(QUrl(web_address(page)))
        return
    parent = _parent()
    if _window is None or sip.isdeleted(_window):
        _window = HelpWindow(parent)
    elif _window.parentWidget() is not parent:
        _window.setParent(parent, _window.windowFlags())
    if _window.isMinimized():
        _window.setWindowState(_window.windowState() & ~Qt.WindowState.WindowMinimized)
    _window.show()  # before the page, whose lines and pictures are as wide as the window
    _window.raise_()
    _window.show_page(page, section)


def _parent() -> Optional[QWidget]:
    """The dialog that is open, as all other windows but its own take no mouse and keyboard meanwhile; else
    QGIS's window."""
    modal = QApplication.activeModalWidget()
    if modal is not None:
        return modal
    return qgis.utils.iface.mainWindow() if qgis.utils.iface else None


def close_help() -> None:
    """Take the help window away (when the plugin is unloaded)."""
    global _window
    window, _window = _window, None
    if window is not None and not sip.isdeleted(window):
        window.close()
        window.deleteLater()
