"""Recognises the fields for the position: coordinates in two fields or in one, their order, their scale
and their CRS."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..angles import EAST_WEST, NORTH_SOUTH, coordinate
from ..limits import is_null_island, is_place
from ..place_reader import PlaceReader, is_on_earth
from ..places import GEOHASH, H3, LATLON, LONLAT, Pair, is_geohash, is_h3, read_pair
from ..spec import Mapping as FieldMapping
from . import names
from .role import NO_ROLE, SURE, Role
from .sample import USUAL, Column, RecordSample

ANY = "*"  # instead of a field: the order in all of them
LEAST = 0.35  # certainty below which coordinates are not a place (pixels, tiles, a game)
FAR = 50_000.0  # projected coordinates are further from their origin than this
NEAR = 2.0  # degrees between two places of one record, at most, for one to tell the order of the other
TIE = 0.015  # of certainty: nearer to each other, neither of two places is the likelier
APART = 0.002  # degrees, some 200 m, that two places of one vehicle are not apart


def find(sample: RecordSample, orders: Mapping[str, str], has_time: bool) -> Role:
    """Return the likeliest place. ``orders``: field -> order, as an index or a format declares it."""
    candidates = [*_two_fields(sample, has_time), *_one_field(sample, orders), *_cells(sample)]
    if not candidates:
        return NO_ROLE
    best = max(candidates, key=lambda role: (role.certainty, -len(str(role.fields)), str(role.fields)))
    if not best.asks and any(_is_rival(sample, best, other) for other in candidates if other is not best):
        best.asks = ("place",)
    return best


def _is_rival(sample: RecordSample, best: Role, other: Role) -> bool:
    """Whether another place is as likely and is elsewhere: nothing tells which of the two is the vehicle's.

    A name without more (``location``) is the record's own, beside which others (``lastLocation``) say what
    they are.
    """
    one, two = _name_of(best), _name_of(other)
    if other.asks or other.certainty < best.certainty - TIE or one.count(".") != two.count("."):
        return False
    if set(names.words(one)) < set(names.words(two)):
        return False
    here, there = _places(sample, best), _places(sample, other)
    both = [(a, b) for a, b in zip(here, there) if a is not None and b is not None]
    apart = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) > APART for a, b in both)
    return apart > 0.5 * len(both)


def _name_of(role: Role) -> str:
    return str(role.fields.get("lon") or role.fields["pair"])


def _places(sample: RecordSample, role: Role) -> list[Optional[tuple[float, float]]]:
    reader = PlaceReader(FieldMapping(**role.fields))
    return [reader.read(record) for record in sample.records]


# --- two fields -------------------------------------------------------------------------------------------


def _two_fields(sample: RecordSample, has_time: bool) -> Iterator[Role]:
    columns = [one for one in sample.columns.values() if one.present]
    lats = [one for one in columns if one.words & (names.LATITUDE | names.NORTH)]
    lons = [one for one in columns if one.words & (names.LONGITUDE | names.EAST)]
    for lat in lats:
        for lon in lons:
            if _is_divided(sample, lat):
                continue
            if _belong_together(lat, lon) and sample.is_usual(lat, lats) and sample.is_usual(lon, lons):
                role = _judge_two(sample, lon, lat, has_time)
                if role is not None and role.certainty >= LEAST - 0.2 * bool(role.asks):
                    yield role


def _is_divided(sample: RecordSample, lat: Column) -> bool:
    """Return whether a field holds but a part of a latitude: its whole degrees, the minutes or the
    seconds."""
    if not lat.words & (names.DEGREES | names.SIXTIETHS):
        return False
    parent = lat.path.rpartition(".")[0]
    beside = [
        one.words
        for one in sample.columns.values()
        if one.words & names.LATITUDE and one.path.rpartition(".")[0] == parent
    ]
    return any(one & names.DEGREES for one in beside) and any(one & names.MINUTES for one in beside)


def _belong_together(lat: Column, lon: Column) -> bool:
    """Return whether two names differ only by the axis, and are in one object."""
    axes = names.LATITUDE | names.NORTH | names.LONGITUDE | names.EAST
    same = lat.path.rpartition(".")[0] == lon.path.rpartition(".")[0]
    weak = bool(lat.words & names.NORTH), bool(lon.words & names.EAST)
    rest = [{word for word in one.words if word not in axes} - {one.name} for one in (lat, lon)]
    return same and weak[0] == weak[1] and rest[0] == rest[1]


def _judge_two(sample: RecordSample, lon: Column, lat: Column, has_time: bool) -> Optional[Role]:
    pairs = _numbers(lon, lat)
    if not pairs:
        return None
    scale = _scale(lon, pairs)
    if scale is None:
        return None
    scaled = [(x * scale, y * scale) for x, y in pairs]
    fields = {"lon": lon.path, "lat": lat.path, "scale": scale}
    role = Role(fields, _prior(lon, lat, pairs, has_time), [("fields", {"lon": lon.path, "lat": lat.path})])
    if scale != 1.0:
        role.reasons.append(("scaled", {"factor": scale}))
    if scale == 1.0 and _may_be_radians(pairs):
        role.certainty, role.asks = 0.3, ("place",)
        return role
    if lon.words & names.MOVED or _names_other_datum(sample, lon):
        role.certainty, role.asks = 0.3, ("crs",)
        return role
    crs = _declared_crs(sample, lon)
    if _share(scaled) >= USUAL and crs in ("", "EPSG:4326"):
        if (lon.words | lon.above) & names.ELSEWHERE:
            role.certainty, role.asks = 0.3, ("place",)
        elif role.certainty >= LEAST and lat.words & names.NORTH and not (crs or _is_on_earth(sample, lon)):
            role.asks = ("place",)  # places of a game have decimals and times too
        return role
    return _projected(role, scaled, crs, has_time)


def _is_on_earth(sample: RecordSample, x: Column) -> bool:
    """Whether ``x`` and ``y`` stand in an object that only the earth has, and that has no ``z``."""
    parent = x.path.rpartition(".")[0]
    return bool(x.above & names.ON_EARTH) and f"{parent}.z" not in sample.columns


def _numbers(lon: Column, lat: Column) -> list[tuple[float, float]]:
    both = ((coordinate(x, EAST_WEST), coordinate(y, NORTH_SOUTH)) for x, y in zip(lon.values, lat.values))
    return [(x, y) for x, y in both if x is not None and y is not None]


def _prior(lon: Column, lat: Column, pairs: list[tuple[float, float]], has_time: bool) -> float:
    if not (lat.words & names.NORTH):
        return 0.95 - 0.02 * lon.depth
    if lon.above & names.PLACE:
        return 0.6 - 0.02 * lon.depth
    # x and y are degrees only where much says so: pixels, tiles and a game's places are x and y too
    return 0.3 + (0.25 if has_time and _is_fine(pairs) else 0.0) - 0.02 * lon.depth


def _is_fine(pairs: list[tuple[float, float]]) -> bool:
    """Return whether most coordinates have at least two decimals."""
    fine = sum(round(x, 1) != x and round(y, 1) != y for x, y in pairs)
    return fine >= USUAL * len(pairs)


def _share(pairs: list[tuple[float, float]]) -> float:
    return sum(is_place(x, y) for x, y in pairs) / len(pairs)


def _may_be_radians(pairs: list[tuple[float, float]]) -> bool:
    """Return whether coordinates can be radians, with the many digits of a conversion: as degrees all of them
    would be off the coast of Guinea."""
    digits = sum(round(x, 6) != x and round(y, 6) != y for x, y in pairs)
    on_a_sphere = all(abs(x) <= math.pi and abs(y) <= math.pi / 2.0 for x, y in pairs)
    return on_a_sphere and digits >= USUAL * len(pairs)


def _scale(lon: Column, pairs: list[tuple[float, float]]) -> Optional[float]:
    """Return the factor of the coordinates; None if integers may have one factor or another, or the name says
    one that is not read."""
    for word in sorted(lon.words & names.SCALES.keys()):
        return names.SCALES[word]
    whole = all(x.is_integer() and y.is_integer() for x, y in pairs)
    if not whole or lon.words & names.EAST or _share(pairs) >= USUAL:
        return 1.0
    fitting = [
        factor for factor in (1e-7, 1e-6, 1e-5) if all(is_place(x * factor, y * factor) for x, y in pairs)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _declared_crs(sample: RecordSample, beside: Column) -> str:
    """Return the CRS that all records name in a field of the same object or of the record, as EPSG:2154;
    empty for none."""
    parent = beside.path.rpartition(".")[0]
    for column in sample.columns.values():
        if column.words & names.CRS and column.path.rpartition(".")[0] in (parent, ""):
            found = {str(value).strip().upper() for value in column.values if value is not None}
            if len(found) == 1:
                text = found.pop()
                code = text.rpartition(":")[2]
                if code.isdecimal() and len(code) < 7:
                    return f"EPSG:{code}" if ":" not in text or "EPSG" in text else ""
    return ""


def _names_other_datum(sample: RecordSample, beside: Column) -> bool:
    """Return whether a field of the same object or of the record names another datum than WGS 84."""
    parent = beside.path.rpartition(".")[0]
    for column in sample.columns.values():
        if column.name in names.DATUM and column.path.rpartition(".")[0] in (parent, ""):
            found = {names.normal(value) for value in column.scalars() if isinstance(value, str)}
            if found - names.WGS84 - {""}:
                return True
    return False


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
    if column.words & names.MOVED or _names_other_datum(sample, column):
        return Role({"pair": column.path, "pair_order": LONLAT if formal else ""}, 0.3, [], ("crs",))
    if not (formal or declared or _is_fine([(p.first, p.second) for p in pairs])) and _is_bare(
        sample, column
    ):
        return None  # counts, pixels and versions are two numbers too
    order, certainty, why = _order(sample, column, pairs, formal, declared)
    swapped = [(p.second, p.first) if (p.order or order) == LATLON else (p.first, p.second) for p in pairs]
    role = Role({"pair": column.path, "pair_order": order}, 0.9 - 0.02 * column.depth)
    role.reasons.append((f"pair_{order}", {"field": column.path}))
    if why:
        role.reasons.append((why, {"field": column.path}))
    if crs or not _share(swapped) >= USUAL:
        role.fields["scale"] = 1.0
        return _projected(role, swapped, crs, has_time=formal)
    if (column.words | column.above) & names.ELSEWHERE:
        role.certainty, role.asks = 0.3, ("place",)
    elif certainty < SURE:
        role.certainty, role.asks = 0.6, ("order",)
    return role


def _crs_of_pairs(sample: RecordSample, column: Column, pairs: list[Pair]) -> str:
    srids = {pair.srid for pair in pairs if pair.srid}
    crs = f"EPSG:{srids.pop()}" if len(srids) == 1 else _declared_crs(sample, column)
    return "" if crs == "EPSG:4326" else crs


def _order(
    sample: RecordSample, column: Column, pairs: list[Pair], formal: bool, declared: str
) -> tuple[str, float, str]:
    """Return (order, certainty, reason): by the form, by a declaring index, by the values, by the name, or
    by custom."""
    if formal:
        return next(pair.order for pair in pairs if pair.order), 1.0, "order_by_form"
    if declared:
        return declared, 0.95, "order_declared"
    if any(abs(pair.second) > 90.0 for pair in pairs):
        return LATLON, 0.95, "order_by_values"
    if any(abs(pair.first) > 90.0 for pair in pairs):
        return LONLAT, 0.95, "order_by_values"
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
    # the custom of GeoJSON and MongoDB; for a value that is just a list not even that is known
    return LONLAT, 0.4 if _is_bare(sample, column) else 0.7, ""


def _is_bare(sample: RecordSample, column: Column) -> bool:
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
            if lon.words & names.LONGITUDE and _belong_together(lat, lon):
                others = _numbers(lon, lat)
                if len(others) == len(pairs) and _share(others) == 1.0:
                    as_lonlat = sum(_near(p.first, p.second, o) for p, o in zip(pairs, others))
                    as_latlon = sum(_near(p.second, p.first, o) for p, o in zip(pairs, others))
                    if max(as_lonlat, as_latlon) >= USUAL * len(pairs) and min(as_lonlat, as_latlon) == 0:
                        return LONLAT if as_lonlat else LATLON
    return ""


def _near(lon: float, lat: float, other: tuple[float, float]) -> bool:
    return abs(lon - other[0]) <= NEAR and abs(lat - other[1]) <= NEAR and not is_null_island(*other)


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
                yield Role(
                    {"pair": column.path, "pair_order": order}, 0.55, [("cells", {"field": column.path})]
                )
