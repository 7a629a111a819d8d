"""Searches of an index of 1,000,000 documents beside the bare FT.SEARCH of the same circle.

One Redis Stack of the benchmark's own, one process, both sides in turn. The documents are hashes with a position, a tag, a
number and a name, uniform over 0 to 10 degrees east, 43 to 50 north: about 1.6 a square kilometre.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.harness import compare, figure, in_turn, qgis_application, seconds

COUNT = 1_000_000
BOX = (0.0, 43.0, 10.0, 50.0)
CENTER = (4.8357, 45.764)
RADIUS = 14_000.0  # metres: about 1,000 hits
GIVEN = "1,000 hits in 1,000,000 documents"


def benchmarks():
    yield radius


@cache
def server():
    """A Redis Stack that lives as long as this process; the algorithm finds it by the environment."""
    import atexit
    import os

    from tests.support.stack import StackServer

    real = StackServer()
    atexit.register(real.close)
    os.environ["REDIS_GEO_URL"] = real.url
    return real


def fill(client, count):
    """The documents and their index."""
    words = "FT.CREATE bench ON HASH PREFIX 1 b: SCHEMA at GEO state TAG seats NUMERIC"
    client.execute_command(*words.split())
    rng = np.random.default_rng(42)
    lon, lat = rng.uniform(BOX[0], BOX[2], count), rng.uniform(BOX[1], BOX[3], count)
    for start in range(0, count, 5000):
        with client.pipeline(transaction=False) as pipe:
            for at in range(start, min(start + 5000, count)):
                state = "free" if at % 3 else "busy"
                place = f"{lon[at]:.6f},{lat[at]:.6f}"
                pipe.execute_command(
                    "HSET", f"b:{at}", "at", place, "state", state, "seats", at % 9, "name", f"car {at}"
                )
            pipe.execute()


def bare(client):
    """The documents in the circle as redis-py has them; how many."""
    query = f"@at:[{CENTER[0]!r} {CENTER[1]!r} {RADIUS!r} m]"
    reply = client.execute_command(
        "FT.SEARCH", "bench", query, "LIMIT", 0, 10_000, "TIMEOUT", 0, "DIALECT", 2
    )
    return reply[0]


def to_layer():
    """The algorithm, to a finished layer; how many features."""
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

    from redis_geo_plugin.processing.index_search import IndexSearch

    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    center = f"{CENTER[0]},{CENTER[1]} [EPSG:4326]"
    given = {"INDEX": "bench", "CENTER": center, "RADIUS": RADIUS, "OUTPUT": "memory:"}
    results, good = IndexSearch().create().run(given, context, QgsProcessingFeedback(), catchExceptions=False)
    assert good
    return results["COUNT"]


def radius():
    """The same circle by both, in turn."""
    with server().client() as client, qgis_application():
        fill(client, COUNT)
        found, hits = bare(client), to_layer()
        ours, other = in_turn(7, lambda: seconds(to_layer), lambda: seconds(lambda: bare(client)))
    return [
        compare("indexsearch to a finished layer / FT.SEARCH", GIVEN, ours=ours, other=other, at_least=1 / 3),
        figure("hits of both", GIVEN, float(hits), f"(FT.SEARCH on its sphere: {found})"),
    ]
