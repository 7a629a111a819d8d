"""A part of the user interface that the plugin installs and takes away again."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.PyQt.QtWidgets import QToolBar

if TYPE_CHECKING:
    from qgis.core import QgsMapLayer, QgsVectorLayer
    from qgis.gui import QgisInterface

    from ..bridge.features.live_set import LiveSet
    from ..bridge.live.live_feed import LiveFeed
    from ..bridge.tasks import TaskKeeper
    from ..core.features.set_spec import SetSpec
    from ..core.jobs.records import Batch
    from ..core.live.spec import FeedSpec
    from .connection_monitor import ConnectionMonitor
    from .interface import Interface


@dataclass
class Services:
    """What one component offers to the others, who do without where it is None.

    Who offers it takes it back."""

    add_feed: Optional[Callable[[FeedSpec], LiveFeed]] = None  # show a feed of live positions on the map
    search_set: Optional[Callable[[str], object]] = None  # show the Search dock with this GEO set
    fly_to: Optional[Callable[[float, float], object]] = None  # show a place: longitude, latitude in degrees
    buffer_layer: Optional[Callable[[QgsVectorLayer], object]] = None  # show the Cache panel with a buffer
    send_layer: Optional[Callable[[QgsVectorLayer], object]] = None  # show the Jobs panel with this layer
    search_around: Optional[Callable[[QgsVectorLayer], object]] = None  # show the Search panel: around these
    load_layer: Optional[Callable[[Optional[QgsVectorLayer]], object]] = None  # ask how: into a GEO set
    edit_connection: Optional[Callable[[str], object]] = None  # the form of a connection; "" for a new one
    show_batch: Optional[Callable[[Batch], object]] = None  # the results of a batch as a layer
    start_local: Optional[Callable[[], object]] = None  # start the local server
    add_features: Optional[Callable[[SetSpec], object]] = None  # show a live set of features on the map
    set_of_layer: Optional[Callable[[QgsMapLayer], Optional[LiveSet]]] = None  # the live set that it shows
    ask_features: Optional[Callable[[str, str, str], object]] = None  # its form: connection, keys, field
    find_feeds: Optional[Callable[[], object]] = None  # look for live positions on the server
    start_worker: Optional[Callable[[], object]] = None  # start a worker on this computer
    show_server: Optional[Callable[[], object]] = None  # show the Server panel
    add_sample: Optional[Callable[[str], object]] = None  # put sample data in: layer, places, vehicles
    show_cache_settings: Optional[Callable[[], object]] = None  # the settings have changed: show them anew


@dataclass
class Context:
    """What every component is given: QGIS, places for actions and docks, messages, connections, tasks."""

    iface: QgisInterface
    ui: Interface
    connections: ConnectionMonitor
    tasks: TaskKeeper
    services: Services = field(default_factory=Services)

    @property
    def toolbar(self) -> QToolBar:
        """The plugin's toolbar."""
        return self.ui.toolbar


class Component:
    """One feature's window side. ``install`` builds and connects; ``uninstall`` undoes all of it, and never
    raises for a part that was not built. Docks fill themselves when first shown, so that QGIS starts
    quickly."""

    def __init__(self, context: Context):
        self.context = context
        self._undo = ExitStack()  # what was done outside of the part and is undone, the newest first

    def _listen(self, signal: Any, slot: Callable[..., object]) -> None:
        """Connect to a signal of what outlives the part, until ``_undo`` is closed."""
        signal.connect(slot)
        self._undo.callback(_disconnect, signal, slot)

    def install(self) -> None:
        """Build the part and put it into the window."""
        raise NotImplementedError

    def uninstall(self) -> None:
        """Take all of it out of the window again."""
        raise NotImplementedError


def _disconnect(signal: Any, slot: Callable[..., object]) -> None:
    with suppress(TypeError, RuntimeError):  # the object of either has gone
        signal.disconnect(slot)
