"""How many examples a property is tried with: in every run as many as show a fault of a kind, in ``make test-full`` far more."""

from __future__ import annotations

import os

FULL_TIMES = 20


def examples(ordinary: int) -> int:
    """So many in the ordinary run."""
    return ordinary * FULL_TIMES if os.environ.get("REDIS_GEO_FULL") else ordinary
