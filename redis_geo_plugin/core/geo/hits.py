"""The result of a search, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Optional

import numpy as np

from ..geometry.arrays import Array
from ..json_types import JsonObject
from ..readable import texts


@dataclass
class Hits:
    """n hits, those of each centre or area together and sorted by distance.

    ``lon`` and ``lat`` are degrees, ``distance`` metres (NaN for an area, which has no centre), ``bearing``
    degrees from north as seen from the centre, ``origin`` the index of the centre or area, ``rank`` from 1
    within it. ``attributes`` are what stands in the set's ``:attributs`` hash, None where nothing does;
    ``exact`` tells whose coordinates come from there. ``notes`` are names of things the user should know (see
    NOTES). ``shapes`` are WKB in degrees where something else than positions was searched, b"" for a
    position among them; ``lon`` and ``lat`` then stand within them.
    """

    members: list[bytes] = field(default_factory=list)
    lon: Array = field(default_factory=lambda: np.zeros(0))
    lat: Array = field(default_factory=lambda: np.zeros(0))
    distance: Array = field(default_factory=lambda: np.zeros(0))
    bearing: Array = field(default_factory=lambda: np.zeros(0))
    origin: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    rank: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    attributes: list[Optional[JsonObject]] = field(default_factory=list)
    exact: Array = field(default_factory=lambda: np.zeros(0, bool))
    notes: frozenset[str] = frozenset()
    shapes: list[bytes] = field(default_factory=list)

    @classmethod
    def unmeasured(cls, members: list[bytes], lon: Array, lat: Array, origin: int = 0) -> Hits:
        """Members of one centre or area at these degrees: distances and bearings NaN, no ranks, no
        attributes."""
        count = len(members)
        hits = cls(
            members,
            lon,
            lat,
            np.full(count, np.nan),
            np.full(count, np.nan),
            np.full(count, origin, np.int64),
        )
        hits.rank, hits.exact = np.zeros(count, np.int64), np.zeros(count, bool)
        return hits

    def __len__(self) -> int:
        return len(self.members)

    def take(self, index: Array) -> Hits:
        """The hits of these indexes (or of a boolean mask), in that order."""
        index = np.flatnonzero(index) if index.dtype == bool else index
        chosen = index.tolist()
        return Hits(
            [self.members[i] for i in chosen],
            self.lon[index],
            self.lat[index],
            self.distance[index],
            self.bearing[index],
            self.origin[index],
            self.rank[index],
            [self.attributes[i] for i in chosen] if self.attributes else [],
            self.exact[index],
            self.notes,
            [self.shapes[i] for i in chosen] if self.shapes else [],
        )

    def names(self) -> list[str]:
        """The members as text: see ``readable.text``."""
        return texts(self.members)


def concatenate(parts: Sequence[Hits]) -> Hits:
    """Hits one after the other, with the notes of all."""
    if len(parts) < 2:
        return parts[0] if parts else Hits()
    result = Hits([m for part in parts for m in part.members])
    for name in ("lon", "lat", "distance", "bearing", "origin", "rank", "exact"):
        setattr(result, name, np.concatenate([getattr(part, name) for part in parts]))
    if any(part.attributes for part in parts):
        result.attributes = [a for part in parts for a in (part.attributes or [None] * len(part))]
    if any(part.shapes for part in parts):
        result.shapes = [shape for part in parts for shape in (part.shapes or [b""] * len(part))]
    result.notes = frozenset().union(*(part.notes for part in parts))
    return result


def together(first: Hits, second: Hits, shift: int) -> Hits:
    """The hits of both, sorted by distance; the origins of the second are counted on by ``shift``.

    A member that both found comes once for each of its origins.
    """
    result = concatenate([first, second])
    result.origin[len(first) :] += shift
    return result.take(np.argsort(result.distance, kind="stable"))


# What the user should be told beside the hits.
EDGE_FOUND = "edge_found"  # members that the server itself never finds are among the hits
NO_ATTRIBUTES_RIGHT = "no_attributes_right"  # the user may not read the attributes
LARGE_ATTRIBUTES = "large_attributes"  # some are so large that they were not read
NO_EDGE_RIGHT = "no_edge_right"  # the user may not read ranges, so members on the very edge may be missing
