"""For a worker (``--operations tests.support.another_geos``) whose GEOS is another one, 3.1, as far as it tells."""

from __future__ import annotations

from redis_geo_plugin.core.geometry import geos

geos.full_version = lambda: "3.1.4"
