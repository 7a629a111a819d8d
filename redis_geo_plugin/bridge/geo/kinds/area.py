"""All members in the map's extent, or in each polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.watch import Watch
from ...i18n import tr
from .kind import Algorithm, Ask, Figure, Kind, LayerParameter, Request, Searched, Where

if TYPE_CHECKING:
    from ....core.geo.search import Query
    from ....core.redis.server import Server


def _search(server: Server, query: Query, request: Request, watch: Watch) -> Searched:
    from ....core.optional import require_shapely

    require_shapely()
    import shapely

    from ....core.geo import areas

    shapes = [areas.Area(shapely.from_wkb(place.wkb), place.crs) for place in request.places]
    hits = areas.search(server, query, shapes, watch)
    pairs = zip(shapes, request.places) if request.drawn else ()
    figures = [Figure(shape.wkb_in_degrees(), place.identity) for shape, place in pairs]
    return Searched(hits, figures=figures)


def _texts() -> tuple[str, str, str]:
    return (
        tr("Search a GEO set in polygons"),
        tr(
            "Finds the members of a GEO set in each polygon of a layer. Holes are left out, the border "
            "counts as inside. "
            "Edges are straight in the layer's own CRS, as the map shows them. A member that lies in several "
            "polygons "
            "comes once for each."
        ),
        tr("redis,valkey,geo,polygon,area,inside,within,BYPOLYGON,BYBOX"),
    )


KIND = Kind(
    name="area",
    search=_search,
    asks=(
        Ask("extent", Where.EXTENT, lambda: tr("in the map's extent")),
        Ask("polygons", Where.POLYGONS, lambda: tr("in the selected polygons")),
        Ask("drawn", Where.DRAWN, lambda: tr("in a polygon drawn on the map")),
    ),
    title=lambda key, _distance, _limit: tr("{set} in an area").format(set=key),
    algorithm=Algorithm(
        "areasearch",
        _texts,
        LayerParameter(
            "AREAS", Where.POLYGONS, lambda: tr("Areas"), lambda: tr("The polygons to search in.")
        ),
        area_key="AREA",
    ),
)
