"""The menu's entry that installs Shapely 2, shown only where it is missing. Asks first, works in the
background."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtWidgets import QAction

from ..bridge import packages
from ..bridge.i18n import tr
from ..bridge.tasks import watch_of
from ..bridge.words.failures import in_words
from .action_groups import Group
from .component import Component, Context


class PackagesComponent(Component):
    """Offers to install what QGIS lacks."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.action: Optional[QAction] = None
        self._running = False

    def install(self) -> None:
        """Add this part to the window."""
        self.action = self.context.ui.add_action(
            "redis_geo_install_shapely_action",
            tr("Install Shapely…"),
            "start",
            self.ask,
            in_toolbar=False,
            group=Group.UPKEEP,
        )
        self.action.setVisible(False)
        self._listen(self.context.ui.menu.aboutToShow, self._show_where_missing)
        self.context.ui.remedies.append((in_words_of_missing(), tr("Install Shapely…"), self.ask))

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self._undo.close()
        self.context.ui.remedies.clear()
        self.action = None

    def ask(self, *_checked: object) -> None:
        """Ask, then install."""
        from .dialogs import confirmed

        agreed = confirmed(
            self.context.iface.mainWindow(),
            tr("Redis Geo"),
            tr(
                "Buffers, intersections and area searches need the Python package Shapely 2, which this "
                "QGIS does not have.\n\nInstall it with pip into the folder of your QGIS profile? About 4 "
                "MB are fetched from the package index that your Python is set to use. Nothing outside this "
                "folder changes:\n{folder}"
            ).format(folder=packages.folder()),
            tr("Install"),
        )
        if agreed:
            self.start()

    def start(self) -> None:
        """Install in the background and say how it went."""
        if not self._running:
            from ..bridge import installing

            self._running = True
            self.context.tasks.start(
                tr("Installing Shapely"), lambda task: installing.install_shapely(watch_of(task)), self._done
            )

    def _done(self, version: str, error: Optional[BaseException]) -> None:
        self._running = False
        ui = self.context.ui
        if error is not None:
            failure = getattr(error, "failure", None)
            details = failure.words if failure else str(error)
            ui.error(tr("Shapely could not be installed. The reason is in the log."), details)
            return
        from ..core.optional import SHAPELY, shapely_problem

        problem = shapely_problem()
        if not problem:
            ui.success(tr("Shapely {version} is installed and ready.").format(version=version))
        elif problem == SHAPELY:
            ui.error(in_words_of_missing())
        else:
            ui.success(tr("Shapely {version} is installed. Restart QGIS to use it.").format(version=version))

    def _show_where_missing(self) -> None:
        if self.action is not None:
            self.action.setVisible(self._running or packages.shapely_is_missing())


def in_words_of_missing() -> str:
    """The sentence about a missing Shapely."""
    from ..core.optional import SHAPELY
    from ..core.redis.failures import Failure, FailureKind

    return in_words(Failure(FailureKind.MISSING_PACKAGE, SHAPELY))
