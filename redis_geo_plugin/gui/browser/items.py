"""The items of the Browser panel: connections, and under each its GEO sets, feeds and sets of
features.

All children are made on the main thread from what a background task has found: a connection shows that it is
being read, and is filled when the answer is there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import QgsDataCollectionItem, QgsDataItem, QgsMimeDataUtils
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QLocale

from ...bridge.i18n import tr
from ...bridge.plain import tip_of, tool_tip
from ...bridge.server import connections
from ...core.readable import one_line, printable
from ..icons import icon

if TYPE_CHECKING:
    from ...core.json_types import JsonObject

PROVIDER = "redis_geo"
GEO_SET, FEED, FEATURES, MESSAGE = "geoset", "feed", "features", "message"
_ICONS = {GEO_SET: "geoset", FEED: "live", FEATURES: "features"}
MOST_ITEMS = 500  # of a kind under a connection: QGIS looks each up among all that were there


class Lookup:
    """The interface of the component that the items need: settings by name, and background searches."""

    def __init__(self, settings: Callable[[str], object], start: Callable[..., object]):
        self.settings, self.start = settings, start


class RootItem(QgsDataCollectionItem):
    """The saved connections."""

    def __init__(self, parent: Optional[QgsDataItem], lookup: Lookup):
        super().__init__(parent, "Redis Geo", "redisgeo:/", PROVIDER)
        self.setIcon(icon("redis_geo"))
        self.setCapabilitiesV2(self.capabilities2() | _fast())
        self.lookup = lookup
        self.setSortKey("9redisgeo")

    def createChildren(self) -> list[QgsDataItem]:
        children: list[QgsDataItem] = []
        names = connections.names()
        if not names and self.lookup.settings("") is not None:
            names = [""]
        shown = names[:MOST_ITEMS]
        children += [_given_away(ConnectionItem(self, name, self.lookup), self) for name in shown]
        if len(shown) < len(names):
            text = tr("The first {shown} of {count} connections; the Options have them all.")
            text = text.format(shown=QLocale().toString(len(shown)), count=QLocale().toString(len(names)))
            children.append(_given_away(MessageItem(self, text), self))
        return children


class ConnectionItem(QgsDataCollectionItem):
    """One connection; read when it is opened."""

    def __init__(self, parent: QgsDataItem, name: str, lookup: Lookup):
        super().__init__(parent, name or "REDIS_GEO_URL", f"redisgeo:/{name}", PROVIDER)
        self.setIcon(icon("connection"))
        self.setCapabilitiesV2(self.capabilities2() | _fast())
        self.connection, self.lookup = name, lookup
        self.found: Optional[list[JsonObject]] = None
        self.failure = ""
        self.asked = False

    def createChildren(self) -> list[QgsDataItem]:
        if self.found is None and not self.failure:
            self._ask()
            return [_given_away(MessageItem(self, tr("Looking…")), self)]
        if self.failure:
            return [_given_away(MessageItem(self, self.failure), self)]
        children: list[QgsDataItem] = []
        for what in self.found or ():
            item = MessageItem(self, what["name"]) if what["kind"] == MESSAGE else ThingItem(self, what)
            children.append(_given_away(item, self))
        return children or [
            _given_away(MessageItem(self, tr("No GEO set, no feed and no features found")), self)
        ]

    def look_again(self) -> None:
        """Read the connection anew."""
        self.found, self.failure = None, ""
        self.refresh()

    def _ask(self) -> None:
        if not self.asked:
            self.asked = True
            self.lookup.start(self.connection, self._answered)

    def _answered(self, found: Optional[list[JsonObject]], failure: str) -> None:
        self.asked = False
        if sip.isdeleted(self):
            return
        self.found, self.failure = found or [], failure
        self.refresh()


class ThingItem(QgsDataItem):
    """A GEO set, a feed or a set of features: dragged to the map, it becomes a layer. ``what`` is plain data,
    also what is dragged."""

    def __init__(self, parent: QgsDataItem, what: JsonObject):
        field = what.get("field", "")
        shown = f"{what['name']} ({field})" if field else what["name"]
        super().__init__(
            QgsDataItem.Type.Custom,
            parent,
            one_line(printable(shown)),
            f"{parent.path()}/{what['kind']}/{shown}",
            PROVIDER,
        )
        self.what = what
        self.setIcon(icon(_ICONS.get(what["kind"], "live")))
        self.setToolTip(tip_of(*what.get("about", [what["name"]])))
        self.setState(QgsDataItem.State.Populated)

    def hasDragEnabled(self) -> bool:
        return True

    def mimeUris(self) -> list[QgsMimeDataUtils.Uri]:
        uri = QgsMimeDataUtils.Uri()
        uri.layerType = "custom"
        uri.providerKey = PROVIDER
        uri.name = self.what["name"]
        uri.uri = json.dumps({k: v for k, v in self.what.items() if k not in ("about", "tip")})
        return [uri]

    def mimeUri(self) -> QgsMimeDataUtils.Uri:
        return self.mimeUris()[0]


class MessageItem(QgsDataItem):
    """A line with a message: the progress of a search, or a failure."""

    def __init__(self, parent: QgsDataItem, text: str):
        super().__init__(
            QgsDataItem.Type.Custom,
            parent,
            one_line(printable(text)),
            f"{parent.path()}/message/{text}",
            PROVIDER,
        )
        self.setIcon(icon("refresh"))
        self.setToolTip(tool_tip(text))
        self.setState(QgsDataItem.State.Populated)


def _given_away(item: QgsDataItem, parent: QgsDataItem) -> QgsDataItem:
    """The item belongs to its parent, also in Python's eyes."""
    sip.transferto(item, parent)
    return item


def _fast() -> Any:
    """Children are made at once, on the main thread."""
    from qgis.core import Qgis

    scope = getattr(Qgis, "BrowserItemCapability", None) or QgsDataItem.Capability
    return scope.Fast
