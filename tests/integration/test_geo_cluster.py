"""GEO sets on a Valkey Cluster: a set on one shard, its attributes perhaps on another."""

from __future__ import annotations

import numpy as np
import pytest

from redis_geo_plugin.core.geo import areas, export, fill, names, search, sets
from redis_geo_plugin.core.redis.server import open_server

KEYS = (b"locations", b"navires", b"points:d'eau", b"{tag}:set")


def rows(count):
    lon, lat = np.arange(count) * 1e-3, np.full(count, 45.0)
    return fill.Rows(list(range(count)), [b"m%d" % i for i in range(count)], lon, lat, ['"n":1'] * count)


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("mode", list(fill.Mode))
def test_filled_searched_replaced_and_exported(make_cluster, name, mode):
    cluster = make_cluster()
    mine = open_server(cluster.settings(key_prefix="équipe:"))
    key = mine.key(name)
    for count in (1500, 1200):
        loader = fill.Loader(mine, key, mode)
        loader.add(rows(count))
        report = loader.finish()
    assert report.total == (1200 if mode is fill.Mode.REPLACE else 1500) and report.refused == 0
    found = search.radius(mine, search.Query(key), [0.0, 0.5], [45.0, 45.0], 1000.0)
    assert set(found.origin.tolist()) == {0, 1} and found.exact.all() and found.attributes[0]["n"] == 1
    near = search.nearest(mine, search.Query(key), [10.0], [45.0], 3)
    assert near.members[0] == b"m%d" % (1199 if mode is fill.Mode.REPLACE else 1499)
    inside = areas.search(mine, search.Query(key), [areas.rectangle(-1, 44, 0.4995, 46)])
    assert len(inside) == 500
    assert sum(len(block) for block in export.members(mine, key)) == report.total
    assert [s.key for s in sets.find(mine)] == [key]
    assert [f.member for f in names.Names().find(mine, "M1199", 5)] == [b"m1199"]
    with cluster.client() as client:
        left = sorted(client.scan_iter())
    assert left == sorted([key, key + b":attributs"])
