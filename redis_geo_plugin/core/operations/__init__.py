"""The cached operations: name -> class. A new one is one file here and one line in ``core/registry.py``."""

from __future__ import annotations

from ..by_name import load
from ..optional import require_shapely
from ..registry import REGISTERED, OperationEntry

require_shapely()  # whoever imports an operation learns here, in words, that Shapely 2 is missing

from .base import Operation  # noqa: E402
from .buffer import Buffer  # noqa: E402
from .convex_hull import ConvexHull  # noqa: E402
from .dissolve import Dissolve  # noqa: E402
from .intersection import Intersection  # noqa: E402
from .nearest import Nearest  # noqa: E402
from .simplify import Simplify  # noqa: E402


def _load(one: OperationEntry) -> type[Operation]:
    kind: type[Operation] = load(__name__, one.module, one.class_name)
    kind.family, kind.english_family = one.family, one.english_family
    return kind


OPERATIONS: dict[str, type[Operation]] = {kind.name: kind for kind in map(_load, REGISTERED)}

__all__ = [
    "OPERATIONS",
    "Buffer",
    "ConvexHull",
    "Dissolve",
    "Intersection",
    "Nearest",
    "Operation",
    "Simplify",
]
