"""The latest position of each vehicle, judged: late, future, impossible; and the clock of the producer."""

from __future__ import annotations

import math
from collections import Counter, deque
from operator import is_not
from typing import Any, Callable, Optional, Union

import numpy as np

from .fleet import Fixes, Fleet
from .records import Fix, Reason, Refusal, raw_text, text_of
from .spec import CLOCK_AS_REPORTED, CLOCK_CORRECT, FeedSpec

METRES_PER_DEGREE = 111_700.0  # no degree of the WGS84 ellipsoid is longer (111.694 km, of latitude at a pole)
REFUSED_KEPT = 1000
OFFSET_SAMPLES = 301
OFFSET_SAMPLES_EACH = 60  # of one reading at most: a fleet's fixes come by the hundred
OFFSET_MATTERS = 60.0  # seconds
LARGEST_OFFSET = 27 * 3600.0  # what is further off than any time zone and a day is no clock but rubbish
STANDING = 3.0  # metres: below this, a change of position is noise and has no direction
AGREEING = 3  # so many "impossible" fixes that agree with each other were right after all


class Positions:
    """Keeps the latest fix of each id. ``accept`` and ``accept_all`` judge new ones; the rest is read by the feed.

    ``refused`` counts by reason since the start; ``last_refused`` are the newest. ``heard`` is called with the
    fixes that are true, late ones included: the history. ``seen`` is called with the attributes of a latest fix where they
    are not those that the vehicle had before. ``keep`` is called with those that are now the latest and what
    ``latest.find`` says of them, and has to store them in ``latest``.
    """

    def __init__(
        self,
        spec: FeedSpec,
        heard: Optional[Callable[[Union[list[Fix], Fixes]], None]] = None,
        seen: Optional[Callable[[dict[str, Any]], None]] = None,
        keep: Optional[Callable[[Fixes, Any], None]] = None,
    ):
        self.spec = spec
        self.latest = Fleet()
        self.refused: Counter[Reason] = Counter()
        self.last_refused: deque[Refusal] = deque(maxlen=REFUSED_KEPT)
        self._heard = heard
        self._seen = seen
        self._keep = keep or self.latest.store
        self._delays: deque[float] = deque(maxlen=OFFSET_SAMPLES)
        self._doubted: dict[str, list[Fix]] = {}
        self.moves: Optional[list[tuple[Fix, Fix]]] = None  # (previous, fix), gathered only where someone wants them
        self.offset: Optional[float] = None  # seconds by which the producer's clock is behind ours; ahead: negative

    def refuse(self, refusal: Refusal) -> None:
        """Count and keep a refusal."""
        self.refused[refusal.reason] += 1
        self.last_refused.append(refusal)

    def forget(self, ident: str) -> bool:
        """Take a vehicle out; whether it was known."""
        self._doubted.pop(ident, None)
        return self.latest.remove(ident)

    def note_delays(self, fixes: Union[list[Fix], Fixes], live: bool) -> None:
        """Learn the producer's clock: the median of receipt minus report.

        Of ``live`` fixes (just written) any delay counts. Those of a first read may be old, so they tell only that a
        clock runs ahead. A time that was derived tells nothing.
        """
        step = 1 + len(fixes) // OFFSET_SAMPLES_EACH
        if isinstance(fixes, Fixes):
            delays = (fixes.receipt - fixes.time)[::step]
            told = (np.abs(delays) <= LARGEST_OFFSET) & (fixes.derived[::step] == 0)
            self._delays.extend(delays[told].tolist())
        else:
            found = (fix.receipt - fix.time for fix in fixes[::step] if fix.derived != "time")
            self._delays.extend(delay for delay in found if abs(delay) <= LARGEST_OFFSET)
        if self._delays:
            median = sorted(self._delays)[len(self._delays) // 2]
            if live or median < 0.0:
                self.offset = median
            if not live and median >= 0.0:
                self._delays.clear()

    @property
    def correction(self) -> float:
        """Seconds to take off an age so that it is true: only ever that of a clock that is clearly off."""
        offset, rule = self.offset, self.spec.clock
        if offset is None or abs(offset) < OFFSET_MATTERS or rule == CLOCK_AS_REPORTED:
            return 0.0
        return offset if offset < 0.0 or rule == CLOCK_CORRECT else 0.0

    def accept(self, fixes: list[Fix], now: float) -> list[Fix]:
        """Judge fixes in the order in which they came, one by one; those that are now the latest of their id are returned
        (each id once). ``now`` is our clock."""
        newest_allowed = self._newest_allowed(now)
        max_speed = self.spec.max_speed
        latest = self.latest.known({fix.id for fix in fixes})
        changed: dict[str, Fix] = {}
        to_derive: list[tuple[Fix, Fix]] = []
        true: list[Fix] = []
        for fix in fixes:
            if fix.time > newest_allowed:
                self._refuse(fix, Reason.FUTURE)
                continue
            previous = latest.get(fix.id)
            if previous is not None:
                if fix.time < previous.time:
                    self._refuse(fix, Reason.LATE)
                    true.append(fix)
                    continue
                if max_speed and self._impossible(previous, fix, max_speed):
                    self._refuse(fix, Reason.IMPOSSIBLE_SPEED)
                    continue
                if previous.lon == fix.lon and same(previous, fix):
                    continue
                if self.moves is not None:
                    self.moves.append((previous, fix))
                if fix.speed is None or fix.heading is None:
                    to_derive.append((previous, fix))
            if previous is not None and previous.attributes == fix.attributes:
                fix.attributes = previous.attributes  # one for both: the window sees at once that none changed
            elif self._seen is not None:
                self._seen(fix.attributes)
            latest[fix.id] = changed[fix.id] = fix
            true.append(fix)
        if to_derive:
            derive(to_derive)
        if self._heard is not None and true:
            self._heard(true)
        if changed:
            found = Fixes.of(changed.values())
            self._keep(found, self.latest.find(found.idents))
        return list(changed.values())

    def accept_all(self, fixes: Fixes, now: float) -> None:
        """Judge the fixes of many vehicles, together but for those that something is odd about. ``now`` is our clock."""
        slots = self.latest.find(fixes.idents)
        before, known = self.latest.before(fixes, slots), slots >= 0
        odd = self._odd(fixes, before, known, now)
        if odd.any():
            self.accept(list(fixes.pick(odd).each()), now)
        others = self._share(fixes, before, known)
        changed = ~odd & (~known | others | _says_more(before, fixes))
        if changed.any():
            self._take_over(fixes.pick(changed), before.pick(changed), known[changed], others[changed], slots[changed])

    def _newest_allowed(self, now: float) -> float:
        """The latest time of a report that is believed (seconds since 1970 UTC)."""
        return now - min(self.offset or 0.0, 0.0) + self.spec.max_future

    def _odd(self, fixes: Fixes, before: Fixes, known: Any, now: float) -> Any:
        """Where a fix has to be judged by itself (array of booleans)."""
        odd = (fixes.time > self._newest_allowed(now)) | (known & (fixes.time < before.time)) | (fixes.derived != 0)
        max_speed = self.spec.max_speed
        if max_speed:
            odd |= known & ~_surely_within(before, fixes, max_speed)
            if self._doubted:
                odd |= np.fromiter(map(self._doubted.__contains__, fixes.idents), bool, len(fixes))
        return odd

    @staticmethod
    def _share(fixes: Fixes, before: Fixes, known: Any) -> Any:
        """Where the attributes are others than before (array of booleans); where they are not, both have the same dict
        afterwards: the window sees at once that none changed."""
        mine, old = fixes.attributes, before.attributes
        others = np.fromiter(map(is_not, mine, old), bool, len(fixes))
        for place in np.flatnonzero(others & known).tolist():
            if mine[place] == old[place]:
                fixes.attributes[place] = old[place]  # type: ignore[index]
                others[place] = False
        return others | ~known

    def _take_over(self, fixes: Fixes, before: Fixes, known: Any, others: Any, slots: Any) -> None:
        """These are now the latest of their vehicles."""
        if self._seen is not None:
            found = {id(a): a for a, other in zip(fixes.attributes, others.tolist()) if other}
            for attributes in found.values():
                self._seen(attributes)
        if self.moves is not None:
            self.moves += zip(before.pick(known).each(), fixes.pick(known).each())
        derive_all(before, fixes, known)
        if self._heard is not None:
            self._heard(fixes)
        self._keep(fixes, slots)

    def _refuse(self, fix: Fix, reason: Reason) -> None:
        raw = raw_text({"longitude": fix.lon, "latitude": fix.lat, "time": fix.time, **fix.attributes})
        self.refuse(Refusal(reason, fix.id, text_of(fix.key), raw, fix.receipt, fix.lon, fix.lat))

    def _impossible(self, previous: Fix, fix: Fix, max_speed: float) -> bool:
        """Too far for the time that passed. When several such fixes agree with each other, it was the first that was
        wrong, and the newer ones are believed."""
        if not too_fast(previous, fix, max_speed):
            if self._doubted:
                self._doubted.pop(fix.id, None)
            return False
        doubted = self._doubted.setdefault(fix.id, [])
        if doubted and too_fast(doubted[-1], fix, max_speed):
            doubted.clear()
        doubted.append(fix)
        if len(doubted) < AGREEING:
            return True
        del self._doubted[fix.id]
        return False


def same(one: Fix, other: Fix) -> bool:
    """Whether the second says nothing that the first did not."""
    return (
        one.lon == other.lon
        and one.lat == other.lat
        and (one.time == other.time or (one.derived is not None and "time" in one.derived and other.derived == "time"))
        and one.attributes == other.attributes
        and (other.speed is None or one.speed == other.speed)
        and (other.heading is None or one.heading == other.heading)
    )


def too_fast(previous: Fix, fix: Fix, max_speed: float) -> bool:
    """Whether the way between two fixes needs more than ``max_speed`` m/s, measured on the WGS84 ellipsoid. Reports
    less than a second apart count as a second: clocks are coarse."""
    west_east = abs(fix.lon - previous.lon)
    if west_east > 180.0:
        west_east = 360.0 - west_east
    seconds = fix.time - previous.time
    reach = max_speed * (seconds if seconds > 1.0 else 1.0)
    if (west_east + abs(fix.lat - previous.lat)) * METRES_PER_DEGREE <= reach:
        return False
    _, _, metres = geod().inv(previous.lon, previous.lat, fix.lon, fix.lat)
    return bool(metres > reach)


def _surely_within(before: Fixes, fixes: Fixes, max_speed: float) -> Any:
    """Where the way to these fixes is short enough beyond doubt (array of booleans); see ``too_fast``."""
    west_east = np.abs(fixes.lon - before.lon)
    west_east = np.minimum(west_east, 360.0 - west_east)
    reach = max_speed * np.maximum(fixes.time - before.time, 1.0)
    return (west_east + np.abs(fixes.lat - before.lat)) * METRES_PER_DEGREE <= reach


def _says_more(before: Fixes, fixes: Fixes) -> Any:
    """Where the numbers of a fix say something that those of the one before did not (array of booleans)."""
    speeds = ~np.isnan(fixes.speed) & (before.speed != fixes.speed)
    headings = ~np.isnan(fixes.heading) & (before.heading != fixes.heading)
    places = (before.lon != fixes.lon) | (before.lat != fixes.lat)
    return places | (before.time != fixes.time) | speeds | headings


def derive_all(before: Fixes, fixes: Fixes, known: Any) -> None:
    """``derive`` for those that have a fix before (``known``)."""
    wanted = np.flatnonzero(known & (np.isnan(fixes.speed) | np.isnan(fixes.heading)))
    if not len(wanted):
        return
    pairs = list(zip(before.pick(wanted).each(), fixes.pick(wanted).each()))
    derive(pairs)
    found = Fixes.of(fix for _, fix in pairs)
    fixes.speed[wanted], fixes.heading[wanted], fixes.derived[wanted] = found.speed, found.heading, found.derived


def derive(pairs: list[tuple[Fix, Fix]]) -> None:
    """Fill in the speed (m/s) and heading that were not reported, from the previous fix, on the WGS84 ellipsoid
    (Karney 2013, as implemented by PROJ); marked in ``derived``. Standing still keeps the heading it had."""
    lons1, lats1 = [p.lon for p, _ in pairs], [p.lat for p, _ in pairs]
    lons2, lats2 = [f.lon for _, f in pairs], [f.lat for _, f in pairs]
    azimuths, _, metres = geod().inv(lons1, lats1, lons2, lats2)
    for (previous, fix), azimuth, distance in zip(pairs, azimuths, metres):
        seconds = fix.time - previous.time
        names = fix.derived or ""
        if fix.speed is None and seconds > 0.0:
            fix.speed = round(distance / seconds, 3)
            names += " speed"
        if fix.heading is None:
            kept = previous.heading if previous.derived and "heading" in previous.derived else None
            fix.heading = kept if distance < STANDING else round(azimuth % 360.0, 1) % 360.0
            names += " heading" if fix.heading is not None else ""
        fix.derived = names.strip() or None


def geod() -> Any:
    """The WGS84 Geod of this thread."""
    from .. import projections

    return projections.geod_of()


def finite(value: Optional[float]) -> bool:
    return value is not None and math.isfinite(value)
