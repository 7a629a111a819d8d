"""All members within a distance of a point, or of each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ....core.watch import Watch
from ...i18n import tr
from .centers import centers_of, columns, layer_parameter
from .kind import Algorithm, Ask, Figure, Kind, LimitParameter, Request, Searched, Where

if TYPE_CHECKING:
    from ....core.geo.measure import Ellipsoid
    from ....core.geo.search import Query
    from ....core.redis.server import Server

MOST_FIGURES = 500  # circles made of one search: more could not be told apart on a map


def _search(server: Server, query: Query, request: Request, watch: Watch) -> Searched:
    from ....core.geo import search

    centers = centers_of(server, query.key, request)
    hits = search.radius(server, query, *columns(centers), request.metres, watch)
    return Searched(hits, centers, circles(request, centers))


def circles(request: Request, centers: list[tuple[float, float]]) -> list[Figure]:
    """The circles that were searched, of so many centres as can be told apart."""
    if not request.drawn or request.metres <= 0:
        return []
    pairs = zip(centers[:MOST_FIGURES], request.places)
    return [
        Figure(outline(request.ellipsoid, center, request.metres), place.identity, request.metres)
        for center, place in pairs
    ]


def outline(ellipsoid: Optional[Ellipsoid], center: tuple[float, float], metres: float) -> bytes:
    """The circle around a centre in degrees, as WKB in degrees."""
    from ....core.geo import measure

    return measure.circle_wkb(ellipsoid, *center, metres)


def _texts() -> tuple[str, str, str]:
    return (
        tr("Search a GEO set within a radius"),
        tr(
            "Finds the members of a GEO set within a distance of a point, or of each point of a layer, "
            "nearest first. "
            "Distances are measured on the ellipsoid, so that what QGIS's ruler calls inside is inside; "
            "members "
            "exactly at the radius count. Also right across 180 degrees and around the poles."
        ),
        tr("redis,valkey,geo,radius,distance,within,near,GEOSEARCH,GEORADIUS"),
    )


KIND = Kind(
    name="radius",
    search=_search,
    asks=(
        Ask("radius", Where.POINT, lambda: tr("within a radius of a point")),
        Ask("radius_features", Where.FEATURES, lambda: tr("within a radius of each selected feature")),
    ),
    title=lambda key, distance, _limit: tr("{set} within {distance}").format(set=key, distance=distance),
    measured=True,
    takes_radius=True,
    outline=outline,
    algorithm=Algorithm(
        "radiussearch",
        _texts,
        layer_parameter(
            lambda: tr(
                "A layer of centers, each its own search; of lines and polygons the centroids are taken."
            ),
        ),
        point_key="CENTER",
        limit=LimitParameter(
            "LIMIT",
            0,
            0,
            lambda: tr("At most (0: all)"),
            lambda: tr("Keep only so many of each center, the nearest. 0 keeps all."),
        ),
    ),
)
