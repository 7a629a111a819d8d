"""The registry of cached operations: name -> class. A new one is one line here."""

from __future__ import annotations

from .base import Operation
from .buffer import Buffer
from .intersection import Intersection

OPERATIONS: dict[str, type[Operation]] = {cls.name: cls for cls in (Buffer, Intersection)}

__all__ = ["OPERATIONS", "Buffer", "Intersection", "Operation"]
