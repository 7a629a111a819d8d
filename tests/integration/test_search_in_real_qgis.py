"""Every kind of search of the dock in a real QGIS, on both servers: QGIS's own libraries stand beside Shapely's there."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from redis_geo_plugin.core.geo import cells, measure
from tests.support.real_qgis import ROOT, run_in_qgis


@pytest.mark.slow
def test_every_kind_of_search(server, tmp_path):
    rng = np.random.default_rng(3)
    count = 9000
    lon, lat = rng.uniform(1.5, 3.5, count), rng.uniform(48.2, 49.5, count)
    lon[:10], lat[:10] = np.linspace(179.9, 180.1, 10), 0.5
    lon = cells.wrap_longitude(lon)
    with server.client() as client:
        for start in range(0, count, 500):
            values = [v for i in range(start, start + 500) for v in (float(lon[i]), float(lat[i]), f"m{i}")]
            client.geoadd("points", values)
    lon, lat = cells.decode(cells.encode(lon, lat))
    result = tmp_path / "result.json"
    script = ROOT / "tests" / "support" / "search_in_qgis.py"
    printed = run_in_qgis(script, tmp_path / "profiles", RESULT=str(result), REDIS_GEO_URL=server.url)
    assert result.is_file(), printed
    found = json.loads(result.read_text())
    assert "error" not in found, found["error"]

    def names(mask):
        return sorted(f"m{i}" for i in np.flatnonzero(mask))

    around, _ = measure.distances(measure.WGS84, np.full(count, 2.35), np.full(count, 48.85), lon, lat)
    assert found["radius_features"] == names(around <= 5000)
    holed = shapely.box(2, 48.5, 3, 49.2).difference(shapely.box(2.4, 48.6, 2.6, 49))
    clear = (
        shapely.distance(holed.boundary, shapely.points(lon, lat)) > 0.005
    )  # straight in degrees, not in Lambert 93
    inside = shapely.intersects(holed, shapely.points(lon, lat))
    assert set(names(inside & clear)) <= set(found["polygons"]) <= set(names(inside | ~clear))
    assert set(names(inside & clear)) <= set(
        found["extent"]
    )  # the visible map is wider than what was asked for
    assert len(found["nearest_features"]) == 7 and all(int(n[1:]) < 10 for n in found["nearest_features"])
    line = shapely.segmentize(shapely.linestrings([(2, 48.5), (2.5, 48.8), (3, 48.7)]), 0.002)
    points = shapely.get_coordinates(line)
    near = np.array(
        [
            measure.distances(measure.WGS84, np.full(len(points), x), np.full(len(points), y), *points.T)[
                0
            ].min()
            for x, y in zip(lon[10:], lat[10:])
        ]
    )
    near = np.concatenate([np.full(10, np.inf), near])
    assert set(names(near < 4950)) <= set(found["corridor"]) <= set(names(near < 5050))
