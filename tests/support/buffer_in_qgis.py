"""A QGIS without a window that buffers the world map's countries once it is let go, and prints its counts as JSON.

The connection is ``REDIS_GEO_URL``. Argument: the key to wait for, once "ready" was printed.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from qgis.core import QgsApplication


def start_processing() -> QgsApplication:
    """QGIS, its Processing framework and the plugin's provider, as a script of an analyst starts them."""
    application = QgsApplication([], False)
    application.initQgis()
    sys.path.append(str(Path(application.pkgDataPath()) / "python" / "plugins"))
    from processing.core.Processing import Processing

    from redis_geo_plugin import classFactory

    Processing.initialize()
    application.redis_geo = classFactory(None)
    application.redis_geo.initProcessing()
    return application


def wait_for(gate: str) -> None:
    from redis_geo_plugin.core.redis.server import open_server
    from redis_geo_plugin.core.redis.settings import from_environment

    server = open_server(from_environment())
    print("ready", flush=True)
    while not server.interactive.exists(gate):
        time.sleep(0.005)
    server.close()


def main(gate: str) -> None:
    application = start_processing()
    import processing

    countries = f"{application.pkgDataPath()}/resources/data/world_map.gpkg|layername=countries"
    wait_for(gate)
    results = processing.run(
        "redisgeo:cachedbuffer", {"INPUT": countries, "DISTANCE": 0.2, "SEGMENTS": 8, "OUTPUT": "memory:"}
    )
    shapes = hashlib.sha256()
    for feature in results["OUTPUT"].getFeatures():
        shapes.update(feature.geometry().asWkb().data())
    told = {name: results[name] for name in ("HITS", "MISSES", "COMPUTED", "STORED", "FAILED")}
    print(
        json.dumps({**told, "features": results["OUTPUT"].featureCount(), "shapes": shapes.hexdigest()}),
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1])
