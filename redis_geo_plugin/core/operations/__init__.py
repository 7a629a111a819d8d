"""The registry of cached operations: name -> class. A new one is one line here."""

from __future__ import annotations

from ..optional import require_shapely

require_shapely()  # whoever imports an operation learns here, in words, that Shapely 2 is missing

from .base import Operation  # noqa: E402
from .buffer import Buffer  # noqa: E402
from .convex_hull import ConvexHull  # noqa: E402
from .dissolve import Dissolve  # noqa: E402
from .intersection import Intersection  # noqa: E402
from .nearest import Nearest  # noqa: E402
from .simplify import Simplify  # noqa: E402

OPERATIONS: dict[str, type[Operation]] = {
    cls.name: cls for cls in (Buffer, Intersection, Simplify, ConvexHull, Dissolve, Nearest)
}

__all__ = ["OPERATIONS", "Buffer", "ConvexHull", "Dissolve", "Intersection", "Nearest", "Operation", "Simplify"]
