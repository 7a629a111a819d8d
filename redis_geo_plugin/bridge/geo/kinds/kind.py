"""Kinds of search, their requests and results: plain data, for any thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Callable, Optional

from ....core.watch import Watch

if TYPE_CHECKING:
    from ....core.features.index_search import IndexFound
    from ....core.geo.hits import Hits
    from ....core.geo.measure import Ellipsoid
    from ....core.geo.search import Query
    from ....core.redis.server import Server


class Where(Enum):
    """Where the places of a search come from."""

    POINT = "point"  # coordinates, or the name of a member: typed, or a click on the map
    FEATURES = "features"  # the positions of features: of all but points the centroids
    LINES = "lines"
    POLYGONS = "polygons"
    EXTENT = "extent"  # of the map, as one polygon
    DRAWN = "drawn"  # a polygon that the user draws on the map


OF_LAYERS = (Where.FEATURES, Where.LINES, Where.POLYGONS)  # the selected features of the active layer


@dataclass(frozen=True)
class Ask:
    """One line of the dock's list: a kind of search and where its places come from. ``name`` is kept in the
    settings."""

    name: str
    where: Where
    label: Callable[[], str]


@dataclass(frozen=True)
class LayerParameter:
    """The parameter of an algorithm for the layer of places: its key and its words."""

    key: str
    where: Where
    label: Callable[[], str]
    help: Callable[[], str]


@dataclass(frozen=True)
class LimitParameter:
    """The parameter of an algorithm for how many members are kept of each place."""

    key: str
    default: int
    least: int
    label: Callable[[], str]
    help: Callable[[], str]


@dataclass(frozen=True)
class Algorithm:
    """The algorithm ``redisgeo:<name>`` of a kind of search; names and keys are public API.

    ``texts`` returns title, help and tags (with commas between). With ``point_key``, a single point can be
    given in place of the layer; with ``area_key``, a single polygon.
    """

    name: str
    texts: Callable[[], tuple[str, str, str]]
    layer: LayerParameter
    point_key: str = ""
    area_key: str = ""
    limit: Optional[LimitParameter] = None


@dataclass(frozen=True)
class Place:
    """A centre, line or area: geometry as WKB in ``crs`` (as pyproj reads it); or the name of a member of the
    set.

    ``identity`` and ``name`` tell which feature it is: its id, and what QGIS calls it; of a centre that was
    typed the name is what was typed.
    """

    wkb: bytes = b""
    crs: str = "EPSG:4326"
    lon_lat: Optional[tuple[float, float]] = None
    member: Optional[bytes] = None
    identity: int = 0
    name: str = ""


@dataclass(frozen=True)
class IndexAsk:
    """What a search of an index asks beside its place: the user's own query (``wanted``), the field that is
    the ``place`` (empty: the only one), the ``fields`` to read (none: all), the ``crs`` of shapes in a plane
    (as pyproj reads it, empty: degrees)."""

    wanted: str = ""
    place: str = ""
    fields: tuple[str, ...] = ()
    crs: str = ""


@dataclass(frozen=True)
class Request:
    """A complete search, as the dock and the algorithms build it.

    ``key`` is the set's name as text (``core.readable``), without the tenant's prefix, or the index's;
    ``metres`` the radius; ``limit`` keeps so many of each place, 0 all; ``ellipsoid`` None: distances on the
    sphere, as the servers measure; ``drawn``: the searched circles and areas are wanted too.
    """

    kind: Kind
    key: str
    places: tuple[Place, ...] = ()
    metres: float = 0.0
    limit: int = 0
    ellipsoid: Optional[Ellipsoid] = None
    title: str = ""
    live: bool = False
    layer: str = ""  # id of the layer whose selected features are the places
    index: Optional[IndexAsk] = None
    drawn: bool = True


@dataclass(frozen=True)
class Figure:
    """A circle or area that was searched: WKB in degrees, the identity of its place, its radius in metres (0:
    none)."""

    wkb: bytes
    identity: int = 0
    metres: float = 0.0


@dataclass
class Searched:
    """What a search found: core's hits, the centres in degrees (none for areas), the figures to draw."""

    hits: Hits
    centers: list[tuple[float, float]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    found: Optional[IndexFound] = None  # of an index: what it says of itself


# (server, core's query, request, watch) -> what was found
Search = Callable[["Server", "Query", "Request", "Watch"], "Searched"]


@dataclass(frozen=True)
class Kind:
    """A kind of search: all that the dock, the algorithms and the layers of results need to know of it.

    Args:
        name: its name in the program.
        search: does it, in a background thread; raises what core's searches raise.
        asks: its lines in the dock's list.
        title: the title of the layer of results, by set, radius with its unit, and limit.
        measured: whether its hits have distances and bearings from a centre.
        takes_radius: whether a radius is asked for; ``needs_radius`` that it may not be 0.
        usual_limit: how many are kept where the user says nothing; 0 keeps all.
        outline: the figure that is drawn before anything is searched, as WKB in degrees, of ellipsoid, centre
            and metres.
        algorithm: its algorithm, if it has one that is described here.
        of_index: whether it searches an index of the query engine, and not a GEO set.
    """

    name: str
    search: Search
    asks: tuple[Ask, ...]
    title: Callable[[str, str, int], str]
    measured: bool = False
    takes_radius: bool = False
    needs_radius: bool = False
    usual_limit: int = 0
    outline: Optional[Callable[[Optional[Ellipsoid], tuple[float, float], float], bytes]] = None
    algorithm: Optional[Algorithm] = None
    of_index: bool = False
