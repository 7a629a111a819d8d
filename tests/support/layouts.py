"""Positions as other programs keep them in Redis: the commands that write them, and what is right.

Made up values in the programs' own forms, as their public documentation describes them (``origin``). A layout is data, so
that unit tests decode its values without a server and integration tests write it to one:

    for layout in layouts.all_of(now):
        layout.write(client)

``right`` gives longitude and latitude of some vehicles by their ids. ``asked`` names the roles that nothing in the data can
decide (``order``, ``speed_unit``, ``crs``): these must be asked; until then they are not shown, or shown right.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.support import (  # noqa: F401  (they register their layouts)
    layouts_of_applications,
    layouts_of_conventions,
    layouts_of_devices,
    layouts_of_gateways,
    layouts_of_programs,
    layouts_of_receivers,
    layouts_without_vehicles,
)
from tests.support.layout import MADE, NONE, Layout, place

__all__ = ["NONE", "Layout", "all_of", "layout", "names", "place"]


def names() -> list[str]:
    """The names of all layouts."""
    return list(MADE)


def layout(name: str, now: float) -> Layout:
    """A layout with reports of the moment ``now`` (seconds since 1970)."""
    return MADE[name](now)


def all_of(now: float) -> Iterator[Layout]:
    """All layouts, one after the other."""
    return (make(now) for make in MADE.values())
