"""Distances: on an ellipsoid (Karney's geodesics, as QGIS's ruler measures) and on the sphere of the
servers."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import numpy as np

from ..geometry import projections
from ..geometry.arrays import Array
from ..optional import shapely_problem

if TYPE_CHECKING:
    import shapely

SERVER_RADIUS = 6372797.560856  # metres, EARTH_RADIUS_IN_METERS of geohash_helper.c
CHUNK = 20_000  # points measured in one go: some 25 ms without giving up the interpreter lock


@dataclass(frozen=True)
class Ellipsoid:
    """Half axes in metres and a name for people."""

    a: float = 6378137.0
    b: float = 6356752.314245179
    name: str = "WGS 84"

    @property
    def widest(self) -> float:
        """The most that a distance on the servers' sphere can exceed the one on this ellipsoid, as a factor.

        The smallest radius of curvature of an oblate ellipsoid is b^2/a (meridian, at the equator); a path of
        length s on it is at most s * R / (b^2/a) long on the sphere of radius R with the same degrees.
        """
        return SERVER_RADIUS / (min(self.a, self.b) ** 2 / max(self.a, self.b))


WGS84 = Ellipsoid()


def geod(ellipsoid: Ellipsoid) -> projections.Geod:
    """The thread's own pyproj.Geod of this ellipsoid."""
    return projections.geod_of(ellipsoid.a, ellipsoid.b)


def distances(
    ellipsoid: Optional[Ellipsoid],
    lon0: Array,
    lat0: Array,
    lon: Array,
    lat: Array,
) -> tuple[Array, Array]:
    """Metres from the first points to the second, and the bearing at the first in degrees from north, [0,
    360).

    All arrays have shape (n,). ``ellipsoid`` None measures on the sphere, by the servers' own formula.
    """
    if ellipsoid is None:
        return sphere_distances(lon0, lat0, lon, lat), _sphere_bearings(lon0, lat0, lon, lat)
    tool = geod(ellipsoid)
    metres, bearings = np.empty(len(lon)), np.empty(len(lon))
    for start in range(0, len(lon), CHUNK):
        part = slice(start, start + CHUNK)
        azimuth, _, length = tool.inv(lon0[part], lat0[part], lon[part], lat[part])
        metres[part], bearings[part] = length, azimuth
    return metres, bearings % 360.0


def between(ellipsoid: Optional[Ellipsoid], start: tuple[float, float], end: tuple[float, float]) -> float:
    """Metres between two points given as (longitude, latitude)."""
    if ellipsoid is None:
        return float(sphere_distances(*(np.array([v]) for v in (*start, *end)))[0])
    return float(geod(ellipsoid).inv(*start, *end)[2])


def sphere_distances(
    lon0: Array,
    lat0: Array,
    lon: Array,
    lat: Array,
) -> Array:
    """Metres on the servers' sphere: the haversine formula of geohashGetDistance."""
    lat0r, latr = np.radians(lat0), np.radians(lat)
    u = np.sin((latr - lat0r) / 2)
    v = np.sin((np.radians(lon) - np.radians(lon0)) / 2)
    inner = np.clip(u * u + np.cos(lat0r) * np.cos(latr) * v * v, 0.0, 1.0)
    metres: Array = 2.0 * SERVER_RADIUS * np.arcsin(np.sqrt(inner))
    return metres


def _sphere_bearings(
    lon0: Array,
    lat0: Array,
    lon: Array,
    lat: Array,
) -> Array:
    lat0r, latr, delta = np.radians(lat0), np.radians(lat), np.radians(lon - lon0)
    east = np.sin(delta) * np.cos(latr)
    north = np.cos(lat0r) * np.sin(latr) - np.sin(lat0r) * np.cos(latr) * np.cos(delta)
    bearing: Array = np.degrees(np.arctan2(east, north)) % 360.0
    return bearing


def circle(
    ellipsoid: Optional[Ellipsoid], lon: float, lat: float, radius: float, corners: int = 180
) -> shapely.Geometry:
    """The circle as it lies on the ellipsoid (or the sphere): a Shapely polygon or multi-polygon in degrees.

    It is cut at 180 degrees, and closed along the pole where it contains one. Radius in metres.
    """
    import shapely

    return cut_at_180(shapely.polygons(_ring(ellipsoid, lon, lat, radius, corners)))


def _ring(ellipsoid: Optional[Ellipsoid], lon: float, lat: float, radius: float, corners: int = 180) -> Array:
    """The circle's closed border in degrees, (n, 2), which may leave [-180, 180]."""
    figure = ellipsoid or Ellipsoid(SERVER_RADIUS, SERVER_RADIUS, "sphere")
    azimuths = np.linspace(0.0, 360.0, corners + 1)
    size = len(azimuths)
    lons, lats, _ = geod(figure).fwd(np.full(size, lon), np.full(size, lat), azimuths, np.full(size, radius))
    lons, lats = np.degrees(np.unwrap(np.radians(lons))), np.asarray(lats)
    lons[-1], lats[-1] = lons[0] + 360.0 * round((lons[-1] - lons[0]) / 360.0), lats[0]
    turns = round((lons[-1] - lons[0]) / 360.0)
    if turns:  # the ring goes once around the axis: a pole is inside
        pole = math.copysign(90.0, lat)
        lons = np.concatenate([lons, [lons[-1], lons[0], lons[0]]])
        lats = np.concatenate([lats, [pole, pole, lats[0]]])
    return np.column_stack([lons, lats])


def circle_wkb(ellipsoid: Optional[Ellipsoid], lon: float, lat: float, radius: float) -> bytes:
    """``circle`` as WKB. It is drawn without Shapely 2 too, but then one that leaves [-180, 180] is not
    cut."""
    ring = _ring(ellipsoid, lon, lat, radius)
    if (np.abs(ring[:, 0]) > 180.0).any() and not shapely_problem():
        import shapely

        return bytes(shapely.to_wkb(cut_at_180(shapely.polygons(ring)), output_dimension=2))
    return struct.pack("<BIII", 1, 3, 1, len(ring)) + ring.astype("<f8").tobytes()


def cut_at_180(polygon: shapely.Geometry) -> shapely.Geometry:
    """Move a polygon that leaves [-180, 180] back into it, cut into parts."""
    import shapely

    west, _, east, _ = polygon.bounds
    if west >= -180.0 and east <= 180.0:
        return polygon
    polygon = shapely.make_valid(polygon)
    parts = []
    for turn in range(math.floor((west + 180.0) / 360.0), math.floor((east + 180.0) / 360.0) + 1):
        part = shapely.intersection(
            polygon, shapely.box(-180.0 + 360.0 * turn, -90.0, 180.0 + 360.0 * turn, 90.0)
        )
        if not part.is_empty:
            parts.append(shapely.transform(part, lambda c, t=turn: c - [360.0 * t, 0.0]))
    return shapely.union_all([p for p in parts if p.area > 0]) if parts else polygon
