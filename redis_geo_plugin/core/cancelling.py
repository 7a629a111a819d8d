"""How work that was cancelled ends."""

from __future__ import annotations


class Cancelled(Exception):
    """The user cancelled; what was done until then is kept."""
