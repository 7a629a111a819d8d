"""Redis in the Browser panel: connections, GEO sets, feeds and features that are dragged to the map, and
layers dropped on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Optional, cast

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsDataItemProvider,
    QgsDataProvider,
    QgsMimeDataUtils,
    QgsProject,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsCustomDropHandler, QgsDataItemGuiProvider, QgsGui
from qgis.PyQt import sip

from ...bridge.geo import exporting
from ...bridge.i18n import tr
from ...bridge.server import connections
from ...bridge.words import failures
from ...core.redis.failures import StoreError
from .. import new_layers
from ..component import Component, Context
from ..connections.lamp import state_in_words
from ..dialogs import told
from .finding import find
from .items import (
    FEATURES,
    FEED,
    GEO_SET,
    PROVIDER,
    ConnectionItem,
    Lookup,
    RootItem,
    ThingItem,
)

if TYPE_CHECKING:
    from qgis.core import QgsDataItem, QgsMapLayer
    from qgis.gui import QgsDataItemGuiContext, QgsMapCanvas
    from qgis.PyQt.QtCore import QMimeData, Qt
    from qgis.PyQt.QtWidgets import QDialog, QMenu

    from ...core.json_types import JsonObject


class BrowserComponent(Component):
    """Registers the items, what they do, and the handler of their drops; takes all three back."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.items: Optional[ItemProvider] = None
        self.actions: Optional[ItemActions] = None
        self.drops: Optional[DropHandler] = None
        self.dialogs: list[QDialog] = []

    def install(self) -> None:
        """Add this part to the window."""
        lookup = Lookup(self.settings, self._look)
        self.items = ItemProvider(lookup)
        QgsApplication.dataItemProviderRegistry().addProvider(self.items)
        self.actions = ItemActions(self)
        QgsGui.dataItemGuiProviderRegistry().addProvider(self.actions)
        self.drops = DropHandler(self)
        self.context.iface.registerCustomDropHandler(self.drops)
        self.context.services.load_layer = self._load
        self._listen(self.context.connections.changed, self._changed)
        self._listen(self.context.connections.saved, self._changed)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.load_layer = None
        self._undo.close()
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

    def _look(self, name: str, done: Callable[[Optional[list[JsonObject]], str], None]) -> None:
        """Find the GEO sets and feeds of a connection in the background."""
        settings = self.settings(name)
        if settings is None:
            done(None, tr("This connection cannot be opened: check its settings and its secret."))
            return

        def ended(found: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                from ...core.redis.failures import classify

                done(None, failures.in_words(classify(error)))
            else:
                done(found, "")

        self.context.tasks.start(
            tr("Looking into {name}").format(name=name), lambda task: find(settings, name, task), ended
        )

    # -- to the map ----------------------------------------------------------------------------------------

    def add_to_map(self, what: JsonObject) -> None:
        """A GEO set as a layer of its members, a feed as a live layer, features as a live set."""
        if what["kind"] in (FEED, FEATURES):
            (self._add_feed if what["kind"] == FEED else self.add_features)(what)
            return
        settings = self.settings(what["connection"])
        name = what["name"]
        title = tr("Reading {set}").format(set=name)

        def ended(layer: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                from ...core.redis.failures import classify

                failure = classify(error)
                self.context.ui.error(failures.in_words(failure), failure.words)
            elif layer is not None:
                from ..search.keeping import style_points

                style_points(layer)
                before = self.context.iface.activeLayer()
                new_layers.add([layer], self.context.iface)
                new_layers.say_added(self.context, [layer], before=before)

        self.context.tasks.start(title, lambda task: exporting.set_layer(settings, name, task), ended)

    def _add_feed(self, what: JsonObject) -> None:
        add = self.context.services.add_feed
        if add is None:
            self.context.ui.warning(tr("The live positions are not loaded."))
            return
        from ...core.live.spec import from_json

        add(from_json(what["spec"]))

    def add_features(self, what: JsonObject, ask: bool = False) -> None:
        """A set of features as live layers; the form comes first where it has to ask for the CRS, or is
        wished."""
        services = self.context.services
        if services.add_features is None or services.ask_features is None:
            self.context.ui.warning(tr("The live positions are not loaded."))
        elif ask or what["needs_crs"]:
            services.ask_features(what["connection"], what["name"], what.get("field", ""))
        else:
            from ...core.features.set_spec import SetSpec
            from ...core.live.key_patterns import readable_name

            source, field, connection = what["name"], what.get("field", ""), what["connection"]
            name = " ".join(filter(None, (readable_name(source), field)))
            services.add_features(
                SetSpec(name=name, source=source, geometry_field=field, connection=connection)
            )

    def search_in(self, what: JsonObject) -> None:
        """Show the Search dock with this set; it searches the active connection, so the set's becomes
        that."""
        monitor, connection = self.context.connections, what["connection"]
        if connection and connection != connections.active_name():
            monitor.activate(connection)
            self.context.ui.success(
                tr("The connection {name} is now the active one.").format(name=connection)
            )
        show = self.context.services.search_set
        if show is not None:
            show(what["name"])

    def fill_root_menu(self, menu: QMenu) -> None:
        """What can be done with all connections."""
        edit = self.context.services.edit_connection
        if edit is not None:
            menu.addAction(tr("New connection…"), lambda: edit(""))
        start = self.context.services.start_local
        if start is not None and not any(
            one.local_server for one in map(connections.load, connections.names()) if one
        ):
            menu.addAction(tr("Start a local server"), lambda: start())  # noqa: PLW0108 - not the menu's argument

    def fill_connection_menu(self, menu: QMenu, name: str) -> None:
        """What can be done with a connection; one from the environment has no name."""
        services, monitor = self.context.services, self.context.connections
        saved = connections.load(name) if name else None
        if saved is not None and services.edit_connection is not None:
            menu.addAction(tr("New connection…"), lambda: services.edit_connection(""))
            menu.addAction(tr("Edit…"), lambda: services.edit_connection(name))
        active = menu.addAction(tr("Make active"), lambda: monitor.activate(name))
        active.setEnabled(saved is not None and name != connections.active_name())
        if saved is not None and saved.local_server and services.start_local is not None:
            menu.addAction(tr("Start"), lambda: services.start_local())  # noqa: PLW0108 - not the menu's argument
        layer = cast(QgsVectorLayer, self.context.iface.activeLayer())
        load = menu.addAction(
            tr("Load the current layer here…"), lambda: self.load_layer(layer, name, layer.name())
        )
        load.setEnabled(_is_points(layer))
        menu.addAction(tr("Properties…"), lambda: self._tell_properties(name))

    def _tell_properties(self, name: str) -> None:
        saved = connections.load(name) if name else None
        lines = []
        if saved is not None:
            local = tr("the local server of this profile")
            lines.append(local if saved.local_server else saved.settings.url())
        if name in ("", connections.active_name()):
            lines.append(state_in_words(self.context.connections))
        told(self.context.iface.mainWindow(), name or "REDIS_GEO_URL", "\n".join(lines) or name)

    # -- from the map --------------------------------------------------------------------------------------

    def _load(self, layer: QgsVectorLayer) -> None:
        """Load a layer of the project, or one that is chosen in the form, into a GEO set of the active
        connection."""
        if layer is None:
            self.load_layer(None, connections.active_name(), "")
        elif _is_points(layer):
            self.load_layer(layer, connections.active_name(), layer.name())
        else:
            self.context.ui.warning(tr("Only point layers of the project can be loaded into a GEO set."))

    def load_layer(self, layer: QgsVectorLayer, connection: str, key: str) -> None:
        """The dialog of ``redisgeo:loadgeoset``, filled in: which field names the members is for the user to
        say."""
        from qgis import processing

        parameters: dict[str, object] = {"KEY": key, "CONNECTION": connection}
        if layer is not None:
            parameters["INPUT"] = layer.id()
        if layer is not None and layer.displayField():
            parameters["MEMBER_FIELD"] = layer.displayField()
        dialog = processing.createAlgorithmDialog("redisgeo:loadgeoset", parameters)
        if dialog is not None:
            open_ones = [d for d in self.dialogs if not sip.isdeleted(d) and d.isVisible()]
            self.dialogs = [
                *open_ones,
                dialog,
            ]  # Qt keeps its half only: without Python's, Run would do nothing
            dialog.show()


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

    def populateContextMenu(
        self, item: QgsDataItem, menu: QMenu, _selected: list[QgsDataItem], _context: QgsDataItemGuiContext
    ) -> None:
        if isinstance(item, ThingItem):
            menu.addAction(tr("Add to the map"), lambda what=item.what: self.component.add_to_map(what))
            if item.what["kind"] == FEATURES:
                menu.addAction(
                    tr("Add to the map as…"),
                    lambda what=item.what: self.component.add_features(what, ask=True),
                )
            if item.what["kind"] == GEO_SET:
                menu.addAction(
                    tr("Search in this set"), lambda what=item.what: self.component.search_in(what)
                )
        elif isinstance(item, ConnectionItem):
            menu.addAction(tr("Look again"), item.look_again)
            self.component.fill_connection_menu(menu, item.connection)
        elif isinstance(item, RootItem):
            self.component.fill_root_menu(menu)

    def handleDoubleClick(self, item: QgsDataItem, _context: QgsDataItemGuiContext) -> bool:
        if not isinstance(item, ThingItem):
            return False
        self.component.add_to_map(item.what)
        return True

    def acceptDrop(self, item: QgsDataItem, _context: QgsDataItemGuiContext) -> bool:
        return isinstance(item, ConnectionItem) or (
            isinstance(item, ThingItem) and item.what["kind"] == GEO_SET
        )

    def handleDrop(
        self, item: QgsDataItem, _context: QgsDataItemGuiContext, data: QMimeData, _action: Qt.DropAction
    ) -> bool:
        if not self.acceptDrop(item, None):
            return False
        layer = dropped_points(data)
        if layer is None:
            self.component.context.ui.warning(
                tr("Only point layers of the project can be loaded into a GEO set.")
            )
            return True
        if isinstance(item, ConnectionItem):
            self.component.load_layer(layer, item.connection, layer.name())
        else:
            self.component.load_layer(layer, item.what["connection"], item.what["name"])
        return True


def dropped_points(data: QMimeData) -> Optional[QgsVectorLayer]:
    """The point layer of the project that was dropped, or None."""
    for uri in QgsMimeDataUtils.decodeUriList(data):
        layer = QgsProject.instance().mapLayer(uri.layerId) if uri.layerId else uri.mapLayer()
        if _is_points(layer):
            return cast(QgsVectorLayer, layer)
    return None


def _is_points(layer: QgsMapLayer) -> bool:
    return (
        isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PointGeometry
    )


class DropHandler(QgsCustomDropHandler):
    """What happens when an item is dropped on the map."""

    def __init__(self, component: BrowserComponent):
        super().__init__()
        self.component = component

    def customUriProviderKey(self) -> str:
        return PROVIDER

    def handleCustomUriDrop(self, uri: QgsMimeDataUtils.Uri) -> None:
        self.component.add_to_map(json.loads(uri.uri))

    def canHandleCustomUriCanvasDrop(self, uri: QgsMimeDataUtils.Uri, _canvas: QgsMapCanvas) -> bool:
        return bool(uri.providerKey == PROVIDER)

    def handleCustomUriCanvasDrop(self, uri: QgsMimeDataUtils.Uri, _canvas: QgsMapCanvas) -> bool:
        if uri.providerKey != PROVIDER:
            return False
        self.handleCustomUriDrop(uri)
        return True
