"""The buffer, in the units of the layer or in metres on the ellipsoid."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from ..geometry import circles, geodesic
from ..geometry.buffer_style import CapStyle, JoinStyle
from ..geometry.geos import version as own_geos
from ..geometry.walk import AREAS, Kinds
from ..json_types import JsonObject
from . import stretches
from .base import Columns, Geometries, Numbers, Operation, text

_CAPS = {CapStyle.ROUND: "round", CapStyle.FLAT: "flat", CapStyle.SQUARE: "square"}
_MOST_SEGMENTS = 0xFFFF  # that a job may ask for; a key holds more of them in another place
_JOINS = {JoinStyle.ROUND: "round", JoinStyle.MITRE: "mitre", JoinStyle.BEVEL: "bevel"}


@dataclass(frozen=True)
class Buffer(Operation):
    """Buffers of geometries; the item's number is the distance.

    ``segments`` is the number of segments of a quarter circle. Without ``geodesic`` the distance is in units
    of the coordinates. With it, it is in metres on the ellipsoid of ``crs`` (an authority code such as
    ``EPSG:4326`` or WKT); see ``core/geometry/geodesic.py``. ``crs`` is part of the key in both cases.

    Versions of GEOS leave out other vertices and holes: ``geos`` is the one that computes, by default that of
    this process.
    """

    name: ClassVar[str] = "buffer"
    version: ClassVar[int] = 4  # 3: geodesic buffers on datums in grads; 4: near poles, and beyond 10,000 km
    aliases: ClassVar[tuple[str, ...]] = ("tampon",)
    kinds: ClassVar[Kinds] = AREAS
    ends_at_huge: ClassVar[bool] = True
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
        """The version of GEOS that computes."""
        return self.geos

    def canonical(self) -> bytes:
        """The parameters as bytes."""
        # The mitre limit changes nothing but mitred joins: without them the results are shared.
        mitre = self.mitre_limit if self.join == JoinStyle.MITRE else 0.0
        fitting = min(self.segments, _MOST_SEGMENTS)
        numbers = struct.pack(">HBBd?", fitting, self.cap, self.join, mitre, self.geodesic)
        more = struct.pack(">q", self.segments) if fitting == _MOST_SEGMENTS else b""
        return numbers + text(self.crs) + text(self.geos) + more

    def check_number(self, number: float) -> None:
        """Raise ValueError for a distance that no buffer has."""
        super().check_number(number)
        if self.geodesic:
            geodesic.check_distances(np.array([number]))

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        """The buffers of n geometries."""
        assert numbers is not None
        if self.geodesic:
            return geodesic.buffers(geometries[0], numbers, self)
        return self.planar(geometries[0], numbers)

    def at_once(
        self, columns: Columns, numbers: Optional[Sequence[float]]
    ) -> Optional[list[Optional[bytes]]]:
        """Round buffers of single points."""
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

    def rounded(self) -> Buffer:
        """The same with round ends and corners."""
        return replace(self, cap=CapStyle.ROUND, join=JoinStyle.ROUND)

    def _by_stretches(self, geometry: shapely.Geometry, distance: float) -> shapely.Geometry:
        """The buffer of a geometry with long rings: of each part for itself, of these rings stretch by
        stretch."""
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

    def divisible(self, geometry: shapely.Geometry, number: float) -> bool:
        """Whether the parts may be computed one by one: not overlapping ones for a negative distance."""
        # A negative distance on overlapping parts, which are invalid, gives something else part by part.
        return (
            not self.geodesic and math.isfinite(number) and (number > 0 or bool(shapely.is_valid(geometry)))
        )

    def to_job(self) -> JsonObject:
        """The parameters as JSON values."""
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
    def from_job(cls, values: JsonObject) -> Buffer:
        """The operation of JSON values. Raises ValueError for what does not fit."""
        try:
            made = cls(
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
        if made.geodesic and made.crs:
            _check_crs(made.crs)
        return made


def _check_crs(crs: str) -> None:
    """Raise ValueError for a CRS on whose ellipsoid nothing can be measured."""
    from ..geometry import projections

    try:
        projections.to_geographic(crs)
        projections.geod(crs)
    except RuntimeError as error:  # pyproj's CRSError
        raise ValueError(f"not a CRS: {error}") from error


def _whole(value: Any) -> int:
    number = int(value)
    if not 1 <= number <= _MOST_SEGMENTS:
        raise ValueError(f"segments must be from 1 to {_MOST_SEGMENTS}")
    return number
