"""The cached operations that are offered: the provider, the docks, the jobs and the test of the docs walk
``OFFERED``."""

from __future__ import annotations

from typing import Optional

from ...core.by_name import load
from ..i18n import tr
from .base import MethodParameter, Needs, NumberParameter, Offered, OwnField, Result

# (module, descriptor) of each, in the order of the lists on screen. A new one is one line here and one in
# core/operations.
REGISTERED = (
    ("buffer", "BUFFER"),
    ("intersection", "INTERSECTION"),
    ("simplify", "SIMPLIFY"),
    ("convex_hull", "CONVEX_HULL"),
    ("dissolve", "DISSOLVE"),
    ("nearest", "NEAREST"),
)


def _load(module: str, name: str) -> Offered:
    offered: Offered = load(__name__, module, name)
    return offered


OFFERED: dict[str, Offered] = {one.name: one for one in (_load(module, name) for module, name in REGISTERED)}


def find(name: str) -> Optional[Offered]:
    """The operation of this name, None where it is not one of ours."""
    return OFFERED.get(name)


def label(name: str) -> str:
    """The operation for people; the name itself where it is not one of ours."""
    offered = find(name)
    return offered.label() if offered is not None else kept_by_steps().get(name, name)


def kept_by_steps() -> dict[str, str]:
    """What steps of models keep, by the names of ``core.registry.STEPS``, for people."""
    return {
        "rows": tr("Models: features"),
        "steps": tr("Models: steps"),
        "pieces": tr("Models: parts of layers"),
    }


__all__ = [
    "OFFERED",
    "MethodParameter",
    "Needs",
    "NumberParameter",
    "Offered",
    "OwnField",
    "Result",
    "find",
    "kept_by_steps",
    "label",
]
