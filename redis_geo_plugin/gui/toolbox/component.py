"""The forms of the algorithms in the window: lists to choose from, and their *Help*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QObject, QUrl, pyqtSlot
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QApplication

from ...bridge import documentation, widgets
from ..component import Component
from ..help import open_help
from .pick_list import pick_list
from .server_lists import ServerLists

if TYPE_CHECKING:
    from ..component import Context

PICKED = (
    widgets.CONNECTIONS,
    widgets.GEO_SETS,
    widgets.INDEXES,
    widgets.NAMESPACES,
    widgets.BATCHES,
    widgets.OPERATION_NAMES,
)


SCHEME = "redisgeo-help"  # what stands behind *Help* in the forms


class HelpLinks(QObject):
    """Opens the window of the help for addresses of ``SCHEME``."""

    def _open(self, address: QUrl) -> None:
        open_help(address.path(), address.fragment())

    opened = pyqtSlot(QUrl)(_open)  # without it Qt does not find the method


class ToolboxComponent(Component):
    """Registers what algorithms show in the window; without it they are as QGIS makes them."""

    def __init__(self, context: Context):
        super().__init__(context)
        self._lists: Optional[ServerLists] = None
        self._links: Optional[HelpLinks] = None

    def install(self) -> None:
        """Add this part to the window."""
        self._lists = ServerLists(self.context)
        for kind in PICKED:
            widgets.register(kind, pick_list(kind, self._lists))
        self._links = HelpLinks()
        QDesktopServices.setUrlHandler(SCHEME, self._links.opened)
        documentation.show_here(_address)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        documentation.show_here(None)
        QDesktopServices.unsetUrlHandler(SCHEME)
        self._links = None
        for kind in PICKED:
            widgets.unregister(kind)
        if self._lists is not None:
            self._lists.close()
            self._lists = None


def _address(page: str, section: str) -> str:
    """Where a form's *Help* leads: to the window of the help. The model designer hands the address to a web
    browser, which knows the pages on the web only."""
    if type(QApplication.activeModalWidget()).__name__ == "ModelerParametersDialog":
        return documentation.web_address(page)
    return f"{SCHEME}:{page}#{section}"
