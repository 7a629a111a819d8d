"""The ways from a feature to the nearest features of another layer, as native:joinbynearest finds them."""

from __future__ import annotations

import math
import struct
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Optional

import numpy as np
import shapely

from ..geometry.arrays import Array
from ..geometry.walk import LINES, Kinds
from .base import CrsOperation, Geometries, Numbers

_REMEMBERED = 4
_MOST_AT_ONCE = 2000  # members whose distances to one geometry are all measured


class _Members(NamedTuple):
    """The members of a collection that have coordinates: an index, and the place of each in the
    collection."""

    tree: shapely.STRtree
    places: Array

    @property
    def geometries(self) -> Array:
        """The members."""
        return np.asarray(self.tree.geometries)


_indexes: OrderedDict[int, tuple[shapely.Geometry, _Members]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Nearest(CrsOperation):
    """The shortest lines from each geometry to the ``neighbors`` nearest members of a collection (one for
    each feature of the other layer), in the plane of ``crs``; members that are as near as the last of them
    count too. A line has length 0 where both touch.

    A result is a multi-part line, nearest first; Z of a part's vertices is the place of its member in the
    collection, from 0. Without a member within ``max_distance`` (None for any) it is empty.
    """

    name: ClassVar[str] = "nearest"
    version: ClassVar[int] = 4  # 2: whole features, their places; 3: order of vertices; 4: no layout
    kinds: ClassVar[Kinds] = LINES
    arity: ClassVar[int] = 2
    keeps_order: ClassVar[bool] = True  # of several shortest ways it decides, and members have their places

    neighbors: int = 1
    max_distance: Optional[float] = None

    def canonical(self) -> bytes:
        """The parameters as bytes."""
        most = math.inf if self.max_distance is None else self.max_distance
        return super().canonical() + struct.pack(">Id", self.neighbors, most)

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:  # noqa: ARG002
        """The shortest lines of n geometries."""
        first, second = geometries
        results = np.full(len(first), shapely.MultiLineString(), dtype=object)
        for other in {id(one): one for one in second}.values():
            members = _members_of(other)
            chosen = [i for i, one in enumerate(second) if one is other and not shapely.is_empty(first[i])]
            if chosen and len(members.places):
                rows, lines = self._lines(first, chosen, members)
                shapely.multilinestrings(lines, indices=rows, out=results)
        return results

    def _lines(self, first: Geometries, chosen: list[int], members: _Members) -> tuple[Array, Array]:
        """The lines of all chosen geometries, and the row of each."""
        if self.neighbors == 1:
            asked, found = members.tree.query_nearest(first[chosen], all_matches=True)
            order = np.lexsort((found, asked))
            asked, found = asked[order], found[order]
        else:
            each = [_nearest(first[i], members, self.neighbors) for i in chosen]
            asked, found = np.repeat(np.arange(len(each)), list(map(len, each))), np.concatenate(each)
        rows = np.asarray(chosen)[asked]
        lines = shapely.shortest_line(first[rows], members.geometries[found])
        if self.max_distance is not None:
            near = shapely.length(lines) <= self.max_distance
            rows, found, lines = rows[near], found[near], lines[near]
        ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
        places = np.broadcast_to(members.places[found].astype(float)[:, None, None], (len(ends), 2, 1))
        return rows, shapely.linestrings(np.concatenate((ends, places), axis=2))

    def to_job(self) -> dict[str, Any]:
        """The parameters as JSON values."""
        return {**super().to_job(), "neighbors": self.neighbors, "max_distance": self.max_distance}

    @classmethod
    def from_job(cls, values: dict[str, Any]) -> Nearest:
        """The operation of JSON values. Raises ValueError for what does not fit."""
        most = values.get("max_distance")
        try:
            made = cls(
                crs=str(values.get("crs", "")),
                neighbors=int(values.get("neighbors", 1)),
                max_distance=None if most is None else float(most),
            )
        except TypeError as error:
            raise ValueError(f"not a parameter of this operation: {error}") from error
        if not 1 <= made.neighbors < 1 << 31 or not (most is None or float(most) >= 0):
            raise ValueError("neighbors must be at least 1, and the distance not negative")
        return made


def _nearest(geometry: Any, members: _Members, count: int) -> Array:
    """Which members are the nearest ``count``, and those as near as the last of them; nearest first."""
    near = _candidates(geometry, members, count)
    distances = shapely.distance(geometry, members.geometries[near])
    order = np.lexsort((near, distances))
    near, distances = near[order], distances[order]
    kept = near if len(near) <= count else near[distances <= distances[count - 1]]
    return np.asarray(kept)


def _candidates(geometry: Any, members: _Members, count: int) -> Array:
    """At least ``count`` members, if there are so many, and with each all that are nearer."""
    everything = np.arange(len(members.places))
    if len(everything) <= max(_MOST_AT_ONCE, count):
        return everything
    bounds = shapely.total_bounds(members.geometries)
    widest = math.hypot(bounds[2] - bounds[0], bounds[3] - bounds[1])
    nearest = float(members.tree.query_nearest(geometry, return_distance=True, all_matches=False)[1][0])
    more = widest * math.sqrt(count / len(everything)) / 2
    while more < 2 * widest:
        found = members.tree.query(geometry, predicate="dwithin", distance=nearest + more)
        if len(found) >= count:
            return np.asarray(found)
        more *= 2
    return everything


def _members_of(collection: shapely.Geometry) -> _Members:
    """The index over the members of a collection; the last few are remembered, as all items of a run share
    one."""
    with _lock:
        known = _indexes.get(id(collection))
        if known is not None and known[0] is collection:
            _indexes.move_to_end(id(collection))
            return known[1]
    parts = shapely.get_parts(collection)
    places = np.flatnonzero(~shapely.is_empty(parts))
    members = _Members(shapely.STRtree(parts[places]), places)
    with _lock:
        _indexes[id(collection)] = (collection, members)
        while len(_indexes) > _REMEMBERED:
            _indexes.popitem(last=False)
    return members
