"""Redis in the Browser panel: connections, GEO sets and feeds that are dragged to the map, and layers dropped on them."""

from __future__ import annotations

import json
from typing import Any, Callable, Optional

from qgis.core import Qgis, QgsApplication, QgsDataItemProvider, QgsDataProvider, QgsMimeDataUtils, QgsProject
from qgis.gui import QgsCustomDropHandler, QgsDataItemGuiProvider, QgsGui
from qgis.PyQt import sip

from ...bridge import connections, words
from ...bridge.geo import exporting
from ...bridge.i18n import tr
from ...core.failures import StoreError
from ..component import Component, Context
from .items import FEED, GEO_SET, PROVIDER, ConnectionItem, Lookup, RootItem, ThingItem


class BrowserComponent(Component):
    """Registers the items, what they do, and the handler of their drops; takes all three back."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.items: Optional[ItemProvider] = None
        self.actions: Optional[ItemActions] = None
        self.drops: Optional[DropHandler] = None
        self.dialogs: list[Any] = []

    def install(self) -> None:
        lookup = Lookup(self.settings, self._look)
        self.items = ItemProvider(lookup)
        QgsApplication.dataItemProviderRegistry().addProvider(self.items)
        self.actions = ItemActions(self)
        QgsGui.dataItemGuiProviderRegistry().addProvider(self.actions)
        self.drops = DropHandler(self)
        self.context.iface.registerCustomDropHandler(self.drops)
        self.context.connections.changed.connect(self._changed)
        self.context.connections.saved.connect(self._changed)

    def uninstall(self) -> None:
        for signal in (self.context.connections.changed, self.context.connections.saved):
            try:
                signal.disconnect(self._changed)
            except (TypeError, RuntimeError):
                pass  # never connected
        for dialog in self.dialogs:
            if not sip.isdeleted(dialog):
                dialog.close()
        self.dialogs = []
        if self.drops is not None:
            self.context.iface.unregisterCustomDropHandler(self.drops)
            self.drops = None
        if self.actions is not None:
            QgsGui.dataItemGuiProviderRegistry().removeProvider(self.actions)
            self.actions = None
        if self.items is not None:
            QgsApplication.dataItemProviderRegistry().removeProvider(self.items)
            self.items = None

    def settings(self, name: str) -> Any:
        """A connection with its secret; None where it cannot be had. Main thread only."""
        monitor = self.context.connections
        if not name or name == connections.active_name():
            return monitor.settings()
        try:
            return connections.resolve(name)
        except (StoreError, ValueError):
            return None

    def _changed(self) -> None:
        root = self.items.root if self.items is not None else None
        if root is not None and not sip.isdeleted(root):
            root.refresh()

    def _look(self, name: str, done: Callable[[Optional[list[dict[str, Any]]], str], None]) -> None:
        """Find the GEO sets and feeds of a connection in the background."""
        settings = self.settings(name)
        if settings is None:
            done(None, tr("This connection cannot be opened: check its settings and its secret."))
            return

        def ended(found: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                from ...core.failures import classify

                done(None, words.in_words(classify(error)))
            else:
                done(found, "")

        self.context.tasks.start(
            tr("Looking into {name}").format(name=name), lambda task: find(settings, name, task), ended
        )

    # -- to the map -------------------------------------------------------------------------------------------

    def add_to_map(self, what: dict[str, Any]) -> None:
        """A GEO set as a layer of its members, a feed as a live layer."""
        if what["kind"] == FEED:
            self._add_feed(what)
            return
        settings = self.settings(what["connection"])
        name = what["name"]
        title = tr("Reading {set}").format(set=name)

        def ended(layer: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                from ...core.failures import classify

                failure = classify(error)
                self.context.ui.error(words.in_words(failure), failure.words)
            elif layer is not None:
                from ..search.keeping import style_points

                style_points(layer)
                QgsProject.instance().addMapLayer(layer)

        self.context.tasks.start(title, lambda task: exporting.set_layer(settings, name, task), ended)

    def _add_feed(self, what: dict[str, Any]) -> None:
        add = self.context.services.get("add_feed")
        if add is None:
            self.context.ui.warning(tr("The live positions are not loaded."))
            return
        from ...core.live.spec import from_json

        add(from_json(what["spec"]))

    def search_in(self, what: dict[str, Any]) -> None:
        """Show the Search dock with this set; it searches the active connection, so the set's becomes that."""
        monitor, connection = self.context.connections, what["connection"]
        if connection and connection != connections.active_name():
            monitor.activate(connection)
            self.context.ui.success(tr("The connection {name} is now the active one.").format(name=connection))
        show = self.context.services.get("search_set")
        if show is not None:
            show(what["name"])

    # -- from the map -----------------------------------------------------------------------------------------

    def load_layer(self, layer: Any, connection: str, key: str) -> None:
        """The dialog of ``redisgeo:loadgeoset``, filled in: which field names the members is for the user to say."""
        from qgis import processing

        parameters = {"INPUT": layer.id(), "KEY": key, "CONNECTION": connection}
        if layer.displayField():
            parameters["MEMBER_FIELD"] = layer.displayField()
        dialog = processing.createAlgorithmDialog("redisgeo:loadgeoset", parameters)
        if dialog is not None:
            open_ones = [d for d in self.dialogs if not sip.isdeleted(d) and d.isVisible()]
            self.dialogs = [*open_ones, dialog]  # Qt keeps its half only: without Python's, Run would do nothing
            dialog.show()


def find(settings: Any, connection: str, task: Any) -> list[dict[str, Any]]:
    """GEO sets and feeds as plain data. In a background thread."""
    from ...bridge.geo.requests import TaskWatch
    from ...core.geo import sets
    from ...core.server import open_server
    from ..search.sets_list import tip_of

    found: list[dict[str, Any]] = []
    for geo in sets.find(open_server(settings), TaskWatch(task)):
        name = geo.name(settings.key_prefix)
        found.append({"kind": GEO_SET, "name": name, "connection": connection, "tip": tip_of(geo, name)})
    found.sort(key=lambda what: what["name"].casefold())
    return found + feeds(settings, connection, task)


def feeds(settings: Any, connection: str, task: Any) -> list[dict[str, Any]]:
    """The feeds that the live positions would propose, without the GEO sets."""
    from ...core.live.discovery import find_positions

    proposals = find_positions(settings, cancelled=task.isCanceled).proposals
    return [
        {
            "kind": FEED,
            "name": proposal.spec.name or proposal.spec.pattern,
            "connection": connection,
            "spec": proposal.spec.changed(connection=connection).to_json(),
            "tip": proposal.spec.pattern,
        }
        for proposal in proposals
        if "geo" not in proposal.spec.kind
    ]


class ItemProvider(QgsDataItemProvider):
    """Makes the root item."""

    def __init__(self, lookup: Lookup):
        super().__init__()
        self.lookup = lookup
        self.root: Any = None

    def name(self) -> str:
        return "Redis Geo"

    def dataProviderKey(self) -> str:
        return PROVIDER

    def capabilities(self) -> Any:
        capabilities = getattr(Qgis, "DataItemProviderCapability", None)  # QGIS 3.36 moved and renamed them
        return capabilities.NetworkSources if capabilities else QgsDataProvider.DataCapability.Net

    def createDataItem(self, path: str, parent: Any) -> Any:
        if path:
            return None
        self.root = RootItem(parent, self.lookup)
        sip.transferto(self.root, None)
        return self.root


class ItemActions(QgsDataItemGuiProvider):
    """Menus, double clicks and drops of the items."""

    def __init__(self, component: BrowserComponent):
        super().__init__()
        self.component = component

    def name(self) -> str:
        return "Redis Geo"

    def populateContextMenu(self, item: Any, menu: Any, _selected: Any, _context: Any) -> None:
        if isinstance(item, ThingItem):
            menu.addAction(tr("Add to the map"), lambda what=item.what: self.component.add_to_map(what))
            if item.what["kind"] == GEO_SET:
                menu.addAction(tr("Search in this set"), lambda what=item.what: self.component.search_in(what))
        elif isinstance(item, ConnectionItem):
            menu.addAction(tr("Look again"), item.look_again)

    def handleDoubleClick(self, item: Any, _context: Any) -> bool:
        if not isinstance(item, ThingItem):
            return False
        self.component.add_to_map(item.what)
        return True

    def acceptDrop(self, item: Any, _context: Any) -> bool:
        return isinstance(item, ConnectionItem) or (isinstance(item, ThingItem) and item.what["kind"] == GEO_SET)

    def handleDrop(self, item: Any, _context: Any, data: Any, _action: Any) -> bool:
        if not self.acceptDrop(item, None):
            return False
        layer = dropped_points(data)
        if layer is None:
            self.component.context.ui.warning(tr("Only point layers of the project can be loaded into a GEO set."))
            return True
        if isinstance(item, ConnectionItem):
            self.component.load_layer(layer, item.connection, layer.name())
        else:
            self.component.load_layer(layer, item.what["connection"], item.what["name"])
        return True


def dropped_points(data: Any) -> Any:
    """The point layer of the project that was dropped, or None."""
    from qgis.core import QgsVectorLayer, QgsWkbTypes

    for uri in QgsMimeDataUtils.decodeUriList(data):
        layer = QgsProject.instance().mapLayer(uri.layerId) if uri.layerId else uri.mapLayer()
        if isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry:
            return layer
    return None


class DropHandler(QgsCustomDropHandler):
    """What happens when an item is dropped on the map."""

    def __init__(self, component: BrowserComponent):
        super().__init__()
        self.component = component

    def customUriProviderKey(self) -> str:
        return PROVIDER

    def handleCustomUriDrop(self, uri: Any) -> None:
        self.component.add_to_map(json.loads(uri.uri))

    def canHandleCustomUriCanvasDrop(self, uri: Any, _canvas: Any) -> bool:
        return bool(uri.providerKey == PROVIDER)

    def handleCustomUriCanvasDrop(self, uri: Any, _canvas: Any) -> bool:
        if uri.providerKey != PROVIDER:
            return False
        self.handleCustomUriDrop(uri)
        return True
