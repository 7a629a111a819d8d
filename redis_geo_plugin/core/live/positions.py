"""The latest position of each vehicle, and the checks of new ones: late, from the future, impossible."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import compress
from operator import is_not
from typing import Any, Optional, Union

import numpy as np

from ..geometry.arrays import Array
from ..json_types import JsonObject
from .clock import ProducerClock
from .fleet import Fixes, Fleet
from .motion import derive, derive_all, surely_within, too_fast
from .records import Fix, Refusal, RefusalReason, raw_text, text_of
from .spec import FeedSpec

REFUSED_KEPT = 1000
AGREEING = 3  # so many "impossible" fixes that agree with each other were right after all


@dataclass
class Judged:
    """What judging a batch of fixes gave; nothing of it is stored yet.

    Attributes:
        changed: the fixes that are the latest of their vehicles from now on, one for each.
        slots: what ``Fleet.find`` says of the vehicles of ``changed``.
        believed: the fixes that are true, late ones included, in batches in which they belong to the history.
        seen: the attributes of those of ``changed`` whose attributes are not those their vehicle had before.
        moves: (previous, fix) of vehicles that were known; gathered only where wanted.
        refusals: the fixes that were refused, with the reason.
        disowned: vehicles whose fix so far lies in the future of the one in ``changed``, and so was not true.
    """

    changed: Fixes
    slots: Any
    believed: list[Union[list[Fix], Fixes]] = field(default_factory=list)
    seen: list[JsonObject] = field(default_factory=list)
    moves: list[tuple[Fix, Fix]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    disowned: list[str] = field(default_factory=list)


class Positions:
    """The latest fix of each vehicle.

    ``judge`` tells what of new fixes is true; ``keep`` stores what it told.

    ``refused`` counts the refusals by reason since the start; ``last_refused`` are the newest of them.
    """

    def __init__(self, spec: FeedSpec):
        self.spec = spec
        self.latest = Fleet(spec.trail_gap)
        self.clock = ProducerClock()
        self.refused: Counter[RefusalReason] = Counter()
        self.last_refused: deque[Refusal] = deque(maxlen=REFUSED_KEPT)
        self._doubted: dict[str, list[Fix]] = {}

    @property
    def offset(self) -> Optional[float]:
        """The producer's clock against ours, see ``ProducerClock``."""
        return self.clock.offset

    @property
    def correction(self) -> float:
        """Seconds to take off an age so that it is true: only ever that of a clock that is clearly off."""
        return self.clock.correction(self.spec.clock)

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Count refusals and keep the latest."""
        for refusal in refusals:
            self.refused[refusal.reason] += 1
            self.last_refused.append(refusal)

    def forget(self, ident: str) -> bool:
        """Remove a vehicle. Returns whether it was known."""
        self._doubted.pop(ident, None)
        return self.latest.remove(ident)

    def keep(self, judged: Judged) -> Array:
        """Store what ``judge`` gave; returns the slots of the vehicles that changed (int64 array)."""
        self.refuse(judged.refusals)
        return self.latest.store(judged.changed, judged.slots)

    def judge(self, fixes: Union[list[Fix], Fixes], now: float, with_moves: bool = False) -> Judged:
        """Judge fixes in the order in which they came; nothing is stored.

        Fixes in columns (of different vehicles) are judged together, but for those that something is odd
        about, which
        are judged one by one as all of a list are: both ways give the same.

        Args:
            fixes: new fixes, of which speed and heading are filled in where they were not reported.
            now: our clock, in seconds since 1970 UTC.
            with_moves: whether the ways between fixes are wanted.
        """
        if not isinstance(fixes, Fixes):
            return self._judge_each(fixes, now, with_moves)
        slots = self.latest.find(fixes.idents)
        before, known = self.latest.before(fixes, slots), slots >= 0
        odd = self._odd(fixes, before, known, now)
        others = self._share(fixes, before, known)
        changed = ~odd & (~known | others | _says_more(before, fixes))
        judged = self._changed(
            fixes.pick(changed),
            before.pick(changed),
            known[changed],
            others[changed],
            slots[changed],
            with_moves,
        )
        if odd.any():
            return _joined(self._judge_each(list(fixes.pick(odd).each()), now, with_moves), judged)
        return judged

    def from_the_future(self, now: float) -> list[str]:
        """Return the vehicles whose latest fix is further in the future than is believed (``now``: our
        clock).
        """
        return self.latest.newer_than(self._newest_allowed(now))

    def _judge_each(self, fixes: list[Fix], now: float, with_moves: bool) -> Judged:
        """Judge one fix after the other: several may be of one vehicle."""
        newest_allowed = self._newest_allowed(now)
        latest = self.latest.known({fix.id for fix in fixes})
        changed: dict[str, Fix] = {}
        moved: list[tuple[Fix, Fix]] = []
        believed: list[Fix] = []
        judged = Judged(Fixes.of([]), np.zeros(0, np.int64))
        for fix in fixes:
            previous = latest.get(fix.id)
            if previous is not None and previous.time > newest_allowed >= fix.time:
                judged.disowned.append(fix.id)  # a fix from the future holds no place
                previous = None
            reason = self._why_not(previous, fix, newest_allowed)
            if reason is not None:
                judged.refusals.append(refusal_of(fix, reason))
                if reason is RefusalReason.LATE:
                    believed.append(fix)
                continue
            if previous is not None:
                if previous.lon == fix.lon and same(previous, fix):
                    continue
                moved.append((previous, fix))
            if not _share_attributes(previous, fix):
                judged.seen.append(fix.attributes)
            latest[fix.id] = changed[fix.id] = fix
            believed.append(fix)
        derive([(previous, fix) for previous, fix in moved if fix.speed is None or fix.heading is None])
        judged.moves = moved if with_moves else []
        judged.believed = [believed] if believed else []
        judged.changed = Fixes.of(changed.values())
        judged.slots = self.latest.find(judged.changed.idents)
        return judged

    def _why_not(self, previous: Optional[Fix], fix: Fix, newest_allowed: float) -> Optional[RefusalReason]:
        """Return why a fix is not the latest of its vehicle; None where it is."""
        if fix.time > newest_allowed:
            return RefusalReason.FUTURE
        if previous is None:
            return None
        if fix.time < previous.time:
            return RefusalReason.LATE
        max_speed = self.spec.max_speed
        if max_speed and self._impossible(previous, fix, max_speed):
            return RefusalReason.IMPOSSIBLE_SPEED
        return None

    def _newest_allowed(self, now: float) -> float:
        """Return the latest time of a report that is believed (seconds since 1970 UTC)."""
        return now + self.clock.ahead() + self.spec.max_future

    def _odd(self, fixes: Fixes, before: Fixes, known: Array, now: float) -> Array:
        """Return where a fix has to be judged by itself (n booleans)."""
        newest_allowed = self._newest_allowed(now)
        odd: Array = (
            (fixes.time > newest_allowed)
            | (known & ((fixes.time < before.time) | (before.time > newest_allowed)))
            | (fixes.derived != 0)
        )
        max_speed = self.spec.max_speed
        if max_speed:
            odd |= known & ~surely_within(before, fixes, max_speed)
            if self._doubted:
                odd |= np.fromiter(map(self._doubted.__contains__, fixes.idents), bool, len(fixes))
        return odd

    @staticmethod
    def _share(fixes: Fixes, before: Fixes, known: Array) -> Array:
        """Return where the attributes are others than before (n booleans).

        Where they are not, both have the same dict afterwards: the window sees at once that none changed.
        """
        mine, old = fixes.attributes, before.attributes
        others = np.fromiter(map(is_not, mine, old), bool, len(fixes))
        for place in (others & known).nonzero()[0].tolist():
            if mine[place] == old[place]:
                fixes.attributes[place] = old[place]  # type: ignore[index]
                others[place] = False
        return others | ~known

    @staticmethod
    def _changed(
        fixes: Fixes, before: Fixes, known: Array, others: Array, slots: Array, with_moves: bool
    ) -> Judged:
        """Judge fixes that are the latest of their vehicles beyond doubt.

        All arguments are of the same length.
        """
        judged = Judged(fixes, slots)
        if not len(fixes):
            return judged
        seen = list(compress(fixes.attributes, others.tolist()))
        judged.seen = list(dict(zip(map(id, seen), seen)).values())
        if with_moves:
            judged.moves = list(zip(before.pick(known).each(), fixes.pick(known).each()))
        derive_all(before, fixes, known)
        judged.believed = [fixes]
        return judged

    def _impossible(self, previous: Fix, fix: Fix, max_speed: float) -> bool:
        """Tell whether a fix is too far for the time that passed.

        When several such fixes agree with each other, it was the first that was wrong, and the newer ones are
        believed.
        """
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


def _joined(one: Judged, other: Judged) -> Judged:
    """Return two judgements on fixes of different vehicles as one."""
    return Judged(
        one.changed.joined(other.changed),
        np.concatenate([one.slots, other.slots]),
        one.believed + other.believed,
        one.seen + other.seen,
        one.moves + other.moves,
        one.refusals + other.refusals,
        one.disowned + other.disowned,
    )


def _share_attributes(previous: Optional[Fix], fix: Fix) -> bool:
    """Give a fix the dict of the one before where both say the same; returns whether they do.

    The window then sees at once that no attribute changed.
    """
    if previous is None or previous.attributes != fix.attributes:
        return False
    fix.attributes = previous.attributes
    return True


def refusal_of(fix: Fix, reason: RefusalReason) -> Refusal:
    """Return the refusal of a fix, with its content."""
    raw = raw_text({"longitude": fix.lon, "latitude": fix.lat, "time": fix.time, **fix.attributes})
    return Refusal(reason, fix.id, text_of(fix.key), raw, fix.receipt, fix.lon, fix.lat)


def same(one: Fix, other: Fix) -> bool:
    """Whether the second fix holds nothing new."""
    return (
        one.lon == other.lon
        and one.lat == other.lat
        and (
            one.time == other.time
            or (one.derived is not None and "time" in one.derived and other.derived == "time")
        )
        and one.attributes == other.attributes
        and (other.speed is None or one.speed == other.speed)
        and (other.heading is None or one.heading == other.heading)
    )


def _says_more(before: Fixes, fixes: Fixes) -> Array:
    """Return where the numbers of a fix say something that those of the one before did not (n booleans)."""
    speeds = ~np.isnan(fixes.speed) & (before.speed != fixes.speed)
    headings = ~np.isnan(fixes.heading) & (before.heading != fixes.heading)
    places = (before.lon != fixes.lon) | (before.lat != fixes.lat)
    more: Array = places | (before.time != fixes.time) | speeds | headings
    return more
