"""Recognises the fields for the position: coordinates in two fields or in one, their order, their scale
and their CRS."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..limits import is_place
from ..place_reader import is_on_earth
from ..places import GEOHASH, H3, LATLON, LONLAT, Pair, is_geohash, is_h3, read_pair
from . import names
from .axes import are_counts, belong_together, is_divided, is_fine, is_of_an_axis, numbers, share
from .datums import are_in_china, declared_crs, names_other_datum, says_wgs84
from .order import holds_height_first, is_bare, is_on_land, order_of
from .role import NO_ROLE, SURE, Role
from .sample import USUAL, Column, RecordSample
from .scale import DIFFERENT, scale_of
from .whose import is_elsewhere, is_rival, may_be_elsewhere

ANY = "*"  # instead of a field: the order in all of them
LEAST = 0.35  # certainty below which coordinates are not a place (pixels, tiles, a game)
FAR = 50_000.0  # projected coordinates are further from their origin than this
ASKED = 0.05  # of certainty that a place has less of which one has to ask whose it is
CERTAIN, DOUBTFUL = "certain", "doubtful"  # that the names of two axes are exchanged
BEYOND = 0.2  # share of latitudes beyond a pole that is no row of bad positions


def find(sample: RecordSample, orders: Mapping[str, str], has_time: bool) -> Role:
    """Return the likeliest place. ``orders``: field -> order, as an index or a format declares it."""
    candidates = [*_two_fields(sample, has_time), *_one_field(sample, orders), *_cells(sample)]
    if not candidates:
        return NO_ROLE
    best = max(candidates, key=_rank)
    if not best.asks and any(is_rival(sample, best, other) for other in candidates if other is not best):
        best.asks = ("place",)
    return best


def _rank(role: Role) -> tuple[float, int, str]:
    return role.certainty - ASKED * bool(role.asks), -len(str(role.fields)), str(role.fields)


def _ask_whose(sample: RecordSample, column: Column, role: Role, pairs: list[tuple[float, float]]) -> None:
    """Ask about a place of degrees that may not be the vehicle's; note where it may have been moved."""
    if is_elsewhere(column):
        role.certainty, role.asks = 0.3, ("place",)
        return
    if may_be_elsewhere(sample, column):
        role.asks = (*role.asks, "place")
    if are_in_china(pairs) and not says_wgs84(sample, column):
        role.reasons.append(("in_china", {}))


# --- two fields -------------------------------------------------------------------------------------------


def _two_fields(sample: RecordSample, has_time: bool) -> Iterator[Role]:
    columns = [one for one in sample.columns.values() if one.present]
    lats = [one for one in columns if one.words & (names.LATITUDE | names.NORTH)]
    lons = [one for one in columns if one.words & (names.LONGITUDE | names.EAST)]
    for lat in lats:
        if is_divided(sample, lat) or is_of_an_axis(lat):
            continue
        for lon in lons:
            if belong_together(lat, lon) and sample.is_usual(lat, lats) and sample.is_usual(lon, lons):
                role = _judge_two(sample, lon, lat, has_time)
                if role is not None and role.certainty >= LEAST - 0.2 * bool(role.asks):
                    yield role


def _judge_two(sample: RecordSample, lon: Column, lat: Column, has_time: bool) -> Optional[Role]:
    pairs = numbers(lon, lat)
    if not pairs:
        return None
    scale, is_sure = scale_of(lon, pairs, is_on_land(sample))
    if scale is None:
        return None
    scaled = [(x * scale, y * scale) for x, y in pairs]
    exchanged = "" if lat.words & names.NORTH else _are_exchanged(scaled)
    if exchanged == CERTAIN:
        lon, lat, scaled = lat, lon, [(y, x) for x, y in scaled]
    fields = {"lon": lon.path, "lat": lat.path, "scale": scale}
    role = Role(fields, _prior(lon, lat, pairs, has_time), [("fields", {"lon": lon.path, "lat": lat.path})])
    if scale != 1.0:
        role.reasons.append(("scaled", {"factor": scale}))
    doubt = _doubt(sample, lon, lat, pairs, is_sure)
    if doubt or exchanged == DOUBTFUL:
        role.certainty, role.asks = 0.3, (doubt or "place",)
        return role
    crs = declared_crs(sample, lon)
    if share(scaled) >= USUAL and crs in ("", "EPSG:4326"):
        if role.certainty >= LEAST and lat.words & names.NORTH and not (crs or _is_on_earth(sample, lon)):
            role.asks = ("place",)  # places of a game have decimals and times too
        else:
            _ask_whose(sample, lon, role, scaled)
        return role
    return _projected(role, scaled, crs, has_time)


def _doubt(
    sample: RecordSample, lon: Column, lat: Column, pairs: list[tuple[float, float]], is_scale_sure: bool
) -> str:
    """Return the role to be asked where numbers under the names of coordinates may not be degrees of WGS
    84; empty where nothing speaks against it."""
    if not is_scale_sure:
        return "scale"
    # "long" beside "lat" may be the longest time beside a usual one; "lon" and "longitude" are no times.
    are_whole = "long" in lon.words and are_counts(lon, lat) and share(pairs) >= USUAL
    if _may_be_radians(pairs) or are_whole:
        return "place"
    if any(one.words & names.MEASURED for one in sample.columns.values()) and not is_fine(pairs, 3):
        return "place"  # of a service: how long it takes to answer
    return "crs" if lon.words & names.MOVED or names_other_datum(sample, lon) else ""


def _are_exchanged(pairs: list[tuple[float, float]]) -> str:
    """Return whether latitudes stand under the name of longitudes and the other way round: so named, many
    would be beyond a pole; exchanged, all are places. A single one may be a bad position."""
    beyond = {(x, y) for x, y in pairs if abs(y) > 90.0}
    if len(beyond) < 2 or not all(is_place(y, x) for x, y in pairs):
        return ""
    share = sum(abs(y) > 90.0 for _, y in pairs) / len(pairs)
    return CERTAIN if len(beyond) >= DIFFERENT and share >= BEYOND else DOUBTFUL


def _is_on_earth(sample: RecordSample, x: Column) -> bool:
    """Whether ``x`` and ``y`` stand in an object that only the earth has, and that has no ``z``."""
    parent = x.path.rpartition(".")[0]
    return bool(x.above & names.ON_EARTH) and f"{parent}.z" not in sample.columns


def _prior(lon: Column, lat: Column, pairs: list[tuple[float, float]], has_time: bool) -> float:
    if not (lat.words & names.NORTH):
        return 0.95 - 0.02 * lon.depth
    if lon.above & names.PLACE:
        return 0.6 - 0.02 * lon.depth
    # x and y are degrees only where much says so: pixels, tiles and a game's places are x and y too
    return 0.3 + (0.25 if has_time and is_fine(pairs) else 0.0) - 0.02 * lon.depth


def _may_be_radians(pairs: list[tuple[float, float]]) -> bool:
    """Return whether coordinates can be radians, with the many digits of a conversion: as degrees all of them
    would be off the coast of Guinea."""
    digits = sum(round(x, 6) != x and round(y, 6) != y for x, y in pairs)
    on_a_sphere = all(abs(x) <= math.pi and abs(y) <= math.pi / 2.0 for x, y in pairs)
    return on_a_sphere and digits >= USUAL * len(pairs)


def _projected(role: Role, pairs: list[tuple[float, float]], crs: str, has_time: bool) -> Optional[Role]:
    """Return coordinates that are not degrees: in the CRS that the records name, or else one that the user
    has to name."""
    if crs and sum(is_on_earth(crs, x, y) for x, y in pairs[:20]) >= USUAL * min(len(pairs), 20):
        role.fields["crs"], role.certainty = crs, max(role.certainty, 0.85)
        role.reasons.append(("crs", {"crs": crs}))
        return role
    far = sum(abs(x) + abs(y) > FAR for x, y in pairs) >= USUAL * len(pairs)
    if not far or not has_time or role.fields["scale"] != 1.0:
        return None
    role.certainty, role.asks = 0.3, ("crs",)
    return role


# --- one field --------------------------------------------------------------------------------------------


def _one_field(sample: RecordSample, orders: Mapping[str, str]) -> Iterator[Role]:
    columns = [one for one in sample.columns.values() if one.present]
    holding = [(one, [read_pair(value) for value in one.values]) for one in columns]
    good = [(one, [p for p in pairs if p is not None]) for one, pairs in holding if any(pairs)]
    for column, pairs in good:
        if len(pairs) < USUAL * column.present or not sample.is_usual(column, [one for one, _ in good]):
            continue
        formal = sum(bool(pair.order) for pair in pairs) >= USUAL * len(pairs)
        named = bool(column.words & names.PLACE) or column.path in orders
        if formal or named:
            role = _judge_one(sample, column, pairs, formal, orders.get(column.path, orders.get(ANY, "")))
            if role is not None:
                yield role


def _judge_one(
    sample: RecordSample, column: Column, pairs: list[Pair], formal: bool, declared: str
) -> Optional[Role]:
    crs = _crs_of_pairs(sample, column, pairs)
    if column.words & names.MOVED or names_other_datum(sample, column):
        return Role({"pair": column.path, "pair_order": LONLAT if formal else ""}, 0.3, [], ("crs",))
    if not (formal or declared or is_fine([(p.first, p.second) for p in pairs])) and is_bare(sample, column):
        return None  # counts, pixels and versions are two numbers too
    order, certainty, why = order_of(sample, column, pairs, formal, declared)
    swapped = [(p.second, p.first) if (p.order or order) == LATLON else (p.first, p.second) for p in pairs]
    role = Role({"pair": column.path, "pair_order": order}, 0.9 - 0.02 * column.depth)
    role.reasons.append((f"pair_{order}", {"field": column.path}))
    if why:
        role.reasons.append((why, {"field": column.path}))
    if crs or not share(swapped) >= USUAL:
        role.fields["scale"] = 1.0
        return _projected(role, swapped, crs, has_time=formal)
    if not (formal or declared) and holds_height_first(column.values):
        role.certainty, role.asks = 0.6, ("place",)
        return role
    if certainty < SURE:
        role.certainty, role.asks = 0.6, ("order",)
    _ask_whose(sample, column, role, swapped)
    return role


def _crs_of_pairs(sample: RecordSample, column: Column, pairs: list[Pair]) -> str:
    srids = {pair.srid for pair in pairs if pair.srid}
    crs = f"EPSG:{srids.pop()}" if len(srids) == 1 else declared_crs(sample, column)
    return "" if crs == "EPSG:4326" else crs


# --- cells ------------------------------------------------------------------------------------------------


def _cells(sample: RecordSample) -> Iterator[Role]:
    tests: tuple[tuple[str, Any, Any], ...] = (
        (GEOHASH, names.GEOHASH, is_geohash),
        (H3, frozenset({"h3"}), is_h3),
    )
    for column in sample.columns.values():
        for order, known, fits in tests:
            named = column.words & known or (order == GEOHASH and {"geo", "hash"} <= column.words)
            if named and column.present >= USUAL * len(sample) and column.share(fits) >= 0.9:
                role = Role({"pair": column.path, "pair_order": order}, 0.55)
                role.reasons.append(("cells", {"field": column.path}))
                if is_elsewhere(column) or may_be_elsewhere(sample, column):
                    role.asks = ("place",)
                yield role
