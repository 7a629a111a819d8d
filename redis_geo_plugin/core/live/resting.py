"""When a feed reads its keys in turn for a while, although the server would tell it which of them change.

Being told of a change costs more than the reading of a value that has not changed: where a large part of a
fleet changes between two readings, asking for all of it shows more changes in the same time.
"""

from __future__ import annotations

from typing import Optional

ABOVE = 1 / 3  # of the keys change between two readings: they are read in turn
BELOW = 1 / 5  # and so few, when the server tells again
LEAST = 2_000  # keys; of fewer, being told of every change costs nothing
AGREEING = 2  # readings in a row
CALM_FOR = 5.0  # seconds that it has to be calm before the server tells again
LONGEST_CALM = 300.0  # the same, for fleets that moved again each time soon after
SOON = 20.0  # seconds after the end of a rest


class Resting:
    """Judges by what the readings found. All moments are monotonic seconds."""

    def __init__(self) -> None:
        self._crowded = 0  # readings in a row
        self._calm_since: Optional[float] = None
        self._calm_for = CALM_FOR
        self._ended: Optional[float] = None

    def begins(self, changed: int, again: int, keys: int, now: float) -> bool:
        """Whether reading in turn begins.

        Args:
            changed: of how many keys the server told since the last reading.
            again: and of how many while these were read, which counts as a reading where it is a large part.
            keys: how many there are.
            now: the moment.
        """
        crowds = [keys >= LEAST and some > ABOVE * keys for some in (changed, again)]
        self._crowded = self._crowded + sum(crowds) if crowds[0] else 0
        if self._crowded < AGREEING:
            return False
        too_early = self._ended is not None and now - self._ended < SOON
        self._calm_for = min(2.0 * self._calm_for, LONGEST_CALM) if too_early else CALM_FOR
        self._crowded, self._calm_since = 0, None
        return True

    def ends(self, changed: int, vehicles: int, now: float) -> bool:
        """Whether it ends, where a reading in turn found ``changed`` of so many ``vehicles``."""
        if vehicles >= LEAST and changed > BELOW * vehicles:
            self._calm_since = None
            return False
        if self._calm_since is None:
            self._calm_since = now
        if now - self._calm_since < self._calm_for:
            return False
        self._ended = now
        return True
