"""When a step is worth looking up: the measured costs of computing, hashing and restoring.

Looking a row up, rebuilding and storing it takes Python some tens of microseconds; what QGIS computes faster
than that is left to it. A whole step costs its input's hashing and its output's restoring.
"""

from __future__ import annotations

SAMPLE = 64  # features that are computed to learn what one costs
ROW_US = 50.0  # of native computing a feature: above it rows are looked up
HASH_US, RESTORE_US = 3.0, 7.0  # a feature that goes in, one that comes out
WORTH = 2.0  # times hashing and restoring, above which a whole step is stored


def rows_pay(costs_us: list[float]) -> bool:
    """Whether rows are looked up, by what computing some of them took. Without any measure they are."""
    return not costs_us or sum(costs_us) / len(costs_us) > ROW_US


def groups_pay(each_us: float) -> bool:
    """Whether groups are looked up, by what a feature of them takes to compute."""
    return each_us > WORTH * (HASH_US + RESTORE_US)


def whole_pays(computed_us: float, features_in: int, features_out: int) -> bool:
    """Whether a step is stored that took so long to compute."""
    return computed_us > WORTH * (HASH_US * features_in + RESTORE_US * features_out)
