"""Simplification within a tolerance, as native:simplifygeometries does by distance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Optional

import numpy as np
import shapely

from ..geometry import guarded
from ..geometry.arrays import Array
from ..geometry.geos import RING_ENDS_MOVE, minor
from ..geometry.geos import version as own_geos
from ..json_types import JsonObject
from .base import Geometries, Numbers, Operation, text


@dataclass(frozen=True)
class Simplify(Operation):
    """Douglas-Peucker that keeps the topology of each geometry; the item's number is the tolerance, in units
    of the coordinates. ``crs`` is part of the key.

    ``geos`` is the version that computes, by default that of this process. Before 3.12 it never moves the
    vertex at which a ring begins, later it does. Where a newer one stands in for that of an older QGIS,
    ``ring_ends`` asks that these vertices stay, so that the result is nearly that of its native algorithm:
    what remains is a newer check of GEOS, that a simplified line does not jump over a neighbour with which it
    would cross elsewhere.
    """

    name: ClassVar[str] = "simplify"
    version: ClassVar[int] = 4  # 4: the way round and the first vertex are part of the key
    aliases: ClassVar[tuple[str, ...]] = ("simplification",)
    keeps_dimension: ClassVar[bool] = True
    keeps_z: ClassVar[bool] = True
    keeps_order: ClassVar[bool] = True
    hangs_at_nan: ClassVar[bool] = True
    number_name: ClassVar[str] = "tolerance"

    crs: str = ""
    ring_ends: bool = False
    geos: str = field(default_factory=own_geos)

    @property
    def engine(self) -> str:
        """The version of GEOS that computes."""
        return self.geos

    @property
    def _stands_in(self) -> bool:
        return self.ring_ends and minor(self.geos) >= RING_ENDS_MOVE

    def canonical(self) -> bytes:
        """The parameters as bytes."""
        return text(self.crs) + text(self.geos) + (b"ends" if self._stands_in else b"")

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        """n geometries with fewer vertices."""
        assert numbers is not None
        for number in numbers[numbers < 0]:
            self.check_number(number)
        tolerances = numbers
        results = _simplified(geometries[0], tolerances)
        if not self._stands_in:
            return results
        for i in np.flatnonzero(shapely.get_dimensions(geometries[0]) == 2):
            results[i] = _areas(geometries[0][i], float(tolerances[i]))
        return results

    def check_number(self, number: float) -> None:
        """Raise ValueError for a negative tolerance: GEOS refuses it, but for geometries of which nothing can
        be left out."""
        if number < 0:
            raise ValueError("a tolerance must not be negative")

    def to_job(self) -> JsonObject:
        """The parameters as JSON values."""
        return {"crs": self.crs, "ring_ends": self.ring_ends, "geos": self.geos}

    @classmethod
    def from_job(cls, values: JsonObject) -> Simplify:
        """The operation of JSON values. Raises ValueError for what does not fit."""
        return cls(
            crs=str(values.get("crs", "")),
            ring_ends=bool(values.get("ring_ends", False)),
            geos=str(values.get("geos") or own_geos()),
        )


def _simplified(geometries: Geometries, tolerances: Numbers) -> Geometries:
    return guarded.simplified(geometries, tolerances)


def _areas(geometry: shapely.Geometry, tolerance: float) -> shapely.Geometry:
    """Areas simplified ring by ring as lines, whose ends stay."""
    polygons = shapely.get_parts(geometry)
    if not all(shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON):
        return guarded.simplified(np.array([geometry], dtype=object), tolerance)[0]
    rings, owner = shapely.get_rings(polygons, return_index=True)
    with_z = bool(shapely.has_z(geometry))
    lines = np.array([shapely.LineString(_vertices(ring, with_z)) for ring in rings], dtype=object)
    slim = [_vertices(line, with_z) for line in _lines(lines, tolerance)]
    whole = [shapely.linearrings(c) if len(c) >= 4 else ring for c, ring in zip(slim, rings)]
    built = [
        _polygon([ring for ring, k in zip(whole, owner) if k == number]) for number in range(len(polygons))
    ]
    return (
        built[0]
        if shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
        else shapely.multipolygons(built)
    )


def _vertices(geometry: shapely.Geometry, with_z: bool) -> Array:
    return np.asarray(shapely.get_coordinates(geometry, include_z=with_z))


def _lines(lines: Array, tolerance: float) -> Array:
    """Lines simplified so that none crosses another: as GEOS 3.11 does it with all of them together.

    Each by itself first, and together only those that would cross. Where none does, every step of the joint
    way would have been the same; and a newer GEOS, which asks of lines together that none jumps over another,
    is not asked that.
    """
    slim = guarded.simplified(lines, tolerance)
    groups = np.arange(len(lines))
    while True:
        pairs = [(i, j) for i, j in _meetings(slim, lines) if groups[i] != groups[j]]
        if not pairs:
            return slim
        for i, j in pairs:
            groups[groups == groups[j]] = groups[i]
        for group in {groups[i] for i, _ in pairs}:
            members = np.flatnonzero(groups == group)
            together = np.array([shapely.multilinestrings(lines[members])], dtype=object)
            parts = shapely.get_parts(guarded.simplified(together, tolerance)[0])
            slim[members] = parts if len(parts) == len(members) else lines[members]


def _meetings(slim: Array, lines: Array) -> list[tuple[int, int]]:
    """Pairs of which the first, simplified, meets the second, as it was or simplified."""
    if len(lines) < 2:
        return []
    found = [shapely.STRtree(others).query(slim, predicate="intersects") for others in (lines, slim)]
    return [(i, j) for i, j in np.unique(np.hstack(found), axis=1).T.tolist() if i != j]


def _polygon(rings: list[shapely.Geometry]) -> shapely.Geometry:
    return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()
