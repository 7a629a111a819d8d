"""The buffer, in the units of the layer or in metres on the ellipsoid."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from .. import circles, keys
from ..geos import version as own_geos
from . import stretches
from .base import Columns, Geometries, Numbers, Operation, text


class CapStyle(IntEnum):
    """END_CAP_STYLE of native:buffer."""

    ROUND = 0
    FLAT = 1
    SQUARE = 2


class JoinStyle(IntEnum):
    """JOIN_STYLE of native:buffer."""

    ROUND = 0
    MITRE = 1
    BEVEL = 2


_CAPS = {CapStyle.ROUND: "round", CapStyle.FLAT: "flat", CapStyle.SQUARE: "square"}
_JOINS = {JoinStyle.ROUND: "round", JoinStyle.MITRE: "mitre", JoinStyle.BEVEL: "bevel"}


@dataclass(frozen=True)
class Buffer(Operation):
    """Buffers of geometries; the item's number is the distance.

    ``segments`` is the number of segments of a quarter circle. Without ``geodesic`` the distance is in units of the
    coordinates. With it, it is in metres on the ellipsoid of ``crs`` (an authority code such as ``EPSG:4326`` or WKT);
    see ``core/geodesic.py``. ``crs`` is part of the key in both cases.

    Versions of GEOS leave out other vertices and holes: ``geos`` is the one that computes, by default that of this process.
    """

    name: ClassVar[str] = "buffer"
    version: ClassVar[int] = 2
    family: ClassVar[str] = keys.FAMILIES[name]
    number_name: ClassVar[str] = "distance"

    segments: int = 5
    cap: CapStyle = CapStyle.ROUND
    join: JoinStyle = JoinStyle.ROUND
    mitre_limit: float = 2.0
    geodesic: bool = False
    crs: str = ""
    geos: str = field(default_factory=own_geos)

    @property
    def engine(self) -> str:
        return self.geos

    def canonical(self) -> bytes:
        # The mitre limit changes nothing but mitred joins: without them the results are shared.
        mitre = self.mitre_limit if self.join == JoinStyle.MITRE else 0.0
        numbers = struct.pack(">HBBd?", self.segments, self.cap, self.join, mitre, self.geodesic)
        return numbers + text(self.crs) + text(self.geos)

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        assert numbers is not None
        if self.geodesic:
            from .. import geodesic

            return geodesic.buffers(geometries[0], numbers, self)
        return self.planar(geometries[0], numbers)

    def at_once(self, columns: Columns, numbers: Optional[Sequence[float]]) -> Optional[list[Optional[bytes]]]:
        if self.geodesic or self.cap != CapStyle.ROUND or numbers is None:
            return None
        return circles.around(columns[0], numbers, self.segments)

    def planar(self, geometries: Geometries, distances: Numbers) -> Geometries:
        """The buffers in the plane of the coordinates."""
        long = stretches.long_ones(geometries, distances, self.segments) & (self.join == JoinStyle.ROUND)
        result = np.empty(len(geometries), dtype=object)
        result[~long] = self._as_a_whole(geometries[~long], distances[~long])
        for i in np.flatnonzero(long):
            result[i] = self._by_stretches(geometries[i], float(distances[i]))
        return result

    def _by_stretches(self, geometry: Any, distance: float) -> Any:
        """The buffer of a geometry with long rings: of each part for itself, of these rings stretch by stretch."""
        parts = shapely.get_parts(geometry)
        grown = np.array([stretches.buffer(part, distance, self.segments) for part in parts], dtype=object)
        left = shapely.is_missing(grown)
        grown[left] = self._as_a_whole(parts[left], np.full(left.sum(), distance))
        return grown[0] if len(grown) == 1 else shapely.union_all(grown)

    def _as_a_whole(self, geometries: Geometries, distances: Numbers) -> Geometries:
        return np.asarray(
            shapely.buffer(
                geometries,
                distances,
                quad_segs=self.segments,
                cap_style=_CAPS[self.cap],
                join_style=_JOINS[self.join],
                mitre_limit=self.mitre_limit,
            ),
            dtype=object,
        )

    def divisible(self, geometry: Any, number: float) -> bool:
        # A negative distance on overlapping parts, which are invalid, gives something else part by part.
        return not self.geodesic and math.isfinite(number) and (number > 0 or bool(shapely.is_valid(geometry)))

    def to_job(self) -> dict[str, Any]:
        return {
            "segments": self.segments,
            "cap": self.cap.name.lower(),
            "join": self.join.name.lower(),
            "mitre_limit": self.mitre_limit,
            "geodesic": self.geodesic,
            "crs": self.crs,
            "geos": self.geos,
        }

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> Buffer:
        try:
            return cls(
                segments=_whole(values.get("segments", 5)),
                cap=CapStyle[str(values.get("cap", "round")).upper()],
                join=JoinStyle[str(values.get("join", "round")).upper()],
                mitre_limit=float(values.get("mitre_limit", 2.0)),
                geodesic=bool(values.get("geodesic", False)),
                crs=str(values.get("crs", "")),
                geos=str(values.get("geos") or own_geos()),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a buffer's parameter: {error}") from error


def _whole(value: Any) -> int:
    number = int(value)
    if not 1 <= number <= 1000:
        raise ValueError("segments must be from 1 to 1000")
    return number
