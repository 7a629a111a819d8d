"""The nearest members of a point, or of each feature, however far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....core.watch import Watch
from ...i18n import tr
from .centers import centers_of, columns, layer_parameter
from .kind import Algorithm, Ask, Kind, LimitParameter, Request, Searched, Where

if TYPE_CHECKING:
    from ....core.geo.search import Query
    from ....core.redis.server import Server

USUAL = 10


def _search(server: Server, query: Query, request: Request, watch: Watch) -> Searched:
    from ....core.geo import search

    centers = centers_of(server, query.key, request)
    hits = search.nearest(server, query, *columns(centers), max(1, request.limit), watch)
    return Searched(hits, centers)


def _texts() -> tuple[str, str, str]:
    return (
        tr("Nearest members of a GEO set"),
        tr(
            "Finds, for each point of a layer, the nearest members of a GEO set, however far they are. "
            "Nearest on the "
            "ellipsoid, which is not always nearest on the sphere that Redis measures on."
        ),
        tr("redis,valkey,geo,nearest,closest,neighbors,knn"),
    )


KIND = Kind(
    name="nearest",
    search=_search,
    asks=(
        Ask("nearest", Where.POINT, lambda: tr("nearest to a point")),
        Ask("nearest_features", Where.FEATURES, lambda: tr("nearest to each selected feature")),
    ),
    title=lambda key, _distance, limit: tr("{set}, nearest {count}").format(set=key, count=limit),
    measured=True,
    usual_limit=USUAL,
    algorithm=Algorithm(
        "nearestmembers",
        _texts,
        layer_parameter(
            lambda: tr("A layer of centers; of lines and polygons the centroids are taken."),
        ),
        limit=LimitParameter(
            "NEIGHBORS",
            1,
            1,
            lambda: tr("Number of neighbors"),
            lambda: tr("How many members are kept of each center."),
        ),
    ),
)
