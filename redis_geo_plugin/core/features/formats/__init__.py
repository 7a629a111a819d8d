"""Formats of features. A new one is one file here with a subclass of ``FeatureFormat`` and one line in
``format_list``."""

from __future__ import annotations

from typing import Optional

from ...by_name import load
from ..format_list import REGISTERED
from .base import FeatureFormat, FoundFeature, Value

FORMATS: tuple[FeatureFormat, ...] = tuple(
    load(__package__, module, name)(*given) for module, name, given, _ in REGISTERED
)


def get(name: str) -> Optional[FeatureFormat]:
    """Return a format by its name; None for an unknown one, which a newer version may have saved."""
    return next((one for one in FORMATS if name == one.NAME), None)


def told(value: Value) -> Optional[FeatureFormat]:
    """Return the format of a value, told by its first bytes or its members; None where it is in none."""
    return next((one for one in FORMATS if one.tells(value)), None)


__all__ = ["FORMATS", "FeatureFormat", "FoundFeature", "Value", "get", "told"]
