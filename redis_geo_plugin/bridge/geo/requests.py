"""A search as the window asks for it: plain data, run in a background thread."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Optional

from ...core.cancelling import Cancelled
from ...core.settings import ConnectionSettings
from .layers import attribute_kinds

MOST_FIGURES = 500


class Kind(str, Enum):
    """What is searched."""

    RADIUS = "radius"
    NEAREST = "nearest"
    AREA = "area"
    CORRIDOR = "corridor"


@dataclass(frozen=True)
class Place:
    """A centre, line or area: geometry as WKB in ``crs`` (authid or WKT); or the name of a member of the set."""

    wkb: bytes = b""
    crs: str = "EPSG:4326"
    lon_lat: Optional[tuple[float, float]] = None
    member: Optional[bytes] = None
    identity: int = 0


@dataclass(frozen=True)
class Request:
    """All of a search. ``key`` is without the tenant's prefix; ``metres`` the radius; ``ellipsoid`` None: the sphere."""

    kind: Kind
    key: str
    places: tuple[Place, ...] = ()
    metres: float = 0.0
    limit: int = 0
    ellipsoid: Any = None
    title: str = ""
    live: bool = False


@dataclass(frozen=True)
class Figure:
    """A circle or area that was searched: WKB in degrees, the identity of its place, its radius in metres (0: none)."""

    wkb: bytes
    identity: int = 0
    metres: float = 0.0


@dataclass
class Answer:
    """Hits, the centres in degrees, the searched figures, and how long it took.

    ``names`` are the members as text, ``attributes`` the names of the stored attributes: see ``prepare``.
    """

    request: Request
    hits: Any
    centers: list[tuple[float, float]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    seconds: float = 0.0
    names: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)

    def prepare(self) -> Answer:
        """Make what a table shows of the hits, in the background: names as text, and the names of the attributes."""
        self.names = self.hits.names()
        self.attributes = [name for name, _ in attribute_kinds(self.hits.attributes)]
        return self


class NoSuchMember(Exception):
    """The centre was to be a member of the set, and there is none of this name."""


class TaskWatch:
    """A QgsTask or a Processing feedback as core's watch."""

    def __init__(self, target: Any):
        self._target = target

    def progress(self, percent: float) -> None:
        self._target.setProgress(percent)

    def canceled(self) -> bool:
        return bool(self._target.isCanceled())

    def check(self) -> None:
        if self.canceled():
            raise Cancelled


def run(request: Request, settings: Optional[ConnectionSettings], watch: Any) -> Answer:
    """Do the search. Raises NoSuchMember, core's NotGeo, BadQuery and Cancelled, and the server's failures."""
    from ...core.geo import areas, measure, search
    from ...core.server import open_server

    server = open_server(settings)
    started = time.perf_counter()
    query = search.Query(server.key(request.key), request.ellipsoid, request.limit)
    answer = Answer(request, None)
    if request.kind in (Kind.RADIUS, Kind.NEAREST):
        answer.centers = [_center(server, query.key, place) for place in request.places]
        lons, lats = [c[0] for c in answer.centers], [c[1] for c in answer.centers]
        if request.kind is Kind.RADIUS:
            answer.hits = search.radius(server, query, lons, lats, request.metres, watch)
            answer.figures = _circles(request, answer.centers)
        else:
            answer.hits = search.nearest(server, query, lons, lats, max(1, request.limit), watch)
    else:
        shapes = [_area(request, place, areas, measure) for place in request.places]
        answer.hits = areas.search(server, query, shapes, watch)
        answer.figures = [
            Figure(area.wkb_in_degrees(), place.identity, request.metres) for area, place in zip(shapes, request.places)
        ]
    if not len(answer.hits):
        _check_set(server, query.key)
    answer.seconds = time.perf_counter() - started
    return answer.prepare()


def _circles(request: Request, centers: list[tuple[float, float]]) -> list[Figure]:
    """The circles of a search by radius; with more than MOST_FIGURES centres, only of the first."""
    from ...core.geo import measure

    if request.metres <= 0:
        return []
    metres = request.metres
    return [
        Figure(measure.circle_wkb(request.ellipsoid, *center, metres), place.identity, metres)
        for center, place in zip(centers[:MOST_FIGURES], request.places)
    ]


def _center(server: Any, key: bytes, place: Place) -> tuple[float, float]:
    if place.lon_lat is not None:
        return place.lon_lat
    from ...core.geo import sets

    found = sets.member_position(server, key, place.member or b"")
    if found is None:
        _check_set(server, key)
        raise NoSuchMember
    return found


def _area(request: Request, place: Place, areas: Any, measure: Any) -> Any:
    from ...core.optional import require_shapely

    require_shapely()
    import shapely

    geometry = shapely.from_wkb(place.wkb)
    if request.kind is Kind.CORRIDOR:
        return areas.corridor(geometry, request.metres, request.ellipsoid or measure.WGS84, place.crs)
    return areas.Area(geometry, place.crs)


def _check_set(server: Any, key: bytes) -> None:
    """Nothing found: because there is no such set, or it is none of positions? Then raises core's NotGeo."""
    from ...core.geo import sets

    kind = sets.describe(server, key).kind
    if kind != "geo":
        raise sets.NotGeo(kind)


def joined(first: Answer, second: Answer, hits: Any) -> Answer:
    """Two answers as one: their hits as ``hits``, their centres and figures one after the other."""
    request = replace(second.request, places=first.request.places + second.request.places)
    centers, figures = first.centers + second.centers, first.figures + second.figures
    return Answer(request, hits, centers, figures, second.seconds).prepare()
