"""Where features lie, by the type of key. A new one is one file with a subclass of ``FeatureSource`` and one
line in ``REGISTERED``."""

from __future__ import annotations

from ...by_name import load
from ...redis.gate import register_reading
from .base import FeatureSource, HowRead, Stored

REGISTERED: tuple[tuple[str, str], ...] = (
    ("strings", "StringFeatures"),
    ("hashes", "HashFeatures"),
    ("lists", "ListFeatures"),
    ("streams", "StreamFeatures"),
    ("documents", "DocumentFeatures"),
)
SOURCES: tuple[FeatureSource, ...] = tuple(load(__package__, *names)() for names in REGISTERED)
BY_TYPE = {one.TYPE: one for one in SOURCES}
register_reading(name for one in SOURCES for name in one.COMMANDS if "." in name)

__all__ = ["BY_TYPE", "REGISTERED", "SOURCES", "FeatureSource", "HowRead", "Stored"]
