"""Documents of an index of the query engine in the map's extent, or in each polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.watch import Watch
from ...i18n import tr
from .index_radius import index_query
from .kind import Ask, Figure, Kind, Request, Searched, Where

if TYPE_CHECKING:
    from ....core.geo.search import Query
    from ....core.redis.server import Server


def _search(server: Server, query: Query, request: Request, watch: Watch) -> Searched:  # noqa: ARG001
    from ....core.optional import require_shapely

    require_shapely()
    import shapely

    from ....core.features import index_search
    from ....core.geo import areas

    shapes = [areas.Area(shapely.from_wkb(place.wkb), place.crs) for place in request.places]
    found = index_search.area(server, index_query(request), shapes, watch)
    pairs = zip(shapes, request.places) if request.drawn else ()
    figures = [Figure(shape.wkb_in_degrees(), place.identity) for shape, place in pairs]
    return Searched(found.hits, figures=figures, found=found)


KIND = Kind(
    name="index_area",
    search=_search,
    asks=(
        Ask("index_extent", Where.EXTENT, lambda: tr("documents of an index, in the map's extent")),
        Ask("index_polygons", Where.POLYGONS, lambda: tr("documents of an index, in the selected polygons")),
        Ask("index_drawn", Where.DRAWN, lambda: tr("documents of an index, in a polygon drawn on the map")),
    ),
    title=lambda key, _distance, _limit: tr("{index} in an area").format(index=key),
    of_index=True,
)
