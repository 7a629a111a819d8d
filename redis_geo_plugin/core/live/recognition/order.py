"""Tells which of two numbers in one field is the longitude: by their form, an index, the values, other places
of the same records, the name of the field, or land."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..limits import is_null_island, is_place
from ..places import LATLON, LONLAT, Pair, read_pair
from ..values import degrees
from . import names
from .axes import belong_together, numbers, share
from .land import is_land
from .sample import USUAL, Column, RecordSample

NEAR = 2.0  # degrees between two places of one record, at most, for one to tell the order of the other
MOST = 0.9  # share of the places of a sample that land has to tell
SEVERAL, FEW = 2, 0.2  # different places, or the share of all, that are no row of bad positions
WIDER = 5.0  # so many times as far as the others spread numbers that are no coordinate


def order_of(
    sample: RecordSample, column: Column, pairs: list[Pair], formal: bool, declared: str
) -> tuple[str, float, str]:
    """Return (order, certainty, reason): by the form, by a declaring index, by the values, by the name, or
    by custom."""
    if formal:
        return next(pair.order for pair in pairs if pair.order), 1.0, "order_by_form"
    if declared:
        return declared, 0.95, "order_declared"
    by_values = _by_values(pairs)
    if by_values is not None:
        return by_values
    told = _by_other_places(sample, pairs)
    if told:
        return told, 0.9, "order_by_others"
    if column.words & names.LATITUDE_FIRST:
        return LATLON, 0.9, ""
    if column.words & names.LONGITUDE_FIRST:
        return LONLAT, 0.9, ""
    is_text = isinstance(next(value for value in column.values if read_pair(value) is not None), str)
    if is_text:
        return LATLON, 0.4, ""
    if column.name == "coordinates" and column.depth:
        return LONLAT, 0.7, ""  # of a GeoJSON geometry that says not its type
    return _order_of_lists(pairs, is_on_land(sample) and not is_bare(sample, column))


def _by_values(pairs: list[Pair]) -> Optional[tuple[str, float, str]]:
    """Return the order where numbers beyond 90 tell it; None where there are none.

    What is no place in either order (181/91 of AIS) tells nothing, and a single one of many may be a bad
    position.
    """
    lonlat = {(p.first, p.second) for p in pairs if is_place(p.first, p.second) and abs(p.first) > 90.0}
    latlon = {(p.first, p.second) for p in pairs if is_place(p.second, p.first) and abs(p.second) > 90.0}
    if not lonlat and not latlon:
        return None
    order, told, others = (LATLON, latlon, lonlat) if len(latlon) > len(lonlat) else (LONLAT, lonlat, latlon)
    telling = sum((p.first, p.second) in told for p in pairs)
    if others or (len(told) < SEVERAL and telling < FEW * len(pairs)):
        return order, 0.4, ""
    return order, 0.95, "order_by_values"


def is_on_land(sample: RecordSample) -> bool:
    """Whether records, or their keys, speak of vehicles of roads or rails, and not of ships or aircraft."""
    known = set(names.words(sample.pattern))
    for one in sample.columns.values():
        known |= one.words | one.above
    return bool(known & names.ON_LAND) and not known & names.AT_SEA


def _order_of_lists(pairs: list[Pair], on_land: bool) -> tuple[str, float, str]:
    """Return the order of lists whose name says nothing: GeoJSON and MongoDB write longitude first,
    Leaflet and Google latitude. It is sure only where the records speak of what drives on land
    (``on_land``), the custom puts all there, and the other order all into the sea."""
    as_lonlat = sum(is_land(pair.first, pair.second) for pair in pairs)
    as_latlon = sum(is_land(pair.second, pair.first) for pair in pairs)
    if on_land and as_lonlat >= MOST * len(pairs) and as_latlon <= (1.0 - MOST) * len(pairs):
        return LONLAT, 0.7, "order_by_land"
    return (LATLON if as_latlon > as_lonlat else LONLAT), 0.4, ""


def is_bare(sample: RecordSample, column: Column) -> bool:
    """Return whether the values were just a list or a text, which a source puts under one of two names."""
    return column.name in ("coordinates", "value") and all(len(record) == 1 for record in sample.records)


def _by_other_places(sample: RecordSample, pairs: list[Pair]) -> str:
    """Return the order in which the pairs come near another place of the same records.

    The axes of that other place are known by name.
    """
    for lat in sample.columns.values():
        if not lat.words & names.LATITUDE:
            continue
        for lon in sample.columns.values():
            if lon.words & names.LONGITUDE and belong_together(lat, lon):
                others = numbers(lon, lat)
                if len(others) == len(pairs) and share(others) == 1.0:
                    as_lonlat = sum(_near(p.first, p.second, o) for p, o in zip(pairs, others))
                    as_latlon = sum(_near(p.second, p.first, o) for p, o in zip(pairs, others))
                    if max(as_lonlat, as_latlon) >= USUAL * len(pairs) and min(as_lonlat, as_latlon) == 0:
                        return LONLAT if as_lonlat else LATLON
    return ""


def _near(lon: float, lat: float, other: tuple[float, float]) -> bool:
    return abs(lon - other[0]) <= NEAR and abs(lat - other[1]) <= NEAR and not is_null_island(*other)


def holds_height_first(lists: Sequence[object]) -> bool:
    """Whether lists of three numbers may be height, latitude, longitude: the first has hardly any decimals
    and the last as many as coordinates have, or the first varies far more than both others."""
    rows = [[degrees(part) for part in one] for one in lists if isinstance(one, list) and len(one) == 3]
    known = [(a, b, c) for a, b, c in rows if a is not None and b is not None and c is not None]
    if not known or not all(is_place(c, b) for _, b, c in known):
        return False
    coarse = all(round(a, 3) == a for a, _, _ in known)
    exact = sum(round(b, 3) != b and round(c, 3) != c for _, b, c in known)
    if exact < USUAL * len(known):
        return False
    spreads = [max(column) - min(column) for column in zip(*known)]
    return coarse or (len(known) >= SEVERAL and spreads[0] > WIDER * max(spreads[1:]))
