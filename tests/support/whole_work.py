"""The main jobs of the plugin in one go, and what an administrator sees of them."""

from __future__ import annotations

from redis_geo_plugin.core.redis.server import open_server
from tests.support import work
from tests.support.positions import Watched, position

PASSWORD = "geheim"


def everything_works(settings, admin, prefix=""):
    """The main jobs with these settings; ``admin`` is a plain client of the same database."""
    server = open_server(settings)
    first, results = work.buffers(server)
    assert (first.failure, first.hits, first.stored) == (None, 0, 60) and work.right(results)
    second, results = work.buffers(server)
    assert (second.hits, second.misses) == (60, 0) and work.right(results)
    admin.geoadd(f"{prefix}locations", (*work.PARIS, "ici", 2.36, 48.86, "là", 4.0, 45.0, "loin"))
    assert work.members_near_paris(server) == [b"ici", "là".encode()]
    admin.set(f"{prefix}vehicule:1", position(48.0))
    with Watched(settings) as watched:
        assert watched.fixes["1"].lat == 48.0
        admin.set(f"{prefix}vehicule:1", position(49.0))
        watched.until(lambda fixes: fixes["1"].lat == 49.0)
        assert watched.feed.status().tracking
    assert len(list(admin.scan_iter(f"{prefix}calculs:buffers:{work.NAMESPACE}:*"))) == 60


def nodes_of(place):
    """A plain client of each node; of the one server that is none of a cluster."""
    for node in getattr(place, "nodes", [place]):
        with node.client() as admin:
            yield admin
