"""``redisgeo:radiussearch``: see bridge/geo/kinds/radius.py."""

from __future__ import annotations

from ..bridge.geo.kinds import radius
from .geo_search import SearchAlgorithm


class RadiusSearch(SearchAlgorithm):
    """The algorithm of this kind of search as a class of its own, for scripts that import it by name."""

    KIND = radius.KIND
