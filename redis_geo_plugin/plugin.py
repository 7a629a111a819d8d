"""The plugin: builds its parts, connects them, and undoes it all in ``unload``."""

from __future__ import annotations

import traceback
from importlib import import_module
from typing import Any, Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication

from .bridge import log, packages
from .bridge.i18n import install_translator

# The parts of the window, in the order of their actions in the toolbar: (module, class). A new part is one line.
COMPONENTS = (
    ("gui.connections.component", "ConnectionsComponent"),
    ("gui.cache.component", "CacheComponent"),
    ("gui.jobs.component", "JobsComponent"),
    ("gui.live.component", "LiveComponent"),
    ("gui.search.component", "SearchComponent"),
    ("gui.server.component", "ServerComponent"),
    ("gui.packages", "PackagesComponent"),
    ("gui.search.locator", "LocatorComponent"),
    ("gui.search.functions", "FunctionsComponent"),
    ("gui.browser.component", "BrowserComponent"),
)


PROVIDER_ID = "redisgeo"


class RedisGeoPlugin:
    """What QGIS holds. ``iface`` is None in headless runs, where only ``initProcessing`` is called."""

    def __init__(self, iface: Optional[Any]):
        self.iface = iface
        packages.use_folder()
        self.translator = install_translator()
        self.provider: Optional[Any] = None
        self.context: Optional[Any] = None
        self.components: list[Any] = []
        self.failed: list[str] = []  # parts that could not be loaded, each with its reason

    def initProcessing(self) -> None:
        from .processing.provider import RedisGeoProvider

        registry = QgsApplication.processingRegistry()
        registry.removeProvider(PROVIDER_ID)  # one left behind by a load that failed half-way
        self.provider = RedisGeoProvider()
        registry.addProvider(self.provider)

    def initGui(self) -> None:
        from .bridge.tasks import TaskKeeper
        from .gui.component import Context
        from .gui.connection_monitor import ConnectionMonitor
        from .gui.interface import Interface

        self.initProcessing()
        self.context = Context(self.iface, Interface(self.iface), ConnectionMonitor(), TaskKeeper())
        for module, name in COMPONENTS:
            self._install(module, name)
        self.context.connections.start()

    def _install(self, module: str, name: str) -> None:
        """Load one part; one that fails must not keep the others out of the window."""
        try:
            component = getattr(import_module("." + module, __package__), name)(self.context)
            self.components.append(component)
            component.install()
        except Exception as error:
            self.failed.append(f"{name}: {error}")
            log.error("".join(traceback.format_exception(type(error), error, error.__traceback__)))

    def unload(self) -> None:
        for component in reversed(self.components):
            try:
                component.uninstall()
            except Exception as error:  # one part that fails must not keep the others in the window
                log.error(f"{type(component).__name__}: {error}")
        self.components.clear()
        if self.context is not None:
            self.context.connections.stop()
            self.context.tasks.close()
            self.context.ui.close()
            self.context = None
        if self.provider is not None:
            self._remove_provider()
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
            self.translator = None
        packages.forget_folder()
        from .core import background

        background.close()

    def _remove_provider(self) -> None:
        """The reference is held until it is removed: without its Python side the registry no longer knows its id."""
        provider, self.provider = self.provider, None
        try:
            QgsApplication.processingRegistry().removeProvider(provider)
        except RuntimeError:
            pass  # the registry deleted it already
