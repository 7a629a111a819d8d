"""The way from a feature to the nearest feature of another layer: its length is the distance of native:joinbynearest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, ClassVar, Optional

import numpy as np
import shapely

from .. import keys
from .base import CrsOperation, Geometries, Numbers

_REMEMBERED = 4
_trees: OrderedDict[int, tuple[Any, shapely.STRtree]] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True)
class Nearest(CrsOperation):
    """The shortest line from each geometry to the nearest part of a collection (all features of the other layer), in the
    plane of ``crs``; of length 0 where they touch. Empty where one of them is empty."""

    name: ClassVar[str] = "nearest"
    family: ClassVar[str] = keys.FAMILIES[name]
    arity: ClassVar[int] = 2

    def compute(self, geometries: tuple[Geometries, ...], numbers: Optional[Numbers]) -> Geometries:
        first, second = geometries
        results = np.full(len(first), shapely.LineString(), dtype=object)
        for other in {id(one): one for one in second}.values():
            tree = _tree(other)
            chosen = [i for i, one in enumerate(second) if one is other and not shapely.is_empty(first[i])]
            if not chosen or not len(tree.geometries):
                continue
            asked, found = tree.query_nearest(first[chosen], all_matches=False)
            rows = np.asarray(chosen)[asked]
            results[rows] = shapely.shortest_line(first[rows], tree.geometries[found])
        return results


def _tree(collection: Any) -> shapely.STRtree:
    """The index over the parts of a collection; the last few are remembered, as all items of a run share one."""
    with _lock:
        known = _trees.get(id(collection))
        if known is not None and known[0] is collection:
            _trees.move_to_end(id(collection))
            return known[1]
    parts = shapely.get_parts(collection)
    tree = shapely.STRtree(parts[~shapely.is_empty(parts)])
    with _lock:
        _trees[id(collection)] = (collection, tree)
        while len(_trees) > _REMEMBERED:
            _trees.popitem(last=False)
    return tree
