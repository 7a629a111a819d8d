"""The end and join styles of a buffer, by the numbers of native:buffer, and the parameters of a buffer."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

from .arrays import Array


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


class StyledBuffer(Protocol):
    """A buffer with its parameters: what ``geodesic.buffers`` needs to know of the operation.

    ``segments`` are those of a quarter circle, ``crs`` is an authority code or WKT.
    """

    @property
    def segments(self) -> int:
        """Segments of a quarter circle."""

    @property
    def cap(self) -> CapStyle:
        """How lines end."""

    @property
    def join(self) -> JoinStyle:
        """How corners look."""

    @property
    def crs(self) -> str:
        """The CRS of the coordinates."""

    def planar(self, geometries: Array, distances: Array) -> Array:
        """The buffers of n geometries in the plane of their coordinates."""

    def rounded(self) -> StyledBuffer:
        """The same with round ends and corners."""
