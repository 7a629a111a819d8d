"""The cached operations, and the prefixes of the keys of their results. Importing this needs neither Shapely
nor NumPy: results can be counted and purged where nothing can be computed."""

from __future__ import annotations

from typing import NamedTuple

from .steps import names as steps


class OperationEntry(NamedTuple):
    """An operation: its module and class in ``core.operations``, and the start of the keys of its results
    (``<family>:<namespace>:<sha256>``), also in the English of the tutorial where it has one."""

    module: str
    class_name: str
    family: str
    english_family: str = ""

    @property
    def name(self) -> str:
        """The operation's name, which is that of its module without underscores."""
        return self.module.replace("_", "")


REGISTERED = (
    OperationEntry("buffer", "Buffer", "calculs:buffers", "calculations:buffers"),
    OperationEntry("intersection", "Intersection", "calculs:intersections", "calculations:intersections"),
    OperationEntry("simplify", "Simplify", "calculs:simplifications", "calculations:simplifications"),
    OperationEntry("convex_hull", "ConvexHull", "calculs:enveloppes", "calculations:hulls"),
    OperationEntry("dissolve", "Dissolve", "calculs:fusions", "calculations:dissolves"),
    OperationEntry("nearest", "Nearest", "calculs:proximites", "calculations:nearest"),
)


# What steps of models and single algorithms of QGIS keep, counted and purged as the operations are.
STEPS = {"rows": steps.ROWS, "steps": steps.STEPS, "pieces": steps.PIECES}


def families() -> dict[str, str]:
    """Operation, or kind of what steps keep -> the start of the keys of its results."""
    return {**{one.name: one.family for one in REGISTERED}, **STEPS}
