"""The kinds of search. A new one is a file beside these and a line in ``ALL``; see docs/development.md."""

from __future__ import annotations

from . import area, corridor, index_area, index_radius, nearest, radius
from .kind import Ask, Kind

ALL: tuple[Kind, ...] = (
    radius.KIND,
    nearest.KIND,
    area.KIND,
    corridor.KIND,
    index_radius.KIND,
    index_area.KIND,
)


def asks() -> list[tuple[Kind, Ask]]:
    """All lines of the dock's list, each with its kind."""
    return [(kind, ask) for kind in ALL for ask in kind.asks]


def of_ask(name: str) -> tuple[Kind, Ask]:
    """The kind and the line of this name; the first ones for a name that is not known."""
    return next((both for both in asks() if both[1].name == name), asks()[0])
