"""Sample data for whoever has none, and after an install a word on where to begin."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QTimer

from ...bridge.i18n import PACKAGE, tr
from ...bridge.keeping import keep
from ...bridge.server import connections
from ...bridge.settings import kept
from ..component import Component
from ..help import open_help

if TYPE_CHECKING:
    from ..component import Context
    from .samples import SampleData

TOLD = "redis_geo/first_steps/told"  # the version that a word was said about; NEVER: none is wanted
NEVER = "never"
TOPIC = "first steps"


class FirstStepsComponent(Component):
    """Says its word once, when the window stands: never in a window that is not shown."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.samples: Optional[SampleData] = None

    def install(self) -> None:
        """Add this part to the window."""
        self.context.services.add_sample = self.add_sample
        self._tell_soon()

    def _tell_soon(self) -> None:
        if self.context.iface.mainWindow().isVisible():  # installed while QGIS runs
            timer = QTimer(self.context.iface.mainWindow())
            timer.setSingleShot(True)
            timer.timeout.connect(self.tell)
            self._undo.callback(timer.deleteLater)
            self._undo.callback(timer.stop)
            timer.start(0)
        else:
            self._listen(self.context.iface.initializationCompleted, self.tell)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.add_sample = None
        self._undo.close()
        if self.samples is not None:
            self.samples.close()
            self.samples = None

    def add_sample(self, kind: str) -> None:
        """Put sample data in: "layer", "places" or "vehicles"."""
        from .samples import SampleData

        if self.samples is None:
            self.samples = SampleData(self.context)
        self.samples.add(kind)

    def tell(self) -> None:
        """Say where to begin after the first install, and in a line that there is a new version."""
        version, told = installed_version(), kept(TOLD, "")
        if told in (version, NEVER):
            return
        keep({TOLD: version})
        if told or connections.names():
            self.context.ui.message(
                tr("Now version {version}.").format(version=version),
                button=tr("Help"),
                clicked=lambda: open_help("index"),
                topic=TOPIC,
            )
            return
        self.context.ui.message(
            tr("Installed. The panels are in the toolbar, and in the menu Database."),
            button=tr("Start here"),
            clicked=self.begin,
            duration=0,
            topic=TOPIC,
        )

    def begin(self, *_: object) -> None:
        """Open the walkthrough; without a connection also the Server panel, which offers to make one."""
        show = self.context.services.show_server
        if show is not None and self.context.connections.settings() is None:
            show()
        open_help("walkthrough")


def installed_version() -> str:
    """The version of the plugin, as its metadata have it."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(PACKAGE / "metadata.txt", encoding="utf-8")
    return metadata.get("general", "version", fallback="")
