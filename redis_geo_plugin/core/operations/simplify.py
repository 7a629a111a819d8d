"""Fewer vertices within a tolerance, as native:simplifygeometries does by distance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from ..geos import RING_ENDS_MOVE, minor
from ..geos import version as own_geos
from .base import Geometries, Numbers, Operation, text


@dataclass(frozen=True)
class Simplify(Operation):
    """Douglas-Peucker that keeps the topology of each geometry; the item's number is the tolerance, in units of the
    coordinates. ``crs`` is part of the key.

    ``geos`` is the version that computes, by default that of this process. Before 3.12 it never moves the vertex at which a
    ring begins, later it does. Where a newer one stands in for that of an older QGIS, ``ring_ends`` asks that these vertices
    stay, so that the result is nearly that of its native algorithm: what remains is a newer check of GEOS, that a
    simplified line does not jump over a neighbour with which it would cross elsewhere.
    """

    name: ClassVar[str] = "simplify"
    version: ClassVar[int] = 3
    family: ClassVar[str] = keys.FAMILIES[name]
    number_name: ClassVar[str] = "tolerance"

    crs: str = ""
    ring_ends: bool = False
    geos: str = field(default_factory=own_geos)

    @property
    def engine(self) -> str:
        return self.geos

    @property
    def _stands_in(self) -> bool:
        return self.ring_ends and minor(self.geos) >= RING_ENDS_MOVE

    def canonical(self) -> bytes:
        return text(self.crs) + text(self.geos) + (b"ends" if self._stands_in else b"")

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        assert numbers is not None
        tolerances = np.maximum(numbers, 0.0)  # GEOS refuses a negative one, QGIS takes it for 0
        if not self._stands_in:
            return _simplified(geometries[0], tolerances)
        results = _simplified(geometries[0], tolerances)
        for i in np.flatnonzero(shapely.get_dimensions(geometries[0]) == 2):
            results[i] = _areas(geometries[0][i], float(tolerances[i]))
        return results

    def to_job(self) -> dict[str, Any]:
        return {"crs": self.crs, "ring_ends": self.ring_ends, "geos": self.geos}

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> Simplify:
        return cls(
            crs=str(values.get("crs", "")),
            ring_ends=bool(values.get("ring_ends", False)),
            geos=str(values.get("geos") or own_geos()),
        )


def _simplified(geometries: Any, tolerances: Any) -> Geometries:
    return np.asarray(shapely.simplify(geometries, tolerances, preserve_topology=True), dtype=object)


def _areas(geometry: Any, tolerance: float) -> Any:
    """Areas simplified ring by ring as lines, whose ends stay."""
    polygons = shapely.get_parts(geometry)
    if not all(shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON):
        return shapely.simplify(geometry, tolerance, preserve_topology=True)
    rings, owner = shapely.get_rings(polygons, return_index=True)
    lines = np.array([shapely.LineString(shapely.get_coordinates(ring)) for ring in rings], dtype=object)
    slim = [shapely.get_coordinates(line) for line in _lines(lines, tolerance)]
    whole = [shapely.linearrings(c) if len(c) >= 4 else ring for c, ring in zip(slim, rings)]
    built = [_polygon([ring for ring, k in zip(whole, owner) if k == number]) for number in range(len(polygons))]
    return built[0] if shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON else shapely.multipolygons(built)


def _lines(lines: np.ndarray, tolerance: float) -> np.ndarray:
    """Lines simplified so that none crosses another: as GEOS 3.11 does it with all of them together.

    Each by itself first, and together only those that would cross. Where none does, every step of the joint way would have
    been the same; and a newer GEOS, which asks of lines together that none jumps over another, is not asked that.
    """
    slim = np.asarray(shapely.simplify(lines, tolerance, preserve_topology=True), dtype=object)
    groups = np.arange(len(lines))
    while True:
        pairs = [(i, j) for i, j in _meetings(slim, lines) if groups[i] != groups[j]]
        if not pairs:
            return slim
        for i, j in pairs:
            groups[groups == groups[j]] = groups[i]
        for group in {groups[i] for i, _ in pairs}:
            members = np.flatnonzero(groups == group)
            joint = shapely.simplify(shapely.multilinestrings(lines[members]), tolerance, preserve_topology=True)
            parts = shapely.get_parts(joint)
            slim[members] = parts if len(parts) == len(members) else lines[members]


def _meetings(slim: np.ndarray, lines: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of which the first, simplified, meets the second, as it was or simplified."""
    if len(lines) < 2:
        return []
    found = [shapely.STRtree(others).query(slim, predicate="intersects") for others in (lines, slim)]
    return [(i, j) for i, j in np.unique(np.hstack(found), axis=1).T.tolist() if i != j]


def _polygon(rings: list) -> Any:
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
