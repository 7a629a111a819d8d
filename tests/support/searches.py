"""The algorithms of searches, to be created without the provider."""

from __future__ import annotations

from functools import partial

from redis_geo_plugin.bridge.geo.kinds import area, nearest, radius
from redis_geo_plugin.processing.geo_search import SearchAlgorithm

RadiusSearch = partial(SearchAlgorithm, radius.KIND)
NearestMembers = partial(SearchAlgorithm, nearest.KIND)
AreaSearch = partial(SearchAlgorithm, area.KIND)
