"""Which geometries of one set may meet which of another: pairs whose rectangles overlap.

Rectangles only, so that a cached run needs no exact test: a pair that does not meet has an empty result,
cached like any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

import numpy as np
import shapely

from . import wkb


class PairIndex:
    """An index over one set of geometries (WKB values, None for no geometry)."""

    def __init__(self, others: Sequence[Optional[bytes]]):
        self._tree = shapely.STRtree(wkb.read(others))

    def pairs(self, wkbs: Sequence[Optional[bytes]], most: int) -> Iterator[list[tuple[int, int]]]:
        """Lists of at most ``most`` (index of the first set, index of the other set), in the order of the
        first."""
        found = self._tree.query(wkb.read(wkbs))
        order = np.lexsort((found[1], found[0]))
        first, second = found[0][order].tolist(), found[1][order].tolist()
        for start in range(0, len(first), most):
            yield list(zip(first[start : start + most], second[start : start + most]))
