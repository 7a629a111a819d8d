"""Sets of places over the whole globe, and what their right distances are."""

from __future__ import annotations

import numpy as np

from redis_geo_plugin.core.geo import measure

KEY = b"places"


def fill(client, lon, lat, key=KEY):
    with client.pipeline(transaction=False) as pipe:
        for start in range(0, len(lon), 500):
            values = []
            for i in range(start, min(start + 500, len(lon))):
                values += [float(lon[i]), float(lat[i]), f"m{i}"]
            pipe.geoadd(key, values)
        pipe.execute()


def numbers(found):
    return np.array(sorted(int(m[1:]) for m in found.members), int)


def exact(lon0, lat0, lon, lat, ellipsoid=measure.WGS84):
    n = len(lon)
    return measure.distances(ellipsoid, np.full(n, float(lon0)), np.full(n, float(lat0)), lon, lat)[0]
