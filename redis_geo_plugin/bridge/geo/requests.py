"""The entry point of Search: the dock and the algorithms build a ``Request``, which runs here in the
background."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsGeometry, QgsProcessingFeatureSourceDefinition

from ...core.readable import bytes_of, one_line
from ...core.redis.settings import ConnectionSettings
from ...core.watch import Watch
from .kinds.centers import NoSuchMember
from .kinds.kind import Figure, IndexAsk, Kind, Place, Request
from .layers import Kinds

if TYPE_CHECKING:
    from ...core.features.index_search import IndexFound
    from ...core.geo.hits import Hits

__all__ = [
    "Answer",
    "Figure",
    "Kind",
    "NoSuchMember",
    "Place",
    "Request",
    "as_parameters",
    "joined",
    "run",
]


@dataclass
class Answer:
    """Hits, the centres in degrees, the searched figures, and how long it took.

    ``names`` are the members as text, ``attributes`` the fields of the stored attributes, of
    ``attribute_count`` names: see ``prepare``. ``missing`` says that there is no such set, where that was no
    error. ``some_measured``: joined answers of which one measured. ``found``: what an index says of itself.
    """

    request: Request
    hits: Hits
    centers: list[tuple[float, float]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    seconds: float = 0.0
    names: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    attribute_count: int = 0
    missing: bool = False
    some_measured: bool = False
    found: Optional[IndexFound] = None

    @property
    def measured(self) -> bool:
        """Whether the hits have distances from a centre: some may, where answers were joined."""
        return self.request.kind.measured or self.some_measured

    def prepare(self) -> Answer:
        """Make what a table shows of the hits, in the background: names as text, and the names of the
        attributes."""
        self.names = self.hits.names()
        kinds = Kinds()
        kinds.learn(self.hits.attributes)
        self.attributes, self.attribute_count = [name for name, _ in kinds.found()], kinds.count
        return self


def run(
    request: Request, settings: Optional[ConnectionSettings], watch: Watch, missing_ok: bool = False
) -> Answer:
    """Do a search, in a background thread.

    Args:
        request: what is searched.
        settings: of the server.
        watch: tells whether to go on, and is told the progress.
        missing_ok: a set that is not there is one without members: an empty set does not exist in Redis.

    Raises:
        NoSuchMember: the centre was to be a member.
        IndexProblem: core's, where the index cannot be asked.
        NotGeo, BadQuery: core's.
        Cancelled: the user stopped it.
    """
    from ...core.geo import search, sets
    from ...core.redis.server import open_server

    server = open_server(settings)
    started = time.perf_counter()
    query = search.Query(server.key(bytes_of(request.key)), request.ellipsoid, request.limit)
    found = request.kind.search(server, query, request, watch)
    answer = Answer(request, found.hits, found.centers, found.figures, found=found.found)
    if not len(answer.hits) and not request.kind.of_index:
        answer.missing = sets.check(server, query.key, missing_ok)
    answer.seconds = time.perf_counter() - started
    return answer.prepare()


def as_parameters(answer: Answer) -> Optional[tuple[str, dict[str, Any]]]:
    """The search of an answer as a run of an algorithm: its id and parameters. None where no algorithm does
    it. Main thread only."""
    request, described = answer.request, answer.request.kind.algorithm
    if request.kind.of_index:
        return _as_index_search(answer)
    if described is None:
        return None
    found: dict[str, Any] = {"KEY": request.key}
    if request.layer:
        found[described.layer.key] = QgsProcessingFeatureSourceDefinition(request.layer, True)
    elif described.point_key and len(answer.centers) == 1:
        lon, lat = answer.centers[0]
        found[described.point_key] = f"{lon!r},{lat!r} [EPSG:4326]"
    elif described.area_key and len(request.places) == 1:
        found[described.area_key] = _as_text(request.places[0])
    else:
        return None
    if request.kind.takes_radius:
        found.update(RADIUS=request.metres, UNIT=0)
    if described.limit is not None:
        found[described.limit.key] = request.limit
    if request.kind.measured:
        found["METRIC"] = int(request.ellipsoid is None)
    return f"redisgeo:{described.name}", found


def _as_index_search(answer: Answer) -> Optional[tuple[str, dict[str, Any]]]:
    """The search of an index as a run of its algorithm."""
    request, said = answer.request, answer.request.index or IndexAsk()
    found: dict[str, Any] = {"INDEX": request.key, "LIMIT": request.limit}
    named = {"FILTER": said.wanted, "GEOMETRY_FIELD": said.place, "FIELDS": ",".join(said.fields)}
    found.update({name: value for name, value in named.items() if value})
    measured = request.kind.measured
    if request.layer:
        layer = QgsProcessingFeatureSourceDefinition(request.layer, True)
        found["CENTERS" if measured else "AREAS"] = layer
    elif measured and len(answer.centers) == 1:
        lon, lat = answer.centers[0]
        found["CENTER"] = f"{lon!r},{lat!r} [EPSG:4326]"
    elif not measured and len(request.places) == 1:
        found["AREA"] = _as_text(request.places[0])
    else:
        return None
    if measured:
        found.update(RADIUS=request.metres, UNIT=0, METRIC=int(request.ellipsoid is None))
    return "redisgeo:indexsearch", found


def _as_text(place: Place) -> str:
    """An area as Processing takes it, with its CRS."""
    shape = QgsGeometry()
    shape.fromWkb(place.wkb)
    crs = f"WKT:{one_line(place.crs)}" if "[" in place.crs else place.crs
    return f"CRS={crs};{shape.asWkt(17)}"


def joined(first: Answer, second: Answer, hits: Hits) -> Answer:
    """Two answers as one: their hits as ``hits``, their centres and figures one after the other."""
    measured = first.measured or second.measured
    request = replace(second.request, places=first.request.places + second.request.places)
    centers, figures = first.centers + second.centers, first.figures + second.figures
    answer = Answer(request, hits, centers, figures, second.seconds, some_measured=measured)
    return answer.prepare()
