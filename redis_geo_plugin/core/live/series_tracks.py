"""The ways that two time series of each vehicle keep: samples of the same moment are a position."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..redis.types import Word
from ..watch import Watch
from .labelled import Sample, Vehicle, sample_of
from .limits import is_null_island, is_place
from .place_reader import PlaceReader
from .reader import Reader
from .spec import Mapping
from .trails import Point, parts

TOGETHER = 50  # vehicles whose series are asked for in one round trip
FIRST = 1000  # samples of each of them
PAGE = 20_000  # samples of one series in each further round trip
MOST_SAMPLES = 1_000_000  # of one series
EARLIEST, LATEST = 0, 2**53  # milliseconds
Line = list[tuple[float, float, float]]


@dataclass(frozen=True)
class Period:
    """Samples from ``start`` to ``end`` (seconds since 1970 UTC, None: open), of which two make a position if
    they are at most ``apart`` milliseconds apart; a line is cut where there is none for ``gap`` seconds."""

    start: Optional[float] = None
    end: Optional[float] = None
    gap: float = math.inf
    apart: int = 0

    @property
    def bounds(self) -> tuple[int, int]:
        """First and last millisecond that is asked for."""
        first = EARLIEST if self.start is None else math.ceil(self.start * 1000.0)
        last = LATEST if self.end is None else math.floor(self.end * 1000.0)
        return min(max(first, EARLIEST), LATEST), min(max(last, -1), LATEST)


@dataclass
class SeriesTrack:
    """The lines (degrees of EPSG:4326, seconds since 1970 UTC) of a vehicle. ``alone`` samples had no partner
    of their moment, ``refused`` positions are none on the globe; ``too_long``: it was not read, as it has
    more than ``MOST_SAMPLES``."""

    vehicle: Vehicle
    lines: list[Line] = field(default_factory=list)
    alone: int = 0
    refused: int = 0
    too_long: bool = False


def tracks(
    reader: Reader, found: Sequence[Vehicle], mapping: Mapping, period: Period, watch: Watch
) -> Iterator[SeriesTrack]:
    """The tracks of these vehicles, in their order. Raises redis-py's errors, and Cancelled."""
    places = PlaceReader(Mapping(lon="lon", lat="lat", crs=mapping.crs, scale=mapping.scale))
    for start in range(0, len(found), TOGETHER):
        some = found[start : start + TOGETHER]
        watch.check()
        keys = [one.key for vehicle in some for one in (vehicle.lon, vehicle.lat)]
        heads = _ranges(reader, [(key, period.bounds[0]) for key in keys], period, FIRST)
        for at, vehicle in enumerate(some):
            watch.check()
            each = [_rest(reader, keys[n], heads[n], period, watch) for n in (2 * at, 2 * at + 1)]
            if each[0] is None or each[1] is None:
                yield SeriesTrack(vehicle, too_long=True)
            else:
                yield _track(vehicle, each[0], each[1], places, period)
            watch.reach((start + at + 1) / len(found))


def _ranges(
    reader: Reader, asked: Sequence[tuple[bytes, int]], period: Period, count: int
) -> list[list[object]]:
    """The first samples of each series from a moment on, as the server has them; none of one that is gone.

    By TS.RANGE, not TS.MRANGE, whose reply has the samples of all series at once and goes on nowhere.
    """
    first_of_all, last = period.bounds
    if first_of_all > last:
        return [[] for _ in asked]
    commands: list[Sequence[Word]] = [("TS.RANGE", key, first, last, "COUNT", count) for key, first in asked]
    replies = reader.ask_many(commands)
    for reply in replies:
        if isinstance(reply, Exception) and "does not exist" not in str(reply):
            raise reply
    return [reply if isinstance(reply, list) else [] for reply in replies]


def _rest(
    reader: Reader, key: bytes, head: Sequence[object], period: Period, watch: Watch
) -> Optional[list[Sample]]:
    """All samples of a series whose first ones are known; None where they are too many."""
    found, page, wanted = _samples(head), head, FIRST
    read = len(head)
    while len(page) >= wanted:
        watch.check()
        last = page[-1]
        if read > MOST_SAMPLES or not (isinstance(last, list) and last and type(last[0]) is int):
            return None
        wanted = PAGE
        (page,) = _ranges(reader, [(key, last[0] + 1)], period, PAGE)
        found += _samples(page)
        read += len(page)
    return None if read > MOST_SAMPLES else found


def _samples(said: Iterable[object]) -> list[Sample]:
    return [one for one in map(sample_of, said) if one is not None]


def _track(
    vehicle: Vehicle, lons: list[Sample], lats: list[Sample], places: PlaceReader, period: Period
) -> SeriesTrack:
    found, run = SeriesTrack(vehicle), list[Point]()
    for moment, lon, lat in paired(lons, lats, period.apart):
        here = None
        if lon is None or lat is None:
            found.alone += 1
        else:
            here = places.read({"lon": lon, "lat": lat})
            if here is None or not is_place(*here) or is_null_island(*here):
                here = None
                found.refused += 1
        if here is None:
            found.lines += parts(run, period.gap)
            run = []
        else:
            run.append((moment / 1000.0, *here, math.nan, math.nan))
    found.lines += parts(run, period.gap)
    return found


def paired(
    lons: Sequence[Sample], lats: Sequence[Sample], apart: int
) -> Iterator[tuple[int, Optional[float], Optional[float]]]:
    """Milliseconds, longitude and latitude of each moment, by time; None for the one that is missing then.

    Samples are partners if no other is nearer, and they are at most ``apart`` milliseconds apart; their
    position is as old as the older.
    """
    i = j = 0
    while i < len(lons) and j < len(lats):
        off = lons[i][0] - lats[j][0]
        later = i + 1 < len(lons) and abs(lons[i + 1][0] - lats[j][0]) < abs(off)
        earlier = j + 1 < len(lats) and abs(lons[i][0] - lats[j + 1][0]) < abs(off)
        if abs(off) <= apart and not later and not earlier:
            yield min(lons[i][0], lats[j][0]), lons[i][1], lats[j][1]
            i, j = i + 1, j + 1
        elif off < 0:
            yield lons[i][0], lons[i][1], None
            i += 1
        else:
            yield lats[j][0], None, lats[j][1]
            j += 1
    for moment, lon in lons[i:]:
        yield moment, lon, None
    for moment, lat in lats[j:]:
        yield moment, None, lat
