"""A program that counts the vessels in each district of the harbour, and writes the count into its key.

REDIS_GEO_URL=redis://… python -m tools.demo.feeds.districts
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial

import numpy as np
import shapely

from redis_geo_plugin.core import keys
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.redis.guarded import WatchKeys, guarded
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import from_environment
from tools.demo.samples.districts import KEYS

EVERY = 3.0  # seconds
BUSY = 15  # vessels


def vessels(server: Server) -> np.ndarray:
    """Where all vessels are, as points."""
    found = sorted(server.scan(server.key(f"{keys.POSITIONS}:*")))
    records = [json.loads(raw) for raw in server.mget(found) if raw is not None]
    return shapely.points([[one["longitude"], one["latitude"]] for one in records] or np.empty((0, 2)))


def counted(key: bytes, points: np.ndarray, server: Server, watch: WatchKeys) -> tuple[list[tuple], int]:
    """The command that writes a district with its count, none where that is the same."""
    watch([key])
    commands: list[tuple] = []
    raw = server.bulk.get(key)
    feature = json.loads(raw) if raw is not None else None
    if feature is None or feature.get("geometry") is None:
        return commands, 0
    area = shapely.from_geojson(json.dumps(feature["geometry"]))
    count = int(shapely.contains(area, points).sum())
    properties = {**feature["properties"], "vessels": count, "state": "busy" if count >= BUSY else "quiet"}
    if properties != feature["properties"]:
        commands.append(("SET", key, json.dumps({**feature, "properties": properties}), "KEEPTTL"))
    return commands, count


def main() -> int:
    settings = from_environment()
    if settings is None:
        print("demo: districts: REDIS_GEO_URL is not set", file=sys.stderr)
        return 2
    server = Server(settings)
    while True:
        try:
            points = vessels(server)
            for key in sorted(server.scan(server.key(f"{KEYS}:*"))):
                guarded(server, partial(counted, key, points, server))
        except (exceptions.RedisError, StoreError) as error:
            print(f"demo: districts: {error}", file=sys.stderr)
        time.sleep(EVERY)


if __name__ == "__main__":
    sys.exit(main())
