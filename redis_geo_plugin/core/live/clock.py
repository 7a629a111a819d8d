"""The clock of a feed's producer, learned from the delay between report and receipt."""

from __future__ import annotations

from itertools import islice
from typing import Optional, Union

from .fleet import Fixes
from .records import Fix
from .spec import CLOCK_AS_REPORTED, CLOCK_CORRECT

VEHICLES_KEPT = 301  # whose newest delay counts
SAMPLES_EACH = 60  # of one reading at most: a fleet's fixes come by the hundred
SEVERAL = 5  # samples before a clock that is clearly off is believed: one report may be wrong by itself
OFFSET_MATTERS = 60.0  # seconds
LARGEST_OFFSET = 27 * 3600.0  # what is further off than any time zone and a day is no clock but rubbish


class ProducerClock:
    """Learns by how much the producer's clock differs from ours.

    ``offset`` is in seconds, positive where the producer's clock is behind ours (or its reports are that old
    when they arrive), negative where it runs ahead; None while it is not known. It is the median over the
    vehicles of the newest delay of each, so that neither one wrong report nor one vehicle with a clock of its
    own moves it. A clock that runs ahead is believed, and ages are corrected, only after several samples.
    """

    def __init__(self) -> None:
        self.offset: Optional[float] = None
        self._delays: dict[str, float] = {}  # vehicle -> its newest delay, in the order in which they came
        self._samples = 0
        self._several = False

    def learn(self, fixes: Union[list[Fix], Fixes], live: bool) -> None:
        """Take samples of the delay (receipt minus report) of these fixes.

        Of ``live`` fixes (just written) any delay counts. Those of a first read may be old, so they tell only
        that a clock runs ahead. A time that was derived here tells nothing.
        """
        if not self._sample(fixes):
            return
        delays = sorted(self._delays.values())
        median = delays[len(delays) // 2]  # of two the one nearer to a clock that agrees, or behind
        if live or median < 0.0:
            self._several = self._samples >= SEVERAL
            if median > -OFFSET_MATTERS or self._several:
                self.offset = median
            return
        self._delays.clear()
        self._samples = 0
        if self.ahead():
            self.offset = None

    def ahead(self) -> float:
        """Return the seconds by which the producer's clock runs ahead of ours; 0 where it does not."""
        return max(-(self.offset or 0.0), 0.0)

    def correction(self, rule: str) -> float:
        """Return the seconds to take off an age so that it is true, by a feed's ``clock`` rule."""
        offset = self.offset
        if offset is None or abs(offset) < OFFSET_MATTERS or rule == CLOCK_AS_REPORTED or not self._several:
            return 0.0
        return offset if offset < 0.0 or rule == CLOCK_CORRECT else 0.0

    def _sample(self, fixes: Union[list[Fix], Fixes]) -> int:
        """Keep the delays of some of the fixes; returns of how many."""
        step = 1 + len(fixes) // SAMPLES_EACH
        if isinstance(fixes, Fixes):
            delays = (fixes.receipt[::step] - fixes.time[::step]).tolist()
            each = zip(fixes.idents[::step], delays, fixes.derived[::step].tolist())
            found = [
                (who, delay) for who, delay, derived in each if not derived and abs(delay) <= LARGEST_OFFSET
            ]
        else:
            told = ((fix.id, fix.receipt - fix.time) for fix in fixes[::step] if fix.derived != "time")
            found = [(who, delay) for who, delay in told if abs(delay) <= LARGEST_OFFSET]
        kept = self._delays
        for ident, delay in found:
            kept.pop(ident, None)
            kept[ident] = delay
        if len(kept) > VEHICLES_KEPT:
            for ident in list(islice(kept, len(kept) - VEHICLES_KEPT)):
                del kept[ident]
        self._samples += len(found)
        return len(found)
