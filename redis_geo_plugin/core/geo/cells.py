"""The 52-bit positions of GEO sets: encoded, decoded, and areas covered with ranges of them.

A GEO set is a sorted set whose score interleaves 26 bits of latitude (even bits) and 26 of longitude (odd
bits), so a square cell of the grid is one range of scores. The arithmetic is that of the servers'
``geohash.c``, in float64, so encoding and decoding agree with them bit by bit.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Optional, Union

import numpy as np

from ..geometry.arrays import Array

STEP = 26  # bits an axis
LON_MIN, LON_MAX = -180.0, 180.0
LAT_LIMIT = 85.05112878  # the servers' limit, that of Web Mercator
SCORES = 1 << (
    2 * STEP
)  # positions are integers below this; what was written at an upper edge exactly lies above
LAT_CELL = 2 * LAT_LIMIT / (1 << STEP)  # degrees: the height of the finest cell
LAT_LAST = LAT_LIMIT - LAT_CELL / 2  # the middle of the last row of cells, still found by every search
ROUNDING_M = 0.7  # twice the largest distance between a written and a stored position (0.33 m), in metres

# Scores below this decode to the sea ice south of 79.7 S and west of 168.7 W. Counts, ranks and times in
# seconds or milliseconds all lie there; places do not.
NO_PLACE = float(1 << 42)
FEWEST_PLACES = 0.25  # of a set's members that lie elsewhere
BY_CHANCE = 1e-6  # positions agree so rarely in what numbers of another kind have in common
DAY = 86_400.0  # seconds
SECONDS = (1 << 31, 1 << 32, 1 << 33, 10**10)  # room that others leave for a time in a score, by its unit
MILLISECONDS = (1 << 41, 1 << 42, 1 << 43, 10**13)

_SPREAD = tuple(
    (np.uint64(shift), np.uint64(mask))
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    )
)
_SQUASH = tuple(
    (np.uint64(shift), np.uint64(mask))
    for shift, mask in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    )
)


def spread(values: Array) -> Array:
    """The bits of 32-bit numbers moved to the even places of 64-bit ones."""
    result = values.astype(np.uint64)
    for shift, mask in _SPREAD:
        result = (result | (result << shift)) & mask
    return result


def squash(values: Array) -> Array:
    """The even bits of 64-bit numbers, moved together: the inverse of ``spread``."""
    result = values.astype(np.uint64) & np.uint64(0x5555555555555555)
    for shift, mask in _SQUASH:
        result = (result | (result >> shift)) & mask
    return result


def encode(lon: Array, lat: Array) -> Array:
    """The scores, uint64 of shape (n,), that a server gives to these degrees. Values outside the limits are
    undefined."""
    columns = ((np.asarray(lon, float) - LON_MIN) / 360.0 * (1 << STEP)).astype(np.uint64)
    rows = ((np.asarray(lat, float) + LAT_LIMIT) / (2 * LAT_LIMIT) * (1 << STEP)).astype(np.uint64)
    scores = spread(rows) | (spread(columns) << np.uint64(1))
    # Servers keep a double: rounded above 2^53, at longitude 180.
    rounded: Array = scores.astype(np.float64).astype(np.uint64)
    return rounded


def decode(scores: Array) -> tuple[Array, Array]:
    """Longitude and latitude in degrees, float64 of shape (n,): the middle of each score's cell, as servers
    decode it."""
    scores = np.asarray(scores, np.uint64)
    rows = squash(scores).astype(np.float64)
    columns = squash(scores >> np.uint64(1)).astype(np.float64)
    unit = float(1 << STEP)
    west = LON_MIN + columns / unit * 360.0
    east = LON_MIN + (columns + 1.0) / unit * 360.0
    south = -LAT_LIMIT + rows / unit * (2 * LAT_LIMIT)
    north = -LAT_LIMIT + (rows + 1.0) / unit * (2 * LAT_LIMIT)
    return np.clip((west + east) / 2, LON_MIN, LON_MAX), np.clip((south + north) / 2, -LAT_LIMIT, LAT_LIMIT)


def wrap_longitude(lon: Array) -> Array:
    """Longitudes brought into [-180, 180): a member written at +180 is lost to every search, at -180 it is
    not."""
    lon = np.asarray(lon, float)
    outside = (lon < LON_MIN) | (lon >= LON_MAX)
    if not np.any(outside):
        return lon
    wrapped = np.where(outside, (lon + 180.0) % 360.0 - 180.0, lon)
    return np.where(wrapped >= LON_MAX, LON_MIN, wrapped)


def storable(lon: Array, lat: Array) -> tuple[Array, Array]:
    """The degrees as they are safely written: longitude in [-180, 180), latitude no further than the last row
    of cells."""
    return wrap_longitude(lon), np.clip(np.asarray(lat, float), -LAT_LIMIT, LAT_LAST)


def merge(first: Array, count: Array) -> list[tuple[int, int]]:
    """Ranges of scores (both ends included) from cells (first score, number of scores); neighbours become one
    range."""
    if not len(first):
        return []
    order = np.argsort(first)
    start, end = first[order], (first + count)[order]
    new = np.ones(len(start), bool)
    new[1:] = start[1:] != end[:-1]
    firsts = np.flatnonzero(new)
    lasts = np.append(firsts[1:] - 1, len(start) - 1)
    return [(int(start[a]), int(end[b]) - 1) for a, b in zip(firsts, lasts)]


def grid(west: float, south: float, east: float, north: float, most: int) -> tuple[int, Array, Array]:
    """The cells of the finest step that cover a box with at most ``most`` cells: (step, columns, rows).

    The box is in degrees with -180 <= west <= east <= 180; what lies beyond the latitude limit is cut off.
    """
    south, north = max(south, -LAT_LIMIT), min(north, LAT_LIMIT)
    if south > north or west > east:
        empty = np.zeros(0, np.uint64)
        return STEP, empty, empty
    for step in range(STEP, -1, -1):
        left, right = _index(west, LON_MIN, 360.0, step), _index(east, LON_MIN, 360.0, step)
        bottom = _index(south, -LAT_LIMIT, 2 * LAT_LIMIT, step)
        top = _index(north, -LAT_LIMIT, 2 * LAT_LIMIT, step)
        if (right - left + 1) * (top - bottom + 1) <= most or step == 0:
            break
    columns, rows = np.meshgrid(np.arange(left, right + 1), np.arange(bottom, top + 1))
    return step, columns.ravel().astype(np.uint64), rows.ravel().astype(np.uint64)


def ranges(step: int, columns: Array, rows: Array) -> list[tuple[int, int]]:
    """The ranges of scores of cells of one step."""
    shift = np.uint64(2 * (STEP - step))
    first = (spread(rows) | (spread(columns) << np.uint64(1))) << shift
    return merge(first, np.full(len(first), 1, np.uint64) << shift)


def cover_box(west: float, south: float, east: float, north: float, most: int = 64) -> list[tuple[int, int]]:
    """Ranges of scores that hold every position of a box in degrees, -180 <= west <= east <= 180."""
    return ranges(*grid(west, south, east, north, most))


def _index(value: float, origin: float, extent: float, step: int) -> int:
    return min(max(int((value - origin) / extent * (1 << step)), 0), (1 << step) - 1)


# --- whether scores are positions
# ---------------------------------------------------------------------------------------


def looks_geographic(scores: Union[Iterable[float], Array], now: Optional[float] = None) -> bool:
    """Whether the scores of a sorted set are positions: the one rule by which Search, the Browser and Live
    know a GEO set.

    Positions are integers on the 52-bit grid whose low digits look random. What others keep in sorted sets is
    told from them by what all of its scores have in common: times in seconds, milliseconds or microseconds,
    counts and ranks, round numbers, and a count and a time packed into one number.

    Args:
        scores: some scores of the set, 20 or more where there are as many; bytes and texts are read as
            numbers.
        now: seconds since 1970, this moment where it is left out.
    """
    values = np.asarray(list(scores)).astype(np.float64)
    if not len(values) or not np.isfinite(values).all():
        return False
    if (values < 0).any() or (values >= 4.0 * SCORES).any() or (values != np.floor(values)).any():
        return False
    whole = values.astype(np.uint64)
    if not _on_grid(whole).all() or (values >= NO_PLACE).mean() < FEWEST_PLACES:
        return False
    return not _are_numbers(np.unique(whole), time.time() if now is None else now)


def _on_grid(scores: Array) -> Array:
    """Which scores stand for a cell: columns and rows go up to 2^26, the upper edge itself."""
    last = np.uint64(1 << STEP)
    return (squash(scores) <= last) & (squash(scores >> np.uint64(1)) <= last)


def _are_numbers(scores: Array, now: float) -> bool:
    """Whether distinct scores have in common what positions have by chance only."""
    if ((scores > (now - 1.5 * DAY) * 1e6) & (scores < (now + 0.5 * DAY) * 1e6)).all():
        return True  # a log of the last hours, in microseconds
    for modulus, first, width in _windows(now):
        counts, remainders = np.divmod(scores, np.uint64(modulus))
        inside = (remainders.astype(np.int64) - first) % modulus < width
        # vehicles that stand together agree without being numbers: each count is one witness
        if inside.all() and (width / modulus) ** len(np.unique(counts)) <= BY_CHANCE:
            return True
    # steps that are all multiples of a round number: moments of one clock's beats
    return len(scores) > 2 and not (np.diff(scores) % np.uint64(1000)).any()


def _windows(now: float) -> Iterable[tuple[int, int, int]]:
    """(modulus, first, width): numbers of other kinds lie in such a window of their remainders."""
    for modulus in (100, 1000, 10**6):
        yield modulus, 0, 1  # round numbers
    yield 10**6, 0, 1000
    yield 1 << 32, 1, 1 << 20  # a priority and a running number
    # a count and a time packed together, the time also counted backwards, so that the first comes first
    for modulus, unit in (*((m, 1.0) for m in SECONDS), *((m, 1000.0) for m in MILLISECONDS)):
        for before, ahead in ((1100.0, 30.0), (2.0, 1.0)):
            first, width = int((now - before * DAY) * unit), int((before + ahead) * DAY * unit)
            yield modulus, first % modulus, width
            yield modulus, (modulus - first - width) % modulus, width
