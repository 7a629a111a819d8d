"""``redisgeo:areasearch``: see bridge/geo/kinds/area.py."""

from __future__ import annotations

from ..bridge.geo.kinds import area
from .geo_search import SearchAlgorithm


class AreaSearch(SearchAlgorithm):
    """The algorithm of this kind of search as a class of its own, for scripts that import it by name."""

    KIND = area.KIND
