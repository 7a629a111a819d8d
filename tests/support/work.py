"""The plugin's main jobs in a few lines each, for tests of deployments and faults."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import shapely

from redis_geo_plugin.core.cache.report import RunReport
from redis_geo_plugin.core.cache.run import Chunk
from redis_geo_plugin.core.features import documents, index_search, indexes
from redis_geo_plugin.core.geo import search
from redis_geo_plugin.core.operations import Buffer
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Watch
from tests.support.runs import cached_run

OPERATION = Buffer(segments=8, crs="EPSG:2154")
NAMESPACE = "essai"
PARIS = (2.35, 48.85)
ROOT = Path(__file__).resolve().parents[2]


def shapes(count: int, seed: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 1e5, (count, 2)).T
    return shapely.box(x, y, x + 20, y + 30)


def buffers(
    server: Server, count: int = 60, chunk: int = 50, seed: int = 5, **options
) -> tuple[RunReport, list]:
    """A cached run; its report and its results as geometries."""
    wkbs = list(shapely.to_wkb(shapes(count, seed), byte_order=1, output_dimension=2))
    run = cached_run(server, OPERATION, NAMESPACE, 600, cache_all=True, **options)
    chunks = (
        Chunk((wkbs[i : i + chunk],), [12.0] * len(wkbs[i : i + chunk])) for i in range(0, count, chunk)
    )
    results = [wkb for finished in run.run(chunks) for wkb in finished.results]
    return run.report, list(shapely.from_wkb(results))


def right(results: list, seed: int = 5) -> bool:
    """Whether these are the buffers of the shapes, whatever way they came."""
    expected = shapely.buffer(shapes(len(results), seed), 12.0, quad_segs=8)
    return len(results) == len(expected) and bool(
        np.all(shapely.equals(shapely.normalize(results), shapely.normalize(expected)))
    )


def members_near_paris(server: Server, key: str = "locations", metres: float = 5000.0) -> list[bytes]:
    hits = search.radius(server, search.Query(server.key(key)), [PARIS[0]], [PARIS[1]], metres)
    return sorted(hits.members)


def documents_near_paris(server: Server, index: str = "cars", metres: float = 5000.0) -> list[bytes]:
    found = index_search.radius(server, index_search.IndexQuery(index), [PARIS[0]], [PARIS[1]], metres)
    return sorted(found.hits.members)


def documents_of_an_index(server: Server) -> int:
    """Without asking what the index is: where that is not answered, the walk still is tried."""
    place = indexes.IndexField("at", "at", indexes.GEO)
    wanted = documents.Wanted(indexes.Index("cars", fields=(place,)), place)
    return sum(map(len, documents.pages(server, wanted, "*", (), Watch())))


def cluster_rights(page: str) -> list[str]:
    """What this page of the docs tells an administrator to add on a cluster."""
    (rights,) = re.findall(r"On a cluster add `([^`]*)`", (ROOT / "docs" / page).read_text(encoding="utf-8"))
    return rights.split()


def role(name: str, password: str, prefix: str = "") -> list[str]:
    """The documented ACL line of a role as words of a command; with a tenant's prefix before each key pattern."""
    page = (ROOT / "docs" / "administrators.md").read_text(encoding="utf-8")
    found = re.search(rf"^ACL SETUSER geo_{name} .*$", page, re.MULTILINE)
    assert found, name
    words = found.group(0).replace(">PASSWORD", ">" + password).split()
    return [("~" + prefix + w[1:]) if w.startswith("~") else w for w in words]
