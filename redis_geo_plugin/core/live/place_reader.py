"""Reading positions that are not two fields of degrees: pairs, geometries, grid cells, scaled or projected
coordinates."""

from __future__ import annotations

import math
from typing import Any, Callable, Optional

from ..geometry.projections import Projection, to_wgs84
from .angles import EAST_WEST, NORTH_SOUTH, coordinate
from .limits import is_place
from .paths import lookup
from .places import GEOHASH, H3, LATLON, LONLAT, of_geohash, of_h3, read_pair
from .spec import Mapping

WGS84 = ("", "EPSG:4326", "OGC:CRS84")
Place = tuple[float, float]


class PlaceReader:
    """By a mapping; for one thread. ``is_derived``: the place is the middle of a cell, not a reported
    position.
    """

    def __init__(self, mapping: Mapping):
        self._mapping = mapping
        self._projections: dict[str, Optional[Projection]] = {}
        cells: dict[str, Callable[[Any], Optional[Place]]] = {GEOHASH: of_geohash, H3: of_h3}
        self._cell = cells.get(mapping.pair_order) if mapping.pair else None
        self.is_derived = self._cell is not None
        # to divide by 10^7 is exact, to multiply by its inverse is not
        self._parts = 1.0 / mapping.scale if mapping.scale else 1.0
        if abs(self._parts - round(self._parts)) < 1e-3:
            self._parts = float(round(self._parts) or self._parts)

    def read(self, data: object) -> Optional[Place]:
        """Longitude and latitude in degrees, or None where the record has no place. They may be out of
        range.
        """
        mapping = self._mapping
        crs = mapping.crs
        if self._cell is not None:
            return self._cell(lookup(data, mapping.pair))
        if mapping.pair:
            pair = read_pair(lookup(data, mapping.pair))
            if pair is None:
                return None
            # what the form itself says counts for each value: a field may hold WKT here and a text there
            order = pair.order or mapping.pair_order
            first, second = (pair.second, pair.first) if order == LATLON else (pair.first, pair.second)
            if pair.srid and not crs:
                crs = f"EPSG:{pair.srid}"
        else:
            lon = coordinate(lookup(data, mapping.lon), EAST_WEST)
            lat = coordinate(lookup(data, mapping.lat), NORTH_SOUTH)
            if lon is None or lat is None:
                return None
            first, second = lon, lat
        if self._parts != 1.0:
            first, second = first / self._parts, second / self._parts
        return (first, second) if crs in WGS84 else self._in_degrees(first, second, crs)

    def _in_degrees(self, x: float, y: float, crs: str) -> Optional[Place]:
        if crs not in self._projections:
            self._projections[crs] = projection(crs) if len(self._projections) < 20 else None
        found = self._projections[crs]
        if found is None:
            return None
        lon, lat = found.to_degrees(x, y)
        return (float(lon), float(lat)) if math.isfinite(lon) and math.isfinite(lat) else None


def projection(crs: str) -> Optional[Projection]:
    """To degrees on WGS 84 from a CRS (a code or WKT), None where PROJ does not know it."""
    try:
        return to_wgs84(crs)
    except (
        Exception
    ):  # pyproj's CRSError, which only core.geometry.projections may name, and its own for odd texts
        return None


def is_on_earth(crs: str, x: float, y: float) -> bool:
    """Whether coordinates of a CRS fall on a place in degrees."""
    found = projection(crs)
    if found is None:
        return False
    lon, lat = found.to_degrees(x, y)
    return bool(is_place(lon, lat))


__all__ = ["GEOHASH", "H3", "LATLON", "LONLAT", "PlaceReader", "is_on_earth", "projection"]
