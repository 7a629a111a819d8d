"""``redisgeo:nearestmembers``: see bridge/geo/kinds/nearest.py."""

from __future__ import annotations

from ..bridge.geo.kinds import nearest
from .geo_search import SearchAlgorithm


class NearestMembers(SearchAlgorithm):
    """The algorithm of this kind of search as a class of its own, for scripts that import it by name."""

    KIND = nearest.KIND
