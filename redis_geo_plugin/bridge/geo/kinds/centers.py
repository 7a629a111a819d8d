"""The centres of searches around places: coordinates, or where a member of the set stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from ...i18n import tr
from .kind import LayerParameter, Request, Where

if TYPE_CHECKING:
    from ....core.redis.server import Server


class NoSuchMember(Exception):
    """The centre is a member of the set that does not exist."""


def centers_of(server: Server, key: bytes, request: Request) -> list[tuple[float, float]]:
    """Longitude and latitude of each place.

    Raises:
        NotGeo: core's, where the set is none.
        NoSuchMember: the set has no member of this name.
    """
    return [
        place.lon_lat if place.lon_lat is not None else _position(server, key, place.member or b"")
        for place in request.places
    ]


def columns(centers: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """The longitudes and the latitudes of centres."""
    return [lon for lon, _ in centers], [lat for _, lat in centers]


def layer_parameter(help_text: Callable[[], str]) -> LayerParameter:
    """The parameter of an algorithm for a layer of centres."""
    return LayerParameter("CENTERS", Where.FEATURES, lambda: tr("Centers"), help_text)


def _position(server: Server, key: bytes, member: bytes) -> tuple[float, float]:
    from ....core.geo import sets

    found = sets.member_position(server, key, member)
    if found is None:
        sets.check(server, key)
        raise NoSuchMember
    return found
