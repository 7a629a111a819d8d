"""Counts steps instead of seconds: how often functions are called, in Python and in C."""

from __future__ import annotations

import sys
from typing import Any, Callable


def calls_of(function: Callable[[], Any]) -> int:
    """How many calls a function makes in this thread, its own and those of all that it calls."""
    seen = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return seen


def assert_about_linear(make: Callable[[int], Callable[[], Any]], size: int, slack: float = 1.3) -> None:
    """Twice the input takes about twice the steps, at most. ``make(size)`` prepares what is counted."""
    make(size)()  # imports and caches
    once, twice = calls_of(make(size)), calls_of(make(2 * size))
    assert twice <= 2 * slack * once + 1000, (once, twice)
