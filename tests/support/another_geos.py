"""For a worker (``--operations tests.support.another_geos``) whose GEOS is another one, as far as it tells."""

from __future__ import annotations

from redis_geo_plugin.core import geos

VERSION = "3.1"
geos.full_version = lambda: f"{VERSION}.4"
