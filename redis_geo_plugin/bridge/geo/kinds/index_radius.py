"""Documents of an index of the query engine within a distance of a point, or of each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.watch import Watch
from ...i18n import tr
from .kind import Ask, IndexAsk, Kind, Request, Searched, Where
from .radius import circles, outline

if TYPE_CHECKING:
    from ....core.features.index_search import IndexQuery
    from ....core.geo.search import Query
    from ....core.redis.server import Server


def index_query(request: Request) -> IndexQuery:
    """What core is asked."""
    from ....core.features.index_search import IndexQuery
    from ....core.geometry.projections import WGS84

    said = request.index or IndexAsk()
    crs = said.crs or WGS84
    return IndexQuery(
        request.key, said.wanted, said.place, said.fields, crs, request.ellipsoid, request.limit
    )


def _search(server: Server, query: Query, request: Request, watch: Watch) -> Searched:  # noqa: ARG001
    from ....core.features import index_search
    from ....core.geo.search import BadQuery
    from ....core.optional import require_shapely

    require_shapely()
    centers = [place.lon_lat for place in request.places if place.lon_lat is not None]
    if len(centers) < len(request.places):  # a name: of an index there are no members
        raise BadQuery("center")
    lons, lats = [lon for lon, _ in centers], [lat for _, lat in centers]
    found = index_search.radius(server, index_query(request), lons, lats, request.metres, watch)
    return Searched(found.hits, centers, circles(request, centers), found)


KIND = Kind(
    name="index_radius",
    search=_search,
    asks=(
        Ask("index_radius", Where.POINT, lambda: tr("documents of an index, around a point")),
        Ask(
            "index_features",
            Where.FEATURES,
            lambda: tr("documents of an index, around each selected feature"),
        ),
    ),
    title=lambda key, distance, _limit: tr("{index} within {distance}").format(index=key, distance=distance),
    measured=True,
    takes_radius=True,
    outline=outline,
    of_index=True,
)
