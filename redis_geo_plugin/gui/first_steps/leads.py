"""What each panel says and offers where there is nothing to show: one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Callable, Optional

from qgis.core import QgsProject, QgsVectorLayer, QgsWkbTypes

from ...bridge.i18n import tr
from ...bridge.server import connections
from ..component import Context


class Lack(str, Enum):
    """What is missing. The first that holds is said."""

    CONNECTION = "connection"  # none is set up
    AWAY = "away"  # the server of the connection does not answer
    LAYER = "layer"  # no vector layer in the project
    DATA = "data"  # nothing of its kind on the server, or in the project


@dataclass(frozen=True)
class Step:
    """A button: what it says, what it does. ``service`` is what another part has to offer for it; ``writes``
    where a production connection forbids it."""

    text: Callable[[], str]
    icon: str
    do: Callable[[Context], object]
    service: str = ""
    writes: bool = False
    fits: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Lead:
    """A sentence and the names of its steps. ``alone``: what the panel holds is hidden meanwhile. Without
    words of its own the state of the connection is said."""

    words: Optional[Callable[[], str]]
    steps: tuple[str, ...]
    alone: bool = False


def _is_remote() -> bool:
    return not connections.active_is_local()


def _can_be_edited() -> bool:
    return bool(connections.active_name()) and _is_remote()


# In the order in which they stand.
STEPS = {
    "start_local": Step(
        lambda: tr("Start a local server"), "start", lambda c: c.services.start_local(), "start_local"
    ),
    "start_again": Step(
        lambda: tr("Start the local server"),
        "start",
        lambda c: c.services.start_local(),
        "start_local",
        fits=connections.active_is_local,
    ),
    "retry": Step(lambda: tr("Retry now"), "refresh", lambda c: c.connections.retry_now(), fits=_is_remote),
    "edit": Step(
        lambda: tr("Edit this connection…"),
        "settings",
        lambda c: c.services.edit_connection(c.connections.name),
        "edit_connection",
        fits=_can_be_edited,
    ),
    "connect": Step(
        lambda: tr("Connect…"), "connection", lambda c: c.services.edit_connection(""), "edit_connection"
    ),
    "open_layer": Step(
        lambda: tr("Load a layer…"),
        "/mActionAddOgrLayer.svg",
        lambda c: c.iface.actionAddOgrLayer().trigger(),
    ),
    "sample_layer": Step(
        lambda: tr("Add a sample layer"),
        "search_layer",
        lambda c: c.services.add_sample("layer"),
        "add_sample",
    ),
    "find": Step(lambda: tr("Find positions…"), "find", lambda c: c.services.find_feeds(), "find_feeds"),
    "load_set": Step(
        lambda: tr("Load a layer into a GEO set…"),
        "geoset",
        lambda c: c.services.load_layer(point_layer(c)),
        "load_layer",
        writes=True,
    ),
    "sample_places": Step(
        lambda: tr("Put sample places in"),
        "geoset",
        lambda c: c.services.add_sample("places"),
        "add_sample",
        writes=True,
    ),
    "sample_vehicles": Step(
        lambda: tr("Put sample vehicles in"),
        "live",
        lambda c: c.services.add_sample("vehicles"),
        "add_sample",
        writes=True,
    ),
    "start_worker": Step(
        lambda: tr("Start a worker here"), "start", lambda c: c.services.start_worker(), "start_worker"
    ),
}

_NEW = ("start_local", "connect")
_AWAY = Lead(None, ("start_again", "retry", "edit", "connect"))
_NO_LAYER = Lead(
    lambda: tr("The project has no vector layer to compute with."), ("open_layer", "sample_layer")
)

LEADS: dict[str, dict[Lack, Lead]] = {
    "cache": {
        Lack.CONNECTION: Lead(
            lambda: tr("No connection is set up: results are computed, but not kept."), _NEW
        ),
        Lack.AWAY: _AWAY,
        Lack.LAYER: _NO_LAYER,
    },
    "jobs": {
        Lack.CONNECTION: Lead(
            lambda: tr("No connection is set up. Workers take their jobs from a Redis server."),
            _NEW,
            alone=True,
        ),
        Lack.AWAY: _AWAY,
        Lack.LAYER: _NO_LAYER,
        Lack.DATA: Lead(
            lambda: tr("A worker computes what is sent, here or elsewhere. None is there yet."),
            ("start_worker",),
        ),
    },
    "live": {
        Lack.CONNECTION: Lead(
            lambda: tr("No connection is set up. Positions come from a Redis server."), _NEW, alone=True
        ),
        Lack.AWAY: _AWAY,
        Lack.DATA: Lead(
            lambda: tr(
                "No feed yet. Find positions looks at what stands in Redis and proposes what can be shown "
                "on the map."
            ),
            ("find", "sample_vehicles"),
            alone=True,
        ),
    },
    "search": {
        Lack.CONNECTION: Lead(
            lambda: tr("No connection is set up. Searches are done by a Redis server."), _NEW, alone=True
        ),
        Lack.AWAY: _AWAY,
        Lack.DATA: Lead(lambda: tr("There is no GEO set on this server yet."), ("load_set", "sample_places")),
    },
    "server": {
        Lack.CONNECTION: Lead(
            lambda: tr(
                "No connection is set up. Start a server on this computer, or connect to that of your "
                "organisation."
            ),
            _NEW,
            alone=True,
        ),
        Lack.AWAY: _AWAY,
        Lack.DATA: Lead(
            lambda: tr("This server is empty."), ("load_set", "sample_places", "sample_vehicles")
        ),
    },
}


def has_layer() -> bool:
    """Whether the project has a vector layer with geometries."""
    layers = QgsProject.instance().mapLayers().values()
    return any(isinstance(layer, QgsVectorLayer) and layer.isSpatial() for layer in layers)


def point_layer(context: Context) -> Optional[QgsVectorLayer]:
    """The current layer where it has points, else another of the project that has; None for none."""
    layers = [context.iface.activeLayer(), *QgsProject.instance().mapLayers().values()]
    return next((layer for layer in layers if _has_points(layer)), None)


def _has_points(layer: QgsVectorLayer) -> bool:
    points = QgsWkbTypes.GeometryType.PointGeometry
    return isinstance(layer, QgsVectorLayer) and layer.isValid() and layer.geometryType() == points
