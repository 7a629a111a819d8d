"""All members within a distance of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.watch import Watch
from ...i18n import tr
from .kind import Ask, Figure, Kind, Request, Searched, Where

if TYPE_CHECKING:
    from ....core.geo.search import Query
    from ....core.redis.server import Server


def _search(server: Server, query: Query, request: Request, watch: Watch) -> Searched:
    from ....core.optional import require_shapely

    require_shapely()
    import shapely

    from ....core.geo import areas, measure

    ellipsoid = request.ellipsoid or measure.WGS84
    shapes = [
        areas.corridor(shapely.from_wkb(place.wkb), request.metres, ellipsoid, place.crs)
        for place in request.places
    ]
    hits = areas.search(server, query, shapes, watch)
    pairs = zip(shapes, request.places) if request.drawn else ()
    figures = [Figure(shape.wkb_in_degrees(), place.identity, request.metres) for shape, place in pairs]
    return Searched(hits, figures=figures)


KIND = Kind(
    name="corridor",
    search=_search,
    asks=(Ask("corridor", Where.LINES, lambda: tr("along the selected lines")),),
    title=lambda key, distance, _limit: tr("{set} along lines, {distance}").format(
        set=key, distance=distance
    ),
    takes_radius=True,
    needs_radius=True,
)
