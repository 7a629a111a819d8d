"""What QGIS hands to algorithms and takes from them: values of any kind, each under its name."""

from __future__ import annotations

from numbers import Real

Parameters = dict[str, object]
Results = dict[str, object]


def number(results: Results, name: str) -> float:
    """A result that counts or measures; 0 where there is none."""
    found = results.get(name)
    return float(found) if isinstance(found, Real) else 0.0
