"""The plugin: builds its parts, connects them, and undoes it all in ``unload``."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsApplication, QgsProcessingProvider
from qgis.PyQt.QtCore import QCoreApplication, QTimer

from .bridge import log, packages
from .bridge.i18n import install_translator
from .core import background
from .core.by_name import load

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .gui.component import Component, Context
    from .processing.cached.provider import RedisGeoCacheProvider
    from .processing.provider import RedisGeoProvider

# The parts of the window, in the order of their actions in the toolbar: (module, class). A new part is one
# line.
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
    ("gui.vector_actions", "VectorActionsComponent"),
    ("gui.feature_edits", "FeatureEditsComponent"),
    ("gui.toolbox.component", "ToolboxComponent"),
    ("gui.first_steps.component", "FirstStepsComponent"),
)


PROVIDER_IDS = ("redisgeo", "redisgeocache")


def _name_all_modules() -> None:
    """Name every module to QGIS, which forgets those that an import statement named: packages inside of
    packages would stay, and keep what was imported from them."""
    import qgis.utils

    known = getattr(qgis.utils, "_plugin_modules", {}).get(__package__)
    if known is not None:
        known.update(name for name in sys.modules if name.startswith(f"{__package__}."))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for garbage among all of QGIS's objects, about 40 ms, while what is built is
    none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class RedisGeoPlugin:
    """What QGIS holds. ``iface`` is None in headless runs, where only ``initProcessing`` is called."""

    def __init__(self, iface: Optional[QgisInterface]):
        self.iface = iface
        packages.use_folder()
        self.translator = install_translator()
        self.provider: Optional[RedisGeoProvider] = None
        self.mirrors: Optional[RedisGeoCacheProvider] = None
        self._mirrors_due: Optional[QTimer] = None  # until they are added
        self.context: Optional[Context] = None
        self.components: list[Component] = []
        self.failed: list[str] = []  # parts that could not be loaded, each with its reason
        self.left: list[str] = []  # steps of unload that failed, each with its reason

    def initProcessing(self) -> None:
        from .processing.provider import RedisGeoProvider

        registry = QgsApplication.processingRegistry()
        for left_behind in PROVIDER_IDS:  # by a load that failed half-way
            registry.removeProvider(left_behind)
        self.provider = RedisGeoProvider()
        registry.addProvider(self.provider)
        if self.iface is None:
            self._add_mirrors()
        else:  # 160 of them, which nobody needs before the window is there
            self._mirrors_due = QTimer()
            self._mirrors_due.setSingleShot(True)
            self._mirrors_due.timeout.connect(self._add_mirrors)
            self._mirrors_due.start(0)

    def _add_mirrors(self) -> None:
        from .processing.cached.provider import RedisGeoCacheProvider

        self._mirrors_due = None
        self.mirrors = RedisGeoCacheProvider(_soon if self.iface is not None else None)
        QgsApplication.processingRegistry().addProvider(self.mirrors)

    def initGui(self) -> None:
        """Build the window. QGIS forgets a plugin that fails here without calling ``unload``."""
        try:
            with _collector_paused():
                self._build()
        except Exception:
            self.unload()
            raise

    def _build(self) -> None:
        from .bridge.tasks import TaskKeeper
        from .gui.component import Context
        from .gui.connection_monitor import ConnectionMonitor
        from .gui.interface import Interface

        self.initProcessing()
        monitor, tasks = ConnectionMonitor(), TaskKeeper()
        self.context = Context(self.iface, Interface(self.iface), monitor, tasks)
        self.context.tasks.show = self.context.ui.show_progress
        for module, name in COMPONENTS:
            self._install(module, name)
        self.context.connections.start()

    def _install(self, module: str, name: str) -> None:
        """Load one part; one that fails must not keep the others out of the window."""
        try:
            component = load(__package__, module, name)(self.context)
            self.components.append(component)
            component.install()
        except Exception as error:
            self.failed.append(f"{name}: {error}")
            log.error("".join(traceback.format_exception(type(error), error, error.__traceback__)))

    def unload(self) -> None:
        """Take everything out of QGIS. Each step stands for itself: one that fails keeps none of the others
        from being done."""
        components, self.components = self.components, []
        for component in reversed(components):
            self._undo(type(component).__name__, component.uninstall)
        context, self.context = self.context, None
        if context is not None:
            self._undo("connections", context.connections.stop)
            self._undo("tasks", context.tasks.close)
            self._undo("interface", context.ui.close)
        self._undo("running steps", _cancel_steps)
        self._undo("mirrors", self._remove_mirrors)
        self._undo("provider", self._remove_provider)
        self._undo("translator", self._remove_translator)
        self._undo("packages", packages.forget_folder)
        self._undo("background", background.close)
        self._undo("modules", _name_all_modules)
        # QGIS forgets the modules once this has returned; until the collector happens to look at so many old
        # objects, those of several reloads would pile up.
        QTimer.singleShot(0, gc.collect)

    def _undo(self, name: str, step: Callable[[], object]) -> None:
        try:
            step()
        except Exception as error:
            self.left.append(f"{name}: {error}")
            log.error("".join(traceback.format_exception(type(error), error, error.__traceback__)))

    def _remove_translator(self) -> None:
        translator, self.translator = self.translator, None
        if translator is not None:
            QCoreApplication.removeTranslator(translator)

    def _remove_provider(self) -> None:
        provider, self.provider = self.provider, None
        _remove(provider)

    def _remove_mirrors(self) -> None:
        due, self._mirrors_due = self._mirrors_due, None
        if due is not None:
            due.stop()
        provider, self.mirrors = self.mirrors, None
        _remove(provider)


def _remove(provider: Optional[QgsProcessingProvider]) -> None:
    """Take a provider out of the registry. The reference is held until it is removed: without its Python side
    the registry no longer knows its id."""
    registry = QgsApplication.processingRegistry()
    if provider is None or registry is None:  # no registry: QGIS ends, since 3.44
        return
    try:
        registry.removeProvider(provider)
    except RuntimeError:
        pass  # the registry deleted it already


def _soon(work: Callable[[], object]) -> None:
    """Call it when the window has time."""
    QTimer.singleShot(0, work)


def _cancel_steps() -> None:
    from .bridge.steps.records import cancel_all

    cancel_all()
